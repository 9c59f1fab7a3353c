//! Flow: a script whose parameters and imports say what it moves, and its arguments.

use alloy_primitives::U256;
use kms_core::{Amount, Asset};
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Asked, Moved, Said, payload, road::Signed, wire::digits};

/// In units of 10⁻⁸.
fn units(fixed: &str) -> U256 {
    let (whole, fraction) = fixed.split_once('.').expect("a point");
    assert_eq!(fraction.len(), 8, "{fixed}");
    format!("{whole}{fraction}").parse().expect("digits")
}

/// The contract of a name that a script imports, as Cadence names it.
fn imported(script: &str, name: &str) -> Option<String> {
    let line = format!("import {name} from 0x");
    let address = script.lines().find_map(|own| own.strip_prefix(line.as_str()))?;
    Some(format!("A.{address}.{name}"))
}

fn moved(script: &str, arguments: &[Value]) -> Option<Vec<Moved>> {
    let text = |place: usize| arguments[place]["value"].as_str().expect("text").to_owned();
    if script.contains("transaction(amount: UFix64, recipient: Address)") {
        let asset = match imported(script, "FlowToken") {
            Some(_) => Asset::Native,
            None => Asset::Token { contract: imported(script, "FUSD").expect("its contract") },
        };
        return Some(vec![(asset, text(1), units(&text(0)))]);
    }
    if script.contains("transaction(recipient: Address, tokenId: UInt64)") {
        let contract = imported(script, "TatumMultiNFT").expect("its contract");
        let id = Amount::from_u256(text(1).parse().expect("a number"));
        return Some(vec![(Asset::Item { contract, id }, text(0), U256::from(1))]);
    }
    None
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let kept: Value = serde_json::from_str(signed.raw).expect("JSON");
    let payload = &kept["payload"];
    let script = payload["script"].as_str().expect("a script");
    let arguments = payload["arguments"].as_array().expect("arguments").iter();
    let arguments = arguments.map(|one| one.as_str().expect("text"));
    let arguments: Vec<Value> =
        arguments.map(|one| serde_json::from_str(one).expect("JSON in a text")).collect();
    let known = moved(script, &arguments);
    let is_opaque = known.is_none();
    let beside = if is_opaque { json!(arguments).to_string() } else { String::new() };
    Said {
        moved: known.unwrap_or_default(),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::ZERO),
        is_opaque,
        own: vec![payload["authorizer"].as_str().expect("an address").to_owned()],
        beside,
    }
}

fn fixed(units: u64) -> String {
    format!("{}.{:08}", units / 100_000_000, units % 100_000_000)
}

fn body(kind: u8, to: &str, units: u64, note: &str) -> (Value, Vec<Moved>, String) {
    const FUSD: &str = "A.e223d8a629e49c68.FUSD";
    const NFT: &str = "A.87fe4ebd0cddde06.TatumMultiNFT";
    let token = |contract: &str| Asset::Token { contract: contract.to_owned() };
    match kind {
        2 => {
            let body = json!({ "to": to, "amount": fixed(units), "currency": "FLOW" });
            (body, vec![(Asset::Native, to.to_owned(), U256::from(units))], String::new())
        }
        3 => {
            let body = json!({ "to": to, "amount": fixed(units), "currency": "FUSD" });
            (body, vec![(token(FUSD), to.to_owned(), U256::from(units))], String::new())
        }
        7 => {
            let id = Amount::from_base_units(units);
            let asset = Asset::Item { contract: NFT.to_owned(), id };
            let body = json!({ "to": to, "tokenId": units.to_string() });
            (body, vec![(asset, to.to_owned(), U256::from(1))], String::new())
        }
        6 => {
            let beside = json!([{ "type": "UInt64", "value": units.to_string() }]);
            (json!({ "tokenId": units.to_string() }), Vec::new(), beside.to_string())
        }
        _ => {
            let arguments = json!([
                { "type": "String", "value": note },
                { "type": "UInt64", "value": units.to_string() },
                { "type": "Address", "value": to },
            ]);
            let body = json!({ "transaction": "transaction(a: String) {}", "args": arguments });
            (body, Vec::new(), arguments.to_string())
        }
    }
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let template = payload(base);
    let units = prop_oneof![Just(0), Just(1), Just(u64::MAX), any::<u64>()];
    let kinds = prop_oneof![Just(2_u8), Just(3), Just(6), Just(7), Just(8)];
    let is_own = prop::bool::weighted(0.1);
    (any::<[u8; 8]>(), units, kinds, "\\PC{0,40}", is_own)
        .prop_map(move |(to, units, kind, note, is_own)| {
            let account = template["body"]["account"].as_str().expect("an account");
            let to = if is_own { account.to_owned() } else { format!("0x{}", digits(&to)) };
            let (mut body, moved, beside) = body(kind, &to, units, &note);
            body["account"] = json!(account);
            // Three stands for the other currency of two.
            let payload = json!({ "type": if kind == 3 { 2 } else { kind }, "body": body });
            Asked {
                payload: payload.to_string(),
                is_opaque: moved.is_empty(),
                moved,
                allowed: Vec::new(),
                fee: Some(U256::ZERO),
                beside,
            }
        })
        .boxed()
}
