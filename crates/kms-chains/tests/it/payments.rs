//! The payments of other people's transactions, read from the answers of the API's nodes.

use kms_core::{Asset, Network};
use kms_testkit::vectors::{File, SignCase, load};
use serde_json::{Value, json};

use crate::vectors::folder;

/// The amounts are those of the payloads that the bytes were signed for.
#[test]
fn the_outputs_of_recorded_bytes_are_those_of_their_payloads() {
    let known: File<Value> = load(&folder().join("txids.json"));
    let mut compared = 0;
    for code in ["BTC", "LTC", "DOGE"] {
        let chain = kms_chains::find(code).expect("a chain");
        let recorded: File<SignCase> = load(&folder().join(code).join("sign.json"));
        for known in known.cases.iter().filter(|known| known["chain"] == code) {
            let is_it = |case: &&SignCase| known["case"] == case.name.as_str();
            let Some(case) = recorded.cases.iter().find(is_it) else { continue };
            let payload = case.pending["serializedTransaction"].as_str().unwrap_or_default();
            let Ok(payload) = serde_json::from_str::<Value>(payload) else { continue };
            let Some(outputs) = payload["outputs"].as_array() else { continue };
            let expected: Vec<_> = outputs.iter().map(|one| one["satoshis"].to_string()).collect();
            let network = Network::from_testnet_flag(case.testnet);
            let txid = known["txid"].as_str().expect("an id");
            let told = chain.read_payment(network, txid, &known["raw"]).expect("it is read");
            let paid: Vec<_> = told.transfers().iter().map(|one| one.amount.to_string()).collect();
            assert_eq!(paid, expected, "{}", case.name);
            assert!(chain.read_payment(network, &"11".repeat(32), &known["raw"]).is_none());
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared}");
}

/// Addresses computed from the scripts by a program of its own in Python.
#[test]
fn receivers_are_spelled_as_addresses() {
    let known: File<Value> = load(&folder().join("txids.json"));
    let is_it = |known: &&Value| known["case"] == "btc-1in-p2pkh-2out-mainnet";
    let known = known.cases.iter().find(is_it).expect("it is recorded");
    let txid = known["txid"].as_str().expect("an id");
    let btc = kms_chains::find("BTC").expect("a chain");
    let told = btc.read_payment(Network::Mainnet, txid, &known["raw"]).expect("it is read");
    let receivers: Vec<_> = told.transfers().iter().map(|one| one.to.as_str()).collect();
    let expected = ["1LvLdKSwf6PznjU8Cv1CVceyTX9cjDd6xJ", "1HxA2gvDj2gbbFoAxwBcbkYw5txhWogzVh"];
    assert_eq!(receivers, expected);
}

#[test]
fn a_token_transfer_names_its_receiver_and_not_the_contract() {
    let (hash, contract) = (format!("0x{}", "12".repeat(32)), format!("0x{}", "c0".repeat(20)));
    let receiver = "52908400098527886e0f7030069857d2e4169ee7";
    let input = format!("0xa9059cbb{:0>64}{:0>64}", receiver, "2a");
    for (code, spelled) in [("ETH", contract.clone()), ("XDC", contract.replace("0x", "xdc"))] {
        let answer = json!({
            "hash": hash, "from": format!("0x{}", "aa".repeat(20)), "to": spelled,
            "value": "0", "input": input,
        });
        let chain = kms_chains::find(code).expect("a chain");
        let told = chain.read_payment(Network::Testnet, &hash, &answer).expect("it is read");
        let [paid] = told.transfers() else { panic!("{told:?}") };
        assert_eq!(paid.to, format!("0x{receiver}"));
        assert_eq!(paid.amount.to_string(), "42");
        assert_eq!(paid.asset, Asset::Token { contract: contract.clone() });
    }
}
