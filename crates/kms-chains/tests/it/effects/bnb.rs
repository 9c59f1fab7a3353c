//! BNB Beacon Chain: protocol buffers behind prefixes that name types.

use alloy_primitives::U256;
use bech32::{Bech32, Hrp};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::json;

use super::{
    Asked, Moved, Said, note, payload,
    road::Signed,
    tagged,
    wire::{Bytes, Fields, hash160, hex, units},
};

/// The fee of a transfer, whatever its content.
const FEE: u64 = 37_500;

pub(super) fn spell(testnet: bool, hash: &[u8]) -> String {
    let prefix = Hrp::parse(if testnet { "tbnb" } else { "bnb" }).expect("a prefix");
    bech32::encode::<Bech32>(prefix, hash).expect("an address")
}

fn asset(name: &str) -> Asset {
    match name {
        "BNB" => Asset::Native,
        other => Asset::Token { contract: other.to_owned() },
    }
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let raw = hex(signed.raw);
    let mut bytes = Bytes(&raw);
    let length = bytes.varint();
    assert_eq!(length, bytes.0.len() as u64);
    assert_eq!(bytes.take(4), hex("f0625dee"));
    let whole = Fields::read(bytes.0);
    let [message] = whole.all(1)[..] else { unreachable!("not one message") };
    let (kind, message) = message.split_at(4);
    assert_eq!(kind, hex("2a2c87fa"));
    let message = Fields::read(message);
    let shares = |field, tag: Option<String>| {
        let mut all: Vec<Moved> = Vec::new();
        for share in message.all(field) {
            let share = Fields::read(share);
            let address = spell(signed.case.testnet, share.bytes(1));
            for coin in share.all(2) {
                let coin = Fields::read(coin);
                let name = String::from_utf8(coin.bytes(1).to_vec()).expect("a name");
                let to = tagged(address.clone(), tag.clone());
                all.push((asset(&name), to, U256::from(coin.number(2))));
            }
        }
        all
    };
    let signature = Fields::read(whole.bytes(2));
    let key = signature.bytes(1).strip_prefix(&hex("eb5ae98721")[..]).expect("a key");
    let own = spell(signed.case.testnet, &hash160(key));
    assert!(shares(1, None).iter().all(|(_, address, _)| *address == own));
    Said {
        beside: String::from_utf8(whole.bytes(3).to_vec()).expect("a memo"),
        moved: shares(2, note(whole.bytes(3))),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(FEE)),
        is_opaque: false,
        own: vec![own],
    }
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let (template, testnet) = (payload(base), base.testnet);
    let coin = (prop_oneof![Just("BNB"), Just("TOKEN-A1B")], units());
    let coins = proptest::collection::vec(coin, 1..3);
    let outputs = proptest::collection::vec((any::<[u8; 20]>(), coins), 1..4);
    (outputs, "[a-z\"\\\\ é]{0,20}")
        .prop_map(move |(outputs, memo)| {
            let mut payload = template.clone();
            let plain = |coins: &[(&str, u64)]| {
                let coins = coins.iter();
                coins.map(|(name, units)| json!({ "denom": name, "amount": units })).collect()
            };
            let share = |address: serde_json::Value, coins: &[(&str, u64)]| {
                let coins: Vec<_> = plain(coins);
                json!({ "address": address, "coins": coins })
            };
            let buffer = |hash: &[u8]| json!({ "type": "Buffer", "data": hash });
            let given = outputs.iter();
            let bytes = given.clone().map(|(to, coins)| share(buffer(to), coins));
            payload["msg"]["outputs"] = bytes.collect();
            let spelled = given.map(|(to, coins)| share(json!(spell(testnet, to)), coins));
            payload["signMsg"]["outputs"] = spelled.collect();
            payload["memo"] = json!(memo);
            let moved = outputs.iter().flat_map(|(to, coins)| {
                coins.iter().map(|(name, units)| {
                    (
                        asset(name),
                        tagged(spell(testnet, to), note(memo.as_bytes())),
                        U256::from(*units),
                    )
                })
            });
            let moved = moved.collect();
            Asked {
                beside: memo,
                moved,
                payload: payload.to_string(),
                allowed: Vec::new(),
                fee: Some(U256::from(FEE)),
                is_opaque: false,
            }
        })
        .boxed()
}
