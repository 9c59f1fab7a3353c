//! Questions and answers that are signed: what is a yes, and what is none.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_api::{ApproverKey, FourEyesKey, FourEyesMethod};
use kms_core::{ApproveError, Denial, FourEyes, Gate};
use kms_secret::SecretText;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    fakes::proposal,
    four_eyes::endpoint,
    mock::{Mock, Reply, Seen},
};

/// SHA-256 over the one request of the test's proposal, computed with Python's hashlib.
const DIGEST: &str = "c59a8f1a8bc0537bdaa7ab4ae8ad19654fdd76b84182143536262ce672ad7df1";
const OWN: [u8; 32] = [1; 32];
const APPROVER: [u8; 32] = [2; 32];

fn text(id: &str, key: &[u8]) -> SecretText {
    SecretText::new(format!("hmac-sha256:{id}:{}", BASE64.encode(key)))
}

fn mac(key: &[u8], prefix: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(prefix.as_bytes());
    mac.update(body.as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A yes to what was asked.
fn yes(seen: &Seen) -> Value {
    let asked = seen.json();
    json!({
        "version": 1, "id": asked["id"], "signingDigest": asked["signingDigest"],
        "nonce": asked["nonce"], "time": now(), "keyId": "a1", "decision": "approve",
    })
}

fn signed(answer: &Value) -> Reply {
    let body = answer.to_string();
    let signature = mac(&APPROVER, "tatum-kms four-eye answer 1\n", &body);
    Reply::ok(body).with_header("tatum-kms-signature", signature)
}

async fn review(
    answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
) -> (Mock, Option<ApproveError>) {
    let mock = Mock::start(answer).await;
    let own = FourEyesKey::parse(&text("k1", &OWN)).unwrap();
    let approver = [text("a0", &[9; 32]), text("a1", &APPROVER)];
    let approver = approver.iter().map(|key| ApproverKey::parse(key).unwrap()).collect();
    let endpoint = endpoint(&mock.url, FourEyesMethod::Signed { own, approver });
    let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(endpoint)));
    let refused = match gate.review(proposal().await).await {
        Ok(_) => None,
        Err(Denial::FourEyes(error)) => Some(error),
        Err(other) => panic!("{other:?}"),
    };
    (mock, refused)
}

#[tokio::test]
async fn the_approver_is_told_all_that_will_be_signed() {
    let (mock, refused) = review(|seen| signed(&yes(seen))).await;
    assert!(refused.is_none(), "{refused:?}");
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/9fea6d2f5490ec04abff600c"));
    let asked = seen.json();
    assert_eq!(asked["signingDigest"], DIGEST);
    assert_eq!(asked.get("signingDigestWithout"), Some(&Value::Null));
    assert_eq!(asked["chain"], "ETH");
    assert_eq!(asked["network"], "testnet");
    assert_eq!(asked["keyId"], "k1");
    assert_eq!(asked["effects"]["maxFee"], json!({ "asset": "native", "amount": "21000" }));
    assert_eq!(asked["pending"], r#"{"id": "9fea6d2f5490ec04abff600c",  "amount":1.10}"#);
    assert_eq!(asked["nonce"].as_str().unwrap().len(), 32);
    assert!(now().abs_diff(asked["time"].as_u64().unwrap()) < 60);
    let signature = mac(&OWN, "tatum-kms four-eye question 1\n", &seen.body);
    assert_eq!(seen.header("tatum-kms-signature"), Some(signature.as_str()));
}

#[tokio::test]
async fn no_two_questions_are_alike() {
    let mut nonces = std::collections::HashSet::new();
    for _ in 0..3 {
        let (mock, _) = review(|seen| signed(&yes(seen))).await;
        assert!(nonces.insert(mock.only().json()["nonce"].to_string()));
    }
}

#[tokio::test]
async fn a_no_and_a_not_yet_are_told_apart() {
    let decide = |decision: &'static str| {
        review(move |seen| {
            let mut answer = yes(seen);
            answer["decision"] = json!(decision);
            answer["reason"] = json!("too\nmuch");
            signed(&answer)
        })
    };
    let (_, refused) = decide("reject").await;
    assert!(
        matches!(&refused, Some(ApproveError::Rejected(why)) if why == "too much"),
        "{refused:?}"
    );
    let (_, refused) = decide("wait").await;
    assert!(matches!(refused, Some(ApproveError::Undecided)), "{refused:?}");
    for odd in ["", "Approve", "yes"] {
        let (_, refused) = decide(odd).await;
        assert!(matches!(refused, Some(ApproveError::Invalid(_))), "{odd}: {refused:?}");
    }
}

/// Changes one member of a yes before it is signed.
fn changed(name: &'static str, to: Value) -> impl Fn(&Seen) -> Reply + Send + Sync {
    move |seen| {
        let mut answer = yes(seen);
        answer[name] = to.clone();
        signed(&answer)
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_none() {
    for (name, to, words) in [
        ("signingDigest", json!("00"), "signingDigest"),
        ("signingDigest", json!(null), "signingDigest"),
        ("nonce", json!("00112233445566778899aabbccddeeff"), "nonce"),
        ("id", json!("another"), "id"),
        ("time", json!(now() - 301), "five minutes"),
        ("time", json!(now() + 330), "five minutes"),
        ("time", json!("soon"), "five minutes"),
        ("version", json!(2), "version"),
        ("keyId", json!("a2"), "unknown key"),
        ("keyId", json!("a0"), "signature is wrong"),
    ] {
        let (_, refused) = review(changed(name, to.clone())).await;
        let Some(ApproveError::Invalid(why)) = refused else { panic!("{name} {to}: {refused:?}") };
        assert!(why.contains(words), "{name} {to}: {why}");
    }
}

#[tokio::test]
async fn what_is_not_signed_over_the_very_bytes_is_no_answer() {
    let (_, refused) = review(|seen| Reply::ok(yes(seen).to_string())).await;
    assert!(matches!(&refused, Some(ApproveError::Invalid(why)) if why.contains("not signed")));
    let (_, refused) = review(|_| Reply::ok("approved")).await;
    assert!(matches!(refused, Some(ApproveError::Invalid(_))));
    let (_, refused) = review(|seen| {
        let mut reply = signed(&yes(seen));
        let at = reply.body.iter().position(|byte| *byte == b'}').unwrap();
        reply.body.insert(at, b' ');
        reply
    })
    .await;
    assert!(matches!(&refused, Some(ApproveError::Invalid(why)) if why.contains("signature")));
    let (_, refused) = review(|seen| {
        let body = yes(seen).to_string();
        // The question's own prefix: a question is no answer to itself.
        let signature = mac(&APPROVER, "tatum-kms four-eye question 1\n", &body);
        Reply::ok(body).with_header("tatum-kms-signature", signature)
    })
    .await;
    assert!(matches!(refused, Some(ApproveError::Invalid(_))), "{refused:?}");
}

#[tokio::test]
async fn silence_redirects_and_refusals_are_no_yes() {
    let (_, refused) =
        review(|seen| signed(&yes(seen)).after(std::time::Duration::from_secs(30))).await;
    assert!(matches!(refused, Some(ApproveError::Unreachable(_))), "{refused:?}");
    for status in [302, 401, 404] {
        let (_, refused) = review(move |seen| Reply { status, ..signed(&yes(seen)) }).await;
        assert!(matches!(refused, Some(ApproveError::Denied(found)) if found == status));
    }
    let (_, refused) = review(|_| Reply::ok("x".repeat(2 << 20))).await;
    assert!(matches!(refused, Some(ApproveError::Unreachable(_))), "{refused:?}");
}
