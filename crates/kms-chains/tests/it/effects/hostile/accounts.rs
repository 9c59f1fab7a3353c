//! Algorand, BNB, Cardano, Flow and MultiversX.

use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::Hostile;
use crate::effects::{
    algorand::{self, typed_array},
    bnb, cardano, multiversx, payload,
    wire::digits,
};

const THIEF: [u8; 32] = [0x66; 32];

/// A payload with some of its members set; those that are null are taken out.
fn with(base: &Value, members: &Value) -> Value {
    let mut own = base.clone();
    for (name, value) in members.as_object().expect("members") {
        own[name] = value.clone();
    }
    own.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    own
}

pub(super) fn algorand(base: &SignCase, _: &str) -> Vec<Hostile> {
    let base = payload(base);
    let (own, thief) = (&base["from"], json!({ "publicKey": typed_array(&THIEF) }));
    let name = algorand::spell(&THIEF);
    let zero = algorand::spell(&[0; 32]);
    let to_own = with(&base, &json!({ "to": own, "amount": 1 }));
    let asset = with(&to_own, &json!({ "type": "axfer", "assetIndex": 7 }));
    let bare = with(&base, &json!({ "to": null, "amount": null }));
    let key = typed_array(&[1; 32]);
    let told = [
        ("pay", with(&base, &json!({ "to": thief })), vec![name.as_str()]),
        ("pay to nobody", with(&base, &json!({ "to": {} })), vec![zero.as_str()]),
        ("opt-in", with(&asset, &json!({ "amount": 0 })), vec![]),
        (
            "clawback",
            with(&asset, &json!({ "to": thief, "assetRevocationTarget": own })),
            vec![&name],
        ),
        ("application", with(&bare, &json!({ "type": "appl", "appIndex": 7 })), vec!["7"]),
        (
            "freezing",
            with(
                &bare,
                &json!({ "type": "afrz", "assetIndex": 7, "freezeAccount": thief, "freezeState": true }),
            ),
            vec![&name],
        ),
        (
            "a new manager",
            with(&bare, &json!({ "type": "acfg", "assetIndex": 7, "assetManager": thief })),
            vec![],
        ),
        (
            "no more votes",
            with(&bare, &json!({ "type": "keyreg", "nonParticipation": true, "voteKey": key })),
            vec![],
        ),
    ];
    let taken = [
        ("close", with(&to_own, &json!({ "closeRemainderTo": thief }))),
        ("close an asset", with(&asset, &json!({ "closeRemainderTo": thief }))),
        ("rekey", with(&to_own, &json!({ "reKeyTo": thief }))),
        ("rekey with an asset", with(&asset, &json!({ "reKeyTo": thief }))),
        ("rekey with keys", with(&bare, &json!({ "type": "keyreg", "reKeyTo": thief }))),
    ];
    let told = told.iter().map(|(what, payload, told)| Hostile::told(what, payload, told));
    let taken = taken.iter().map(|(what, own)| Hostile::takes_over(what, own, &[&name]));
    told.chain(taken).collect()
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

pub(super) fn multiversx(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let thief = multiversx::spell(&THIEF);
    let bytes = digits(&THIEF);
    let token = digits(b"WEGLD-a1b2c3");
    let contract = multiversx::spell(&[&[0; 8][..], &[0x55; 24]].concat());
    let send = |to: &str, value: &str, data: &str| {
        with(&base, &json!({ "to": to, "value": value, "data": data }))
    };
    let several = format!("MultiESDTNFTTransfer@{bytes}@01@{token}@00@05");
    let item = format!("ESDTNFTTransfer@{token}@09@01@{bytes}");
    let told = [
        ("payment", send(&thief, "1", ""), vec![thief.as_str()]),
        ("tokens", send(&thief, "0", &format!("ESDTTransfer@{token}@05")), vec![&thief]),
        ("an item", send(own, "0", &item), vec![&thief]),
        ("an item for a call", send(own, "0", &format!("{item}@aa")), vec![&thief]),
        ("several tokens", send(own, "0", &several), vec![&thief]),
        (
            "an owner",
            send(&contract, "0", &format!("ChangeOwnerAddress@{bytes}")),
            vec![&contract, &thief],
        ),
        ("a reward", send(&contract, "0", "ClaimDeveloperRewards"), vec![&contract]),
        ("a note to oneself", send(own, "1", "ClaimDeveloperRewards"), vec![]),
        ("nothing to oneself", send(own, "0", ""), vec![]),
    ];
    let guardian = format!("SetGuardian@{bytes}@00");
    let taken = [
        ("a guardian", send(own, "0", &guardian), vec![thief.as_str()]),
        ("guarded", send(own, "0", "GuardAccount"), vec![]),
        ("guarded, with value", send(own, "1", "GuardAccount"), vec![]),
        ("no longer guarded", send(own, "0", "UnGuardAccount"), vec![]),
    ];
    let told = told.iter().map(|(what, payload, told)| Hostile::told(what, payload, told));
    let taken = taken.iter().map(|(what, own, told)| Hostile::takes_over(what, own, told));
    told.chain(taken).collect()
}
