//! Solana's node of the sandbox: what it takes, what it tells, and that the API is told an id.

use std::net::SocketAddr;

use kms_sandbox::{Sandbox, State};
use serde_json::{Value, json};

use crate::client::call;

const NODE: &str = "/v3/blockchain/node/SOL/any-key";

fn vector(name: &str) -> Value {
    let file = format!("{}/vectors/SOL.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap().clone()
}

async fn ask(at: SocketAddr, method: &str, params: Value) -> Value {
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let answer = call(at, "POST", NODE, &body).await.json();
    assert_eq!(answer["id"], 7);
    answer
}

async fn submit(at: SocketAddr, raw: &Value) -> Value {
    let options = json!({ "encoding": "base64", "preflightCommitment": "confirmed" });
    ask(at, "sendTransaction", json!([raw, options])).await
}

#[tokio::test]
async fn blockhashes_are_never_the_same() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let params = json!([{ "commitment": "finalized" }]);
    let mut hashes = Vec::new();
    for _ in 0..3 {
        let answer = ask(sandbox.address(), "getLatestBlockhash", params.clone()).await;
        hashes.push(answer["result"]["value"]["blockhash"].as_str().unwrap().to_owned());
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 3);
}

#[tokio::test]
async fn a_node_takes_what_is_signed_once_and_shows_it() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let at = sandbox.address();
    let old = vector("sol-native-transfer");
    let look = json!([old["txid"], { "commitment": "confirmed" }]);
    assert_eq!(ask(at, "getTransaction", look.clone()).await["result"], Value::Null);
    assert_eq!(submit(at, &old["raw"]).await["result"], old["txid"]);
    assert_eq!(ask(at, "getTransaction", look).await["result"]["meta"]["err"], Value::Null);
    let again = submit(at, &old["raw"]).await;
    assert_eq!(again["error"]["code"], -32002);
    assert!(again["error"]["message"].as_str().unwrap().contains("already been processed"));

    let new = vector("sol-sdk-v0-transfer");
    assert_eq!(submit(at, &new["raw"]).await["result"], new["txid"]);
    let look = |options: Value| json!([new["txid"], options]);
    let blind = ask(at, "getTransaction", look(json!({ "commitment": "confirmed" }))).await;
    assert_eq!(blind["error"]["code"], -32015);
    let options = json!({ "commitment": "confirmed", "maxSupportedTransactionVersion": 0 });
    assert!(ask(at, "getTransaction", look(options)).await["result"].is_object());
}

#[tokio::test]
async fn a_node_refuses_what_is_not_signed() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let at = sandbox.address();
    let raw = vector("sol-native-transfer")["raw"].as_str().unwrap().to_owned();
    // The second character belongs to the count of signatures, the tenth to the first of them.
    let altered =
        format!("{}{}{}", &raw[..9], if &raw[9..10] == "A" { "B" } else { "A" }, &raw[10..]);
    assert_eq!(submit(at, &json!(altered)).await["error"]["code"], -32003);
    for bad in ["", "AA==", "zz", &raw[..raw.len() - 4], &format!("{raw}AAAA")] {
        assert_eq!(submit(at, &json!(bad)).await["error"]["code"], -32602, "{bad}");
    }
    let in_base58 = ask(at, "sendTransaction", json!([raw, {}])).await;
    assert_eq!(in_base58["error"]["code"], -32602);
    assert_eq!(ask(at, "getBalance", json!(["x"])).await["error"]["code"], -32601);
}

#[tokio::test]
async fn the_api_is_told_the_id_and_judges_what_the_node_took() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let at = sandbox.address();
    let (own, other) = (vector("sol-native-transfer"), vector("sol-spl-transfer-existing-ata"));
    let offer = json!({ "pending": own["pending"], "expect": own["expect"] });
    assert_eq!(call(at, "POST", "/sandbox/transactions", &offer).await.status, 201);
    submit(at, &other["raw"]).await;
    for id in [&own["txid"], &other["txid"], &json!("nothing")] {
        let body = json!({ "txData": id, "signatureId": own["pending"]["id"] });
        let refused = call(at, "POST", "/v3/solana/broadcast", &body).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
    }
    submit(at, &own["raw"]).await;
    let body = json!({ "txData": own["txid"], "signatureId": own["pending"]["id"] });
    let told = call(at, "POST", "/v3/solana/broadcast", &body).await;
    assert_eq!((told.status, &told.json()["txId"]), (200, &own["txid"]));
    assert_eq!(sandbox.states().first().unwrap().state, State::Verified);
}
