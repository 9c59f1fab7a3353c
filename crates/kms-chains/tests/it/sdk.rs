//! Transactions that the original's builders do not make, as SDKs sign them: every transaction type
//! of the XRP Ledger; every kind of operation, memo, condition and envelope of Stellar.

use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_eips::eip2718::Decodable2718 as _;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use kms_core::ChainOptions;
use kms_testkit::{
    RecordedAnswers,
    vectors::{Exchange, File, SignCase, load},
};
use serde_json::{Value, json};

use crate::vectors::{folder, run, run_with};

/// Each of the chain's cases, and those that take over the account only if the operator allows it.
async fn signed_as_the_sdk_signs(code: &str, refused_for: &str) -> (usize, usize) {
    let path = folder().join(code).join("sdk.json");
    let chain = kms_chains::find(code).expect("a chain");
    let (cases, texts): (File<SignCase>, File<Value>) = (load(&path), load(&path));
    let allowing = ChainOptions { allow_account_changes: true, ..ChainOptions::default() };
    let mut faults = Vec::new();
    let mut changes = 0_usize;
    for (case, text) in cases.cases.iter().zip(&texts.cases) {
        let mut end = run(chain, case).await;
        if text["accountChange"] == true {
            changes += 1;
            let refusal = end.outcome.expect_err(&case.name);
            assert!(refusal.contains(refused_for), "{}: {refusal}", case.name);
            assert!(end.raws.is_empty(), "{}", case.name);
            end = run_with(chain, case, RecordedAnswers::new(Vec::new()), &allowing).await;
        }
        let theirs = &case.signed.as_ref().expect("what the SDK signed").tx_data;
        if end.outcome.is_err() || end.raws != [theirs.as_str()] {
            faults.push(format!("{}: {:?} {:?}", case.name, end.outcome, end.raws));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    (cases.cases.len(), changes)
}

#[tokio::test]
async fn every_type_of_the_xrp_ledger_is_signed() {
    let (all, changes) =
        signed_as_the_sdk_signs("XRP", "keys, signer lists, delegates and deletion").await;
    assert!(all >= 80 && changes >= 5, "{all}, {changes}");
}

#[tokio::test]
async fn every_kind_of_stellar_envelope_is_signed() {
    let (all, changes) = signed_as_the_sdk_signs("XLM", "set options and account merge").await;
    assert!(all >= 80 && changes >= 5, "{all}, {changes}");
}

/// Bytes that Celo's layer 2 takes, from payloads in the form that the API sends.
#[tokio::test]
async fn celo_is_signed_as_viem_signs_it_today() {
    let chain = kms_chains::find("CELO").expect("a chain");
    let inputs: File<SignCase> = load(&folder().join("CELO").join("sign.json"));
    let expected: File<Value> = load(&folder().join("CELO").join("today.json"));
    for theirs in &expected.cases {
        let case = inputs.cases.iter().find(|case| theirs["name"] == case.name);
        let end = run(chain, case.expect("an input")).await;
        assert_eq!(end.outcome, Ok(()), "{}", theirs["name"]);
        assert_eq!(end.raws, [theirs["raw"].as_str().expect("text")], "{}", theirs["name"]);
    }
    assert_eq!(expected.cases.len(), 25);
}

/// The node's price where the payload has none, and never more than the original's 10 gwei.
#[tokio::test]
async fn bsc_pays_what_its_node_asks_for_up_to_ten_gwei() {
    let chain = kms_chains::find("BSC").expect("a chain");
    let file: File<SignCase> = load(&folder().join("BSC").join("sign.json"));
    let mut cases = file.cases.into_iter();
    let mut case = cases.find(|case| case.name == "bsc-gasprice-missing").expect("a case");
    for (asked, paid) in [
        ("0x2faf080", 50_000_000_u128),
        ("0x2540be400", 10_000_000_000),
        ("0x2540be401", 10_000_000_000),
    ] {
        let is_price = |exchange: &&mut Exchange| {
            exchange.body.as_ref().is_some_and(|body| body["method"] == "eth_gasPrice")
        };
        let price = case.rpc.iter_mut().find(is_price).expect("an answer");
        price.response["result"] = asked.into();
        let end = run_with(
            chain,
            &case,
            RecordedAnswers::new(case.rpc.clone()).of_other_content(),
            &ChainOptions::default(),
        )
        .await;
        assert_eq!(end.outcome, Ok(()), "{asked}");
        let bytes = HEXLOWER_PERMISSIVE.decode(&end.raws[0].as_bytes()[2..]).expect("digits");
        let signed = TxEnvelope::decode_2718(&mut bytes.as_slice()).expect("a transaction");
        assert_eq!(signed.max_fee_per_gas(), paid, "{asked}");
    }
}

/// Transactions that their networks do not know are refused before anybody is asked.
#[tokio::test]
async fn harmony_takes_legacy_transactions_only() {
    let chain = kms_chains::find("ONE").expect("a chain");
    let file: File<SignCase> = load(&folder().join("ONE").join("sign.json"));
    let mut cases = file.cases.into_iter();
    let mut case = cases.find(|case| case.name == "one-native-explicit").expect("a case");
    assert_eq!(run(chain, &case).await.outcome, Ok(()));
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    let legacy: Value = serde_json::from_str(text).expect("JSON");
    for (member, value) in [
        ("type", json!(1)),
        ("accessList", json!([])),
        ("maxFeePerGas", json!("0x3b9aca00")),
        ("type", json!(2)),
    ] {
        let mut payload = legacy.clone();
        payload[member] = value;
        if member == "maxFeePerGas" || payload["type"] == 2 {
            payload.as_object_mut().expect("an object").remove("gasPrice");
        }
        case.pending["serializedTransaction"] = payload.to_string().into();
        let refusal = run(chain, &case).await.outcome.expect_err(member);
        assert!(refusal.contains("is not known to Harmony's nodes"), "{refusal}");
    }
}

/// A truth value that is neither 0 nor 1.
#[tokio::test]
async fn an_envelope_in_another_form_is_refused() {
    let chain = kms_chains::find("XLM").expect("a chain");
    let file: File<SignCase> = load(&folder().join("XLM").join("sdk.json"));
    let mut cases = file.cases.into_iter();
    let mut case = cases.find(|case| case.name == "xlm-sdk-invokeContract").expect("a case");
    let payload = case.pending["serializedTransaction"].as_str().expect("a payload");
    let mut bytes = BASE64.decode(payload.as_bytes()).expect("base64");
    // Twenty-one arguments, of which the first is true.
    let head = [0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 1];
    let place = bytes.windows(head.len()).position(|window| window == head).expect("arguments");
    bytes[place + head.len() - 1] = 2;
    case.pending["serializedTransaction"] = BASE64.encode(&bytes).into();
    let end = run(chain, &case).await;
    let refusal = end.outcome.expect_err("refused");
    assert!(refusal.contains("is not in canonical XDR"), "{refusal}");
    assert!(end.raws.is_empty());
}
