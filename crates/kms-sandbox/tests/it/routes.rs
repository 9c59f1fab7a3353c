//! Every route over a real socket.

use std::path::Path;

use kms_sandbox::{Running, Sandbox};
use serde_json::{Value, json};

use crate::client::{KEY, call, send};

async fn start() -> Running {
    Sandbox::start(None).await.unwrap()
}

/// A pending transaction with what the original signed for it.
fn vector(code: &str, name: &str) -> Value {
    let file = format!("{}/vectors/{code}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(Path::new(&file)).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    cases.iter().find(|case| case["name"] == name).unwrap().clone()
}

fn offer_of(vector: &Value) -> Value {
    json!({ "pending": vector["pending"], "expect": vector["expect"] })
}

#[tokio::test]
async fn a_transaction_is_offered_polled_broadcast_and_verified() {
    let sandbox = start().await;
    let at = sandbox.address();
    let vector = vector("ETH", "eth-native-explicit");
    let (id, wallet) = (&vector["pending"]["id"], &vector["pending"]["hashes"][0]);
    let offered = call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
    assert_eq!((offered.status, &offered.json()["state"]), (201, &json!("pending")));
    assert!(offered.text.contains("\n  \"state\": \"pending\""), "pretty: {}", offered.text);

    let polled =
        call(at, "POST", "/v3/kms/pending/ETH", &json!({ "signatureIds": [wallet] })).await;
    assert_eq!(polled.json(), json!([vector["pending"]]));
    for (chain, ids) in [("ETH", json!(["else"])), ("ETH", json!([])), ("BSC", json!([wallet]))] {
        let path = format!("/v3/kms/pending/{chain}");
        let polled = call(at, "POST", &path, &json!({ "signatureIds": ids })).await;
        assert_eq!((polled.status, polled.json()), (200, json!([])));
    }

    let body = json!({ "txData": vector["raw"], "signatureId": id });
    for _ in 0..2 {
        let accepted = call(at, "POST", "/v3/ethereum/broadcast", &body).await;
        assert_eq!((accepted.status, accepted.json()), (200, json!({ "txId": vector["txid"] })));
    }
    let path = format!("/sandbox/transactions/{}", id.as_str().unwrap());
    let told = call(at, "GET", &path, &Value::Null).await.json();
    assert_eq!(told["state"], "verified");
    assert_eq!((&told["txId"], &told["raw"]), (&vector["txid"], &vector["raw"]));
    let shown = call(at, "GET", &format!("/v3/kms/{}", id.as_str().unwrap()), &Value::Null).await;
    assert_eq!(shown.json()["txId"], vector["txid"]);
    let polled =
        call(at, "POST", "/v3/kms/pending/ETH", &json!({ "signatureIds": [wallet] })).await;
    assert_eq!(polled.json(), json!([]), "it is not offered again");

    let address = vector["expect"]["signers"][0]["address"].as_str().unwrap();
    let count = format!("/v3/ethereum/transaction/count/{address}");
    assert_eq!(call(at, "GET", &count, &Value::Null).await.json(), json!(173));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_bad_broadcast_is_refused_with_the_reason() {
    let sandbox = start().await;
    let at = sandbox.address();
    let vector = vector("BTC", "btc-2in-2keys");
    call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
    let raw = vector["raw"].as_str().unwrap().replacen("02000000", "01000000", 1);
    let body = json!({ "txData": raw, "signatureId": vector["pending"]["id"] });
    let refused = call(at, "POST", "/v3/bitcoin/broadcast", &body).await;
    assert_eq!((refused.status, &refused.json()["statusCode"]), (403, &json!(403)));
    assert_eq!(refused.json()["errorCode"], "bitcoin.broadcast.failed");
    let told = &call(at, "GET", "/sandbox/transactions", &Value::Null).await.json();
    let told = &told["transactions"][0];
    assert_eq!(told["state"], "rejected");
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.starts_with("version is 1"), "{reason}");
    assert!(refused.json()["message"].as_str().unwrap().ends_with(reason));
}

#[tokio::test]
async fn a_second_signature_for_one_id_is_found_out() {
    let sandbox = start().await;
    let at = sandbox.address();
    let vector = vector("ETH", "eth-native-explicit");
    call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
    let id = &vector["pending"]["id"];
    let first = json!({ "txData": vector["raw"], "signatureId": id });
    call(at, "POST", "/v3/ethereum/broadcast", &first).await;
    let second =
        json!({ "txData": format!("{}00", vector["raw"].as_str().unwrap()), "signatureId": id });
    let refused = call(at, "POST", "/v3/ethereum/broadcast", &second).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("it was signed twice"), "{}", refused.text);
    let told = call(at, "GET", "/sandbox/transactions", &Value::Null).await.json();
    assert_eq!(told["transactions"][0]["state"], "rejected");
    assert_eq!(told["transactions"][0]["raw"], vector["raw"]);
}

