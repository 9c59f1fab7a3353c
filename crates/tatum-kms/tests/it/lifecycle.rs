//! Wallets get names, are removed, and come back.

use serde_json::{Map, Value, json};

use crate::program::Place;

const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";

fn place(ids: &[&str]) -> Place {
    let place = Place::new();
    let wallet = json!({ "privateKey": KEY, "chain": "ETH", "testnet": true });
    let wallets = ids.iter().map(|id| ((*id).to_owned(), wallet.clone()));
    place.put_wallets(&Map::from_iter(wallets));
    place
}

fn ids(place: &Place, arguments: &[&str]) -> Vec<String> {
    let list = place.run(arguments).json();
    let id = |one: &Value| one["signatureId"].as_str().expect("an id").to_owned();
    list.as_array().expect("a list").iter().map(id).collect()
}

#[test]
fn a_label_is_shown_found_and_taken_away() {
    let place = place(&["a", "b"]);
    let label = "Kasse \u{2116} 1";
    let set = place.run(&["label", "a", label]).json();
    assert_eq!(set, json!({ "signatureId": "a", "label": label }));
    assert_eq!(ids(&place, &["list", "--label", label]), ["a"]);
    assert_eq!(place.run(&["list"]).json()[1]["label"], label);
    assert_eq!(place.run(&["getmanagedwallet", "a"]).json()["label"], label);
    let stored = place.run(&["getprivatekey", "a"]).json();
    assert_eq!(stored["privateKey"], KEY);
    assert_eq!(place.run(&["label", "a"]).json()["label"], Value::Null);
    assert_eq!(ids(&place, &["list", "--label", label]), [""; 0]);
    for bad in ["", "  ", "two\nlines", &"x".repeat(101)] {
        place.run(&["label", "a", bad]).fails(1, "a label must have 1 to 100 characters");
    }
    place.run(&["label", "nobody", "x"]).fails(1, "No such wallet");
}

#[test]
fn a_wallet_that_was_removed_with_grace_comes_back() {
    let place = place(&["a", "b"]);
    let removed = place.run(&["removewallet", "a", "--grace", "30"]);
    assert_eq!((removed.code, removed.stdout.as_str()), (Some(0), ""));
    assert_eq!(ids(&place, &["list"]), ["b"]);
    assert_eq!(ids(&place, &["list", "--removed"]), ["a"]);
    let until = place.run(&["list", "--removed"]).json()[0]["restorableUntil"].clone();
    let until: jiff::Timestamp = until.as_str().expect("text").parse().expect("a time");
    let days = until.duration_since(jiff::Timestamp::now()).as_hours() / 24;
    assert!((29..=30).contains(&days), "{days} days");
    for arguments in [
        ["getprivatekey", "a"].as_slice(),
        &["getaddress", "a"],
        &["getmanagedwallet", "a"],
        &["label", "a", "x"],
        &["removewallet", "a"],
    ] {
        place.run(arguments).fails(1, "No such wallet");
    }
    assert_eq!(place.run(&["export"]).json().as_object().map(Map::len), Some(1));
    assert_eq!(place.run(&["restorewallet", "a"]).code, Some(0));
    place.run(&["restorewallet", "a"]).fails(1, "no removed wallet has the signatureId");
    assert_eq!(place.run(&["getprivatekey", "a"]).json()["privateKey"], KEY);
    for bad in ["0", "-1", "3651", "x"] {
        let ran = place.run(&["removewallet", "a", &format!("--grace={bad}")]);
        ran.fails(2, "--grace");
    }
    assert_eq!(place.run(&["removewallet", "a"]).code, Some(0));
    place.run(&["restorewallet", "a"]).fails(1, "no removed wallet");
}
