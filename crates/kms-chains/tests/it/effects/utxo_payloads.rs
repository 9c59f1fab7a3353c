//! Payloads of Bitcoin and its descendants: other outputs, sequences and lock times for the
//! inputs of a recorded case.

use alloy_primitives::U256;
use bitcoin::{
    Amount as Satoshis, ScriptBuf, Sequence, Transaction, TxOut, absolute::LockTime,
    consensus::encode,
};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::json;

use super::{
    Asked, payload,
    road::with_payload,
    utxo::{spell, spent, told},
    wire::{digits, units},
};

/// Scripts of every kind that addresses and nodes know.
fn script() -> BoxedStrategy<ScriptBuf> {
    let framed = |head: &'static [u8], tail: &'static [u8]| {
        move |hash: Vec<u8>| ScriptBuf::from_bytes([head, &hash, tail].concat())
    };
    let bytes = |length| proptest::collection::vec(any::<u8>(), length);
    prop_oneof![
        3 => bytes(20).prop_map(framed(&[0x76, 0xa9, 20], &[0x88, 0xac])),
        2 => bytes(20).prop_map(framed(&[0xa9, 20], &[0x87])),
        1 => bytes(20).prop_map(framed(&[0, 20], &[])),
        1 => bytes(32).prop_map(framed(&[0, 32], &[])),
        1 => bytes(32).prop_map(framed(&[0x51, 32], &[])),
        1 => bytes(12).prop_map(framed(&[0x6a, 12], &[])),
    ]
    .boxed()
}

#[derive(Clone, Debug)]
struct Outputs {
    outputs: Vec<(ScriptBuf, u64)>,
    sequence: u32,
    lock_time: u32,
    fee: Option<u64>,
}

/// Outputs that share what is spent, or are worth anything.
fn outputs(worth: u64, decent_fee: u64, own: ScriptBuf) -> BoxedStrategy<Outputs> {
    let script = prop_oneof![4 => script(), 1 => Just(own)];
    let output = (script, 1_u64..100, prop_oneof![12 => Just(None), 1 => units().prop_map(Some)]);
    let outputs = proptest::collection::vec(output, 1..5);
    let fee = prop_oneof![9 => decent_fee / 2..decent_fee, 1 => 0..worth];
    (outputs, fee, any::<u32>(), any::<u32>())
        .prop_map(move |(parts, fee, sequence, lock_time)| {
            let rest = worth.saturating_sub(fee);
            let shares: u64 = parts.iter().map(|(_, share, _)| share).sum();
            let value = |(script, share, odd): (ScriptBuf, u64, Option<u64>)| {
                let value = if script.is_op_return() { 0 } else { rest / shares * share };
                (script, odd.unwrap_or(value))
            };
            let outputs: Vec<_> = parts.into_iter().map(value).collect();
            let paid = outputs.iter().try_fold(0_u64, |sum, (_, units)| sum.checked_add(*units));
            let fee = paid.and_then(|paid| worth.checked_sub(paid));
            Outputs { outputs, sequence, lock_time, fee }
        })
        .boxed()
}

fn asked(base: &SignCase, payload: String, own: &Outputs) -> Asked {
    let case = with_payload(base, &payload);
    let moved = own.outputs.iter();
    let moved =
        moved.map(|(script, units)| (Asset::Native, spell(&case, script), U256::from(*units)));
    Asked {
        beside: told(own.lock_time, &vec![own.sequence; spent(base).len()]),
        moved: moved.collect(),
        payload,
        allowed: Vec::new(),
        // What overspends is refused.
        fee: Some(own.fee.map_or(U256::MAX, U256::from)),
        is_opaque: own.outputs.iter().any(|(script, _)| script.is_op_return()),
    }
}

pub(crate) fn bitcore(base: &SignCase) -> BoxedStrategy<Asked> {
    let worth = spent(base).values().sum();
    let decent_fee = if base.chain == "DOGE" { 100_000_000 } else { 20_000 };
    let (template, base) = (payload(base), with_payload(base, &payload(base).to_string()));
    let change = template["inputs"][0]["output"]["script"].as_str().expect("a script");
    outputs(worth, decent_fee, ScriptBuf::from_hex(change).expect("a script"))
        .prop_map(move |own| {
            let mut payload = template.clone();
            let object = payload.as_object_mut().expect("an object");
            object.remove("hash");
            object.insert("nLockTime".into(), json!(own.lock_time));
            let outputs = own.outputs.iter();
            let outputs = outputs.map(
                |(script, units)| json!({ "satoshis": units, "script": digits(script.as_bytes()) }),
            );
            object.insert("outputs".into(), outputs.collect());
            for input in object["inputs"].as_array_mut().expect("inputs") {
                input["sequenceNumber"] = json!(own.sequence);
            }
            asked(&base, payload.to_string(), &own)
        })
        .boxed()
}

pub(crate) fn bitcash(base: &SignCase) -> BoxedStrategy<Asked> {
    let text = base.pending["serializedTransaction"].as_str().expect("a payload").to_owned();
    let worth = spent(base).values().sum();
    let base = with_payload(base, &text);
    let (given, _) = text.split_once(':').expect("amounts");
    let given: Transaction = encode::deserialize_hex(given).expect("a transaction");
    outputs(worth, 20_000, given.output[0].script_pubkey.clone())
        .prop_map(move |own| {
            let (transaction, amounts) = text.split_once(':').expect("amounts");
            let mut transaction: Transaction =
                encode::deserialize_hex(transaction).expect("a transaction");
            transaction.lock_time = LockTime::from_consensus(own.lock_time);
            let output = |(script, units): &(ScriptBuf, u64)| TxOut {
                value: Satoshis::from_sat(*units),
                script_pubkey: script.clone(),
            };
            transaction.output = own.outputs.iter().map(output).collect();
            for input in &mut transaction.input {
                input.sequence = Sequence(own.sequence);
            }
            let payload = format!("{}:{amounts}", encode::serialize_hex(&transaction));
            asked(&base, payload, &own)
        })
        .boxed()
}