#[tokio::test]
async fn outputs_are_spent_once() {
    let sandbox = start().await;
    let at = sandbox.address();
    let mut vector = vector("BCH", "bch-2in-2keys-2out");
    let mut statuses = Vec::new();
    for id in ["first", "second"] {
        vector["pending"]["id"] = json!(id);
        call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
        let body = json!({ "txData": vector["raw"], "signatureId": id });
        statuses.push(call(at, "POST", "/v3/bcash/broadcast", &body).await.status);
    }
    assert_eq!(statuses, [200, 403], "one transaction does not settle two");
    let told = call(at, "GET", "/sandbox/transactions/second", &Value::Null).await.json();
    assert!(told["reason"].as_str().unwrap().starts_with("BCH output "), "{told}");
}

#[tokio::test]
async fn withdrawals_have_a_route_of_their_own() {
    let sandbox = start().await;
    let at = sandbox.address();
    let vector = vector("BTC", "btc-offchain-1in-xpub-change");
    call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
    let id = &vector["pending"]["id"];
    let on_chain = json!({ "txData": vector["raw"], "signatureId": id });
    let refused = call(at, "POST", "/v3/bitcoin/broadcast", &on_chain).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("settles a withdrawal"));
    let mut body = json!({
        "currency": "BTC",
        "signatureId": id,
        "withdrawalId": "another",
        "txData": vector["raw"],
    });
    let route = "/v3/offchain/withdrawal/broadcast";
    assert_eq!(call(at, "POST", route, &body).await.status, 400);
    body["withdrawalId"] = vector["pending"]["withdrawalId"].clone();
    let accepted = call(at, "POST", route, &body).await;
    assert_eq!(accepted.json(), json!({ "txId": vector["txid"], "completed": true }));
}

#[tokio::test]
async fn full_nodes_give_the_transactions_that_were_offered_with_what_spends_them() {
    let sandbox = start().await;
    let at = sandbox.address();
    let mut offer = offer_of(&vector("BTC", "btc-2in-2keys"));
    let txid = "ab".repeat(32);
    offer["previous"] = json!({ (txid.as_str()): "0100" });
    assert_eq!(call(at, "POST", "/sandbox/transactions", &offer).await.status, 201);
    let ask = |params: Value| json!({ "jsonrpc": "2.0", "id": 7, "method": "getrawtransaction", "params": params });
    for path in ["/v3/bitcoin/node", "/v3/litecoin/node", "/v3/dogecoin/node", "/v3/bcash/node"] {
        for params in [json!([txid]), json!([txid, false]), json!([txid, 0])] {
            let told = call(at, "POST", path, &ask(params)).await.json();
            assert_eq!(told, json!({ "jsonrpc": "2.0", "id": 7, "result": "0100" }), "{path}");
        }
        for (params, code) in [
            (json!(["cd".repeat(32)]), -5),
            (json!([txid, true]), -32602),
            (json!([txid, 1]), -32602),
            (json!([]), -32602),
        ] {
            let told = call(at, "POST", path, &ask(params)).await.json();
            assert_eq!(told["error"]["code"], code, "{told}");
        }
    }
    let other = json!({ "jsonrpc": "2.0", "id": 7, "method": "getblockcount", "params": [] });
    let told = call(at, "POST", "/v3/bitcoin/node", &other).await.json();
    assert_eq!(told["error"]["code"], -32601);
}

#[tokio::test]
async fn reports_completions_and_deletions_are_noted() {
    let sandbox = start().await;
    let at = sandbox.address();
    let mut vector = vector("DOGE", "doge-op-return");
    for id in ["reported", "completed", "deleted"] {
        vector["pending"]["id"] = json!(id);
        call(at, "POST", "/sandbox/transactions", &offer_of(&vector)).await;
    }
    let report = json!({ "errors": [
        { "signatureId": "reported", "error": "no such wallet" },
        { "signatureId": "unknown", "error": "?" },
    ] });
    assert_eq!(call(at, "POST", "/v3/tatum/kms/batch", &report).await.status, 204);
    assert_eq!(call(at, "PUT", "/v3/kms/completed/abc", &Value::Null).await.status, 204);
    assert_eq!(call(at, "DELETE", "/v3/kms/deleted?revert=true", &Value::Null).await.status, 204);
    assert_eq!(call(at, "DELETE", "/v3/kms/deleted", &Value::Null).await.status, 404);
    assert_eq!(call(at, "PUT", "/v3/kms/deleted/abc", &Value::Null).await.status, 404);
    assert_eq!(call(at, "GET", "/v3/kms/deleted", &Value::Null).await.status, 404);
    let told = call(at, "GET", "/sandbox/transactions", &Value::Null).await.json();
    let [reported, completed] = told["transactions"].as_array().unwrap().as_slice() else {
        panic!("{told}")
    };
    assert_eq!(
        (&reported["state"], &reported["reason"]),
        (&json!("failed"), &json!("no such wallet"))
    );
    assert_eq!((&completed["state"], &completed["txId"]), (&json!("broadcast"), &json!("abc")));
    assert_eq!(call(at, "DELETE", "/sandbox/transactions", &Value::Null).await.status, 204);
    assert!(sandbox.states().is_empty());
}

