use std::path::Path;

use kms_core::ChainOptions;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    codec::{self, Purpose},
    payload,
};
use crate::codec::{
    hex,
    json::{Json, Object},
};

/// Transactions as ripple-binary-codec has them: encoded, or refused.
#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
    refused: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    json: Box<RawValue>,
    #[serde(default)]
    signing: String,
}

impl Case {
    fn object(&self) -> Object {
        Json::parse(self.json.get()).and_then(Json::into_object).unwrap()
    }
}

fn file() -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/XRP/codec.json");
    #[expect(clippy::disallowed_methods, reason = "a test reads its vectors")]
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_type_and_field_is_encoded_as_the_ledgers_own_library_does() {
    const SIGNING_PREFIX: &str = "53545800";
    let cases = file().cases;
    assert!(cases.len() >= 100, "{}", cases.len());
    let faults = cases.iter().filter_map(|case| {
        let theirs = case.signing.strip_prefix(SIGNING_PREFIX).unwrap().to_lowercase();
        let ours = codec::encode(&case.object(), Purpose::Signing);
        match ours.as_ref().map(|bytes| hex::encode(bytes)) {
            Ok(ours) if ours == theirs => None,
            other => Some(format!("{}: {other:?}\n  theirs {theirs}", case.name)),
        }
    });
    let faults: Vec<_> = faults.collect();
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_the_ledgers_own_library_refuses_is_refused() {
    let refused = file().refused;
    assert!(refused.len() >= 30, "{}", refused.len());
    for case in refused {
        let ours = codec::encode(&case.object(), Purpose::Signing);
        assert!(ours.is_err(), "{} is encoded", case.name);
    }
}

#[test]
fn what_the_ledger_makes_itself_is_not_signed() {
    let payload = |kind: &str| {
        let text = format!(
            r#"{{"TransactionType":"{kind}","Account":"r4HSzNkrqp7XawoNWbxW3mtaScUbN2hLLT",
            "Fee":"10","Sequence":1}}"#
        );
        payload::read(&text, &ChainOptions::default()).map(|payload| payload.kind)
    };
    assert_eq!(payload("AccountSet").unwrap(), "AccountSet");
    for kind in ["EnableAmendment", "SetFee", "UNLModify"] {
        assert!(payload(kind).is_err(), "{kind}");
    }
}
