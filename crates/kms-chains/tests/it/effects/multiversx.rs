//! MultiversX: JSON, with calls as text in its data.

use alloy_primitives::{U256, keccak256};
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

/// The assets that the data moves, and whether it does more; `None` for an unknown call.
fn moved(data: &str, sender: &str, receiver: &str) -> Option<(Vec<Moved>, bool)> {
    let mut parts = data.split('@');
    let name = parts.next().unwrap_or_default();
    let parts: Vec<_> = parts.collect();
    let text = |part: &str| String::from_utf8(hex(part)).expect("a name");
    let number = |part: &str| U256::from_str_radix(part, 16).expect("a number");
    let item = |token: &str, id: &str| Asset::Item {
        contract: text(token),
        id: Amount::from_u256(number(id)),
    };
    match (name, parts.as_slice()) {
        ("ESDTTransfer", [token, units, call @ ..]) => {
            let asset = Asset::Token { contract: text(token) };
            Some((vec![(asset, receiver.to_owned(), number(units))], !call.is_empty()))
        }
        ("ESDTNFTTransfer", [token, id, units, to, call @ ..]) if sender == receiver => {
            Some((vec![(item(token, id), spell(&hex(to)), number(units))], !call.is_empty()))
        }
        ("MultiESDTNFTTransfer", [to, count, rest @ ..]) if sender == receiver => {
            let (mut rest, mut moved) = (rest, Vec::new());
            for _ in 0..usize::from_str_radix(count, 16).expect("a number") {
                let [token, id, units, behind @ ..] = rest else { return None };
                let asset = match (text(token).as_str(), number(id).is_zero()) {
                    ("EGLD-000000", true) => Asset::Native,
                    (_, true) => Asset::Token { contract: text(token) },
                    (_, false) => item(token, id),
                };
                moved.push((asset, spell(&hex(to)), number(units)));
                rest = behind;
            }
            Some((moved, !rest.is_empty()))
        }
        (_, []) if !is_contract(receiver) || data.is_empty() => Some((Vec::new(), false)),
        _ => None,
    }
}

/// Whoever creates a contract, and the number of the transaction, give its address.
fn new_contract(sender: &str, nonce: u64) -> String {
    let (_, key) = bech32::decode(sender).expect("an address");
    let hash = keccak256([key.as_slice(), &nonce.to_le_bytes()].concat());
    spell(&[&[0, 0, 0, 0, 0, 0, 0, 0, 5, 0], &hash[10..30], &key[30..]].concat())
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let whole: Value = serde_json::from_str(signed.raw).expect("JSON");
    let text = |name: &str| whole[name].as_str().unwrap_or_default().to_owned();
    let number = |name: &str| U256::from(whole[name].as_u64().expect("a number"));
    let data = BASE64.decode(text("data").as_bytes()).expect("base64");
    let data = String::from_utf8(data).expect("text");
    let receiver = text("receiver");
    let value = text("value").parse().expect("a number");
    let known = moved(&data, &text("sender"), &receiver);
    let is_note = !data.contains('@') && known.is_some();
    let tag = note(data.as_bytes()).filter(|_| is_note);
    let to = if receiver == spell(&[0; 32]) && !data.is_empty() {
        new_contract(&text("sender"), whole["nonce"].as_u64().expect("a number"))
    } else {
        receiver
    };
    let native = (Asset::Native, tagged(to, tag), value);
    let (moved, is_opaque) = known.unwrap_or((Vec::new(), true));
    Said {
        beside: data,
        is_opaque,
        moved: [native].into_iter().chain(moved).collect(),
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

/// A made-up transaction's receiver, data, the assets that it moves beside the value, and whether
/// there is more to it.
type Made = (String, String, Vec<Moved>, bool);

fn data(kind: usize, own: &str, to: &str, other: &[u8], units: U256) -> Made {
    let token = digits(b"WEGLD-a1b2c3");
    let contract = String::from("WEGLD-a1b2c3");
    let id = Amount::from_base_units(9);
    let item = Asset::Item { contract: contract.clone(), id };
    let several = || {
        let coin = digits(b"EGLD-000000");
        let all = [
            (Asset::Token { contract: contract.clone() }, spell(other), units),
            (item.clone(), spell(other), U256::from(2)),
            (Asset::Native, spell(other), units),
        ];
        let (other, units) = (digits(other), even(units));
        let tokens = format!("{token}@00@{units}@{token}@09@02@{coin}@00@{units}");
        (format!("MultiESDTNFTTransfer@{other}@03@{tokens}"), all.to_vec())
    };
    let (to, own) = (to.to_owned(), own.to_owned());
    match kind {
        0 => (to, String::new(), Vec::new(), false),
        1 => (to.clone(), String::from(NOTE), Vec::new(), is_contract(&to)),
        2 | 3 => {
            let moved = vec![(Asset::Token { contract }, to.clone(), units)];
            let call = if kind == 2 { "" } else { "@737761" };
            (to, format!("ESDTTransfer@{token}@{}{call}", even(units)), moved, kind == 3)
        }
        4 => {
            let moved = vec![(item, spell(other), units)];
            let (other, units) = (digits(other), even(units));
            (own, format!("ESDTNFTTransfer@{token}@09@{units}@{other}"), moved, false)
        }
        5 | 6 => {
            let (data, moved) = several();
            let call = if kind == 5 { "" } else { "@737761@01" };
            (own, format!("{data}{call}"), moved, kind == 6)
        }
        // An item is not moved by whom it does not belong to.
        7 => {
            let (other, units) = (digits(other), even(units));
            (to, format!("ESDTNFTTransfer@{token}@09@{units}@{other}"), Vec::new(), true)
        }
        8 => (spell(&[0; 32]), String::from("0061736d@0500@0100"), Vec::new(), true),
        _ => (to, String::from("claim@00"), Vec::new(), true),
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
    let own = template["from"].as_str().expect("an address").to_owned();
    let answer = base.rpc.iter().find_map(|call| call.response.pointer("/data/nonce")?.as_u64());
    let nonce = answer.expect("a nonce");
    (receiver, any::<[u8; 32]>(), words(), words(), 0_usize..10)
        .prop_map(move |(to, other, value, units, kind)| {
            let (to, data, beside, is_opaque) = data(kind, &own, &spell(&to), &other, units);
            let mut payload = template.clone();
            payload["to"] = json!(to);
            payload["value"] = json!(in_coins(value));
            payload["data"] = json!(data);
            let tag = (data == NOTE && !is_opaque).then(|| format!("text:{NOTE}"));
            let paid = if kind == 8 { new_contract(&own, nonce) } else { to };
            let native = (Asset::Native, tagged(paid, tag), value);
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
