//! Solana's whole transactions: the vectors compare what the API is told, which is only their id.

use kms_testkit::vectors::{File, SignCase, load};
use serde_json::Value;

use crate::vectors::{departure, departures, folder, run};

async fn signed_as_expected(name: &str) -> usize {
    let path = folder().join("SOL").join(name);
    let chain = kms_chains::find("SOL").expect("a chain");
    let (cases, texts): (File<SignCase>, File<Value>) = (load(&path), load(&path));
    let departures = departures();
    let mut compared = 0;
    for (case, text) in cases.cases.iter().zip(&texts.cases) {
        if departure(&departures, &case.name).is_some() {
            continue;
        }
        let end = run(chain, case).await;
        let expected = text["signed"]["rawTransactionBase64"].as_str().expect("a transaction");
        let id = text["signed"]["txData"].as_str().expect("an id");
        assert_eq!(end.raws, [expected], "{}: {:?}", case.name, end.outcome);
        assert_eq!(end.broadcasts, [id], "{}", case.name);
        assert!(end.unexpected.is_empty(), "{}: {:?}", case.name, end.unexpected);
        compared += 1;
    }
    compared
}

#[tokio::test]
async fn whole_transactions_are_the_originals() {
    assert!(signed_as_expected("sign.json").await >= 13);
}

/// Version 0, durable nonces, signatures of others, none of which the original signs.
#[tokio::test]
async fn what_the_original_does_not_sign_is_signed_as_the_rust_sdk_does() {
    assert!(signed_as_expected("sdk.json").await >= 10);
}

/// Version 1: signed by @solana/kit.
#[tokio::test]
async fn messages_of_version_1_are_signed_as_kit_does() {
    assert_eq!(signed_as_expected("kit.json").await, 14);
}
