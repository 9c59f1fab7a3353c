//! Bitcoin and its descendants: strangers, data, scripts without an address.

use bitcoin::{Amount, ScriptBuf, Transaction, TxOut, consensus::encode};
use kms_testkit::vectors::SignCase;
use serde_json::json;

use super::Hostile;
use crate::effects::{
    payload,
    road::with_payload,
    utxo::{spell, spent},
    wire::{digits, hex},
};

/// Pays to the hash of a key.
const THIEF: &str = "76a914666666666666666666666666666666666666666688ac";
/// Data: of Omni, of Runes, of SLP.
const DATA: [&str; 3] = [
    "6a146f6d6e69000000000000001f000000003b9aca00",
    "6a5d0714010203040506",
    "6a04534c500001010453454e44",
];

/// A name, outputs by their scripts and values, and whether the thief is to be told.
type Row = (&'static str, Vec<(String, u64)>, bool);

/// Outputs where the change is what the fee leaves.
fn outputs(change: &str, worth: u64, units: u64) -> Vec<Row> {
    let change = || (change.to_owned(), worth);
    let mut all = vec![
        ("payment", vec![change(), (THIEF.to_owned(), units)], true),
        ("no script", vec![change(), (String::from("51"), units)], false),
    ];
    for data in DATA {
        all.push(("data", vec![change(), (data.to_owned(), 0)], false));
    }
    all
}

pub(super) fn bitcore(base: &SignCase, _: &str) -> Vec<Hostile> {
    let worth: u64 = spent(base).values().sum();
    let fee = if base.chain == "DOGE" { 100_000_000 } else { 20_000 };
    let template = payload(base);
    let own = template["inputs"][0]["output"]["script"].as_str().expect("a script");
    let all = outputs(own, worth, fee).into_iter().map(|(what, outputs, names_thief)| {
        let paid: u64 = outputs.iter().skip(1).map(|(_, units)| units).sum();
        let mut payload = template.clone();
        for name in ["hash", "fee", "changeIndex", "changeScript"] {
            payload.as_object_mut().expect("an object").remove(name);
        }
        let outputs = outputs.iter().map(|(script, units)| {
            json!({ "satoshis": (*units).min(worth - fee - paid), "script": script })
        });
        payload["outputs"] = outputs.collect();
        hostile(base, what, &payload.to_string(), names_thief)
    });
    all.collect()
}

pub(super) fn bitcash(base: &SignCase, own: &str) -> Vec<Hostile> {
    let worth: u64 = spent(base).values().sum();
    let text = base.pending["serializedTransaction"].as_str().expect("a payload");
    let (given, amounts) = text.split_once(':').expect("amounts");
    let given: Transaction = encode::deserialize_hex(given).expect("a transaction");
    let own = format!("76a914{}88ac", digits(&key_hash(own)));
    let all = outputs(&own, worth, 20_000).into_iter().map(|(what, outputs, names_thief)| {
        let paid: u64 = outputs.iter().skip(1).map(|(_, units)| units).sum();
        let mut transaction = given.clone();
        let outputs = outputs.iter().map(|(script, units)| TxOut {
            value: Amount::from_sat((*units).min(worth - 20_000 - paid)),
            script_pubkey: ScriptBuf::from_bytes(hex(script)),
        });
        transaction.output = outputs.collect();
        let payload = format!("{}:{amounts}", encode::serialize_hex(&transaction));
        hostile(base, what, &payload, names_thief)
    });
    all.collect()
}

/// The 20 bytes behind the version of a CashAddr, of five bits a letter.
fn key_hash(address: &str) -> Vec<u8> {
    let (_, letters) = address.split_once(':').expect("a prefix");
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for letter in letters.chars() {
        let value = "qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(letter).expect("a letter");
        (held, bits) = ((held << 5) | u32::try_from(value).expect("five bits"), bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).expect("a byte"));
        }
    }
    bytes[1..21].to_vec()
}

fn hostile(base: &SignCase, what: &str, payload: &str, names_thief: bool) -> Hostile {
    let case = with_payload(base, payload);
    let thief = spell(&case, &ScriptBuf::from_bytes(hex(THIEF)));
    let told: &[&str] = if names_thief { &[&thief] } else { &[] };
    Hostile::told(what, &payload, told)
}
