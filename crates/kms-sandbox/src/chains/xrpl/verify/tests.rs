//! Reading what another maker's codec wrote: `XRP/codec.json` of kms-chains says which.

use alloy_primitives::hex;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{blob, content};

const VECTORS: &str = include_str!("../../../../../kms-chains/vectors/XRP/codec.json");

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    json: Map<String, Json>,
    signing: Option<String>,
    blob: String,
}

fn cases() -> Vec<Case> {
    let vectors: Vectors = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.cases.len() >= 170);
    vectors.cases
}

/// The difference found between the blob and the request.
fn found(blob: &[u8], asked: &Map<String, Json>) -> Option<String> {
    match blob::read(blob) {
        Some(fields) => content::difference(&fields, asked).map(|(field, _)| field),
        None => Some(String::from("malformed")),
    }
}

/// Not of those that signing adds.
fn is_own(name: &str) -> bool {
    !["SigningPubKey", "TxnSignature"].contains(&name)
}

#[test]
fn every_field_says_what_was_encoded() {
    for case in cases() {
        let bytes = hex::decode(&case.blob).unwrap();
        assert_eq!(found(&bytes, &case.json), None, "{}", case.name);
        let fields = blob::read(&bytes).unwrap();
        let signed = fields.iter().filter(|field| field.definition.is_signed());
        let signed: Vec<_> = signed.map(|field| field.encoded).collect();
        let theirs = case.signing.unwrap_or(case.blob);
        assert_eq!(hex::encode_upper(signed.concat()), theirs, "{}", case.name);
    }
}

#[test]
fn a_field_that_was_not_asked_for_and_one_that_is_lost_are_named() {
    let mut compared = 0_usize;
    // A tag in an address is another field.
    for case in cases().into_iter().filter(|case| case.name != "addresses with tags") {
        let bytes = hex::decode(&case.blob).unwrap();
        for name in case.json.keys().filter(|name| is_own(name)) {
            let mut less = case.json.clone();
            less.remove(name);
            assert_eq!(found(&bytes, &less).as_ref(), Some(name), "{}", case.name);
            let fields = blob::read(&bytes).unwrap();
            let others = fields.iter().filter(|field| field.definition.name != name);
            let others: Vec<_> = others.map(|field| field.encoded).collect();
            assert_eq!(found(&others.concat(), &case.json).as_ref(), Some(name), "{}", case.name);
            compared += 1;
        }
    }
    assert!(compared >= 1_000, "{compared}");
}

/// Every bit of a field is something that the JSON says, or has one form only.
#[test]
fn a_flipped_bit_says_something_else() {
    for case in cases().into_iter().filter(|case| case.blob.len() < 8_192) {
        let bytes = hex::decode(&case.blob).unwrap();
        let fields = blob::read(&bytes).unwrap();
        let mut start = 0;
        for field in &fields {
            let end = start + field.encoded.len();
            for place in (start..end).step_by(5).filter(|_| is_own(field.definition.name)) {
                let mut altered = bytes.clone();
                altered[place] ^= 1 << (place % 8);
                let told = found(&altered, &case.json);
                assert!(told.is_some(), "{}: {} at {place}", case.name, field.definition.name);
            }
            start = end;
        }
    }
}
