//! Copies of the store, by the commands.

use std::fs;

use serde_json::{Value, json};

use crate::program::Place;

fn arguments<'a>(action: &'a str, file: &'a str) -> [&'a str; 3] {
    ["backup", action, file]
}

#[test]
fn a_backup_of_every_chain_is_made_verified_and_put_back() {
    let place = Place::new();
    for chain in kms_chains::CHAINS {
        let made = place.run(&["generatemanagedwallet", chain.spec().id.as_str()]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let batch = ["generatemanagedprivatekeybatch", chain.spec().id.as_str(), "1"];
        assert_eq!(place.run(&batch).code, Some(0));
    }
    let list = place.run(&["list"]).json();
    let made = place.run(&arguments("create", "b.dat")).json();
    assert_eq!(made, json!({ "backup": "b.dat", "wallets": 44 }));
    let verified = place.run(&arguments("verify", "b.dat")).json();
    assert_eq!(verified, json!({ "backup": "b.dat", "wallets": 44, "derived": 44 }));
    place.run(&arguments("create", "b.dat")).fails(4, "is not overwritten");
    place.run(&arguments("restore", "b.dat")).fails(4, "is not overwritten");
    fs::rename(place.store(), place.path().join("lost")).expect("moved");
    let restored = place.run(&arguments("restore", "b.dat")).json();
    assert_eq!((&restored["wallets"], restored["restored"].is_string()), (&json!(44), true));
    assert_eq!(place.run(&["list"]).json(), list);
    let wrong = place.with("TATUM_KMS_PASSWORD", "wrong");
    wrong.run(&arguments("verify", "b.dat")).fails(3, "wrong password");
    wrong.run(&arguments("create", "c.dat")).fails(3, "wrong password");
    wrong.run(&arguments("verify", "none.dat")).fails(4, "there is no wallet store");
    wrong.run(&arguments("restore", "none.dat")).fails(4, "there is no wallet store");
}

#[test]
fn a_backup_keeps_the_password_of_its_time() {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH"]).code, Some(0));
    assert_eq!(place.run(&arguments("create", "b.dat")).code, Some(0));
    assert_eq!(place.run_with_input(&["changepassword"], "new one").code, Some(0));
    assert_eq!(place.run(&arguments("verify", "b.dat")).code, Some(0));
    place.run(&["list"]).fails(3, "wrong password");
}

#[test]
fn wallets_that_give_no_address_are_named() {
    const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
                          abandon abandon about";
    let place = Place::new();
    let key = "46".repeat(32);
    let wallets = json!({
        "good": { "privateKey": key, "chain": "ETH", "testnet": true },
        "zero": { "privateKey": "0".repeat(64), "chain": "ETH", "testnet": true },
        "elsewhere": {
            "privateKey": key, "address": format!("0x{}", "11".repeat(20)), "chain": "ETH",
            "testnet": true,
        },
        "other": { "mnemonic": PHRASE, "xpub": "xpub", "chain": "ETH", "testnet": true },
        "none": { "chain": "ETH", "testnet": true },
        "unknown": { "privateKey": key, "chain": "NOPE", "testnet": true },
    });
    place.put_wallets(wallets.as_object().expect("an object"));
    assert_eq!(place.run(&arguments("create", "b.dat")).code, Some(0));
    let ran = place.run(&arguments("verify", "b.dat"));
    ran.fails(1, "5 of 6 wallets yield no address");
    let said = |id: &str, words: &str| {
        let line = ran.stderr.lines().find(|line| line.starts_with(&format!("{id}: ")));
        assert!(line.is_some_and(|line| line.contains(words)), "{id}: {ran:?}");
    };
    said("zero", "private key");
    said("elsewhere", "another address than the stored one");
    said("other", "another extended public key");
    said("none", "neither a phrase nor a key");
    said("unknown", "NOPE");
    assert!(!ran.stderr.contains("good:") && !ran.stderr.contains(&key), "{ran:?}");
    let restored = serde_json::from_str::<Value>(&place.run(&["list"]).stdout).expect("JSON");
    assert_eq!(restored.as_array().map(Vec::len), Some(6));
}
