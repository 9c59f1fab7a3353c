//! Transactions that the daemon signs are mined by a real node of Ethereum.

use std::{process::Command, time::Duration};

use kms_core::{Fate, Network, NodeCall, RawTransaction, SentTransaction};
use serde_json::{Value, json};

use super::{
    node::{Node, Rpc, free_port},
    program,
};
use crate::{mock::Mock, program::Place};

/// Test key of EIP-155's example, and the address that the EIP gives for it.
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
const OWN: &str = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
const RECEIVER: &str = "0x00000000000000000000000000000000000000aa";
/// Stores one byte of code, `0x00`, as the new contract.
const CREATION: &str = "0x600060005360016000f3";
const CHAIN_ID: u32 = 11_155_111;

/// The remote API as far as this daemon asks it, with a real node behind it.
fn api(rpc: Rpc) -> impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static {
    move |path, body| {
        let ask = |method: &str, params: Value| rpc.call(method, &params);
        let number = |value: Value| {
            u64::from_str_radix(value.as_str().unwrap_or_default().trim_start_matches("0x"), 16)
        };
        if let Some(method) = body["method"].as_str() {
            let result = ask(method, body["params"].clone());
            let name = if result.is_ok() { "result" } else { "error" };
            let value = result.unwrap_or_else(|error| json!({ "code": -32000, "message": error }));
            return Some((200, json!({ "jsonrpc": "2.0", "id": body["id"], name: value })));
        }
        if let Some(account) = path.strip_prefix("/v3/ethereum/transaction/count/") {
            let count = ask("eth_getTransactionCount", json!([account, "pending"])).ok()?;
            return Some((200, json!(number(count).ok()?)));
        }
        match path {
            "/v3/blockchain/fee/ETH" => {
                let price = number(ask("eth_gasPrice", json!([])).ok()?).ok()?.to_string();
                Some((200, json!({ "fast": price, "medium": price, "slow": price })))
            }
            "/v3/ethereum/broadcast" => {
                Some(match ask("eth_sendRawTransaction", json!([body["txData"]])) {
                    Ok(id) => (200, json!({ "txId": id })),
                    Err(message) => (
                        403,
                        json!({ "statusCode": 403, "errorCode": "eth.broadcast.failed", "message": message }),
                    ),
                })
            }
            _ => None,
        }
    }
}

fn pending() -> Value {
    let payloads = [
        json!({ "to": RECEIVER, "value": "1000" }),
        json!({
            "to": RECEIVER, "value": "2000", "gas": 21_000,
            "maxFeePerGas": "20000000000", "maxPriorityFeePerGas": "1000000000",
        }),
        json!({ "data": CREATION, "gas": 100_000, "gasPrice": "20000000000" }),
    ];
    let entry = |(place, payload): (usize, &Value)| {
        json!({
            "id": format!("t{place}"), "chain": "ETH", "hashes": ["w1"],
            "serializedTransaction": payload.to_string(),
        })
    };
    payloads.iter().enumerate().map(entry).collect()
}

/// The raw transaction with one bit of `s` flipped: `s` ends it.
fn with_other_signature(raw: &str) -> String {
    let (head, last) = raw.split_at(raw.len() - 1);
    let digit = u8::from_str_radix(last, 16).expect("a digit");
    format!("{head}{:x}", digit ^ 1)
}

