use kms_api::{ApiError, ApiTransaction};
use kms_core::TransactionId;

use crate::{
    fakes::api,
    mock::{Mock, Reply},
};

fn id() -> TransactionId {
    TransactionId::parse("t1").unwrap()
}

#[tokio::test]
async fn the_api_tells_whether_a_transaction_is_done() {
    for (body, expected) in [
        (r#"{"id":"t1","txId":"0xabc"}"#, Some("0xabc")),
        (r#"{"id":"t1","txId":null}"#, None),
        (r#"{"id":"t1"}"#, None),
        (r#"{"id":"t1","txId":""}"#, None),
        (r#"{"id":"t1","txId":"a/../b"}"#, None),
    ] {
        let mock = Mock::answering(Reply::ok(body)).await;
        let txid = expected.map(str::to_owned);
        let found = api(&mock.url).transaction(&id()).await.unwrap();
        assert_eq!(found, ApiTransaction::Found { txid }, "{body}");
        assert_eq!(
            (mock.only().method.as_str(), mock.only().target.as_str()),
            ("GET", "/v3/kms/t1")
        );
    }
    let mock = Mock::answering(Reply::new(404, r#"{"errorCode":"not.found"}"#)).await;
    assert_eq!(api(&mock.url).transaction(&id()).await.unwrap(), ApiTransaction::NotFound);
    for body in [r#"{"id":"t2","txId":"0xabc"}"#, "[]", "<html>", ""] {
        let mock = Mock::answering(Reply::ok(body)).await;
        let error = api(&mock.url).transaction(&id()).await.unwrap_err();
        assert!(matches!(error, ApiError::Garbled(_)), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_transaction_is_marked_complete_or_deleted_by_its_id() {
    let mock = Mock::answering(Reply::new(204, "")).await;
    api(&mock.url).complete(&id(), "0xabc").await.unwrap();
    assert_eq!(
        (mock.only().method.as_str(), mock.only().target.as_str()),
        ("PUT", "/v3/kms/t1/0xabc")
    );
    for bad in ["", "a b", "../x", "a?b", &"a".repeat(129)] {
        assert!(api(&mock.url).complete(&id(), bad).await.is_err(), "{bad}");
    }
    assert_eq!(mock.seen().len(), 1);
    let gone = r#"{"statusCode":404,"errorCode":"tx.not.found","message":"no such transaction"}"#;
    for (status, body, revert) in [(204, "", true), (404, gone, false)] {
        let mock = Mock::answering(Reply::new(status, body)).await;
        api(&mock.url).delete(&id(), revert).await.unwrap();
        let target = format!("/v3/kms/t1?revert={revert}");
        assert_eq!((mock.only().method.as_str(), mock.only().target), ("DELETE", target));
    }
    let mock = Mock::answering(Reply::new(403, "")).await;
    assert!(api(&mock.url).delete(&id(), false).await.is_err());
}

#[tokio::test]
async fn a_404_that_is_not_the_apis_says_nothing_of_the_transaction() {
    for body in ["", "<html>not here</html>", r#"{"message":"Cannot GET /v3/kms/t1"}"#] {
        let mock = Mock::answering(Reply::new(404, body)).await;
        let outcome = api(&mock.url).transaction(&id()).await;
        assert!(matches!(outcome, Err(ApiError::Status { status: 404, .. })), "{outcome:?}");
        assert!(api(&mock.url).delete(&id(), true).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_page_with_a_status_of_200_does_not_say_that_it_is_done() {
    let page = Reply::ok("<html>log in</html>").with_header("content-type", "text/html");
    let mock = Mock::answering(page).await;
    let api = api(&mock.url);
    for outcome in [api.complete(&id(), "0xabc").await, api.delete(&id(), true).await] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.ends_with("(its content type is text/html)"), "{error}");
    }
    for reply in [Reply::ok(""), Reply::ok("{}")] {
        let mock = Mock::answering(reply).await;
        crate::fakes::api(&mock.url).complete(&id(), "0xabc").await.unwrap();
    }
}
