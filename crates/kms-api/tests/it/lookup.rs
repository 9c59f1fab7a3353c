use std::{collections::HashMap, time::Duration};

use kms_api::{Api, ApiConfig};
use kms_core::{ChainId, Lookup, LookupError, Network, NodeCall};
use serde_json::{Value, json};

use crate::{
    fakes::{CELO, ETH, KEY, api, config, impatient_api},
    mock::{Mock, Reply, Seen, nobody},
};

const RPC_PATH: &str = "/v3/ethereum/web3";

fn rpc() -> NodeCall {
    NodeCall::Rpc { path: RPC_PATH, method: "eth_chainId", params: json!([]) }
}

fn resource() -> NodeCall {
    NodeCall::Api { path: String::from("/v3/blockchain/fee/ETH"), body: None }
}

async fn ask(api: &Api, chain: ChainId, call: &NodeCall) -> Result<Value, LookupError> {
    api.call(chain, Network::Testnet, call).await
}

/// Answers a JSON-RPC call with these members beside its id.
fn echo_id(members: &'static str) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |seen| Reply::ok(format!(r#"{{"jsonrpc":"2.0","id":{},{members}}}"#, seen.json()["id"]))
}

fn is_unreachable(outcome: &Result<Value, LookupError>) -> bool {
    matches!(outcome, Err(LookupError::Unreachable { .. }))
}

fn is_refused(outcome: &Result<Value, LookupError>) -> bool {
    matches!(outcome, Err(LookupError::Refused { .. }))
}

#[tokio::test]
async fn json_rpc_goes_through_the_node_proxy_with_the_key_in_the_path_only() {
    let mock = Mock::start(echo_id(r#""result":"0xaa36a7""#)).await;
    let api = api(&mock.url);
    assert_eq!(ask(&api, ETH, &rpc()).await.unwrap(), json!("0xaa36a7"));
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.clone()), ("POST", format!("{RPC_PATH}/{KEY}")));
    assert_eq!(
        (seen.header("x-api-key"), seen.header("x-testnet-type")),
        (None, None),
        "as in the original"
    );
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.body, r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#);
    ask(&api, ETH, &rpc()).await.unwrap();
    assert_eq!(mock.seen()[1].json()["id"], 2);
}

