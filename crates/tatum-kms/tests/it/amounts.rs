//! The amounts of the outputs that a transaction spends: read from the API's node or the
//! operator's, or taken from the payload if the operator allows that.

use serde_json::{Value, json};

use crate::{
    mock::{Mock, Reply},
    program::Place,
};

/// A test key: 32 bytes of 0x46, compressed, as a test network writes it.
const KEY: &str = "cPwJhzJHSNXeJ9jnGW9fMK3o26tsPqQmFEd3rCc5svm8Pbp5ujKd";
const OWN: &str = "76a914bd92088bb7e82d611a9b94fbb74a0908152b784f88ac";
const STRANGER: &str = "76a914111111111111111111111111111111111111111188ac";
/// Pays 1,010,000 base units to the key's hash. Made, as its id, by Python.
const PREVIOUS: &str = "01000000011111111111111111111111111111111111111111111111111111111111111111000000000151ffffffff0150690f00000000001976a914bd92088bb7e82d611a9b94fbb74a0908152b784f88ac00000000";
const TXID: &str = "9af6515f07d32dcdd4d048da4e09b59af5fcd68a69d018b2c4507c62fb39d1dc";
const ROUTE: &str = "/v3/bitcoin/node";
const ONCE: [&str; 3] = ["daemon", "--testnet", "--runOnce"];

fn place(mock: &Mock, amount: u64) -> Place {
    let payload = json!({
        "version": 2,
        "inputs": [{
            "prevTxId": TXID, "outputIndex": 0, "output": { "satoshis": amount, "script": OWN },
        }],
        "outputs": [{ "satoshis": amount - 10_000, "script": STRANGER }],
    });
    mock.pending(
        "BTC",
        &json!([{
            "id": "t1", "chain": "BTC", "hashes": ["w1"],
            "serializedTransaction": payload.to_string(),
        }]),
    );
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "t-key");
    let wallets = json!({ "w1": { "privateKey": KEY, "chain": "BTC", "testnet": true } });
    place.put_wallets(wallets.as_object().expect("an object"));
    place
}

fn rpc(member: &str, value: Value) -> Reply {
    Reply::Json(200, json!({ "jsonrpc": "2.0", "id": null, member: value }))
}

#[test]
fn an_amount_is_read_from_the_apis_node() {
    let mock = Mock::start();
    mock.reply(&format!("POST {ROUTE}"), rpc("result", json!(PREVIOUS)));
    let ran = place(&mock, 1_010_000).run(&ONCE);
    assert_eq!((ran.code, mock.broadcasts().len()), (Some(0), 1), "{ran:?}");
    let asked = mock.asked_at(ROUTE);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].api_key.as_deref(), Some("t-key"));
    assert_eq!(asked[0].body["params"], json!([TXID, false]));
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
}

#[test]
fn without_the_true_amount_nothing_is_signed() {
    for (amount, reply) in [
        (1_000_000, rpc("result", json!(PREVIOUS))),
        (1_010_000, rpc("result", json!(PREVIOUS.replace("50690f", "51690f")))),
        (1_010_000, rpc("result", Value::Null)),
    ] {
        let mock = Mock::start();
        mock.reply(&format!("POST {ROUTE}"), reply.clone());
        let ran = place(&mock, amount).run(&ONCE);
        assert_eq!(mock.broadcasts(), Vec::<String>::new(), "{reply:?}");
        assert_eq!(ran.code, Some(1), "{ran:?}");
    }
}

#[test]
fn a_transaction_that_no_node_knows_is_waited_for_and_not_reported() {
    let unknown = json!({ "code": -5, "message": "No such mempool or blockchain transaction" });
    for reply in [
        rpc("error", unknown),
        Reply::Json(403, json!({ "statusCode": 403, "message": "not known" })),
        Reply::Json(404, json!({ "statusCode": 404, "message": "not known" })),
        Reply::Json(503, json!({})),
        Reply::Drop,
    ] {
        let mock = Mock::start();
        mock.reply(&format!("POST {ROUTE}"), reply.clone());
        let ran = place(&mock, 1_010_000).run(&ONCE);
        assert_eq!((ran.code, mock.broadcasts().len()), (Some(1), 0), "{reply:?}: {ran:?}");
        assert_eq!(mock.reports(), Vec::<(String, String)>::new(), "{reply:?}");
    }
}

#[test]
fn an_own_node_is_asked_instead_and_gets_no_key() {
    let (mock, node) = (Mock::start(), Mock::start());
    node.reply("POST /", rpc("result", json!(PREVIOUS)));
    let place = place(&mock, 1_010_000).with("TATUM_KMS_NODE_URL_BTC", &node.url());
    let ran = place.run(&ONCE);
    assert_eq!((ran.code, mock.broadcasts().len()), (Some(0), 1), "{ran:?}");
    assert_eq!((mock.asked_at(ROUTE).len(), node.asked().len()), (0, 1));
    assert_eq!(node.asked()[0].api_key, None);
}

#[test]
fn an_operator_who_believes_the_payload_is_warned() {
    const VARIABLE: &str = "TATUM_KMS_TRUST_INPUT_AMOUNTS";
    let flag = [&ONCE[..], &["--trust-input-amounts"]].concat();
    for (arguments, value) in [(&flag[..], ""), (&ONCE[..], "true"), (&ONCE[..], "1")] {
        let mock = Mock::start();
        let ran = place(&mock, 1_000_000).with(VARIABLE, value).run(arguments);
        assert_eq!((ran.code, mock.broadcasts().len()), (Some(0), 1), "{ran:?}");
        assert_eq!(mock.asked_at(ROUTE).len(), 0);
        assert!(ran.stderr.contains("warning: --trust-input-amounts"), "{}", ran.stderr);
    }
    let mock = Mock::start();
    mock.reply(&format!("POST {ROUTE}"), rpc("result", json!(PREVIOUS)));
    let ran = place(&mock, 1_000_000).with(VARIABLE, "false").run(&ONCE);
    assert_eq!((ran.code, mock.broadcasts().len()), (Some(1), 0), "{ran:?}");
    place(&mock, 1_000_000).with(VARIABLE, "maybe").run(&ONCE).fails(2, VARIABLE);
}
