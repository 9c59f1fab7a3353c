use kms_api::ApiError;
use kms_core::TransactionId;
use serde_json::json;

use crate::{
    fakes::{KEY, api},
    mock::{Mock, Reply},
};

fn failure(id: &str, text: &str) -> (TransactionId, String) {
    (TransactionId::parse(id).unwrap(), text.to_owned())
}

#[tokio::test]
async fn failures_are_reported_in_one_call() {
    let mock = Mock::answering(Reply::ok("")).await;
    let failures = [failure("a1", "dust"), failure("b2", "no wallet")];
    api(&mock.url).report(&failures).await.unwrap();
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v3/tatum/kms/batch"));
    assert_eq!(
        seen.body,
        r#"{"errors":[{"signatureId":"a1","error":"dust"},{"signatureId":"b2","error":"no wallet"}]}"#
    );
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("x-testnet-type"), None);
}

#[tokio::test]
async fn nothing_to_report_is_no_call() {
    let mock = Mock::answering(Reply::ok("")).await;
    api(&mock.url).report(&[]).await.unwrap();
    assert!(mock.seen().is_empty());
}

#[tokio::test]
async fn a_report_holds_neither_the_key_nor_endless_text() {
    let mock = Mock::answering(Reply::ok("")).await;
    let text = format!("at https://host/{KEY}: {}", "x".repeat(10_000));
    api(&mock.url).report(&[failure("a1", &text)]).await.unwrap();
    let sent = mock.only().json();
    let error = sent["errors"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("at https://host/***: xxx"), "{error}");
    assert_eq!(error.chars().count(), 4_000);
}

#[tokio::test]
async fn a_thousand_failures_are_one_call_and_one_more_are_two() {
    let mock = Mock::answering(Reply::ok("{}")).await;
    let failures: Vec<_> = (0..1_001).map(|number| failure(&format!("t{number}"), "x")).collect();
    api(&mock.url).report(&failures).await.unwrap();
    let seen = mock.seen();
    assert_eq!(seen[0].json()["errors"].as_array().unwrap().len(), 1_000);
    assert_eq!(seen[1].json()["errors"], json!([{ "signatureId": "t1000", "error": "x" }]));
}

#[tokio::test]
async fn a_refused_report_is_an_error() {
    let mock = Mock::answering(Reply::new(500, "")).await;
    let outcome = api(&mock.url).report(&[failure("a1", "x")]).await;
    assert!(matches!(outcome, Err(ApiError::Status { status: 500, .. })));
}