#[tokio::test]
async fn without_a_key_nothing_of_the_api_is_answered() {
    let sandbox = start().await;
    let at = sandbox.address();
    let keyed = [
        ("POST", "/v3/kms/pending/ETH"),
        ("GET", "/v3/kms/x"),
        ("PUT", "/v3/kms/x/y"),
        ("DELETE", "/v3/kms/x"),
        ("POST", "/v3/tatum/kms/batch"),
        ("POST", "/v3/ethereum/broadcast"),
        ("POST", "/v3/offchain/withdrawal/broadcast"),
        ("GET", "/v3/blockchain/fee/ETH"),
        ("GET", "/v3/xdc/transaction/count/0x0b54ef769e0426295e768954d537452b730aad49"),
    ];
    for (method, path) in keyed {
        for headers in ["", "x-api-key: \r\n"] {
            let refused = send(at, method, path, headers, "{}").await;
            assert_eq!(
                (refused.status, &refused.json()["statusCode"]),
                (401, &json!(401)),
                "{path}"
            );
        }
    }
    for (method, path) in [("GET", "/"), ("GET", "/sandbox/transactions"), ("GET", "/v2")] {
        assert_eq!(send(at, method, path, "", "").await.status, 200, "{path}");
    }
    assert_eq!(send(at, "POST", "/v3/ethereum/web3/", "", "{}").await.status, 404);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_answered_like_the_api() {
    let sandbox = start().await;
    let at = sandbox.address();
    for (method, path, status) in [
        ("GET", "/v3/nothing", 404),
        ("GET", "/v4", 404),
        ("POST", "/v3/doge/broadcast", 404),
        ("DELETE", "/", 405),
        ("GET", "/v3/bitcoin/broadcast", 405),
    ] {
        let reply = call(at, method, path, &Value::Null).await;
        let json = reply.json();
        assert_eq!((reply.status, &json["statusCode"]), (status, &json!(status)), "{path}");
        assert!(json["errorCode"].is_string() && json["message"].is_string(), "{json}");
    }
}

#[tokio::test]
async fn bodies_and_counts_have_limits() {
    let sandbox = start().await;
    let at = sandbox.address();
    let poll = async |count: usize| {
        let ids = vec!["8b6ba12d-e244-4b2d-be4a-81b72665f5e2"; count];
        call(at, "POST", "/v3/kms/pending/BTC", &json!({ "signatureIds": ids })).await
    };
    assert_eq!(poll(25_000).await.status, 200);
    let refused = poll(25_001).await;
    assert_eq!((refused.status, &refused.json()["errorCode"]), (400, &json!("validation.failed")));
    let unknown = call(at, "POST", "/v3/kms/pending/NEO", &json!({ "signatureIds": [] })).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.text.contains("chain must be one of"), "{}", unknown.text);
    for bad in ["", "{", "[]", "{\"signatureIds\":7}"] {
        assert_eq!(send(at, "POST", "/v3/kms/pending/BTC", KEY, bad).await.status, 400, "{bad}");
    }
    let report = async |count: usize| {
        let errors = vec![json!({ "signatureId": "x", "error": "y" }); count];
        call(at, "POST", "/v3/tatum/kms/batch", &json!({ "errors": errors })).await.status
    };
    assert_eq!((report(25_000).await, report(25_001).await), (204, 400));
    let mut offer = offer_of(&vector("ETH", "eth-native-explicit"));
    offer["pending"]["hashes"] = json!(vec!["w"; 25_001]);
    let refused = call(at, "POST", "/sandbox/transactions", &offer).await;
    assert!(refused.status == 400 && refused.text.contains("more than 25000 wallets"));
    let long = "x".repeat((10 << 20) + 1);
    let reply = send(at, "POST", "/sandbox/transactions", "", &long).await;
    assert_eq!((reply.status, &reply.json()["errorCode"]), (413, &json!("body.too.large")));
}