#[tokio::test]
async fn rinkeby_is_asked_for_in_the_query_of_ethereum_only() {
    let mock = Mock::start(echo_id(r#""result":1"#)).await;
    let testnet_type = Some(String::from("ethereum-rinkeby"));
    let api = Api::new(ApiConfig { testnet_type, ..config(&mock.url) }).unwrap();
    ask(&api, ETH, &rpc()).await.unwrap();
    ask(&api, CELO, &rpc()).await.unwrap();
    let targets: Vec<_> = mock.seen().into_iter().map(|seen| seen.target).collect();
    let proxy = format!("{RPC_PATH}/{KEY}");
    assert_eq!(targets, [format!("{proxy}?testnetType=ethereum-rinkeby"), proxy]);
}

fn full_node() -> NodeCall {
    NodeCall::FullNode {
        path: String::from("/v3/bitcoin/node"),
        method: "getrawtransaction",
        params: json!(["ab", false]),
    }
}

/// A route of the API as any other: its client sends the key in a header.
#[tokio::test]
async fn a_full_node_is_asked_through_the_api_with_the_key_in_a_header_only() {
    let mock = Mock::start(echo_id(r#""result":"0100","error":null"#)).await;
    assert_eq!(ask(&api(&mock.url), ETH, &full_node()).await.unwrap(), json!("0100"));
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v3/bitcoin/node"));
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"getrawtransaction","params":["ab",false]}"#;
    assert_eq!(seen.body, body);
}

#[tokio::test]
async fn an_own_full_node_is_asked_directly_and_gets_no_key() {
    let node = Mock::start(echo_id(r#""result":"0100""#)).await;
    let url = node.url.join("/wallet/a?token=x").unwrap();
    let direct_urls = HashMap::from([(String::from("ETH"), url)]);
    let api = Api::new(ApiConfig { direct_urls, ..config(&nobody().await) }).unwrap();
    assert_eq!(ask(&api, ETH, &full_node()).await.unwrap(), json!("0100"));
    let seen = node.only();
    assert_eq!(seen.target, "/wallet/a?token=x");
    assert!(!format!("{seen:?}").contains(KEY));
}

/// Four million bytes in hexadecimal are the longest transaction there can be.
#[tokio::test]
async fn a_full_nodes_answer_may_be_as_long_as_a_transaction() {
    let answer = |seen: &Seen, length: usize| {
        let result = "0".repeat(length);
        Reply::ok(format!(r#"{{"jsonrpc":"2.0","id":{},"result":"{result}"}}"#, seen.json()["id"]))
    };
    let mock = Mock::start(move |seen| answer(seen, 8_000_000)).await;
    assert!(ask(&api(&mock.url), ETH, &full_node()).await.is_ok());
    let mock = Mock::start(move |seen| answer(seen, 10_000_000)).await;
    assert!(ask(&api(&mock.url), ETH, &full_node()).await.is_err());
}

#[tokio::test]
async fn a_full_node_that_does_not_know_a_transaction_says_so() {
    let error = r#""result":null,"error":{"code":-5,"message":"No such mempool transaction"}"#;
    let mock = Mock::start(echo_id(error)).await;
    let outcome = ask(&api(&mock.url), ETH, &full_node()).await;
    assert!(is_tried_again(&outcome), "it may know it later: {outcome:?}");
    let told = outcome.unwrap_err().to_string();
    assert!(told.contains("getrawtransaction could not be looked up"), "{told}");
    assert!(told.contains("No such mempool transaction (code -5)"), "{told}");
    for status in [403, 404, 500] {
        let mock = Mock::answering(Reply::new(status, error)).await;
        let outcome = ask(&impatient_api(&mock.url), ETH, &full_node()).await;
        assert!(is_tried_again(&outcome), "{status}: {outcome:?}");
    }
}

fn is_tried_again(outcome: &Result<Value, LookupError>) -> bool {
    matches!(outcome, Err(LookupError::Unreachable { .. } | LookupError::Refused { .. }))
}

#[tokio::test]
async fn a_resource_is_read_with_key_and_testnet_type() {
    let mock = Mock::answering(Reply::ok("3739")).await;
    let call =
        NodeCall::Api { path: String::from("/v3/ethereum/transaction/count/0xAb"), body: None };
    assert_eq!(ask(&api(&mock.url), ETH, &call).await.unwrap(), json!(3739));
    let seen = mock.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/v3/ethereum/transaction/count/0xAb")
    );
    assert_eq!(seen.header("x-api-key"), Some(KEY));
    assert_eq!(seen.header("x-testnet-type"), Some("ethereum-ropsten"));
}

#[tokio::test]
async fn the_testnet_type_is_the_operators_and_only_for_chains_that_have_it() {
    let mock = Mock::answering(Reply::ok("1")).await;
    let testnet_type = Some(String::from("ethereum-sepolia"));
    let api = Api::new(ApiConfig { testnet_type, ..config(&mock.url) }).unwrap();
    ask(&api, ETH, &resource()).await.unwrap();
    ask(&api, CELO, &resource()).await.unwrap();
    let seen = mock.seen();
    assert_eq!(seen[0].header("x-testnet-type"), Some("ethereum-sepolia"));
    assert_eq!(seen[1].header("x-testnet-type"), None);
}

#[tokio::test]
async fn somebody_elses_service_gets_no_key() {
    let mock = Mock::answering(Reply::ok(r#"{"fast":{"maxFee":329.28}}"#)).await;
    let direct_urls = HashMap::from([(String::from("ETH"), mock.url.clone())]);
    let api = Api::new(ApiConfig { direct_urls, ..config(&nobody().await) }).unwrap();
    let call = NodeCall::External {
        default_base: "https://gasstation.invalid",
        path: "/v2".into(),
        body: None,
    };
    let answer = ask(&api, ETH, &call).await.unwrap();
    assert_eq!(answer, json!({ "fast": { "maxFee": 329.28 } }));
    let seen = mock.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/v2"));
    assert!(!format!("{seen:?}").contains(KEY));
    let error = ask(&api, CELO, &call).await.unwrap_err().to_string();
    assert!(error.starts_with("https://gasstation.invalid/v2 could not be looked up"), "{error}");
}

#[tokio::test]
async fn a_json_rpc_error_is_a_refusal_in_the_nodes_words() {
    let members = r#""error":{"code":3,"message":"execution reverted: paused"}"#;
    let mock = Mock::start(echo_id(members)).await;
    let error = ask(&api(&mock.url), ETH, &rpc()).await.unwrap_err();
    assert!(matches!(error, LookupError::Refused { .. }));
    assert_eq!(
        error.to_string(),
        "eth_chainId could not be looked up: the node answered: execution reverted: paused (code 3)"
    );
}

#[tokio::test]
async fn a_json_rpc_error_of_a_busy_node_is_asked_again() {
    let mock = Mock::start(echo_id(r#""error":{"code":-32005,"message":"limit exceeded"}"#)).await;
    assert!(is_unreachable(&ask(&api(&mock.url), ETH, &rpc()).await));
}

#[tokio::test]
async fn the_key_is_in_no_error_of_a_node() {
    let message: &'static str =
        Box::leak(format!(r#""error":{{"code":3,"message":"bad path /{KEY}"}}"#).into_boxed_str());
    let mock = Mock::start(echo_id(message)).await;
    let outcomes = [
        ask(&api(&mock.url), ETH, &rpc()).await,
        ask(&api(&nobody().await), ETH, &rpc()).await,
        ask(&api(&Mock::answering(Reply::new(404, format!("no /{KEY}"))).await.url), ETH, &rpc())
            .await,
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("64a1b2c3"), "{text}");
    }
}

#[tokio::test]
async fn an_answer_to_another_call_is_not_taken() {
    for body in [
        r#"{"jsonrpc":"2.0","id":999,"result":"0x1"}"#,
        r#"{"jsonrpc":"2.0","id":"1","result":"0x1"}"#,
        r#"{"jsonrpc":"2.0","result":"0x1"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":"0x1","result":"0x2"}"#,
        "[]",
        "\"0x1\"",
        "<html>",
        "",
    ] {
        let mock = Mock::answering(Reply::ok(body)).await;
        assert!(is_unreachable(&ask(&api(&mock.url), ETH, &rpc()).await), "{body}");
    }
}

#[tokio::test]
async fn statuses_are_told_apart() {
    for status in [301, 401, 402, 403, 408, 429, 500, 502, 503] {
        let mock = Mock::answering(Reply::new(status, "{}")).await;
        assert!(is_unreachable(&ask(&api(&mock.url), ETH, &resource()).await), "{status}");
    }
    for status in [400, 404, 422] {
        let mock = Mock::answering(Reply::new(status, "{}")).await;
        assert!(is_refused(&ask(&api(&mock.url), ETH, &resource()).await), "{status}");
    }
}

#[tokio::test]
async fn hanging_and_endless_answers_are_given_up() {
    let mock = Mock::answering(Reply::ok("1").after(Duration::from_secs(30))).await;
    assert!(is_unreachable(&ask(&impatient_api(&mock.url), ETH, &resource()).await));
    let mock = Mock::answering(Reply::ok("1".repeat(2_000_000))).await;
    let error = ask(&api(&mock.url), ETH, &resource()).await.unwrap_err();
    assert!(error.to_string().contains("longer than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn a_number_beyond_64_bits_keeps_its_digits() {
    let mock = Mock::start(echo_id(r#""result":115792089237316195423570985008687907853"#)).await;
    let answer = ask(&api(&mock.url), ETH, &rpc()).await.unwrap();
    assert_eq!(answer, json!("115792089237316195423570985008687907853"));
}

#[tokio::test]
async fn the_operators_own_node_is_asked_beside_the_proxy_and_gets_no_key() {
    let (proxy, own) = (
        Mock::start(echo_id(r#""result":"proxy""#)).await,
        Mock::start(echo_id(r#""result":"own""#)).await,
    );
    let direct_urls = HashMap::from([(String::from("ETH"), own.url.clone())]);
    let api = Api::new(ApiConfig { direct_urls, ..config(&proxy.url) }).unwrap();
    assert_eq!(ask(&api, ETH, &rpc()).await.unwrap(), json!("proxy"), "the first witness");
    let node = api.own_node(ETH).unwrap();
    let told = node.call(ETH, Network::Testnet, &rpc()).await.unwrap();
    assert_eq!(told, json!("own"));
    assert!(!own.only().target.contains(KEY), "{}", own.only().target);
    assert!(api.own_node(CELO).is_none(), "nobody names one");
}

#[tokio::test]
async fn what_the_own_node_does_not_say_nobody_else_says_for_it() {
    let proxy = Mock::start(echo_id(r#""result":"proxy""#)).await;
    let direct_urls = HashMap::from([(String::from("ETH"), nobody().await)]);
    let api = Api::new(ApiConfig { direct_urls, ..config(&proxy.url) }).unwrap();
    let node = api.own_node(ETH).unwrap();
    let told = node.call(ETH, Network::Testnet, &rpc()).await;
    assert!(matches!(told, Err(LookupError::NotAsked { .. })), "{told:?}");
    assert!(proxy.seen().is_empty());
}
