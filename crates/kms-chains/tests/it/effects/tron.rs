//! TRON: protocol buffers, of which the contracts that pay are read.

use alloy_primitives::{Address, U256};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Asked, Moved, Said,
    calls::{self, Call},
    note, payload,
    road::Signed,
    tagged,
    wire::{Fields, digits, hex, put_bytes, put_number, sha256, units},
};

const TRANSFER: u64 = 1;
const TRANSFER_ASSET: u64 = 2;
const TRIGGER: u64 = 31;
/// Of addresses in transactions.
const PREFIX: u8 = 0x41;

pub(super) fn spell_bytes(bytes: &[u8]) -> String {
    bs58::encode(bytes).with_check().into_string()
}

fn spell(address: Address) -> String {
    spell_bytes(&[&[PREFIX], address.as_slice()].concat())
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let object: Value = serde_json::from_str(signed.raw).expect("JSON");
    let bytes = hex(object["raw_data_hex"].as_str().expect("bytes"));
    assert_eq!(object["txID"], json!(digits(&sha256(&bytes))));
    let raw = Fields::read(&bytes);
    let [contract] = raw.all(11)[..] else { unreachable!("not one contract") };
    let contract = Fields::read(contract);
    let any = Fields::read(contract.bytes(2));
    let own = Fields::read(any.bytes(2));
    let money = |asset, to: &[u8], units: u64| (asset, spell_bytes(to), U256::from(units));
    let (mut is_opaque, mut call) = (false, Call::default());
    let mut owner = own.bytes(1);
    let moved: Vec<Moved> = match contract.number(1) {
        TRANSFER => vec![money(Asset::Native, own.bytes(2), own.number(3))],
        TRANSFER_ASSET => {
            owner = own.bytes(2);
            let contract = String::from_utf8_lossy(own.bytes(1)).into_owned();
            vec![money(Asset::Token { contract }, own.bytes(3), own.number(4))]
        }
        TRIGGER => {
            let contract = own.bytes(2);
            is_opaque = own.number(5) != 0;
            call = calls::read(Address::from_slice(&contract[1..]), own.bytes(4), spell);
            vec![money(Asset::Native, contract, own.number(3))]
        }
        _ => {
            is_opaque = true;
            // Who acts is a field of its own place in two contracts.
            owner = if own.bytes(1).first() == Some(&PREFIX) { owner } else { own.bytes(2) };
            Vec::new()
        }
    };
    let moved = moved.into_iter().chain(call.moved);
    let memo = note(raw.bytes(10));
    let moved = moved.map(|(asset, to, units)| (asset, tagged(to, memo.clone()), units));
    Said {
        beside: beside(
            raw.bytes(10),
            if contract.number(1) == TRIGGER { own.bytes(4) } else { &[] },
        ),
        moved: moved.collect(),
        allowed: call.allowed,
        fee: (Asset::Native, U256::from(raw.number(18))),
        is_opaque: is_opaque || call.is_opaque,
        own: vec![spell_bytes(owner)],
    }
}

fn beside(memo: &[u8], data: &[u8]) -> String {
    format!("memo {}, data {}", digits(memo), digits(data))
}

/// One contract: its name, number, fields in JSON and in bytes.
pub(super) struct Contract {
    pub(super) name: &'static str,
    pub(super) number: u64,
    pub(super) value: Value,
    pub(super) bytes: Vec<u8>,
    pub(super) moved: Moved,
    pub(super) call: Call,
    pub(super) data: Vec<u8>,
}

fn address_json(bytes: &[u8], is_visible: bool) -> Value {
    if is_visible { json!(spell_bytes(bytes)) } else { json!(digits(bytes)) }
}

