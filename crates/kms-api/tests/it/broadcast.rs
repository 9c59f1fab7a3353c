use std::time::Duration;

use kms_api::Api;
use kms_core::{Acceptance, Broadcast, BroadcastError, ChainId};

use crate::{
    fakes::{CELO, ETH, FLOW, ID, KEY, PAID_BY_ANOTHER, RAW, api, impatient_api, recorded},
    mock::{Mock, Reply, nobody},
};

const SENT: &str = r#"{"txId":"0xabc"}"#;

async fn broadcast(api: &Api) -> Result<Acceptance, BroadcastError> {
    api.broadcast(&recorded(ETH, None, RAW).await).await
}

async fn answered(reply: Reply) -> Result<Acceptance, BroadcastError> {
    broadcast(&api(&Mock::answering(reply).await.url)).await
}

fn is_unknown(outcome: &Result<Acceptance, BroadcastError>) -> bool {
    matches!(outcome, Err(BroadcastError::Unknown { .. }))
}

#[tokio::test]
async fn a_broadcast_is_the_originals_request() {
    let mock = Mock::answering(Reply::ok(SENT)).await;
    broadcast(&api(&mock.url)).await.unwrap();
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v3/ethereum/broadcast"));
    assert_eq!(seen.body, r#"{"txData":"0xf86907","signatureId":"9fea6d2f5490ec04abff600c"}"#);
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("x-testnet-type"), Some("ethereum-ropsten"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_withdrawal_has_a_route_of_its_own_where_the_chain_has_one() {
    let mock = Mock::answering(Reply::ok(r#"{"txId":"x","completed":true}"#)).await;
    let api = api(&mock.url);
    api.broadcast(&recorded(ETH, Some("w1"), RAW).await).await.unwrap();
    api.broadcast(&recorded(CELO, Some("w1"), RAW).await).await.unwrap();
    let seen = mock.seen();
    assert_eq!(seen[0].target, "/v3/offchain/withdrawal/broadcast");
    assert_eq!(
        seen[0].body,
        r#"{"currency":"ETH","signatureId":"9fea6d2f5490ec04abff600c","withdrawalId":"w1","txData":"0xf86907"}"#
    );
    assert_eq!(seen[0].header("x-testnet-type"), Some("ethereum-ropsten"));
    assert_eq!(seen[1].target, "/v3/celo/broadcast");
    assert_eq!(seen[1].body, r#"{"txData":"0xf86907","signatureId":"9fea6d2f5490ec04abff600c"}"#);
    assert_eq!(seen[1].header("x-testnet-type"), None);
}

#[tokio::test]
async fn what_an_answer_says_in_data_is_kept_in_one_short_line_and_without_keys() {
    let data = r#"[{"property":"signatureId","constraints":{"maxLength":"signatureId must be\u001b[2J shorter"},"target":{"privateKey":"5ec2e7"}}]"#;
    let body = format!(
        r#"{{"statusCode":400,"errorCode":"validation.failed","message":"See data.","data":{data}}}"#
    );
    let told = answered(Reply::new(400, &body)).await.unwrap_err().to_string();
    assert!(told.contains("See data.; data: [{\"property\":\"signatureId\""), "{told}");
    assert!(told.contains("shorter") && !told.contains("5ec2e7"), "{told}");
    assert!(!told.chars().any(char::is_control), "{told}");
    let long = body.replace("shorter", &"x".repeat(100_000)).replace("5ec2e7", KEY);
    let told = answered(Reply::new(400, &long)).await.unwrap_err().to_string();
    assert!(told.len() < 1_500 && !told.contains(KEY), "{told}");
    // Members' names in `data` are not the network's words.
    let body = body.replace("signatureId must", "nonce already known");
    let outcome = answered(Reply::new(400, &body)).await;
    assert!(matches!(outcome, Err(BroadcastError::Refused { .. })), "{outcome:?}");
    // Without any words beside it, they are all that there is.
    let body = r#"{"errorCode":"tx.broadcast.failed","message":"Unable to broadcast transaction.","data":"nonce too low"}"#;
    let outcome = answered(Reply::new(403, body)).await;
    let Err(BroadcastError::Doubtful { reason }) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("nonce too low") && !reason.contains("plan"), "{reason}");
}

#[tokio::test]
async fn a_success_that_the_api_could_not_note_is_a_success() {
    assert!(answered(Reply::ok(r#"{"txId":"0xabc","failed":true}"#)).await.is_ok());
}

#[tokio::test]
async fn what_the_network_has_already_is_a_success() {
    for status in [400, 403] {
        let body =
            r#"{"statusCode":403,"errorCode":"eth.broadcast.failed","message":"already known"}"#;
        assert!(answered(Reply::new(status, body)).await.is_ok(), "{status}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_network_is_told_in_its_words() {
    let body = r#"{"statusCode":400,"errorCode":"tx.broadcast.failed","message":"Unable to broadcast.","cause":"invalid signature"}"#;
    let error = answered(Reply::new(400, body)).await.unwrap_err();
    assert!(matches!(error, BroadcastError::Refused { is_proved: false, .. }));
    assert_eq!(
        error.to_string(),
        "the network refused the transaction: \
         status 400 (tx.broadcast.failed): Unable to broadcast.; invalid signature"
    );
}

#[tokio::test]
async fn a_nonce_that_is_used_may_have_been_used_by_the_transaction_itself() {
    let body = r#"{"statusCode":400,"errorCode":"tx.broadcast.failed","message":"Unable to broadcast.","cause":"nonce too low"}"#;
    let outcome = answered(Reply::new(400, body)).await;
    assert!(matches!(outcome, Err(BroadcastError::Doubtful { .. })), "{outcome:?}");
}

#[tokio::test]
async fn the_id_on_the_chain_is_that_of_the_bytes_whatever_the_api_names() {
    for (body, foreign) in [
        (SENT, None),
        (r#"{"txId":"ABC"}"#, None),
        (r#"{"txId":"0xabd"}"#, Some("0xabd")),
        (r#"{"txId":"0xabcabc"}"#, Some("0xabcabc")),
        (r#"{"txId":"../x"}"#, None),
        (r#"{"txId":7}"#, None),
        (r#"{"completed":true}"#, None),
        (r#"{"txId":"0xabd","failed":true}"#, Some("0xabd")),
    ] {
        let sent = answered(Reply::ok(body)).await.unwrap();
        let told = (sent.txid.as_deref(), sent.foreign.as_deref());
        assert_eq!(told, (Some(ID), foreign), "{body}");
    }
    let known = r#"{"errorCode":"eth.broadcast.failed","message":"already known"}"#;
    assert_eq!(answered(Reply::new(403, known)).await.unwrap().txid.as_deref(), Some(ID));
}

#[tokio::test]
async fn an_id_that_the_bytes_do_not_tell_is_not_taken_from_the_api() {
    let mock = Mock::answering(Reply::ok(SENT)).await;
    let sent = api(&mock.url).broadcast(&recorded(ETH, None, PAID_BY_ANOTHER).await).await;
    let expected = Acceptance { txid: None, foreign: Some(ID.to_owned()) };
    assert_eq!(sent.unwrap(), expected);
}

#[tokio::test]
async fn what_is_no_transaction_is_not_sent() {
    let mock = Mock::answering(Reply::ok(SENT)).await;
    let outcome = api(&mock.url).broadcast(&recorded(ETH, None, "0x00").await).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
    assert!(mock.seen().is_empty());
}

#[tokio::test]
async fn a_refusal_with_a_status_of_200_is_no_success() {
    let body =
        r#"{"statusCode":403,"errorCode":"btc.broadcast.failed","message":"bad-txns-vin-empty"}"#;
    let outcome = answered(Reply::ok(body)).await;
    assert!(matches!(outcome, Err(BroadcastError::Refused { .. })), "{outcome:?}");
    assert!(is_unknown(&answered(Reply::ok(r#"{"errorCode":"x"}"#)).await));
}

#[tokio::test]
async fn an_answer_that_says_nothing_of_the_transaction_leaves_it_open() {
    for (status, body) in [
        (200, "<html>please log in</html>"),
        (200, ""),
        (200, "[]"),
        (302, ""),
        (400, "<html>bad gateway</html>"),
        (401, r#"{"errorCode":"auth.failed","message":"already known"}"#),
        (402, r#"{"errorCode":"credits","message":"x"}"#),
        (403, r#"{"errorCode":"subscription.not.active","message":"x"}"#),
        (403, ""),
        (404, "{}"),
        (408, "{}"),
        (409, r#"{"a":1}"#),
        (429, r#"{"errorCode":"tx.broadcast.failed","message":"x"}"#),
        (500, r#"{"errorCode":"tx.broadcast.failed","message":"x"}"#),
        (503, ""),
    ] {
        let outcome = answered(Reply::new(status, body)).await;
        assert!(is_unknown(&outcome), "{status} {body}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_it_open() {
    let mock = Mock::answering(Reply::ok(SENT).after(Duration::from_secs(30))).await;
    assert!(is_unknown(&broadcast(&impatient_api(&mock.url)).await));
    assert_eq!(mock.seen().len(), 1, "not repeated by the client itself");
    let unsent = broadcast(&api(&nobody().await)).await;
    assert!(matches!(unsent, Err(BroadcastError::NotSent { .. })), "{unsent:?}");
    let endless = Reply::ok(format!(r#"{{"txId":"{}"}}"#, "x".repeat(2_000_000)));
    assert!(is_unknown(&answered(endless).await));
}

#[tokio::test]
async fn a_chain_that_the_client_was_not_told_of_is_not_broadcast() {
    let mock = Mock::answering(Reply::ok(SENT)).await;
    let stranger = recorded(ChainId::new("NEW"), None, RAW).await;
    assert!(is_unknown(&api(&mock.url).broadcast(&stranger).await));
    assert!(mock.seen().is_empty());
}

#[tokio::test]
async fn what_is_on_its_chain_is_no_failed_payment_whatever_the_api_says_of_its_id() {
    let mock = Mock::answering(Reply::ok(SENT)).await;
    let sent = api(&mock.url).broadcast(&recorded(FLOW, None, RAW).await).await.unwrap();
    let told = (sent.txid.as_deref(), sent.foreign.as_deref());
    assert_eq!(told, (Some("id-of-f86907"), Some("0xabc")), "the submission knows it");
    let told = r#"{"txData":"id-of-f86907","signatureId":"9fea6d2f5490ec04abff600c"}"#;
    assert_eq!(mock.only().body, told);
    let refusal = r#"{"errorCode":"flow.broadcast.failed","message":"no such transaction"}"#;
    let mock = Mock::answering(Reply::new(403, refusal)).await;
    let outcome = api(&mock.url).broadcast(&recorded(FLOW, None, RAW).await).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
    let outcome = api(&nobody().await).broadcast(&recorded(FLOW, None, RAW).await).await;
    assert!(is_unknown(&outcome), "its chain has it, whether or not the API was told: {outcome:?}");
}

#[tokio::test]
async fn the_key_is_in_no_refusal() {
    let body = format!(r#"{{"errorCode":"tx.broadcast.failed","message":"node /{KEY} said no"}}"#);
    for reply in [Reply::new(400, body.clone()), Reply::ok(body)] {
        let error = answered(reply).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("node /*** said no"), "{text}");
        assert!(!text.contains("64a1b2c3"), "{text}");
    }
}

#[tokio::test]
async fn the_words_of_a_chains_nodes_count_on_that_chain_only() {
    let known = r#"{"errorCode":"tx.broadcast.failed","message":"already known"}"#;
    let api = api(&Mock::answering(Reply::new(403, known)).await.url);
    assert!(api.broadcast(&recorded(ETH, None, RAW).await).await.is_ok());
    let outcome = api.broadcast(&recorded(CELO, None, RAW).await).await;
    assert!(matches!(outcome, Err(BroadcastError::Doubtful { .. })), "{outcome:?}");
}
