//! MultiversX: value, tokens, and what the protocol's own functions hand over.

use kms_testkit::vectors::SignCase;
use serde_json::json;

use super::{Hostile, accounts::with};
use crate::effects::{multiversx, payload, wire::digits};

const THIEF: [u8; 32] = [0x66; 32];

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let thief = multiversx::spell(&THIEF);
    let bytes = digits(&THIEF);
    let token = digits(b"WEGLD-a1b2c3");
    let contract = multiversx::spell(&[&[0; 8][..], &[0x55; 24]].concat());
    let tokens = "erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u".to_owned();
    let nobody = multiversx::spell(&[0; 32]);
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
        (
            "a role",
            send(
                &tokens,
                "0",
                &format!("setSpecialRole@{token}@{bytes}@{}", digits(b"ESDTRoleNFTBurn")),
            ),
            vec![&tokens, &thief],
        ),
        (
            "the ownership of a token",
            send(&tokens, "0", &format!("transferOwnership@{token}@{bytes}")),
            vec![&tokens, &thief],
        ),
        (
            "the role of a token's maker",
            send(
                &tokens,
                "0",
                &format!("transferNFTCreateRole@{token}@{}@{bytes}", "01".repeat(32)),
            ),
            vec![&tokens, &thief],
        ),
        (
            "rights over a token",
            send(
                &tokens,
                "0",
                &format!("controlChanges@{token}@{}@{}", digits(b"canWipe"), digits(b"true")),
            ),
            vec![&tokens],
        ),
        ("tokens made", send(own, "0", &format!("ESDTLocalMint@{token}@05")), vec![]),
        (
            "several tokens for a call",
            send(own, "0", &format!("{several}@aa@{bytes}")),
            vec![&thief],
        ),
        (
            "tokens for a call",
            send(&contract, "0", &format!("ESDTTransfer@{token}@05@aa@{bytes}")),
            vec![&contract, &thief],
        ),
        ("an item of somebody else's", send(&thief, "0", &item), vec![&thief]),
        ("a contract", send(&nobody, "1", &format!("0061736d@0500@0100@{bytes}")), vec![&thief]),
        ("a contract of another machine", send(&nobody, "1", "00@05@0100"), vec![&nobody]),
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
