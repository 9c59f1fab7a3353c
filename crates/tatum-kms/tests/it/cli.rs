//! Commands with good and bad input.

use serde_json::{Value, json};

use crate::program::Place;

/// The phrase of BIP-39 whose wallets everybody shows.
pub(crate) const PHRASE: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

pub(crate) fn id_of(value: &Value) -> String {
    value["signatureId"].as_str().expect("an id").to_owned()
}

#[test]
fn a_wallet_is_made_shown_and_removed() {
    let place = Place::new();
    let made = place.run(&["generatemanagedwallet", "BTC", "--testnet"]);
    let id = id_of(&made.json());
    let keys: Vec<_> = made.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["signatureId", "xpub"]);
    let stored = place.run(&["getmanagedwallet", &id]).json();
    let keys: Vec<_> = stored.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["mnemonic", "xpub", "chain", "testnet"]);
    assert_eq!((&stored["chain"], &stored["testnet"]), (&json!("BTC"), &json!(true)));
    let address = place.run(&["getaddress", &id, "0"]).json();
    assert!(address["address"].as_str().expect("text").starts_with("tb1q"));
    place.run(&["getprivatekey", &id, "0"]).json();
    let all = place.run(&["export"]).json();
    assert_eq!(all.as_object().expect("an object").len(), 1);
    let removed = place.run(&["removewallet", &id]);
    assert_eq!((removed.code, removed.stdout.as_str()), (Some(0), ""));
    place.run(&["removewallet", &id]).fails(1, "No such wallet for signatureId");
    place.run(&["getaddress", &id, "0"]).fails(1, "No such wallet for signatureId");
}

