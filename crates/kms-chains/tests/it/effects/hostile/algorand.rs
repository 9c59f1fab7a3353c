//! Algorand: payments, assets and their roles, applications.

use kms_testkit::vectors::SignCase;
use serde_json::json;

use super::{Hostile, accounts::with};
use crate::effects::{
    algorand::{self, typed_array},
    payload,
};

const THIEF: [u8; 32] = [0x66; 32];

pub(super) fn make(base: &SignCase, _: &str) -> Vec<Hostile> {
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
            vec!["7", &name],
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
            vec!["7", &name],
        ),
        (
            "a new asset of others",
            with(
                &bare,
                &json!({ "type": "acfg", "assetTotal": 9, "assetManager": own, "assetClawback": thief }),
            ),
            vec![&name],
        ),
        ("an asset destroyed", with(&bare, &json!({ "type": "acfg", "assetIndex": 7 })), vec!["7"]),
        (
            "an application for others",
            with(&bare, &json!({ "type": "appl", "appIndex": 7, "appAccounts": [own, thief] })),
            vec!["7", &name, "PQ4NBMDLREVVRUQUFX7CFEUTKEBCEJOQ5YREC6SZA4EYKOFKHO2VLDIMTQ"],
        ),
        (
            "an application with access to others",
            with(
                &bare,
                &json!({ "type": "appl", "appIndex": 7, "access": [
                { "locals": { "address": thief, "appIndex": 9 } },
            ] }),
            ),
            vec!["7", &name],
        ),
        (
            "a new application",
            with(
                &bare,
                &json!({ "type": "appl", "appApprovalProgram": key, "appClearProgram": key }),
            ),
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