#[tokio::test]
async fn a_bad_offer_is_refused_with_the_reason() {
    let sandbox = start().await;
    let at = sandbox.address();
    let good = offer_of(&vector("ETH", "eth-native-explicit"));
    let with = |pointer: &str, value: Value| {
        let mut offer = good.clone();
        *offer.pointer_mut(pointer).unwrap() = value;
        offer
    };
    let refusals = [
        (with("/pending/chain", json!("NEO")), "`chain` is not one of "),
        (with("/pending/chain", Value::Null), "`chain` is missing"),
        (with("/pending/id", json!("a/b")), "`id` a transaction id consists of"),
        (with("/pending/hashes", json!([])), "name no wallet"),
        (with("/pending/hashes", json!([7])), "`hashes` has an entry without an id"),
        (with("/pending/hashes", json!("x")), "`hashes` is not a list"),
        (with("/pending/serializedTransaction", json!({})), "`serializedTransaction` is not text"),
        (with("/expect/signers", json!([])), "`expect.signers` is empty"),
        (with("/expect/signers", json!([{ "publicKey": "zz" }])), "has a public key that is not"),
        (with("/expect/signers", json!([{ "key": "00" }])), "unknown variant `key`"),
        (with("/expect/network", json!("moon")), "unknown variant `moon`"),
        (json!({ "pending": good["pending"] }), "missing field `expect`"),
        (json!([]), "the offer is not valid"),
    ];
    for (offer, reason) in refusals {
        let refused = call(at, "POST", "/sandbox/transactions", &offer).await;
        assert_eq!(refused.status, 400, "{reason}");
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(call(at, "POST", "/sandbox/transactions", &good).await.status, 201);
    assert_eq!(call(at, "POST", "/sandbox/transactions", &good).await.status, 409);
    let mut nameless = good.clone();
    nameless["pending"].as_object_mut().unwrap().remove("id");
    let ids = [
        call(at, "POST", "/sandbox/transactions", &nameless).await.json()["id"].clone(),
        call(at, "POST", "/sandbox/transactions", &nameless).await.json()["id"].clone(),
    ];
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].as_str().unwrap().len(), 24);
}

#[tokio::test]
async fn nodes_answer_what_a_daemon_asks() {
    let sandbox = start().await;
    let at = sandbox.address();
    let rpc = async |path: &str, method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let reply = send(at, "POST", &format!("{path}/some-key?x=y"), "", &body.to_string()).await;
        assert_eq!((reply.status, &reply.json()["id"]), (200, &json!(7)));
        reply.json()
    };
    let chain_ids = [
        ("/v3/ethereum/web3", "0xaa36a7"),
        ("/v3/bsc/web3", "0x61"),
        ("/v3/polygon/web3", "0x13882"),
        ("/v3/xdc/web3", "0x33"),
        ("/v3/one/web3", "0x6357d2e0"),
        ("/v3/kcs/web3", "0x142"),
        ("/v3/blockchain/node/CELO", "0xaef3"),
    ];
    for (path, id) in chain_ids {
        assert_eq!(rpc(path, "eth_chainId", json!([])).await["result"], id, "{path}");
    }
    let klaytn = "/v3/blockchain/node/KLAY";
    assert_eq!(rpc(klaytn, "klay_chainID", json!([])).await["result"], "0x3e9");
    let transfer = json!([{ "to": "0x0b54ef769e0426295e768954d537452b730aad49" }]);
    assert_eq!(rpc(klaytn, "klay_estimateGas", transfer).await["result"], "0x5208");
    let block = rpc("/v3/xdc/web3", "eth_getBlockByNumber", json!(["latest", false])).await;
    assert!(block["result"]["baseFeePerGas"].is_string());
    let unknown = rpc("/v3/bsc/web3", "eth_sign", json!([])).await;
    assert_eq!(unknown["error"]["code"], -32601);
    let bad = rpc("/v3/bsc/web3", "eth_getTransactionCount", json!(["0x12"])).await;
    assert_eq!(bad["error"]["code"], -32602);

    let offer = offer_of(&vector("ETH", "eth-erc20-custom-fee-nonce-mainnet"));
    call(at, "POST", "/sandbox/transactions", &offer).await;
    assert_eq!(rpc("/v3/ethereum/web3", "eth_chainId", json!([])).await["result"], "0x1");

    let fee = call(at, "GET", "/v3/blockchain/fee/ETH", &Value::Null).await.json();
    assert_eq!(fee["medium"], "20000000000");
    let station = send(at, "GET", "/v2", "", "").await.json();
    assert!(station["fast"]["maxFee"].as_f64().unwrap() > 30.0);
    let bad = call(at, "GET", "/v3/bsc/transaction/count/nobody", &Value::Null).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let sandbox = start().await;
    assert!(sandbox.address().ip().is_loopback());
    let port = sandbox.address().port();
    let error = Sandbox::start(Some(port)).await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()), "{error}");
    sandbox.shutdown().await;
    assert!(Sandbox::start(Some(port)).await.is_ok());
}
