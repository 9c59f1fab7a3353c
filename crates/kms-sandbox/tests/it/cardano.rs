//! Cardano's node of the sandbox: it builds what the recorded one built.

use std::net::SocketAddr;

use kms_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::call;

fn vectors() -> Vec<Value> {
    let file = format!("{}/vectors/ADA.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    file["cases"].as_array().unwrap().clone()
}

async fn ask(at: SocketAddr, network: &str, method: &str, body: Value) -> (u16, Value) {
    let mut body = body;
    let identifier = json!({ "blockchain": "cardano", "network": network });
    body["network_identifier"] = identifier;
    let path = format!("/v3/blockchain/node/cardano-{network}/any-key/construction/{method}");
    let reply = call(at, "POST", &path, &body).await;
    (reply.status, reply.json())
}

fn operations(vector: &Value) -> Value {
    serde_json::from_str(vector["pending"]["serializedTransaction"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_transaction_is_built_as_the_recorded_node_built_it() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let vectors = vectors();
    assert!(vectors.len() >= 7);
    for vector in vectors {
        let network = match vector["expect"]["network"].as_str().unwrap() {
            "testnet" => "preprod",
            network => network,
        };
        let metadata = &vector["node"]["metadata"];
        let body = json!({ "operations": operations(&vector), "metadata": metadata });
        let (status, answer) = ask(sandbox.address(), network, "payloads", body).await;
        assert_eq!((status, &answer), (200, &vector["node"]["payloads"]), "{}", vector["name"]);
    }
}

#[tokio::test]
async fn answers_lead_to_one_another() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let at = sandbox.address();
    let vector = vectors().swap_remove(0);
    let raw = vector["raw"].as_str().unwrap();
    let body = json!({
        "operations": operations(&vector),
        "metadata": { "relative_ttl": 1000 },
    });
    let (_, options) = ask(at, "preprod", "preprocess", body).await;
    assert_eq!(options["options"]["relative_ttl"], 1000);
    // The signed one stands in hexadecimal within hexadecimal, with 17 bytes around it.
    let size = (raw.len() / 2 - 17) / 2;
    assert_eq!(options["options"]["transaction_size"], size);
    let (_, answer) = ask(at, "preprod", "metadata", options).await;
    let fee = (44 * size + 155_381).to_string();
    assert_eq!(answer["suggested_fee"][0]["value"], fee.as_str());
    assert_eq!(answer["metadata"]["ttl"], "152736012");
}

#[tokio::test]
async fn what_is_no_payment_is_not_built() {
    let sandbox = Sandbox::start(None).await.unwrap();
    let at = sandbox.address();
    let vector = vectors().swap_remove(0);
    let good = operations(&vector);
    let refused = async |operations: Value| {
        let body = json!({ "operations": operations, "metadata": { "ttl": "5" } });
        let (status, answer) = ask(at, "preprod", "payloads", body).await;
        assert_eq!(status, 400, "{answer}");
    };
    for (path, value) in [
        ("/0/type", json!("stakeDelegation")),
        ("/0/amount/value", json!("10000000")),
        ("/0/amount/value", json!("-1")),
        ("/1/amount/value", json!("-1")),
        ("/1/account/address", json!("addr_test1")),
        ("/0/coin_change", Value::Null),
    ] {
        let mut operations = good.clone();
        *operations.pointer_mut(path).unwrap() = value;
        refused(operations).await;
    }
    refused(json!({})).await;
    let body = json!({ "operations": good, "metadata": { "ttl": "x" } });
    assert_eq!(ask(at, "preprod", "payloads", body).await.0, 400);
    let path = "/v3/blockchain/node/cardano-mainnet/any-key/construction/metadata";
    let body = json!({
        "network_identifier": { "blockchain": "cardano", "network": "preprod" },
        "options": { "relative_ttl": 1000, "transaction_size": 200 },
    });
    assert_eq!(call(at, "POST", path, &body).await.status, 400);
}
