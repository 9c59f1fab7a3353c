//! Recorded rounds of the original, through the whole program: the same requests, the same bytes.

use std::path::PathBuf;

use kms_testkit::vectors::{Exchange, File, SignCase, load};
use serde_json::{Value, json};

use crate::{
    mock::{Mock, Reply, rpc_key},
    program::Place,
};

const API_KEY: &str = "t-64a1b2c3d4e5f60718293a4b-0123456789abcdef01234567";
const HOSTS: [&str; 8] = [
    "https://api.tatum.io",
    "https://gasstation.polygon.technology",
    "https://sync-mainnet.vechain.org",
    "https://sync-testnet.vechain.org",
    "https://dex-european.binance.org",
    "https://testnet-dex-atlantic.binance.org",
    "https://rest-mainnet.onflow.org",
    "https://rest-testnet.onflow.org",
];
/// The key of the recording, which is part of the paths of proxied nodes.
const RECORDED_KEY: &str = "test-api-key";
const CASES_A_CHAIN: usize = 6;

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../kms-chains/vectors")
}

/// Cases that end otherwise here: the suite of kms-chains says how.
fn departures(chain: &str) -> Vec<String> {
    let files = [vectors().join("departures.json"), vectors().join(chain).join("departures.json")];
    let read = |path: &PathBuf| -> Value {
        let text = std::fs::read_to_string(path).unwrap_or_else(|_| String::from("{}"));
        serde_json::from_str(&text).expect("JSON")
    };
    let lists = files
        .iter()
        .map(read)
        .flat_map(|file| file["departures"].as_array().cloned().unwrap_or_default());
    let cases = lists.flat_map(|departure| departure["cases"].as_array().cloned().expect("cases"));
    cases.map(|case| case.as_str().expect("a name").trim_start_matches('*').to_owned()).collect()
}

fn cases(chain: &str) -> Vec<SignCase> {
    let file: File<SignCase> = load(&vectors().join(chain).join("sign.json"));
    let departures = departures(chain);
    let all = file.cases.into_iter();
    let usual = all.filter(|case| !departures.iter().any(|end| case.name.contains(end)));
    let usual = usual.filter(|case| case.deterministic != Some(false));
    let (mainnet, testnet): (Vec<_>, Vec<_>) = usual.partition(|case| !case.testnet);
    mainnet.into_iter().take(2).chain(testnet).take(CASES_A_CHAIN).collect()
}

fn set(mock: &Mock, exchange: &Exchange) {
    let status = exchange.status.unwrap_or(200);
    let reply = Reply::Json(status, exchange.response.clone());
    let body = exchange.body.as_ref().unwrap_or(&Value::Null);
    match body["method"].as_str() {
        Some(method) => mock.reply(&rpc_key(method, &body["params"]), reply),
        None => {
            let path = HOSTS.iter().find_map(|host| exchange.url.strip_prefix(host));
            let path = path.expect("a known host").split('?').next().expect("a path");
            let path = path.replace(RECORDED_KEY, API_KEY);
            mock.reply(&format!("{} {path}", exchange.method), reply)
        }
    };
}

fn run(chain: &str, case: &SignCase) {
    let mock = Mock::start();
    case.rpc.iter().for_each(|exchange| set(&mock, exchange));
    mock.pending(chain, &json!([case.pending]));
    let place = Place::new()
        .with("TATUM_API_URL", &mock.url())
        .with("TATUM_API_KEY", API_KEY)
        .with(&format!("TATUM_KMS_NODE_URL_{chain}"), &mock.url());
    place.put_wallets(&case.wallets);
    let four_eyes = format!("{}/four-eyes", mock.url());
    let mut arguments =
        vec!["daemon", "--runOnce", "--externalUrl", four_eyes.as_str(), "--four-eyes-yes-to-all"];
    // The recordings hold no transactions that pay what is spent.
    arguments.push("--trust-input-amounts");
    if case.testnet {
        arguments.push("--testnet");
    }
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}: {ran:?}", case.name);
    let signed = case.signed.as_ref().expect("a signed case");
    assert_eq!(mock.broadcasts(), [signed.tx_data.as_str()], "{}", case.name);
    let sent = mock.asked_at("/broadcast").pop().expect("a broadcast");
    let expected = |name: &str| signed.broadcast.get(name).expect(name).clone();
    assert_eq!(json!(sent.method), expected("method"), "{}", case.name);
    let path = expected("path").as_str().expect("a path").to_owned();
    assert!(path.ends_with(&sent.path), "{}: {path}", case.name);
    let mut body = expected("body");
    if let Some(text) = body.as_str() {
        body = serde_json::from_str(text).expect("a JSON body");
    }
    assert_eq!(sent.body, body, "{}", case.name);
    assert_eq!(sent.api_key.as_deref(), Some(API_KEY), "{}", case.name);
    assert!(!ran.stderr.contains(API_KEY), "{}: the key is in the log", case.name);
    assert_eq!(mock.reports(), Vec::<(String, String)>::new(), "{}", case.name);
}

#[test]
fn the_program_sends_what_the_original_sent() {
    let mut count = 0;
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        for case in cases(code) {
            run(code, &case);
            count += 1;
        }
    }
    assert!(count >= 90, "{count}");
}
