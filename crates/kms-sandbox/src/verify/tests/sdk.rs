//! Every type of transaction, kind of envelope and new member, as SDKs sign it: `sdk.json` of kms-chains says
//! how.

use data_encoding::{BASE64, HEXUPPER};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{Case, Rejection, Sample, Valid, verify};

const XRPL: &str = include_str!("../../../../kms-chains/vectors/XRP/sdk.json");
const STELLAR: &str = include_str!("../../../../kms-chains/vectors/XLM/sdk.json");

/// Members that only today's networks know.
const OTHERS: [&str; 3] = [
    include_str!("../../../../kms-chains/vectors/ALGO/sdk.json"),
    include_str!("../../../../kms-chains/vectors/EGLD/sdk.json"),
    include_str!("../../../../kms-chains/vectors/VET/sdk.json"),
];

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    chain: String,
    testnet: bool,
    pending: Value,
    wallets: Map<String, Value>,
    signed: Signed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    tx_data: String,
    /// None where others complete the transaction.
    tx_hash: Option<String>,
}

impl Vector {
    fn verify(&self, raw: &str) -> Result<Valid, Rejection> {
        let signers: Vec<_> =
            self.wallets.values().map(|own| json!({ "address": own["address"] })).collect();
        let network = if self.testnet { "testnet" } else { "mainnet" };
        let expect = json!({ "network": network, "signers": signers });
        let offer = json!({ "pending": self.pending, "expect": expect });
        let sample = Sample::from_json(offer.to_string().as_bytes()).unwrap();
        verify(&Case { sample: &sample, raw })
    }

    fn verify_bytes(&self, bytes: &[u8]) -> Result<Valid, Rejection> {
        let raw = match self.chain.as_str() {
            "XRP" => HEXUPPER.encode(bytes),
            _ => BASE64.encode(bytes),
        };
        self.verify(&raw)
    }

    fn bytes(&self) -> Vec<u8> {
        let raw = self.signed.tx_data.as_bytes();
        match self.chain.as_str() {
            "XRP" => HEXUPPER.decode(raw).unwrap(),
            _ => BASE64.decode(raw).unwrap(),
        }
    }
}

fn vectors(text: &str) -> Vec<Vector> {
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    assert!(vectors.cases.len() >= 80);
    vectors.cases
}

#[test]
fn what_sdks_signed_is_valid() {
    for vector in [XRPL, STELLAR].into_iter().flat_map(vectors) {
        match vector.verify(&vector.signed.tx_data) {
            Ok(valid) => assert_eq!(Some(valid.txid), vector.signed.tx_hash, "{}", vector.name),
            Err(rejection) => panic!("{}: {rejection}", vector.name),
        }
    }
}

#[test]
fn members_of_today_are_compared() {
    for text in OTHERS {
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert!(vectors.cases.len() >= 12);
        for mut vector in vectors.cases {
            match vector.verify(&vector.signed.tx_data) {
                Ok(valid) => {
                    let known = vector.signed.tx_hash.as_ref();
                    assert!(known.is_none_or(|known| *known == valid.txid), "{}", vector.name);
                }
                Err(rejection) => panic!("{}: {rejection}", vector.name),
            }
            let payload = vector.pending["serializedTransaction"].as_str().unwrap();
            let payload: Map<String, Value> = serde_json::from_str(payload).unwrap();
            for name in MEMBERS {
                let mut other = payload.clone();
                if other.remove(name).is_none_or(|value| says_nothing(&value)) {
                    continue;
                }
                vector.pending["serializedTransaction"] = json!(Value::Object(other).to_string());
                let refused = vector.verify(&vector.signed.tx_data);
                assert!(refused.is_err(), "{} without {name}: {refused:?}", vector.name);
            }
        }
    }
}

const MEMBERS: [&str; 13] = [
    "access",
    "boxes",
    "guardian",
    "guardianSignature",
    "maxFeePerGas",
    "maxPriorityFeePerGas",
    "options",
    "receiverUsername",
    "rejectVersion",
    "relayer",
    "relayerSignature",
    "reserved",
    "senderUsername",
];

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(says_nothing),
        Value::Bool(_) | Value::String(_) => false,
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    for vector in [XRPL, STELLAR].into_iter().flat_map(vectors) {
        let bytes = vector.bytes();
        for place in (0..bytes.len()).step_by(5) {
            let mut altered = bytes.clone();
            altered[place] ^= 1 << (place % 8);
            assert!(vector.verify_bytes(&altered).is_err(), "{} at {place}", vector.name);
        }
    }
}

#[test]
fn one_signature_of_stellar_is_added_and_the_others_stay() {
    for vector in vectors(STELLAR) {
        let payload = vector.pending["serializedTransaction"].as_str().unwrap();
        let offered = BASE64.decode(payload.as_bytes()).unwrap();
        let signed = BASE64.decode(vector.signed.tx_data.as_bytes()).unwrap();
        let (rest, own) = signed.split_at(offered.len());
        let count = (0..rest.len()).rev().find(|place| rest[*place] != offered[*place]).unwrap();
        let counting = |step: u8, tail: &[u8]| {
            let mut bytes = rest.to_vec();
            bytes[count] += step;
            BASE64.encode(&[bytes.as_slice(), tail].concat())
        };
        assert!(vector.verify(&counting(0, own)).is_ok(), "{}", vector.name);
        let twice = vector.verify(&counting(1, &[own, own].concat()));
        // No list holds more than twenty.
        let is_full = rest[count] == 20;
        assert!(
            matches!(twice, Err(Rejection::Signature(_))) || (is_full && twice.is_err()),
            "{}",
            vector.name
        );
        let none = vector.verify(payload);
        assert!(matches!(none, Err(Rejection::Signature(_))), "{}", vector.name);
    }
}
