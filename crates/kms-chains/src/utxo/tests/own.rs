//! An output is the wallet's own where the wallet can spend it again on that chain.

use kms_core::{Answer, ChainOptions, DecodeInput, Draft as _, Signers};

use super::{super::draft::UtxoDraft, *};

const LONG: &str = "927sEN8zeU5gGDQHbn7wudiR2A3EgcSKdksJs7i2ZP9e24mT6e4";
const P2PKH_LONG: &str = "76a91457cc333337a08ba23d9a04caaadb3323d762273f88ac";
const P2PK_LONG: &str = "41044bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382ce28ca\
                         b79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232aac";
const P2WPKH_LONG: &str = "001457cc333337a08ba23d9a04caaadb3323d762273f";
const P2SH_P2WPKH_LONG: &str = "a9140d6aec350ea68753258e577029a57eac6306ed0187";
const P2SH_P2PKH: &str = "a914736ffbfc485bd328b0eb44652834e8e50b049b0987";
const P2WSH_P2PKH: &str = "00208aaf1f50d543cd7df03b288a1895ff75b83256400b7c81ee4a2421d2252bd6f1";
const P2TR: &str = "51204bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382";

const KINDS: [(&str, &str); 12] = [
    ("P2PKH", P2PKH),
    ("P2PK", P2PK),
    ("P2WPKH", P2WPKH),
    ("P2SH-P2WPKH", P2SH_P2WPKH),
    ("P2PKH of the long key", P2PKH_LONG),
    ("P2PK of the long key", P2PK_LONG),
    ("P2WPKH of the long key", P2WPKH_LONG),
    ("P2SH-P2WPKH of the long key", P2SH_P2WPKH_LONG),
    ("P2SH-P2PKH", P2SH_P2PKH),
    ("P2WSH-P2PKH", P2WSH_P2PKH),
    ("P2TR", P2TR),
    ("a stranger's", STRANGER),
];

/// A key signs for the public key itself in either form; a hash is that of one form.
fn expected(code: &str, is_long: bool) -> &'static [&'static str] {
    match (code, is_long) {
        ("BTC" | "LTC", false) => {
            &["P2PKH", "P2PK", "P2WPKH", "P2SH-P2WPKH", "P2PK of the long key"]
        }
        ("DOGE", false) => &["P2PKH", "P2PK", "P2PK of the long key"],
        ("BCH", false) => &["P2PKH"],
        ("BTC" | "LTC" | "DOGE", true) => {
            &["P2PK", "P2PKH of the long key", "P2PK of the long key"]
        }
        _ => &["P2PKH of the long key"],
    }
}

/// A draft that spends what the key's hash was paid, with the key's answer.
fn draft(chain: &'static Utxo, key: &str, locked_by: &str) -> UtxoDraft {
    let spent = spent(1, 10_000_000_000, locked_by);
    let fee = usual_fee(chain);
    let payload = payload(chain, &[spent], &[(10_000_000_000 - fee, STRANGER)]);
    let (pending, keys) = pending(chain, key, &payload);
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let mut draft = UtxoDraft::new(chain, &input).unwrap();
    let key = keys.public_key(&signers.keys()[0]).unwrap();
    draft.answer(Answer::PublicKey(key)).unwrap();
    draft
}

#[test]
fn an_output_is_own_where_it_can_be_spent_again_and_nowhere_else() {
    for chain in ALL {
        for (is_long, key, locked_by) in [(false, COMPRESSED, P2PKH), (true, LONG, P2PKH_LONG)] {
            let draft = draft(chain, key, locked_by);
            let own = KINDS.iter().filter(|(_, digits)| draft.is_own(&script(digits)));
            let own: Vec<_> = own.map(|(name, _)| *name).collect();
            let code = chain.spec.id.as_str();
            assert_eq!(own, expected(code, is_long), "{code}, long: {is_long}");
        }
    }
}

/// An output that counts as the wallet's is signed for when it returns as an input.
#[test]
fn what_is_own_is_spent_and_what_is_not_is_refused() {
    for chain in &ALL[..3] {
        for (name, digits) in KINDS {
            let is_own = expected(chain.spec.id.as_str(), false).contains(&name);
            let fee = usual_fee(chain);
            let spent = spent(1, 10_000_000_000, digits);
            let ended = run_honestly(chain, &[spent], &[(10_000_000_000 - fee, STRANGER)]);
            assert_eq!(ended.outcome.is_ok(), is_own, "{} {name}", chain.spec.id);
        }
    }
}

#[test]
fn change_to_a_witness_program_is_told_as_paid_away_where_there_is_no_witness() {
    for chain in ALL {
        let has_witness = matches!(chain.spec.id.as_str(), "BTC" | "LTC");
        let fee = usual_fee(chain);
        let outputs = [
            (1_000_000_000, STRANGER),
            (2_000_000_000, P2PKH),
            (3_000_000_000, P2WPKH),
            (4_000_000_000 - fee, P2SH_P2WPKH),
        ];
        let ended = run_honestly(chain, &[spent(1, 10_000_000_000, P2PKH)], &outputs);
        let unsigned = ended.outcome.unwrap();
        let to_self: Vec<_> =
            unsigned.effects().transfers().iter().map(|transfer| transfer.to_self).collect();
        assert_eq!(to_self, [false, true, has_witness, has_witness], "{}", chain.spec.id);
    }
}

/// Whoever creates a payment names its wallets.
#[test]
fn an_output_to_a_named_wallet_that_signs_nothing_is_paid_away() {
    for chain in &ALL[..3] {
        let code = chain.spec.id.as_str();
        let spent = spent(1, 10_000_000_000, P2PKH);
        let fee = usual_fee(chain);
        let outputs = [(4_000_000_000, P2PKH_LONG), (6_000_000_000 - fee, P2PKH)];
        let answer = json!(serialize_hex(&spent.transaction));
        let wallet = |key| json!({ "privateKey": key, "chain": code, "testnet": true });
        let wallets = json!({ "w": wallet(COMPRESSED), "other": wallet(LONG) });
        let list = json!([{
            "id": "p", "chain": code, "hashes": ["w", "other"],
            "serializedTransaction": payload(chain, &[spent], &outputs),
        }]);
        let list = kms_api::read_pending_list(&list.to_string(), &chain.spec, Network::Testnet);
        let pending = list.unwrap().into_iter().next().unwrap().unwrap();
        let keys = TestKeys::new(wallets.as_object().unwrap(), crate::find_wallet_code);
        let options = ChainOptions::default();
        let ended = run_pending(chain, &pending, &keys, &options, &|_| answer.clone());
        let unsigned = ended.outcome.unwrap();
        let to_self: Vec<_> =
            unsigned.effects().transfers().iter().map(|transfer| transfer.to_self).collect();
        assert_eq!(to_self, [false, true], "{code}");
    }
}
