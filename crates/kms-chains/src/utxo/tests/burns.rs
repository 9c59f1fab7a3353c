//! Value that would be lost is not paid unless the operator allows it.

use super::*;

const WORTH: u64 = 200_000_000;
/// Scripts, what is said of them, and chains on which a payment to them is refused.
const LOST: [(&str, &str, &[&Utxo]); 5] = [
    ("6a04deadbeef", "a data output", &ALL),
    ("6a", "a data output", &ALL),
    (
        "a920111111111111111111111111111111111111111111111111111111111111111187",
        "a script that nobody can satisfy",
        &ALL,
    ),
    ("5920111111111111111111111111111111111111111111111111111111111111111111", "", &[]),
    (
        "59201111111111111111111111111111111111111111111111111111111111111111",
        "a peg-in",
        &[&networks::LITECOIN],
    ),
];
const ALL: [&Utxo; 4] =
    [&networks::BITCOIN, &networks::LITECOIN, &networks::DOGECOIN, &networks::BITCOIN_CASH];

fn pay(
    chain: &'static Utxo,
    amount: u64,
    digits: &'static str,
    allow_burns: bool,
) -> Result<(), String> {
    let spent = [spent(1, WORTH, P2PKH)];
    let outputs = [(WORTH - amount - 100_000, STRANGER), (amount, digits)];
    let known = serialize_hex(&spent[0].transaction);
    let options = ChainOptions { allow_burns, ..ChainOptions::default() };
    let payload = payload(chain, &spent, &outputs);
    run(chain, &payload, &options, &|_| json!(known)).outcome.map(|_| ())
}

#[test]
fn value_is_not_paid_to_nobody() {
    for (digits, told, refusing) in LOST {
        for chain in ALL {
            let is_refused = refusing.iter().any(|one| one.spec.id == chain.spec.id);
            let paid = pay(chain, 100_000_000, digits, false);
            match paid {
                Err(refusal) if is_refused => {
                    let member = refusal.starts_with("field `outputs[1]`: pays 100000000");
                    assert!(member && refusal.contains(told), "{digits}: {refusal}");
                    assert!(refusal.ends_with("signed only with --allow-burns"), "{refusal}");
                }
                other => assert!(!is_refused, "{} {digits}: {other:?}", chain.spec.id),
            }
            assert_eq!(pay(chain, 100_000_000, digits, true), Ok(()), "{digits}");
        }
    }
}

#[test]
fn data_without_value_is_no_loss() {
    for chain in ALL {
        assert_eq!(pay(chain, 0, "6a04deadbeef", false), Ok(()), "{}", chain.spec.id);
    }
}
