use std::time::Duration;

use kms_api::{Api, ApiConfig, ApiError, PollBody, SIGNATURE_IDS_PER_CALL, SetupError};
use kms_core::{Chain as _, Network, SignatureId};
use kms_secret::ApiKey;
use serde_json::json;

use crate::{
    fakes::{ETHEREUM, KEY, api, config, impatient_api},
    mock::{Mock, Reply, nobody},
};

fn ids(count: usize) -> Vec<SignatureId> {
    (0..count).map(|number| SignatureId::parse(&format!("w{number}")).unwrap()).collect()
}

fn body(wallets: usize) -> PollBody {
    PollBody::new(&ids(wallets))
}

fn pending(id: &str) -> String {
    format!(r#"{{"id":"{id}","chain":"ETH","hashes":["w0"],"serializedTransaction":"{{}}"}}"#)
}

async fn poll_error(api: &Api) -> ApiError {
    api.poll(ETHEREUM.spec(), Network::Testnet, &body(1)).await.error.unwrap()
}

#[tokio::test]
async fn a_poll_is_the_originals_request() {
    let mock = Mock::answering(Reply::ok(format!("[{}]", pending("a1")))).await;
    let polled = api(&mock.url).poll(ETHEREUM.spec(), Network::Testnet, &body(2)).await;
    assert_eq!(polled.transactions[0].as_ref().unwrap().as_received, pending("a1"));
    assert!(polled.notice.is_none());
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v3/kms/pending/ETH"));
    assert_eq!(seen.body, r#"{"signatureIds":["w0","w1"]}"#);
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("user-agent"), Some("tatum-kms/1.2.3"));
    assert_eq!(seen.header("x-ttm-kms-client-version"), Some("1.2.3"));
    assert_eq!(seen.header("x-testnet-type"), None);
}

#[tokio::test]
async fn slashes_at_the_end_of_the_base_url_make_no_difference() {
    let mock = Mock::answering(Reply::ok("[]")).await;
    for path in ["//", "/prefix/"] {
        let base = mock.url.join("/").unwrap().as_str().trim_end_matches('/').to_owned() + path;
        let api = api(&base.parse().unwrap());
        assert!(api.poll(ETHEREUM.spec(), Network::Testnet, &body(0)).await.error.is_none());
    }
    let targets: Vec<_> = mock.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v3/kms/pending/ETH", "/prefix/v3/kms/pending/ETH"]);
}

#[tokio::test]
async fn no_wallets_are_one_call_and_too_many_are_several() {
    let mock = Mock::answering(Reply::ok(format!("[{}]", pending("a1")))).await;
    let api = api(&mock.url);
    assert!(api.poll(ETHEREUM.spec(), Network::Testnet, &body(0)).await.error.is_none());
    assert_eq!(mock.only().body, r#"{"signatureIds":[]}"#);
    let wallets = ids(SIGNATURE_IDS_PER_CALL + 1);
    let polled = api.poll(ETHEREUM.spec(), Network::Testnet, &PollBody::new(&wallets)).await;
    let counts: Vec<_> = mock.seen()[1..]
        .iter()
        .map(|seen| seen.json()["signatureIds"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [25_000, 1]);
    // Both calls brought the same transaction.
    assert_eq!(polled.transactions.len(), 1);
}

#[tokio::test]
async fn a_call_that_fails_loses_nothing_that_the_others_brought() {
    let mock = Mock::start(|seen| match seen.json()["signatureIds"].as_array().unwrap().len() {
        1 => Reply::ok(format!("[{}]", pending("a1"))),
        _ => Reply::new(500, "busy"),
    })
    .await;
    let polled = api(&mock.url)
        .poll(ETHEREUM.spec(), Network::Testnet, &body(SIGNATURE_IDS_PER_CALL + 1))
        .await;
    assert!(matches!(polled.error, Some(ApiError::Status { status: 500, .. })), "{polled:?}");
    assert_eq!(polled.transactions.len(), 1);
}

#[test]
fn a_credit_pays_for_500_wallets_and_a_call_costs_one_at_least() {
    for (wallets, credits) in [(0, 1), (1, 1), (500, 1), (501, 2), (25_000, 50), (25_001, 51)] {
        assert_eq!(body(wallets).credits(), credits, "{wallets}");
    }
}

#[tokio::test]
async fn one_malformed_transaction_leaves_the_others_alone() {
    let bad = r#"{"id":"bad1","chain":"ETH","serializedTransaction":"{}"}"#;
    let list = format!("[{bad},{},7]", pending("a1"));
    let mock = Mock::answering(Reply::ok(list)).await;
    let polled = api(&mock.url).poll(ETHEREUM.spec(), Network::Testnet, &body(1)).await;
    let first = polled.transactions[0].as_ref().unwrap_err();
    assert_eq!(first.id.as_ref().unwrap().as_str(), "bad1");
    assert_eq!(first.problem.to_string(), "the pending transaction has no `hashes`");
    assert_eq!(polled.transactions[1].as_ref().unwrap().id.as_str(), "a1");
    assert!(polled.transactions[2].as_ref().unwrap_err().id.is_none());
}

#[tokio::test]
async fn a_status_is_told_with_the_apis_words_and_advice() {
    for (status, body, expected) in [
        (
            401,
            r#"{"statusCode":401,"errorCode":"auth.failed","message":"Unknown key"}"#,
            "status 401 (auth.failed): Unknown key; check the API key",
        ),
        (403, "", "status 403: forbidden; check the API key and its plan"),
        (429, "slow\ndown", "status 429: slow down; the plan's call limit is reached"),
        (500, "<html>", "status 500: <html>"),
        (400, r#"{"a":1}"#, r#"status 400: {"a":1}"#),
    ] {
        let mock = Mock::answering(Reply::new(status, body)).await;
        assert_eq!(poll_error(&api(&mock.url)).await.to_string(), expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let thief = Mock::answering(Reply::ok("[]")).await;
    let reply = Reply::new(307, "").with_header("location", thief.url.as_str());
    let mock = Mock::answering(reply).await;
    let error = poll_error(&api(&mock.url)).await.to_string();
    assert!(error.contains("redirects are not followed"), "{error}");
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn an_answer_of_a_hundred_megabytes_is_not_read_to_its_end() {
    let body = format!("[\"{}\"]", "x".repeat(100_000_000));
    let mock = Mock::answering(Reply::ok(body)).await;
    let error = poll_error(&api(&mock.url)).await;
    assert!(matches!(error, ApiError::TooLong { limit: 67_108_864 }), "{error}");
}

#[tokio::test]
async fn garbled_answers_are_no_empty_lists() {
    for body in ["<html>hi</html>", "{}", "", "[", "\"[]\"", "null"] {
        let mock = Mock::answering(Reply::ok(body)).await;
        let error = poll_error(&api(&mock.url)).await;
        assert!(matches!(error, ApiError::Garbled(_)), "{body}: {error}");
    }
    let mock = Mock::answering(Reply { body: vec![b'[', 0xff, b']'], ..Reply::ok("") }).await;
    assert!(matches!(poll_error(&api(&mock.url)).await, ApiError::Garbled(_)));
}

#[tokio::test]
async fn a_server_that_hangs_or_is_not_there_is_given_up() {
    let mock = Mock::answering(Reply::ok("[]").after(Duration::from_secs(30))).await;
    let error = poll_error(&impatient_api(&mock.url)).await;
    assert_eq!(error.to_string(), "no answer: timed out");
    let error = poll_error(&api(&nobody().await)).await.to_string();
    assert!(error.contains("refused"), "{error}");
    assert!(!error.contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn the_notice_of_a_newer_version_is_given_once_an_hour() {
    let newer = "1.10.0;WARN;please update; soon";
    let mock =
        Mock::answering(Reply::ok("[]").with_header("x-ttm-kms-latest-version", newer)).await;
    let api = api(&mock.url);
    let notice = api.poll(ETHEREUM.spec(), Network::Testnet, &body(0)).await.notice.unwrap();
    assert_eq!(notice.latest_version, "1.10.0");
    assert_eq!((notice.level.as_str(), notice.message.as_str()), ("WARN", "please update; soon"));
    assert!(api.poll(ETHEREUM.spec(), Network::Testnet, &body(0)).await.notice.is_none());
}

#[tokio::test]
async fn the_notice_of_this_or_an_older_version_is_not_given() {
    for version in ["1.2.3;WARN;x", "1.2.2;ERROR;x", "garbage", "9;9;9"] {
        let reply = Reply::ok("[]").with_header("x-ttm-kms-latest-version", version);
        let mock = Mock::answering(reply).await;
        let polled = api(&mock.url).poll(ETHEREUM.spec(), Network::Testnet, &body(0)).await;
        assert!(polled.notice.is_none(), "{version}");
    }
}

#[tokio::test]
async fn the_key_is_in_no_error_even_when_the_server_echoes_it() {
    let long = format!("{}{KEY}", "x".repeat(480));
    let echo = json!({ "errorCode": format!("no.{KEY}"), "message": long }).to_string();
    for body in [echo, format!("no such key: {KEY}")] {
        let mock = Mock::answering(Reply::new(401, body)).await;
        let error = poll_error(&api(&mock.url)).await;
        let text = format!("{error} {error:?}");
        assert!(text.contains("***"), "{text}");
        assert!(!text.contains("64a1b2c3"), "{text}");
    }
    assert!(!format!("{:?}", api(&nobody().await)).contains("64a1b2c3"));
}

#[tokio::test]
async fn an_unusable_key_or_base_url_is_refused_at_once() {
    let url = nobody().await;
    for key in ["", "line\nbreak"] {
        let config = ApiConfig { api_key: ApiKey::new(key.to_owned()), ..config(&url) };
        assert!(matches!(Api::new(config), Err(SetupError::ApiKey)), "{key:?}");
    }
    for base in ["ftp://host/", "https://host/?a=b", "https://host/#x", "mailto:a@b"] {
        let refused = Api::new(config(&base.parse().unwrap()));
        assert!(matches!(refused, Err(SetupError::BaseUrl)), "{base}");
    }
}
