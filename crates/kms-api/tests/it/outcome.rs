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
    for (status, revert) in [(204, true), (404, false)] {
        let mock = Mock::answering(Reply::new(status, "")).await;
        api(&mock.url).delete(&id(), revert).await.unwrap();
        let target = format!("/v3/kms/t1?revert={revert}");
        assert_eq!((mock.only().method.as_str(), mock.only().target), ("DELETE", target));
    }
    let mock = Mock::answering(Reply::new(403, "")).await;
    assert!(api(&mock.url).delete(&id(), false).await.is_err());
}