fn contract(
    owner: &[u8],
    to: &[u8],
    amount: u64,
    (data, call): (Vec<u8>, Call),
    (kind, is_visible): (usize, bool),
) -> Contract {
    let spelled = |bytes: &[u8]| address_json(bytes, is_visible);
    let mut bytes = Vec::new();
    let units = U256::from(amount);
    match kind {
        0 => {
            put_bytes(&mut bytes, 1, owner);
            put_bytes(&mut bytes, 2, to);
            put_number(&mut bytes, 3, amount);
            let value = json!({
                "owner_address": spelled(owner), "to_address": spelled(to), "amount": amount
            });
            let moved = (Asset::Native, spell_bytes(to), units);
            let (name, number) = ("TransferContract", TRANSFER);
            Contract { name, number, value, bytes, moved, call: Call::default(), data: Vec::new() }
        }
        1 => {
            put_bytes(&mut bytes, 1, b"1002000");
            put_bytes(&mut bytes, 2, owner);
            put_bytes(&mut bytes, 3, to);
            put_number(&mut bytes, 4, amount);
            let value = json!({
                "asset_name": if is_visible { "1002000".into() } else { digits(b"1002000") },
                "owner_address": spelled(owner), "to_address": spelled(to), "amount": amount
            });
            let asset = Asset::Token { contract: String::from("1002000") };
            let moved = (asset, spell_bytes(to), units);
            let (name, number) = ("TransferAssetContract", TRANSFER_ASSET);
            Contract { name, number, value, bytes, moved, call: Call::default(), data: Vec::new() }
        }
        _ => {
            put_bytes(&mut bytes, 1, owner);
            put_bytes(&mut bytes, 2, to);
            put_number(&mut bytes, 3, amount);
            put_bytes(&mut bytes, 4, &data);
            let mut value = json!({
                "owner_address": spelled(owner), "contract_address": spelled(to),
                "data": digits(&data)
            });
            if amount != 0 {
                value["call_value"] = json!(amount);
            }
            let moved = (Asset::Native, spell_bytes(to), units);
            Contract {
                name: "TriggerSmartContract",
                number: TRIGGER,
                value,
                bytes,
                moved,
                call,
                data,
            }
        }
    }
}

pub(super) fn transaction(
    contract: &Contract,
    memo: &[u8],
    fee_limit: u64,
    is_visible: bool,
) -> String {
    let type_url = format!("type.googleapis.com/protocol.{}", contract.name);
    let (mut any, mut one, mut raw) = (Vec::new(), Vec::new(), Vec::new());
    put_bytes(&mut any, 1, type_url.as_bytes());
    put_bytes(&mut any, 2, &contract.bytes);
    put_number(&mut one, 1, contract.number);
    put_bytes(&mut one, 2, &any);
    put_bytes(&mut raw, 1, &[0x25, 0xbc]);
    put_bytes(&mut raw, 4, &[7; 8]);
    put_number(&mut raw, 8, 1_749_330_074_139);
    put_bytes(&mut raw, 10, memo);
    put_bytes(&mut raw, 11, &one);
    put_number(&mut raw, 14, 1_749_330_014_139);
    put_number(&mut raw, 18, fee_limit);
    let mut data = json!({
        "contract": [{
            "parameter": { "value": contract.value, "type_url": type_url }, "type": contract.name
        }],
        "ref_block_bytes": "25bc", "ref_block_hash": digits(&[7; 8]),
        "expiration": 1_749_330_074_139_u64, "timestamp": 1_749_330_014_139_u64,
        "fee_limit": fee_limit,
    });
    if !memo.is_empty() {
        data["data"] = json!(digits(memo));
    }
    json!({
        "visible": is_visible, "txID": digits(&sha256(&raw)),
        "raw_data_hex": digits(&raw), "raw_data": data
    })
    .to_string()
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let value = payload(base)["raw_data"]["contract"][0]["parameter"]["value"].clone();
    let owner = hex(value["owner_address"].as_str().expect("an owner"));
    let own: [u8; 20] = owner[1..].try_into().expect("20 bytes");
    let to = prop_oneof![5 => any::<[u8; 20]>(), 1 => Just(own)];
    let to = to.prop_flat_map(|to| (Just(to), calls::make(Address::from(to), spell)));
    let memo = proptest::collection::vec(any::<u8>(), 0..20);
    (to, units(), memo, units(), 0_usize..5, any::<bool>())
        .prop_map(move |((to, call), amount, memo, fee_limit, kind, is_visible)| {
            let to = [&[PREFIX], &to[..]].concat();
            let contract = contract(&owner, &to, amount, call, (kind, is_visible));
            let payload = transaction(&contract, &memo, fee_limit, is_visible);
            let moved = [contract.moved].into_iter().chain(contract.call.moved);
            let moved = moved.map(|(asset, to, units)| (asset, tagged(to, note(&memo)), units));
            Asked {
                beside: beside(&memo, &contract.data),
                payload,
                moved: moved.collect(),
                allowed: contract.call.allowed,
                fee: Some(U256::from(fee_limit)),
                is_opaque: contract.call.is_opaque,
            }
        })
        .boxed()
}
