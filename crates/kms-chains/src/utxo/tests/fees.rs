//! Fees and dust: the bounds hold for every transaction, withdrawal or not.

use bitcoin::PublicKey;
use kms_core::{AddressIndex, KeyRef, SignatureId};

use super::*;

const DOGE: u64 = 100_000_000;

/// Spends this much with this fee; the rest is paid to a stranger after these outputs.
fn pay(
    chain: &'static Utxo,
    worth: u64,
    fee: u64,
    outputs: &[(u64, &'static str)],
) -> Result<(), String> {
    let rest = worth - fee - outputs.iter().map(|(amount, _)| amount).sum::<u64>();
    let outputs = [outputs, &[(rest, STRANGER)]].concat();
    run_honestly(chain, &[spent(1, worth, P2PKH)], &outputs).outcome.map(|_| ())
}

fn pay_doge(fee: u64, outputs: &[(u64, &'static str)]) -> Result<(), String> {
    pay(&networks::DOGECOIN, 1_601 * DOGE, fee, outputs)
}

/// Dogecoin Core 1.14, doc/fee-recommendation.md: 0.01 DOGE for a thousand bytes are advised,
/// 0.001 are relayed. One input and one output take 192 bytes, at most 194 of ours.
#[test]
fn dogecoins_fees_are_those_that_its_nodes_relay() {
    assert_eq!(pay_doge(192_000, &[]), Ok(()));
    assert_eq!(pay_doge(DOGE / 100, &[]), Ok(()));
    assert_eq!(pay_doge(19_500, &[]), Ok(()));
    for too_low in [0, 1, 19_100] {
        assert!(pay_doge(too_low, &[]).unwrap_err().starts_with("the fee of"), "{too_low}");
    }
}

/// The upper bound is bitcore's: fifteen times one DOGE for a thousand of its estimated bytes.
#[test]
fn dogecoins_fees_are_bounded_above() {
    assert_eq!(pay_doge(304_500_000, &[]), Ok(()));
    for too_high in [304_500_001, 50 * DOGE, 1_600 * DOGE] {
        assert!(pay_doge(too_high, &[]).unwrap_err().starts_with("the fee of"), "{too_high}");
    }
}

/// Below 0.001 DOGE an output is not relayed; below 0.01 it costs 0.01 more fee.
#[test]
fn dogecoins_dust_is_paid_for_or_refused() {
    let small = |amount, fee| pay_doge(fee, &[(amount, STRANGER)]);
    assert_eq!(small(DOGE / 2, DOGE / 100), Ok(()));
    assert_eq!(small(DOGE / 50, DOGE / 100), Ok(()));
    assert_eq!(small(DOGE / 100, 30_000), Ok(()));
    assert_eq!(small(DOGE / 1_000, DOGE / 100 + 30_000), Ok(()));
    assert!(small(DOGE / 1_000, DOGE / 100).unwrap_err().starts_with("the fee of"));
    assert!(small(DOGE / 100 - 1, 30_000).unwrap_err().starts_with("the fee of"));
    assert!(small(DOGE / 1_000 - 1, DOGE).unwrap_err().contains("is dust"));
    assert_eq!(pay_doge(30_000, &[(0, "6a04deadbeef")]), Ok(()), "data is no dust");
}

/// Two wallets' worth of fee is refused on every chain, and none at all too.
#[test]
fn every_chain_bounds_the_fee_on_both_sides() {
    for chain in ALL {
        for fee in [0, 1, 10 * DOGE] {
            let refusal = pay(chain, 100 * DOGE, fee, &[]).unwrap_err();
            assert!(refusal.starts_with("the fee of"), "{} {fee}: {refusal}", chain.spec.id);
        }
    }
}

/// A withdrawal that pays a stranger, from the first key of a phrase; what is left is the fee.
fn withdraw(chain: &'static Utxo, worth: u64, paid: u64) -> Result<(), String> {
    let phrase = "urge pulp usage sister evidence arrest palm math please chief egg abuse";
    let code = chain.spec.id.as_str();
    let wallets = json!({ "w": { "mnemonic": phrase, "chain": code, "testnet": true } });
    let keys = TestKeys::new(wallets.as_object().unwrap(), crate::find_wallet_code);
    let wallet = SignatureId::parse("w").unwrap();
    let key = KeyRef { wallet, index: Some(AddressIndex::ZERO) };
    let public = PublicKey::from_slice(keys.public_key(&key).unwrap().as_bytes()).unwrap();
    let own = ScriptBuf::new_p2pkh(&public.pubkey_hash()).to_hex_string();
    let spent = spent(1, worth, &own);
    let list = json!([{
        "id": "p", "chain": code, "hashes": ["w"], "withdrawalId": "5e68c66581f2ee32bc354087",
        "serializedTransaction": payload(chain, std::slice::from_ref(&spent), &[(paid, STRANGER)]),
        "withdrawalResponses": [{
            "vIn": spent.outpoint().txid.to_string(), "vInIndex": 0, "scriptPubKey": "",
            "amount": "1", "address": { "derivationKey": 0 },
        }],
    }]);
    let list = kms_api::read_pending_list(&list.to_string(), &chain.spec, Network::Testnet);
    let pending = list.unwrap().into_iter().next().unwrap().unwrap();
    assert!(pending.withdrawal.is_some());
    let answer = json!(serialize_hex(&spent.transaction));
    let ended = run_pending(chain, &pending, &keys, &ChainOptions::default(), &|_| answer.clone());
    ended.outcome.map(|_| ())
}

#[test]
fn a_withdrawals_fee_is_bounded_too() {
    for chain in ALL {
        let worth = 1_601 * DOGE;
        assert_eq!(withdraw(chain, worth, worth - usual_fee(chain)), Ok(()));
        for fee in [0, 1_600 * DOGE] {
            let refusal = withdraw(chain, worth, worth - fee).unwrap_err();
            assert!(refusal.starts_with("the fee of"), "{} {fee}: {refusal}", chain.spec.id);
        }
    }
}

/// An operator's limits take the place of the chain's own, and only of those that they name.
#[test]
fn limits_can_be_set() {
    use kms_core::{ChainLimit, LimitKind};

    let pay = |kind, units, fee: u64, small: u64| {
        let spent = [spent(1, 1_601 * DOGE, P2PKH)];
        let outputs = [(1_601 * DOGE - fee - small, STRANGER), (small, STRANGER)];
        let known = serialize_hex(&spent[0].transaction);
        let chain_limits = vec![ChainLimit { kind, units }];
        let options = ChainOptions { chain_limits, ..ChainOptions::default() };
        let payload = payload(&networks::DOGECOIN, &spent, &outputs);
        let ended = run(&networks::DOGECOIN, &payload, &options, &|_| json!(known));
        ended.outcome.map(|_| ())
    };
    assert_eq!(pay(LimitKind::SoftDust, DOGE, DOGE + 30_000, DOGE / 2), Ok(()));
    assert!(pay(LimitKind::SoftDust, DOGE, DOGE, DOGE / 2).is_err());
    assert!(pay(LimitKind::Dust, DOGE, DOGE, DOGE / 2).unwrap_err().contains("is dust"));
    assert_eq!(pay(LimitKind::FeeRateLeast, DOGE, DOGE / 4, DOGE), Ok(()));
    assert!(pay(LimitKind::FeeRateLeast, DOGE, DOGE / 5, DOGE).is_err());
    assert!(pay(LimitKind::FeeRateMost, DOGE, DOGE, DOGE).unwrap_err().starts_with("the fee of"));
    assert!(pay(LimitKind::DustRate, DOGE, DOGE, DOGE).is_ok(), "no limit of this chain");
}
