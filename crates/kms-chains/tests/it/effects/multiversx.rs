//! MultiversX: JSON, with calls as text in its data.

use alloy_primitives::U256;
use bech32::{Bech32, Hrp};
use data_encoding::BASE64;
use kms_core::{Amount, Asset};
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Asked, Moved, Said, note, payload,
    road::Signed,
    tagged,
    wire::{digits, hex, words},
};

pub(super) fn spell(key: &[u8]) -> String {
    bech32::encode::<Bech32>(Hrp::parse("erd").expect("a prefix"), key).expect("an address")
}

const NOTE: &str = "for lunch";

/// Contracts have addresses that begin with zeros.
fn is_contract(address: &str) -> bool {
    let (_, key) = bech32::decode(address).expect("an address");
    key.starts_with(&[0; 8])
}

/// The assets that the data moves; `None` for an unknown call.
fn moved(data: &str, receiver: &str) -> Option<Vec<Moved>> {
    let mut parts = data.split('@');
    let name = parts.next().unwrap_or_default();
    let parts: Vec<_> = parts.collect();
    let text = |part: &str| String::from_utf8(hex(part)).expect("a name");
    let number = |part: &str| U256::from_str_radix(part, 16).expect("a number");
    match (name, parts.as_slice()) {
        ("ESDTTransfer", [token, units]) => {
            let asset = Asset::Token { contract: text(token) };
            Some(vec![(asset, receiver.to_owned(), number(units))])
        }
        ("ESDTNFTTransfer", [token, item, units, to]) => {
            let id = Amount::from_u256(number(item));
            let asset = Asset::Item { contract: text(token), id };
            Some(vec![(asset, spell(&hex(to)), number(units))])
        }
        (_, []) if !is_contract(receiver) || data.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let whole: Value = serde_json::from_str(signed.raw).expect("JSON");
    let text = |name: &str| whole[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| U256::from(whole[name].as_u64().expect("a number"));
    let data = BASE64.decode(text("data").as_bytes()).expect("base64");
    let data = String::from_utf8(data).expect("text");
    let receiver = text("receiver");
    let value = text("value").parse().expect("a number");
    let known = moved(&data, &receiver);
    let is_note = !data.contains('@') && known.is_some();
    let tag = note(data.as_bytes()).filter(|_| is_note);
    let native = (Asset::Native, tagged(receiver, tag), value);
    Said {
        beside: data,
        is_opaque: known.is_none(),
        moved: [native].into_iter().chain(known.unwrap_or_default()).collect(),
        allowed: Vec::new(),
        fee: (Asset::Native, number("gasPrice") * number("gasLimit")),
        own: vec![text("sender")],
    }
}

/// A value in whole coins, every digit written.
fn in_coins(units: U256) -> String {
    let text = format!("{units:0>19}");
    let (whole, fraction) = text.split_at(text.len() - 18);
    format!("{whole}.{fraction}")
}

/// An even number of hexadecimal digits.
fn even(number: U256) -> String {
    digits(&number.to_be_bytes::<32>())
}

/// Data, what it moves beside the value, and whether it can be told.
fn data(kind: usize, to: &str, other: &[u8], units: U256) -> (String, Vec<Moved>, bool) {
    let token = digits(b"WEGLD-a1b2c3");
    let contract = String::from("WEGLD-a1b2c3");
    match kind {
        0 => (String::new(), Vec::new(), false),
        1 => (String::from(NOTE), Vec::new(), is_contract(to)),
        2 => {
            let moved = vec![(Asset::Token { contract }, to.to_owned(), units)];
            (format!("ESDTTransfer@{token}@{}", even(units)), moved, false)
        }
        3 => {
            let id = Amount::from_base_units(9);
            let moved = vec![(Asset::Item { contract, id }, spell(other), units)];
            let (other, units) = (digits(other), even(units));
            (format!("ESDTNFTTransfer@{token}@09@{units}@{other}"), moved, false)
        }
        4 => (format!("ESDTTransfer@{token}@{}@7377617", even(units)), Vec::new(), true),
        _ => (String::from("claim@00"), Vec::new(), true),
    }
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let template = payload(base);
    let receiver = prop_oneof![
        3 => any::<[u8; 32]>(),
        1 => any::<[u8; 24]>().prop_map(|rest| {
            let mut key = [0; 32];
            key[8..].copy_from_slice(&rest);
            key
        }),
    ];
    (receiver, any::<[u8; 32]>(), words(), words(), 0_usize..6)
        .prop_map(move |(to, other, value, units, kind)| {
            let to = spell(&to);
            let (data, beside, is_opaque) = data(kind, &to, &other, units);
            let mut payload = template.clone();
            payload["to"] = json!(to);
            payload["value"] = json!(in_coins(value));
            payload["data"] = json!(data);
            let tag = (data == NOTE && !is_opaque).then(|| format!("text:{NOTE}"));
            let native = (Asset::Native, tagged(to, tag), value);
            Asked {
                beside: data,
                payload: payload.to_string(),
                moved: [native].into_iter().chain(beside).collect(),
                allowed: Vec::new(),
                fee: None,
                is_opaque,
            }
        })
        .boxed()
}
