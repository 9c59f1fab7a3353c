//! The codec against another maker's: `vectors/XRP/codec.json` says which.

use data_encoding::HEXUPPER;
use kms_core::{ChainOptions, Claim, DecodeError, KeyRef, Network, PublicKey, SignatureId};
use kms_testkit::pending;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    XRPL, address,
    codec::{self, Purpose},
    payload,
    transaction::Transaction,
};
use crate::{codec::json, sender::SenderTransaction as _};

const VECTORS: &str = include_str!("../../vectors/XRP/codec.json");

#[derive(Deserialize)]
struct Vectors<'a> {
    #[serde(borrow)]
    cases: Vec<Case<'a>>,
    #[serde(borrow)]
    refused: Vec<Refused<'a>>,
}

#[derive(Deserialize)]
struct Case<'a> {
    name: String,
    #[serde(borrow)]
    json: &'a RawValue,
    /// The signed bytes, if they differ from the blob.
    signing: Option<String>,
    blob: String,
}

#[derive(Deserialize)]
struct Refused<'a> {
    name: String,
    #[serde(borrow)]
    json: &'a RawValue,
}

fn vectors() -> Vectors<'static> {
    serde_json::from_str(VECTORS).unwrap()
}

fn encode(json: &RawValue, purpose: Purpose) -> Result<String, String> {
    let object = json::parse_object(json.get());
    let object = object.and_then(|object| payload::normalise(&object));
    let bytes = object.and_then(|object| codec::encode(&object, purpose));
    bytes.map(|bytes| HEXUPPER.encode(&bytes)).map_err(|error| error.to_string())
}

#[test]
fn transactions_are_encoded_to_the_same_bytes() {
    let mut faults = Vec::new();
    let cases = vectors().cases;
    for case in &cases {
        let signing = case.signing.as_ref().unwrap_or(&case.blob);
        for (purpose, theirs) in [(Purpose::Signing, signing), (Purpose::Broadcast, &case.blob)] {
            let ours = encode(case.json, purpose);
            if ours.as_ref() != Ok(theirs) {
                faults.push(format!("{}, {purpose:?}: {ours:?}\n  theirs {theirs}", case.name));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(cases.len() >= 170);
}

#[test]
fn what_cannot_be_said_is_refused() {
    let refused = vectors().refused;
    let encoded = refused.iter().filter_map(|case| {
        let ours = encode(case.json, Purpose::Broadcast).ok()?;
        Some(format!("{}: {ours}", case.name))
    });
    assert_eq!(encoded.collect::<Vec<_>>(), Vec::<String>::new());
    assert!(refused.len() >= 100);
}

/// A number may be text, and says the same then.
#[test]
fn the_master_key_is_not_disabled_in_another_spelling() {
    for flag in ["4", "\"4\"", "\"04\"", "4.0"] {
        let text = format!(
            r#"{{"TransactionType":"AccountSet","Account":"rrrrrrrrrrrrrrrrrrrrrhoLvTp",
                "Fee":"12","Sequence":1,"SetFlag":{flag}}}"#
        );
        let read = payload::read(&text, Network::Testnet, &ChainOptions::default());
        assert!(matches!(read, Err(DecodeError::AccountChange(_))), "{flag}: {read:?}");
        let options = ChainOptions { allow_account_changes: true, ..ChainOptions::default() };
        let payload = payload::read(&text, Network::Testnet, &options).unwrap();
        let bytes = codec::encode(&payload.object, Purpose::Signing).unwrap();
        assert!(HEXUPPER.encode(&bytes).contains("202100000004"), "{flag}");
    }
}

/// The claims of a payment that the key of those bytes signs.
fn claims(key: u8, members: &str) -> Vec<Claim> {
    let payload = format!(
        r#"{{"TransactionType":"Payment","Amount":"1","Destination":"rrrrrrrrrrrrrrrrrrrrrhoLvTp",
            "Fee":"12",{members}}}"#
    );
    let pending = pending(XRPL.spec.id, "p", &["w"], payload);
    let transaction = Transaction::new(&pending, &ChainOptions::default()).unwrap();
    let wallet = KeyRef { wallet: SignatureId::parse("w").unwrap(), index: None };
    transaction.complete(wallet, &PublicKey::from_bytes(vec![key; 32])).unwrap().claims()
}

/// A delegate uses up the number of the account that it acts for, and none of its own.
#[test]
fn the_number_is_that_of_the_account_whoever_signs() {
    let of = |key: u8| {
        let key = address::key_bytes(&PublicKey::from_bytes(vec![key; 32])).unwrap();
        address::spell(&address::of_key(&key))
    };
    let (first, second) = (of(1), of(2));
    for number in [r#""Sequence":9"#, r#""Sequence":0,"TicketSequence":9"#] {
        let own = claims(1, &format!(r#""Account":"{first}",{number}"#));
        let by_delegate =
            claims(2, &format!(r#""Account":"{first}","Delegate":"{second}",{number}"#));
        let of_second = claims(2, &format!(r#""Account":"{second}",{number}"#));
        assert_eq!(by_delegate, own);
        assert_ne!(by_delegate, of_second);
    }
}
