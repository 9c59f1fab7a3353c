use std::time::Duration;

use kms_api::{FourEyesConfig, FourEyesEndpoint, FourEyesMethod, HttpOptions};
use kms_core::{Approve, ApproveError};
use url::Url;

use crate::{
    fakes::proposal,
    mock::{Mock, Reply, nobody},
};

async fn ask(url: &Url, method: FourEyesMethod) -> Result<(), ApproveError> {
    endpoint(url, method).approve(&proposal().await, None).await
}

/// One that waits half a second for an answer.
pub(crate) fn endpoint(url: &Url, method: FourEyesMethod) -> FourEyesEndpoint {
    FourEyesEndpoint::new(FourEyesConfig {
        url: url.clone(),
        method,
        version: "1.2.3",
        http: HttpOptions::default(),
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
async fn a_secret_in_the_approvers_url_is_in_no_error() {
    let mut url = nobody().await;
    url.set_username("user").unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let error = ask(&url, FourEyesMethod::Get).await.unwrap_err();
    assert!(matches!(error, ApproveError::Unreachable(_)));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