#[test]
fn what_the_daemon_signs_is_mined_and_what_is_altered_is_not() {
    let Some(anvil) = program("anvil") else { return };
    let port = free_port();
    let mut command = Command::new(anvil);
    command.args(["--host", "127.0.0.1", "--quiet", "--port", &port.to_string()]);
    command.args(["--chain-id", &CHAIN_ID.to_string()]);
    let node = Node::start(&mut command, port, "none", "eth_chainId");
    let rpc = node.rpc();
    rpc.must("anvil_setBalance", &json!([OWN, "0xde0b6b3a7640000"]));

    let mock = Mock::start();
    mock.relay(api(rpc.clone()));
    mock.pending("ETH", &pending());
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "any");
    let wallets = json!({ "w1": { "privateKey": KEY, "chain": "ETH", "testnet": true } });
    place.put_wallets(wallets.as_object().expect("an object"));
    let ran = place.run(&["daemon", "--testnet", "--runOnce"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let raws = mock.broadcasts();
    assert_eq!(raws.len(), 3, "{ran:?}");
    for (raw, nonce) in raws.iter().zip(["0x0", "0x1", "0x2"]) {
        let block = rpc.must("eth_getBlockByNumber", &json!([height(nonce), true]));
        let mined = &block["transactions"][0];
        assert_eq!((&mined["from"], &mined["nonce"]), (&json!(OWN), &json!(nonce)), "{raw}");
        let receipt = rpc.must("eth_getTransactionReceipt", &json!([mined["hash"]]));
        assert_eq!(receipt["status"], "0x1", "{raw}");
        let replayed = rpc.call("eth_sendRawTransaction", &json!([raw]));
        assert!(replayed.is_err(), "{replayed:?}");
        let altered = rpc.call("eth_sendRawTransaction", &json!([with_other_signature(raw)]));
        assert!(altered.is_err(), "{altered:?}");
    }
    assert_eq!(rpc.must("eth_getBalance", &json!([RECEIVER, "latest"])), "0xbb8");
    assert_eq!(rpc.must("eth_getTransactionCount", &json!([OWN, "latest"])), "0x3");
    let other = with_other_signature(&raws[0]);
    assert_eq!(fate(rpc, &raws[0], 0), Fate::Open, "it is not deep enough");
    assert_eq!(fate(rpc, &other, 0), Fate::Open, "nor is what took its nonce");
    rpc.must("anvil_mine", &json!(["0x100"]));
    for (nonce, raw) in (0..).zip(&raws) {
        assert_eq!(fate(rpc, raw, nonce), Fate::Confirmed);
    }
    let dropped = fate(rpc, &other, 0);
    assert!(matches!(dropped, Fate::Dropped { .. }), "{dropped:?}");
    assert_eq!(fate(rpc, &other, 3), Fate::Open, "its nonce is the next one");
}

/// Data of which every byte counts more than what it costs to run it; code of two words for a
/// contract, and nearly as much code as is allowed.
fn at_the_limit() -> Vec<(Value, u64)> {
    let bytes = |count: usize| format!("0x{}", "11".repeat(count));
    let code = |count: usize| format!("0x{}", "00".repeat(count));
    vec![
        (json!({ "to": RECEIVER, "data": bytes(1_000) }), 61_000),
        (json!({ "to": RECEIVER, "data": code(1_000) }), 31_000),
        (json!({ "data": code(33) }), 53_136),
        (json!({ "data": code(49_152) }), 512_520),
    ]
}

/// The least gas that is signed is the least that the node takes; one less is refused here, and one
/// more byte of code.
#[test]
fn the_least_gas_is_the_nodes() {
    let Some(anvil) = program("anvil") else { return };
    let port = free_port();
    let mut command = Command::new(anvil);
    command.args(["--host", "127.0.0.1", "--quiet", "--port", &port.to_string()]);
    command.args(["--chain-id", &CHAIN_ID.to_string(), "--hardfork", "prague"]);
    let node = Node::start(&mut command, port, "none", "eth_chainId");
    let rpc = node.rpc();
    rpc.must("anvil_setBalance", &json!([OWN, "0xde0b6b3a7640000"]));
    let mock = Mock::start();
    mock.relay(api(rpc.clone()));
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "any");
    let wallets = json!({ "w1": { "privateKey": KEY, "chain": "ETH", "testnet": true } });
    place.put_wallets(wallets.as_object().expect("an object"));
    let offer = |id: &str, payload: &Value| {
        let text = payload.to_string();
        json!({ "id": id, "chain": "ETH", "hashes": ["w1"], "serializedTransaction": text })
    };
    let mut offers = Vec::new();
    let all = at_the_limit();
    for (number, (payload, least)) in all.iter().enumerate() {
        let with_gas = |gas: u64| {
            let mut payload = payload.clone();
            payload["gas"] = json!(gas);
            payload["gasPrice"] = json!("2000000000");
            payload["nonce"] = json!(number);
            payload
        };
        let low = rpc.call("eth_call", &json!([low_call(&with_gas(least - 1)), "latest"]));
        assert!(low.is_err(), "the node takes less than {least}: {low:?}");
        offers.push(offer(&format!("low{number}"), &with_gas(least - 1)));
        offers.push(offer(&format!("good{number}"), &with_gas(*least)));
    }
    let long = json!({
        "data": format!("0x{}", "00".repeat(49_153)), "gas": 1_000_000, "gasPrice": "2000000000",
    });
    offers.push(offer("long", &long));
    mock.pending("ETH", &json!(offers));
    let ran = place.run(&["daemon", "--testnet", "--runOnce"]);
    for (_, least) in &all {
        let given = least - 1;
        let refusal =
            format!("gas limit {given} is too low: this transaction needs at least {least}");
        assert!(ran.stderr.contains(&refusal), "{ran:?}");
    }
    assert!(ran.stderr.contains("creates a contract of more than 49152 bytes"), "{ran:?}");
    let count = rpc.must("eth_getTransactionCount", &json!([OWN, "latest"]));
    assert_eq!(count, format!("{:#x}", all.len()), "every other one is mined");
}

/// The call as the node checks it before it runs.
fn low_call(payload: &Value) -> Value {
    let mut call = json!({
        "from": OWN, "data": payload["data"],
        "gas": format!("{:#x}", payload["gas"].as_u64().expect("gas")),
    });
    if let Some(to) = payload.get("to") {
        call["to"] = to.clone();
    }
    call
}

/// The fate of a transaction according to the node.
fn fate(rpc: &Rpc, raw: &str, nonce: u64) -> Fate {
    let raw = RawTransaction::from_text(raw.to_owned());
    let claims = [format!("evm:{CHAIN_ID}:{OWN}:{nonce}")];
    let sent = SentTransaction {
        network: Network::Testnet,
        raw: &raw,
        txid: None,
        first_slot: None,
        claims: &claims,
        age: Duration::from_secs(3_600),
    };
    let chain = kms_chains::find("ETH").expect("a chain");
    let mut inquiry = chain.inquiry(&sent).expect("it can be asked");
    while let Some(call) = inquiry.next_call() {
        let NodeCall::Rpc { method, params, .. } = call else { panic!("not asked for: {call:?}") };
        inquiry.outcome(Ok(rpc.must(method, &params)));
    }
    inquiry.fate()
}

/// Each transaction has a block of its own, after the first, which is empty.
fn height(nonce: &str) -> String {
    let number: u8 = nonce.trim_start_matches("0x").parse().expect("a small number");
    format!("{:#x}", number + 1)
}
