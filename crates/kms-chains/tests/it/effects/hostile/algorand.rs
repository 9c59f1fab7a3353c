//! Algorand: payments, assets and their roles, applications.

use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::{Hostile, accounts::with};
use crate::effects::{
    algorand::{self, typed_array},
    payload,
};

const THIEF: [u8; 32] = [0x66; 32];
/// The account of application 7.
const ESCROW: &str = "PQ4NBMDLREVVRUQUFX7CFEUTKEBCEJOQ5YREC6SZA4EYKOFKHO2VLDIMTQ";

pub(super) fn make(base: &SignCase, _: &str) -> Vec<Hostile> {
    let base = payload(base);
    [payments(&base), assets(&base), applications(&base), takeovers(&base)].concat()
}

fn thief() -> (Value, String) {
    (json!({ "publicKey": typed_array(&THIEF) }), algorand::spell(&THIEF))
}

/// A transaction without receiver and amount.
fn bare(base: &Value, members: &Value) -> Value {
    with(&with(base, &json!({ "to": null, "amount": null })), members)
}

fn to_own(base: &Value) -> Value {
    with(base, &json!({ "to": base["from"], "amount": 1 }))
}

fn payments(base: &Value) -> Vec<Hostile> {
    let (thief, name) = thief();
    let zero = algorand::spell(&[0; 32]);
    let zeros = json!({ "publicKey": typed_array(&[0; 32]) });
    let votes = json!({
        "type": "keyreg", "nonParticipation": true, "voteKey": typed_array(&[1; 32]),
    });
    vec![
        Hostile::told("pay", &with(base, &json!({ "to": thief })), &[&name]),
        Hostile::told("pay to nobody", &with(base, &json!({ "to": {} })), &[&zero]),
        Hostile::told("pay to zeros", &with(base, &json!({ "to": zeros })), &[&zero]),
        Hostile::told("no more votes", &bare(base, &votes), &[]),
    ]
}

fn assets(base: &Value) -> Vec<Hostile> {
    let ((thief, name), own) = (thief(), &base["from"]);
    let asset = with(&to_own(base), &json!({ "type": "axfer", "assetIndex": 7 }));
    let clawback = json!({ "to": thief, "assetRevocationTarget": own });
    let freezing = json!({
        "type": "afrz", "assetIndex": 7, "freezeAccount": thief, "freezeState": true,
    });
    let manager = json!({ "type": "acfg", "assetIndex": 7, "assetManager": thief });
    let created = json!({
        "type": "acfg", "assetTotal": 9, "assetManager": own, "assetClawback": thief,
    });
    let destroyed = json!({ "type": "acfg", "assetIndex": 7 });
    vec![
        Hostile::told("opt-in", &with(&asset, &json!({ "amount": 0 })), &[]),
        Hostile::told("clawback", &with(&asset, &clawback), &["7", &name]),
        Hostile::told("freezing", &bare(base, &freezing), &["7", &name]),
        Hostile::told("a new manager", &bare(base, &manager), &["7", &name]),
        Hostile::told("a new asset of others", &bare(base, &created), &[&name]),
        Hostile::told("an asset destroyed", &bare(base, &destroyed), &["7"]),
    ]
}

fn applications(base: &Value) -> Vec<Hostile> {
    let ((thief, name), own) = (thief(), &base["from"]);
    let call =
        |members: Value| bare(&bare(base, &json!({ "type": "appl", "appIndex": 7 })), &members);
    let access = json!({ "access": [{ "locals": { "address": thief, "appIndex": 9 } }] });
    let program = typed_array(&[1; 32]);
    let created = json!({
        "type": "appl", "appApprovalProgram": program, "appClearProgram": program,
    });
    vec![
        Hostile::told("application", &call(json!({})), &["7", ESCROW]),
        Hostile::told("for others", &call(json!({ "appAccounts": [own, thief] })), &["7", &name]),
        Hostile::told("with access to others", &call(access), &["7", &name]),
        Hostile::told("a new application", &bare(base, &created), &[]),
        Hostile::refused("another end", &call(json!({ "appOnComplete": 6 }))),
    ]
}

fn takeovers(base: &Value) -> Vec<Hostile> {
    let ((thief, name), own) = (thief(), to_own(base));
    let asset = with(&own, &json!({ "type": "axfer", "assetIndex": 7 }));
    let taken = [
        ("close", with(&own, &json!({ "closeRemainderTo": thief }))),
        ("close an asset", with(&asset, &json!({ "closeRemainderTo": thief }))),
        ("rekey", with(&own, &json!({ "reKeyTo": thief }))),
        ("rekey with an asset", with(&asset, &json!({ "reKeyTo": thief }))),
        ("rekey with keys", bare(base, &json!({ "type": "keyreg", "reKeyTo": thief }))),
    ];
    taken.iter().map(|(what, own)| Hostile::takes_over(what, own, &[&name])).collect()
}
