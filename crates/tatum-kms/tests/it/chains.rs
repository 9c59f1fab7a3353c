//! `chains`: the limits in force and where they come from.

use serde_json::{Value, json};

use crate::program::Place;

fn limit<'a>(chain: &'a Value, name: &str) -> &'a Value {
    let limits = chain["limits"].as_array().expect("limits");
    limits.iter().find(|limit| limit["name"] == name).expect("a limit of this name")
}

/// Values of Dogecoin Core's doc/fee-recommendation.md.
#[test]
fn dogecoins_limits_are_told_and_where_they_come_from() {
    let told = Place::new().run(&["chains", "doge", "--json"]).json();
    let doge = &told[0];
    assert_eq!(doge["name"], "Dogecoin");
    for (name, amount) in [
        ("fee-most", "20"),
        ("fee-rate-least", "0.001"),
        ("fee-rate-advised", "0.01"),
        ("fee-rate-most", "15"),
        ("dust", "0.001"),
        ("soft-dust", "0.01"),
    ] {
        let limit = limit(doge, name);
        assert_eq!((&limit["amount"], &limit["source"]), (&json!(amount), &json!("default")));
    }
    let place = Place::new()
        .with("TATUM_KMS_LIMITS_DOGE", "fee-rate-least=0.005")
        .with("TATUM_KMS_FEE_MOST", "DOGE=3");
    let told = place.run(&["chains", "DOGE", "--json"]).json();
    let least = limit(&told[0], "fee-rate-least");
    assert_eq!((&least["amount"], &least["baseUnits"]), (&json!("0.005"), &json!("500000")));
    assert_eq!(least["source"], "TATUM_KMS_LIMITS_DOGE");
    let most = limit(&told[0], "fee-most");
    assert_eq!((&most["amount"], &most["source"]), (&json!("3"), &json!("TATUM_KMS_FEE_MOST")));
    assert_eq!(limit(&told[0], "dust")["source"], "default");
}

#[test]
fn every_chain_is_told_and_what_became_of_its_network() {
    let place = Place::new();
    let told = place.run(&["chains", "--json"]).json();
    let chains = told.as_array().expect("an array");
    assert_eq!(chains.len(), 22);
    for chain in chains {
        for member in ["code", "name", "signs", "judges", "network"] {
            assert!(chain[member].as_str().is_some_and(|text| !text.is_empty()), "{chain}");
        }
    }
    let bnb = place.run(&["chains", "BNB"]);
    assert!(bnb.stdout.contains("stopped on 3 December 2024"), "{}", bnb.stdout);
    let klay = place.run(&["chains", "KAIA"]);
    assert!(klay.stdout.contains("KLAY"), "{}", klay.stdout);
    assert_eq!(place.run(&["chains"]).stdout.lines().count(), 23);
}

#[test]
fn what_is_no_chain_and_no_limit_is_refused() {
    Place::new().run(&["chains", "NOPE"]).fails(2, "NOPE");
    let place = Place::new().with("TATUM_KMS_LIMITS_DOGE", "dust=1,5");
    place.run(&["chains"]).fails(2, "TATUM_KMS_LIMITS_DOGE");
}
