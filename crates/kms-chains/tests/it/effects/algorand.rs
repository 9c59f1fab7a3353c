//! Algorand: a map of MessagePack.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use data_encoding::BASE32_NOPAD;
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha512_256};

use super::{
    Asked, Said, note, payload,
    road::Signed,
    tagged,
    wire::{Bytes, digits, hex, units},
};

/// In millionths of an ALGO; a payload that asks for less pays this.
const FEE_LEAST: u64 = 1_000;

#[derive(Debug)]
enum Pack {
    Number(u64),
    Flag,
    Bytes(Vec<u8>),
    List,
    Map(BTreeMap<String, Pack>),
}

fn take(bytes: &mut Bytes<'_>) -> Pack {
    let head = bytes.byte();
    let length = |bytes: &mut Bytes<'_>, size| usize::try_from(bytes.big_endian(size)).unwrap_or(0);
    match head {
        0..=0x7f => Pack::Number(head.into()),
        0x80..=0x8f => map(bytes, usize::from(head & 15)),
        0x90..=0x9f => list(bytes, usize::from(head & 15)),
        0xa0..=0xbf => Pack::Bytes(bytes.take(usize::from(head & 31)).to_vec()),
        0xc2 | 0xc3 => Pack::Flag,
        0xc4 | 0xd9 => {
            let length = length(bytes, 1);
            Pack::Bytes(bytes.take(length).to_vec())
        }
        0xc5 | 0xda => {
            let length = length(bytes, 2);
            Pack::Bytes(bytes.take(length).to_vec())
        }
        0xcc..=0xcf => Pack::Number(bytes.big_endian(1 << (head - 0xcc))),
        0xdc => {
            let count = length(bytes, 2);
            list(bytes, count)
        }
        0xde => {
            let count = length(bytes, 2);
            map(bytes, count)
        }
        other => unreachable!("a head of {other:#x}"),
    }
}

fn list(bytes: &mut Bytes<'_>, count: usize) -> Pack {
    (0..count).for_each(|_| drop(take(bytes)));
    Pack::List
}

fn map(bytes: &mut Bytes<'_>, count: usize) -> Pack {
    let member = |_| {
        let Pack::Bytes(name) = take(bytes) else { unreachable!("a name that is no text") };
        (String::from_utf8(name).expect("a name"), take(bytes))
    };
    Pack::Map((0..count).map(member).collect())
}

pub(super) fn spell(key: &[u8]) -> String {
    let hash = Sha512_256::digest(key);
    BASE32_NOPAD.encode(&[key, &hash[28..]].concat())
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let raw = hex(signed.raw);
    let mut bytes = Bytes(&raw);
    let Pack::Map(mut whole) = take(&mut bytes) else { unreachable!("no map") };
    assert!(bytes.is_empty(), "there is something behind the transaction");
    let Some(Pack::Map(own)) = whole.remove("txn") else { unreachable!("no transaction") };
    let number = |name: &str| match own.get(name) {
        None => 0,
        Some(Pack::Number(number)) => *number,
        Some(other) => unreachable!("{name} is {other:?}"),
    };
    let key = |name: &str| match own.get(name) {
        Some(Pack::Bytes(bytes)) => bytes.clone(),
        // Zeros are left out.
        _ => vec![0; 32],
    };
    let said_note = if own.contains_key("note") { key("note") } else { Vec::new() };
    let to = |name: &str| tagged(spell(&key(name)), note(&said_note));
    let hands_over =
        ["close", "aclose", "rekey", "asnd"].iter().any(|name| own.contains_key(*name));
    let (moved, is_known) = match key("type").as_slice() {
        b"pay" => (vec![(Asset::Native, to("rcv"), U256::from(number("amt")))], true),
        b"axfer" if own.contains_key("asnd") => (Vec::new(), false),
        b"axfer" => {
            let asset = Asset::Token { contract: number("xaid").to_string() };
            (vec![(asset, to("arcv"), U256::from(number("aamt")))], true)
        }
        _ => (Vec::new(), false),
    };
    Said {
        beside: digits(&said_note),
        moved,
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(number("fee"))),
        is_opaque: hands_over || !is_known,
        own: vec![spell(&key("snd"))],
    }
}

/// Writes typed arrays as `JSON.stringify` does.
pub(super) fn typed_array(bytes: &[u8]) -> Value {
    bytes.iter().enumerate().map(|(place, byte)| (place.to_string(), json!(byte))).collect()
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let Value::Object(template) = payload(base) else { unreachable!("no object") };
    let notes = proptest::collection::vec(any::<u8>(), 0..1_100);
    let fee = prop_oneof![4 => 0_u64..20_000, 1 => units()];
    (any::<[u8; 32]>(), units(), fee, notes, (0_usize..4, units(), any::<bool>(), any::<bool>()))
        .prop_map(move |(to, amount, fee, text, (kind, asset, is_flat, has_zero_key))| {
            let to = if has_zero_key && kind == 3 { [0; 32] } else { to };
            let mut object: Map<String, Value> = template.clone();
            object.insert("to".into(), json!({ "publicKey": typed_array(&to) }));
            object.insert("amount".into(), json!(amount));
            object.insert("fee".into(), json!(fee));
            object.insert("flatFee".into(), json!(is_flat));
            object.insert("note".into(), typed_array(&text));
            let own = match kind {
                0 | 3 => Asset::Native,
                _ => {
                    object.insert("type".into(), json!("axfer"));
                    object.insert("assetIndex".into(), json!(asset));
                    Asset::Token { contract: asset.to_string() }
                }
            };
            Asked {
                beside: digits(&text),
                payload: Value::Object(object).to_string(),
                moved: vec![(own, tagged(spell(&to), note(&text)), U256::from(amount))],
                allowed: Vec::new(),
                fee: Some(U256::from(if is_flat { fee } else { fee.max(FEE_LEAST) })),
                is_opaque: false,
            }
        })
        .boxed()
}
