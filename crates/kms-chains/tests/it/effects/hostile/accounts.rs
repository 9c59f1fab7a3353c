//! BNB, Cardano and Flow.

use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::Hostile;
use crate::effects::{bnb, cardano, payload};

/// A payload with some of its members set; those that are null are taken out.
pub(super) fn with(base: &Value, members: &Value) -> Value {
    let mut own = base.clone();
    for (name, value) in members.as_object().expect("members") {
        own[name] = value.clone();
    }
    own.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    own
}

pub(super) fn bnb(base: &SignCase, own: &str) -> Vec<Hostile> {
    let thief = bnb::spell(base.testnet, &[0x66; 20]);
    let base = payload(base);
    let own_bytes = base["msg"]["inputs"][0]["address"].clone();
    let pay = |bytes: &Value, to: &str, units: u64| {
        let mut payload = base.clone();
        let coins = json!([{ "denom": "BNB", "amount": units }]);
        payload["msg"]["outputs"] = json!([{ "address": bytes, "coins": coins }]);
        payload["signMsg"]["outputs"] = json!([{ "address": to, "coins": coins }]);
        payload
    };
    let mut order = base.clone();
    order["msg"]["aminoPrefix"] = json!("CE6DC043");
    let mut lie = pay(&json!({ "type": "Buffer", "data": vec![0x66; 20] }), &thief, 9);
    let honest = lie.clone();
    lie["signMsg"]["outputs"][0]["address"] = json!(own);
    vec![
        Hostile::told("payment", &honest, &[&thief]),
        Hostile::told("nothing to oneself", &pay(&own_bytes, own, 0), &[]),
        Hostile::refused("an order", &order),
        Hostile::refused("bytes that say other than the text", &lie),
    ]
}

pub(super) fn cardano(base: &SignCase, _: &str) -> Vec<Hostile> {
    let base = payload(base);
    let thief = cardano::spell(&[&[0x60][..], &[0x66; 28]].concat());
    let with = |change: &dyn Fn(&mut Value)| {
        let mut own = base.clone();
        change(&mut own[1]);
        own
    };
    vec![
        Hostile::told("payment", &with(&|own| own["account"]["address"] = json!(thief)), &[&thief]),
        Hostile::refused("a delegation", &with(&|own| own["type"] = json!("stakeDelegation"))),
        Hostile::refused("a withdrawal", &with(&|own| own["type"] = json!("withdrawal"))),
        Hostile::refused("a pool", &with(&|own| own["type"] = json!("poolRegistration"))),
        Hostile::refused("a vote", &with(&|own| own["type"] = json!("dRepVoteDelegation"))),
    ]
}

pub(super) fn flow(base: &SignCase, own: &str) -> Vec<Hostile> {
    const THIEF: &str = "0x6666666666666666";
    let base = payload(base);
    let key = format!(
        "{}{}",
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
    );
    let of_kind = |kind: u8, members: Value| {
        let mut own = base.clone();
        own["type"] = json!(kind);
        // The recorded one is a transfer.
        let shared = if kind == 2 {
            base["body"].clone()
        } else {
            json!({ "account": base["body"]["account"] })
        };
        own["body"] = with(&shared, &members);
        own
    };
    let script = |text: &str| of_kind(8, json!({ "transaction": text, "args": [] }));
    let kind = "A.87fe4ebd0cddde06.TatumMultiNFT";
    let to =
        |kind: &str, value: Value| json!([{ "type": kind, "subType": "Address", "value": value }]);
    let plain = "transaction { prepare(a: auth(Storage) &Account) {} }";
    vec![
        Hostile::told("payment", &of_kind(2, json!({ "to": THIEF })), &[THIEF]),
        Hostile::told(
            "nothing to oneself",
            &of_kind(2, json!({ "to": own, "amount": "0.0" })),
            &[],
        ),
        Hostile::told("an item", &of_kind(7, json!({ "to": THIEF, "tokenId": "5" })), &[THIEF]),
        Hostile::told(
            "an item made",
            &of_kind(4, json!({ "to": THIEF, "url": "x", "contractAddress": kind })),
            &[THIEF],
        ),
        Hostile::told(
            "items made",
            &of_kind(5, json!({ "to": [own, THIEF], "url": ["x", "y"], "contractAddress": kind })),
            &[THIEF],
        ),
        Hostile::told("burning", &of_kind(6, json!({ "tokenId": "5" })), &[]),
        Hostile::told("an account", &of_kind(0, json!({ "publicKey": key })), &[]),
        Hostile::told("a script", &script(plain), &[]),
        Hostile::told(
            "a script for somebody",
            &of_kind(8, json!({ "transaction": plain, "args": to("Array", json!([THIEF])) })),
            &[THIEF],
        ),
        Hostile::takes_over("a key", &of_kind(1, json!({ "publicKey": key })), &[]),
        Hostile::takes_over(
            "a key by a script",
            &script("transaction { prepare(a: auth(AddKey) &Account) { a.keys.add() } }"),
            &[],
        ),
        Hostile::takes_over(
            "keys by a script",
            &script("transaction { prepare(a: auth(Storage, Keys) &Account) {} }"),
            &[],
        ),
        Hostile::takes_over(
            "the account by a script",
            &script(
                "transaction { prepare(a: auth(Capabilities) &Account) \
                 { a.capabilities.account.issue<auth(Storage) &Account>() } }",
            ),
            &[],
        ),
    ]
}
