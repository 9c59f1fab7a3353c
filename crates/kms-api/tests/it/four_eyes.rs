use std::time::Duration;

use kms_api::{ApproverUrl, FourEyesConfig, FourEyesEndpoint, FourEyesMethod, HttpOptions};
use kms_core::{Approve, ApproveError};
use url::Url;

use crate::{
    fakes::proposal,
    mock::{Mock, Reply},
};

async fn ask(url: &Url, method: FourEyesMethod) -> Result<(), ApproveError> {
    endpoint(url, method).approve(&proposal().await, None).await
}

/// One that waits half a second for an answer.
pub(crate) fn endpoint(url: &Url, method: FourEyesMethod) -> FourEyesEndpoint {
    FourEyesEndpoint::new(FourEyesConfig {
        url: ApproverUrl::new(url.clone()).unwrap(),
        method,
        version: "1.2.3",
        http: HttpOptions::default(),
        has_to_tell_apart: false,
        timeout: Some(Duration::from_millis(500)),
    })
    .unwrap()
}

async fn answered(reply: Reply) -> Result<(), ApproveError> {
    ask(&Mock::answering(reply).await.url, FourEyesMethod::Get).await
}

#[tokio::test]
async fn the_approver_is_asked_by_id() {
    let mock = Mock::answering(Reply::ok("whatever")).await;
    let url = mock.url.join("/approve/").unwrap();
    ask(&url, FourEyesMethod::Get).await.unwrap();
    let seen = mock.only();
    assert_eq!(seen.method, "GET");
    assert_eq!(seen.target, "/approve/9fea6d2f5490ec04abff600c");
    assert_eq!(seen.body, "");
    assert_eq!((seen.header("x-api-key"), seen.header("authorization")), (None, None));
}

#[tokio::test]
async fn the_approver_is_sent_the_transaction_as_it_was_received() {
    let mock = Mock::answering(Reply::new(204, "")).await;
    ask(&mock.url, FourEyesMethod::Post).await.unwrap();
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/9fea6d2f5490ec04abff600c"));
    assert_eq!(seen.body, r#"{"id": "9fea6d2f5490ec04abff600c",  "amount":1.10}"#);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("x-api-key"), None);
}

#[tokio::test]
async fn the_approver_is_told_the_fee_that_was_filled_in() {
    for method in [FourEyesMethod::Get, FourEyesMethod::Post] {
        let mock = Mock::answering(Reply::ok("")).await;
        ask(&mock.url, method).await.unwrap();
        let seen = mock.only();
        assert_eq!(seen.header("tatum-kms-chain"), Some("ETH"));
        assert_eq!(seen.header("tatum-kms-network"), Some("testnet"));
        assert_eq!(seen.header("tatum-kms-max-fee"), Some("21000 native"));
    }
}

#[tokio::test]
async fn every_2xx_is_a_yes_and_a_4xx_is_a_no() {
    for status in [200, 201, 204, 299] {
        assert!(answered(Reply::new(status, "")).await.is_ok(), "{status}");
    }
    for status in [400, 401, 403, 404, 409] {
        let outcome = answered(Reply::new(status, "")).await;
        assert!(matches!(outcome, Err(ApproveError::Denied(found)) if found == status));
    }
}

#[tokio::test]
async fn a_redirect_to_a_page_that_says_200_is_no_yes() {
    let login = Mock::answering(Reply::ok("log in")).await;
    for status in [301, 302, 303, 307, 308] {
        let reply = Reply::new(status, "").with_header("location", login.url.as_str());
        let outcome = answered(reply).await;
        assert!(matches!(outcome, Err(ApproveError::Denied(found)) if found == status));
    }
    assert!(login.seen().is_empty());
}

#[tokio::test]
async fn an_approver_in_trouble_is_asked_again_later() {
    for status in [408, 429, 500, 502, 503] {
        let outcome = answered(Reply::new(status, "")).await;
        assert!(matches!(outcome, Err(ApproveError::Unreachable(_))), "{status}");
    }
    let outcome = answered(Reply::ok("").after(Duration::from_secs(30))).await;
    assert!(matches!(outcome, Err(ApproveError::Unreachable(_))), "{outcome:?}");
}

#[tokio::test]
async fn an_approver_that_allows_what_does_not_exist_is_found_out() {
    let probe = async |method: FourEyesMethod, status: u16| {
        let mock = Mock::answering(Reply::new(status, "")).await;
        let found = endpoint(&mock.url, method).allows_what_does_not_exist().await;
        let seen = mock.only();
        let id = seen.target.strip_prefix('/').unwrap();
        assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert_eq!(seen.header("tatum-kms-probe"), Some("true"));
        (seen.method, found)
    };
    for status in [200, 202, 204] {
        let (method, found) = probe(FourEyesMethod::Get, status).await;
        assert_eq!((method.as_str(), found.unwrap()), ("GET", true));
        let (method, found) = probe(FourEyesMethod::Post, status).await;
        assert_eq!((method.as_str(), found.unwrap()), ("POST", true));
    }
    for status in [302, 400, 403, 404] {
        assert!(!probe(FourEyesMethod::Get, status).await.1.unwrap(), "{status}");
    }
    assert!(probe(FourEyesMethod::Get, 503).await.1.is_err());
}

#[test]
fn a_url_that_the_id_cannot_be_put_at_the_end_of_is_refused_without_being_repeated() {
    for (url, what) in [
        ("https://approver/check?tenant=hunter2", "a query"),
        ("https://approver/check?", "a query"),
        ("https://approver/#hunter2", "a fragment"),
        ("https://approver/check#", "a fragment"),
        ("https://hunter2@approver/check", "credentials"),
        ("https://user:hunter2@approver/check", "credentials"),
        ("https://:hunter2@approver/check", "credentials"),
    ] {
        let error = ApproverUrl::new(url.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(what), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    for url in ["https://approver", "http://127.0.0.1:9/a/b/", "https://approver/%3Fa"] {
        assert!(ApproverUrl::new(url.parse().unwrap()).is_ok(), "{url}");
    }
}
