//! MultiversX: value, tokens, and what the protocol's own functions hand over.

use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::{Hostile, accounts::with};
use crate::effects::{multiversx, payload, wire::digits};

const THIEF: [u8; 32] = [0x66; 32];
/// The contract that manages tokens.
const TOKENS: &str = "erd1qqqqqqqqqqqqqqqpqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzllls8a5w6u";

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    [payments(&base, own), rights(&base, own), contracts(&base), takeovers(&base, own)].concat()
}

fn send(base: &Value, to: &str, value: &str, data: &str) -> Value {
    with(base, &json!({ "to": to, "value": value, "data": data }))
}

fn contract() -> String {
    multiversx::spell(&[&[0; 8][..], &[0x55; 24]].concat())
}

fn payments(base: &Value, own: &str) -> Vec<Hostile> {
    let (thief, contract) = (multiversx::spell(&THIEF), contract());
    let (bytes, token) = (digits(&THIEF), digits(b"WEGLD-a1b2c3"));
    let several = format!("MultiESDTNFTTransfer@{bytes}@01@{token}@00@05");
    let item = format!("ESDTNFTTransfer@{token}@09@01@{bytes}");
    let fungible = format!("ESDTTransfer@{token}@05");
    let told = |what: &str, to: &str, data: &str, told: &[&str]| {
        Hostile::told(what, &send(base, to, "0", data), told)
    };
    vec![
        Hostile::told("payment", &send(base, &thief, "1", ""), &[&thief]),
        told("tokens", &thief, &fungible, &[&thief]),
        told("for a call", &contract, &format!("{fungible}@aa@{bytes}"), &[&contract, &thief]),
        told("an item", own, &item, &[&thief]),
        told("an item for a call", own, &format!("{item}@aa"), &[&thief]),
        told("an item of somebody else's", &thief, &item, &[&thief]),
        told("several tokens", own, &several, &[&thief]),
        told("several tokens for a call", own, &format!("{several}@aa@{bytes}"), &[&thief]),
        told("nothing to oneself", own, "", &[]),
        Hostile::told("a note to oneself", &send(base, own, "1", "ClaimDeveloperRewards"), &[]),
    ]
}

fn rights(base: &Value, own: &str) -> Vec<Hostile> {
    let thief = multiversx::spell(&THIEF);
    let (bytes, token) = (digits(&THIEF), digits(b"WEGLD-a1b2c3"));
    let role = digits(b"ESDTRoleNFTBurn");
    let (wipe, yes) = (digits(b"canWipe"), digits(b"true"));
    let other = "01".repeat(32);
    let told =
        |data: String, told: &[&str]| Hostile::told(&data, &send(base, TOKENS, "0", &data), told);
    vec![
        told(format!("setSpecialRole@{token}@{bytes}@{role}"), &[TOKENS, &thief]),
        told(format!("transferOwnership@{token}@{bytes}"), &[TOKENS, &thief]),
        told(format!("transferNFTCreateRole@{token}@{other}@{bytes}"), &[TOKENS, &thief]),
        told(format!("freeze@{token}@{bytes}"), &[TOKENS, &thief]),
        told(format!("controlChanges@{token}@{wipe}@{yes}"), &[TOKENS]),
        Hostile::told(
            "tokens made",
            &send(base, own, "0", &format!("ESDTLocalMint@{token}@05")),
            &[],
        ),
    ]
}

fn contracts(base: &Value) -> Vec<Hostile> {
    let (thief, contract) = (multiversx::spell(&THIEF), contract());
    let (bytes, nobody) = (digits(&THIEF), multiversx::spell(&[0; 32]));
    let created = format!("0061736d@0500@0100@{bytes}");
    let owner = format!("ChangeOwnerAddress@{bytes}");
    let reward = "ClaimDeveloperRewards";
    vec![
        Hostile::told("an owner", &send(base, &contract, "0", &owner), &[&contract, &thief]),
        Hostile::told("a reward", &send(base, &contract, "0", reward), &[&contract]),
        Hostile::told("a contract", &send(base, &nobody, "1", &created), &[&thief]),
        Hostile::told("of another machine", &send(base, &nobody, "1", "00@05@0100"), &[&nobody]),
    ]
}

fn takeovers(base: &Value, own: &str) -> Vec<Hostile> {
    let thief = multiversx::spell(&THIEF);
    let guardian = format!("SetGuardian@{}@00", digits(&THIEF));
    let to_own = |value: &str, data: &str| send(base, own, value, data);
    vec![
        Hostile::takes_over("a guardian", &to_own("0", &guardian), &[&thief]),
        Hostile::takes_over("guarded", &to_own("0", "GuardAccount"), &[]),
        Hostile::takes_over("guarded, with value", &to_own("1", "GuardAccount"), &[]),
        Hostile::takes_over("no longer guarded", &to_own("0", "UnGuardAccount"), &[]),
    ]
}