#[test]
fn the_demo_needs_no_certificates() {
    let place =
        Place::new().with("SSL_CERT_FILE", "/nowhere/a.pem").with("SSL_CERT_DIR", "/nowhere");
    let ran = place.run(&["demo"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let rows: Vec<_> = ran.stdout.lines().skip(1).collect();
    assert!(rows.len() >= kms_chains::CHAINS.len(), "{}", ran.stdout);
    assert!(rows.iter().all(|row| row.contains(" yes ")), "{}", ran.stdout);
}

/// The address and key of BIP-44's well-known test phrase, as every wallet shows them.
#[test]
fn a_phrase_and_a_key_are_imported_from_stdin() {
    let place = Place::new();
    let made = place.run_with_input(&["storemanagedwallet", "eth"], &format!(" {PHRASE}\n"));
    let id = id_of(&made.json());
    let address = place.run(&["getaddress", &id, "0"]).json();
    assert_eq!(address["address"], "0x9858effd232b4033e47d90003d41ec34ecaeda94");
    let key = place.run(&["getprivatekey", &id, "0"]).json();
    let key = key["privateKey"].as_str().expect("text").to_owned();
    let imported = place.run_with_input(&["storemanagedprivatekey", "ETH"], &key);
    assert!(imported.stderr.contains("0x9858effd232b4033e47d90003d41ec34ecaeda94"));
    assert!(!imported.stderr.contains(&key));
    let id = id_of(&imported.json());
    assert_eq!(place.run(&["getprivatekey", &id]).json(), json!({ "privateKey": key }));
    assert_eq!(place.run(&["getaddress", &id, "0"]).json(), address);
    place.run(&["getprivatekey", &id, "1"]).fails(1, "single key");
}

#[test]
fn bad_phrases_and_keys_are_refused_and_not_repeated() {
    let place = Place::new();
    let phrase = ["storemanagedwallet", "ETH"];
    place.run_with_input(&phrase, "").fails(1, "no input was given");
    place.run_with_input(&phrase, "secret words").fails(1, "12, 15, 18, 21 or 24 words");
    let twelve = PHRASE.replace("about", "abandon");
    place.run_with_input(&phrase, &twelve).fails(1, "checksum");
    let lenient = ["storemanagedwallet", "ETH", "--allow-nonstandard-mnemonic"];
    assert_eq!(place.run_with_input(&lenient, &twelve).code, Some(0));
    let key = ["storemanagedprivatekey", "ETH"];
    for bad in [
        "garbage",
        "0x12",
        &"0".repeat(64),
        &"f".repeat(64),
        "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
    ] {
        let ran = place.run_with_input(&key, bad);
        ran.fails(1, "private key");
        assert!(!ran.stderr.contains(bad), "{ran:?}");
    }
    place.run_with_input(&["storemanagedprivatekey", "NOPE"], "x").fails(2, "NOPE");
}

#[test]
fn indexes_are_whole_numbers_below_the_hardened_range() {
    let place = Place::new();
    let id = id_of(&place.run(&["generatemanagedwallet", "ETH"]).json());
    for bad in ["-1", "1.5", "abc", "", "2147483648", "0x10", "1e3"] {
        place.run(&["getaddress", &id, bad]).fails(1, "index");
        place.run(&["getprivatekey", &id, bad]).fails(1, "index");
    }
    place.run(&["getaddress", &id]).fails(1, "needs an index");
    assert_eq!(place.run(&["getaddress", &id, "2147483647"]).code, Some(0));
}

#[test]
fn a_batch_prints_one_line_a_key_and_each_is_stored() {
    let place = Place::new();
    let ran = place.run(&["generatemanagedprivatekeybatch", "DOGE", "3"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ran.stdout.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let shown = place.run(&["getaddress", &id_of(&line)]).json();
        assert_eq!(shown["address"], line["address"]);
    }
    assert_eq!(ran.stdout.lines().count(), 3);
    for bad in ["0", "-1", "abc", "1.5", "1000001"] {
        let ran = place.run(&["generatemanagedprivatekeybatch", "ETH", "--", bad]);
        assert_ne!(ran.code, Some(0), "{bad}: {ran:?}");
    }
}

/// The key of a batch is that at index 1 of its phrase, as the original makes it.
#[test]
fn a_batch_keeps_its_phrases_on_request() {
    let place = Place::new();
    for chain in ["ETH", "SOL", "ADA"] {
        let ran = place.run(&["generatemanagedprivatekeybatch", chain, "2", "--mnemonic"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for line in ran.stdout.lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let id = id_of(&line);
            let stored = place.run(&["getmanagedwallet", &id]).json();
            let fields: Vec<_> = stored.as_object().expect("an object").keys().cloned().collect();
            assert_eq!(fields, ["mnemonic", "privateKey", "chain", "testnet"]);
            let key = json!({ "privateKey": stored["privateKey"] });
            assert_eq!(place.run(&["getprivatekey", &id]).json(), key);
            assert_eq!(place.run(&["getprivatekey", &id, "1"]).json(), key);
            for index in [["getaddress", &id].as_slice(), &["getaddress", &id, "1"]] {
                assert_eq!(place.run(index).json()["address"], line["address"], "{chain}");
            }
        }
        assert_eq!(ran.stdout.lines().count(), 2);
    }
    let refused = place.run(&["generatemanagedprivatekeybatch", "XRP", "2", "--mnemonic"]);
    refused.fails(1, "have no recovery phrase");
}

#[test]
fn generated_wallets_have_the_originals_fields_for_every_chain() {
    let place = Place::new();
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        let made = place.run(&["generatewallet", code]).json();
        let fields: Vec<_> = made.as_object().expect("an object").keys().cloned().collect();
        let expected: &[&str] = match code {
            "ALGO" | "XLM" | "XRP" => &["address", "secret"],
            "BNB" => &["address", "privateKey"],
            "EGLD" => &["mnemonic"],
            "SOL" => &["mnemonic", "address", "privateKey"],
            "ADA" | "BCH" | "BTC" | "DOGE" | "FLOW" | "LTC" | "TRON" => &["mnemonic", "xpub"],
            _ => &["xpub", "mnemonic"],
        };
        assert_eq!(fields, expected, "{code}");
        if let Some(mnemonic) = made["mnemonic"].as_str() {
            assert_eq!(mnemonic.split(' ').count(), 24, "{code}");
        }
    }
    assert!(!place.store().exists());
}

#[test]
fn the_password_of_the_store_is_changed() {
    let place = Place::new();
    place.run(&["changepassword"]).fails(4, "there is no wallet store");
    let id = id_of(&place.run(&["generatemanagedwallet", "ETH"]).json());
    let address = place.run(&["getaddress", &id, "0"]).json();
    place.run_with_input(&["changepassword"], "").fails(1, "no input was given");
    let changed = place.run_with_input(&["changepassword"], " another horse \n");
    assert_eq!((changed.code, changed.stdout.as_str()), (Some(0), ""), "{changed:?}");
    assert!(!changed.stderr.contains("horse"), "{changed:?}");
    place.run(&["getaddress", &id, "0"]).fails(3, "wrong password");
    place.run_with_input(&["changepassword"], "x").fails(3, "wrong password");
    let place = place.with("TATUM_KMS_PASSWORD", "another horse");
    assert_eq!(place.run(&["getaddress", &id, "0"]).json(), address);
}

#[test]
fn the_cost_of_a_guess_is_raised_once() {
    let place = Place::new();
    let wallets =
        json!({ "w1": { "privateKey": "46".repeat(32), "chain": "ETH", "testnet": true } });
    place.put_wallets(wallets.as_object().expect("an object"));
    let address = place.run(&["getaddress", "w1"]).json();
    let raised = place.run(&["kdf", "upgrade"]);
    assert_eq!(raised.code, Some(0), "{raised:?}");
    assert!(raised.stderr.contains("now has the current cost"), "{raised:?}");
    assert!(place.run(&["kdf", "upgrade"]).stderr.contains("already"));
    assert_eq!(place.run(&["getaddress", "w1"]).json(), address);
    place.run(&["kdf"]).fails(2, "upgrade");
}

#[test]
fn wallets_are_listed_and_found_without_their_secrets() {
    let place = Place::new();
    let phrase = place.run_with_input(&["storemanagedwallet", "ETH"], PHRASE);
    let phrase = id_of(&phrase.json());
    let made: Vec<_> = ["SOL", "EGLD", "XRP"]
        .iter()
        .map(|chain| id_of(&place.run(&["generatemanagedwallet", chain, "--testnet"]).json()))
        .collect();
    let key = "0x4646464646464646464646464646464646464646464646464646464646464646";
    let key = id_of(&place.run_with_input(&["storemanagedprivatekey", "BSC"], key).json());
    let all = place.run(&["list"]);
    for secret in ["abandon", "4646", "mnemonic", "secret\""] {
        assert!(!all.stdout.contains(secret), "{all:?}");
    }
    let ids = |list: Value| -> Vec<String> {
        list.as_array().expect("a list").iter().map(id_of).collect()
    };
    let newest: Vec<_> = [&key, &made[2], &made[1], &made[0], &phrase].map(String::clone).into();
    assert_eq!(ids(all.json()), newest);
    assert_eq!(
        ids(place.run(&["list", "--chain", "eth,XRP"]).json()),
        [&made[2], &phrase].map(String::clone)
    );
    place.run(&["list", "--chain", "NOPE"]).fails(2, "NOPE");
    let found = |address: &str| {
        let found = place.run(&["find", address]).json();
        (id_of(&found[0]), found[0]["index"].clone())
    };
    // The example of EIP-155, and BIP-44's well-known phrase.
    assert_eq!(found("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"), (key, Value::Null));
    assert_eq!(found("0x9858EfFD232B4033E47d90003D41EC34EcaEda94"), (phrase.clone(), json!(0)));
    for id in &made {
        let address = place.run(&["getaddress", id, "7"]).json();
        let (owner, index) = found(address["address"].as_str().expect("text"));
        assert_eq!(&owner, id);
        assert!(index.is_null() || index == 7, "{index}");
    }
    let far = place.run(&["getaddress", &phrase, "150"]).json();
    let far = far["address"].as_str().expect("text");
    place.run(&["find", far]).fails(1, "--indexes");
    for other in [far.replace("0x", ""), far.to_ascii_uppercase()] {
        let found = place.run(&["find", &other, "--indexes", "151"]).json();
        assert_eq!(found[0]["index"], 150, "{other}");
    }
    place.run(&["find", "garbage"]).fails(2, "is no address that any");
    let found = place.run(&["find", far, "--indexes", "151", "--chain", "ETH"]).json();
    assert_eq!(found[0]["index"], 150);
}

#[test]
fn nothing_secret_is_shown_by_checkconfig_and_report() {
    let place = Place::new().with("TATUM_API_KEY", "t-1234567890-abcdef");
    let id = id_of(&place.run(&["generatemanagedwallet", "ETH"]).json());
    let config = place.run(&["checkconfig"]);
    assert_eq!(config.code, Some(0));
    for secret in ["correct", "t-1234", "abcdef"] {
        assert!(!config.stdout.contains(secret), "{config:?}");
    }
    assert!(config.stdout.contains("TATUM_KMS_PASSWORD               : set\n"));
    let report = place.run(&["report", &format!("{id},nope")]).json();
    assert_eq!(report["wallets"][&id]["type"], "MNEMONIC");
    assert_eq!(report["warnings"], json!(["No wallet found for signatureId: nope"]));
}

#[test]
fn help_is_a_result_and_mistakes_are_not() {
    let place = Place::new();
    for command in [
        "daemon",
        "getaddress",
        "export",
        "sandbox",
        "demo",
        "migrate",
        "list",
        "find",
        "changepassword",
        "kdf",
    ] {
        let ran = place.run(&[command, "--help"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(ran.stdout.contains("Examples:"), "{command}");
    }
    assert_eq!(place.run(&["--version"]).stdout, concat!(env!("CARGO_PKG_VERSION"), "\n"));
    place.run(&["nosuchcommand"]).fails(2, "nosuchcommand");
    place.run(&["getaddress"]).fails(2, "required");
}

#[test]
fn the_password_comes_from_a_file_that_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let id = id_of(&place.run(&["generatemanagedwallet", "ETH"]).json());
    let file = place.path().join("password");
    std::fs::write(&file, "correct horse\n").expect("written");
    let place = place.with("TATUM_KMS_PASSWORD", "");
    let place = place.with("TATUM_KMS_PASSWORD_FILE", file.to_str().expect("a path"));
    place.run(&["getaddress", &id, "0"]).fails(3, "chmod 600");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("set");
    assert_eq!(place.run(&["getaddress", &id, "0"]).code, Some(0));
}
