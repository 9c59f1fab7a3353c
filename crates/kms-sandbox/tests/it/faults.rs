//! Faults over a real socket: what the client sees, and what has happened all the same.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use kms_sandbox::{Fault, Faults, Running, Sandbox, State, Violation};
use serde_json::{Value, json};

use crate::client::{KEY, call, exchange};

const BROADCAST: &str = "/v3/ethereum/broadcast";
const POLL: &str = "/v3/kms/pending/ETH";
const REPORT: &str = "/v3/tatum/kms/batch";

fn vector() -> Value {
    let file = format!("{}/vectors/ETH.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == "eth-native-explicit").unwrap().clone()
}

/// A sandbox that was offered a transaction under each of these ids.
async fn scene(ids: &[&str]) -> (Running, Value) {
    let sandbox = Sandbox::start(None).await.unwrap();
    let mut vector = vector();
    for id in ids {
        vector["pending"]["id"] = json!(id);
        let offer = json!({ "pending": vector["pending"], "expect": vector["expect"] });
        let offered = call(sandbox.address(), "POST", "/sandbox/transactions", &offer).await;
        assert_eq!(offered.status, 201);
    }
    (sandbox, vector)
}

fn always(sandbox: &Running, fault: Fault) {
    sandbox.set_faults(Faults::new(1, [(fault, 1000)]).unwrap());
}

async fn ask(at: SocketAddr, path: &str, body: &Value) -> String {
    exchange(at, "POST", path, KEY, &body.to_string()).await
}

fn broadcast(vector: &Value, id: &str) -> Value {
    json!({ "txData": vector["raw"], "signatureId": id })
}

fn poll(vector: &Value) -> Value {
    json!({ "signatureIds": vector["pending"]["hashes"] })
}

fn ids(answer: &str) -> Vec<String> {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let list: Vec<Value> = serde_json::from_str(body).unwrap();
    list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The state after one broadcast with a fault, and what the client saw of it.
async fn broadcast_with(fault: Fault) -> (State, String) {
    let (sandbox, vector) = scene(&["a"]).await;
    always(&sandbox, fault);
    let answer = ask(sandbox.address(), BROADCAST, &broadcast(&vector, "a")).await;
    assert_eq!(sandbox.fault_counts().into_iter().collect::<Vec<_>>(), [(fault, 1)]);
    assert_eq!(sandbox.requests(), 1);
    (sandbox.states()[0].state.clone(), answer)
}

#[tokio::test]
async fn an_answer_is_lost_after_and_a_request_before_it_is_processed() {
    assert_eq!(broadcast_with(Fault::LostAnswer).await, (State::Verified, String::new()));
    assert_eq!(broadcast_with(Fault::LostRequest).await, (State::Pending, String::new()));
}

#[tokio::test]
async fn a_truncated_body_ends_in_its_middle() {
    let (state, answer) = broadcast_with(Fault::TruncatedBody).await;
    assert_eq!(state, State::Verified);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.unwrap().parse().unwrap();
    assert!(length > 70, "{length}");
    assert_eq!(body.len(), length / 2);
    assert!(body.starts_with("{\n  \"txId\": \"0x"), "{body}");
}

#[tokio::test]
async fn errors_come_before_or_after_the_request_is_processed() {
    let (state, answer) = broadcast_with(Fault::TooManyRequests).await;
    assert_eq!(state, State::Pending);
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    let (state, answer) = broadcast_with(Fault::ErrorBefore).await;
    assert_eq!(state, State::Pending);
    assert!(answer.starts_with("HTTP/1.1 50"), "{answer}");
    let (state, answer) = broadcast_with(Fault::ErrorAfter).await;
    assert_eq!(state, State::Verified);
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn nonsense_comes_with_the_status_of_a_success() {
    let (sandbox, vector) = scene(&["a"]).await;
    let at = sandbox.address();
    for fault in [Fault::Page, Fault::Garbage] {
        always(&sandbox, fault);
        for _ in 0..20 {
            let answer = ask(at, POLL, &poll(&vector)).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            assert_eq!(head.contains("text/html"), fault == Fault::Page, "{head}");
            assert!(serde_json::from_str::<Value>(body).is_err(), "{body}");
        }
        let report = json!({ "errors": [{ "signatureId": "a", "error": "?" }] });
        for _ in 0..20 {
            ask(at, REPORT, &report).await;
        }
    }
    assert_eq!(sandbox.states()[0].reports, 40, "a report is always processed");
}

#[tokio::test]
async fn some_nonsense_hides_a_broadcast_and_some_stands_for_none() {
    for fault in [Fault::Page, Fault::Garbage] {
        let names: Vec<String> = (0..30).map(|name| format!("{name}")).collect();
        let (sandbox, vector) = scene(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        always(&sandbox, fault);
        for name in &names {
            ask(sandbox.address(), BROADCAST, &broadcast(&vector, name)).await;
        }
        let processed = sandbox.broadcasts().len();
        assert!((5..=25).contains(&processed), "{fault:?}: {processed}");
    }
}

#[tokio::test]
async fn late_and_slow_answers_are_whole() {
    let (sandbox, vector) = scene(&["a"]).await;
    let at = sandbox.address();
    let body = |answer: String| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    let usual = body(ask(at, POLL, &poll(&vector)).await);
    let time = Duration::from_millis(300);
    for fault in [Fault::Hang, Fault::SlowBody] {
        let faults = Faults::new(1, [(fault, 1000)]).unwrap();
        sandbox.set_faults(faults.hanging(time).unwrap().trickling(time).unwrap());
        let start = Instant::now();
        let answer = ask(at, POLL, &poll(&vector)).await;
        assert!(start.elapsed() >= time, "{fault:?}: {:?}", start.elapsed());
        assert_eq!(body(answer), usual, "{fault:?}");
    }
}

#[tokio::test]
async fn lists_have_doubles_another_order_or_are_old() {
    let own = ["a", "b", "c", "d"];
    let (sandbox, vector) = scene(&own).await;
    let at = sandbox.address();
    always(&sandbox, Fault::DuplicateItems);
    let mut doubled = ids(&ask(at, POLL, &poll(&vector)).await);
    assert!(doubled.len() > 4, "{doubled:?}");
    doubled.sort();
    doubled.dedup();
    assert_eq!(doubled, own);

    always(&sandbox, Fault::ReorderedList);
    let mut reordered = ids(&ask(at, POLL, &poll(&vector)).await);
    assert_ne!(reordered, own);
    reordered.sort();
    assert_eq!(reordered, own);

    always(&sandbox, Fault::StaleList);
    assert_eq!(ids(&ask(at, POLL, &poll(&vector)).await), own, "there is no old one yet");
    ask(at, BROADCAST, &broadcast(&vector, "a")).await;
    assert_eq!(ids(&ask(at, POLL, &poll(&vector)).await), own, "a is settled");
    sandbox.clear_faults();
    assert_eq!(ids(&ask(at, POLL, &poll(&vector)).await), ["b", "c", "d"]);
}

#[tokio::test]
async fn what_failed_is_listed_again_if_that_is_wanted() {
    let (sandbox, vector) = scene(&["a", "b"]).await;
    let at = sandbox.address();
    ask(at, REPORT, &json!({ "errors": [{ "signatureId": "a", "error": "?" }] })).await;
    assert_eq!(ids(&ask(at, POLL, &poll(&vector)).await), ["b"]);
    always(&sandbox, Fault::FailedListed);
    assert_eq!(ids(&ask(at, POLL, &poll(&vector)).await), ["a", "b"]);
    assert_eq!(sandbox.fault_counts()[&Fault::FailedListed], 1);
}

#[tokio::test]
async fn the_same_bytes_again_are_known_already_and_no_second_payment() {
    let (sandbox, vector) = scene(&["a"]).await;
    let at = sandbox.address();
    always(&sandbox, Fault::AlreadyKnown);
    let first = ask(at, BROADCAST, &broadcast(&vector, "a")).await;
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    for _ in 0..5 {
        let again = ask(at, BROADCAST, &broadcast(&vector, "a")).await;
        assert!(again.starts_with("HTTP/1.1 403"), "{again}");
        assert!(again.contains("\"ethereum.broadcast.failed\""), "{again}");
        let words = ["already known", "already-in-mempool", "already in block", "DUP_TRANS"];
        assert!(words.iter().any(|words| again.contains(words)), "{again}");
    }
    sandbox.clear_faults();
    let again = ask(at, BROADCAST, &broadcast(&vector, "a")).await;
    assert!(again.starts_with("HTTP/1.1 200"), "{again}");
    assert_eq!(sandbox.violations(), []);
    let raw = vector["raw"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.broadcasts()["a"].raws, [(raw, 7)]);
    assert_eq!(sandbox.states()[0].state, State::Verified);
}

#[tokio::test]
async fn other_bytes_and_a_nonce_used_again_are_violations() {
    let (sandbox, vector) = scene(&["a", "b"]).await;
    let at = sandbox.address();
    ask(at, BROADCAST, &broadcast(&vector, "a")).await;
    ask(at, BROADCAST, &broadcast(&vector, "b")).await;
    let mut other = broadcast(&vector, "a");
    other["txData"] = json!(format!("{}00", vector["raw"].as_str().unwrap()));
    ask(at, BROADCAST, &other).await;
    let what = "nonce 172 of ".to_owned();
    let violations = sandbox.violations();
    let [Violation::UsedTwice { what: used, first, second }, Violation::SignedTwice { id }] =
        violations.as_slice()
    else {
        panic!("{violations:?}")
    };
    assert!(used.starts_with(&what), "{used}");
    assert_eq!((first.as_str(), second.as_str(), id.as_str()), ("a", "b", "a"));
    assert_eq!(sandbox.uses()[used].iter().collect::<Vec<_>>(), ["a", "b"]);

    let told = call(at, "GET", "/sandbox/broadcasts", &Value::Null).await.json();
    assert_eq!(told["violations"].as_array().unwrap().len(), 2);
    assert_eq!(told["broadcasts"]["a"]["raws"].as_array().unwrap().len(), 2);
    assert_eq!(told["uses"][used], json!(["a", "b"]));
}

#[tokio::test]
async fn the_four_eye_endpoint_has_faults_and_never_says_yes_by_one() {
    let (sandbox, _) = scene(&["a"]).await;
    let at = sandbox.address();
    always(&sandbox, Fault::ErrorBefore);
    let reply = call(at, "POST", "/sandbox/four-eyes/a", &json!({})).await;
    assert!(reply.status >= 500, "{}", reply.status);
    for fault in [Fault::Page, Fault::Garbage] {
        always(&sandbox, fault);
        let reply = call(at, "POST", "/sandbox/four-eyes/unknown", &json!({})).await;
        assert_eq!(reply.status, 404, "{fault:?}");
    }
}

#[tokio::test]
async fn faults_are_set_told_and_ended_by_a_route() {
    let (sandbox, vector) = scene(&["a"]).await;
    let at = sandbox.address();
    let own = "/sandbox/faults";
    let set = json!({ "seed": 3, "perMille": { "errorBefore": 1000 }, "hangMs": 50 });
    assert_eq!(call(at, "PUT", own, &set).await.status, 204);
    for _ in 0..3 {
        assert!(call(at, "POST", POLL, &poll(&vector)).await.status >= 500);
    }
    let told = call(at, "GET", own, &Value::Null).await.json();
    let faults =
        json!({ "seed": 3, "perMille": { "errorBefore": 1000 }, "hangMs": 50, "slowMs": 500 });
    assert_eq!(told, json!({ "faults": faults, "requests": 3, "counts": { "errorBefore": 3 } }));
    assert_eq!(call(at, "DELETE", own, &Value::Null).await.status, 204);
    assert_eq!(call(at, "POST", POLL, &poll(&vector)).await.status, 200);
    let told = call(at, "GET", own, &Value::Null).await.json();
    assert_eq!((&told["faults"], &told["counts"]["errorBefore"]), (&Value::Null, &json!(3)));
    let wrong = json!({ "perMille": { "errorBefore": 1001 } });
    let refused = call(at, "PUT", own, &wrong).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("maximum is 1000"), "{}", refused.text);
}

async fn node(at: SocketAddr, method: &str, params: Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let answer = ask(at, "/v3/ethereum/web3/key", &request).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn a_node_forgets_what_it_has_and_finds_a_wallet_dry() {
    let (sandbox, vector) = scene(&["a"]).await;
    let at = sandbox.address();
    ask(at, BROADCAST, &broadcast(&vector, "a")).await;
    let hash = sandbox.states()[0].txid.clone().unwrap();
    let receipt = || node(at, "eth_getTransactionReceipt", json!([hash]));
    let there = receipt().await["result"].clone();
    assert_eq!((&there["transactionHash"], &there["status"]), (&json!(hash), &json!("0x1")));
    let other = node(at, "eth_getTransactionReceipt", json!([format!("0x{:064x}", 1)])).await;
    assert_eq!(other["result"], Value::Null, "of what was never sent there is none");
    always(&sandbox, Fault::Forgotten);
    assert_eq!(receipt().await["result"], Value::Null);
    let call = json!([{ "to": "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf" }]);
    assert_eq!(node(at, "eth_estimateGas", call.clone()).await["result"], "0x5208");
    always(&sandbox, Fault::DryWallet);
    let dry = node(at, "eth_estimateGas", call).await;
    assert!(dry["error"]["message"].as_str().unwrap().starts_with("insufficient funds"), "{dry}");
    always(&sandbox, Fault::SpikingFee);
    let price = node(at, "eth_gasPrice", json!([])).await;
    assert_eq!(price["result"], "0x4a817c800", "20 gwei: one payment makes nothing usual");
}
