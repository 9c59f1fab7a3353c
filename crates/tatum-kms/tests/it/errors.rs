//! Commands that the original was given, with good and bad input: where ours end otherwise, the
//! decision for it (DECISIONS.md).

use std::path::PathBuf;

use kms_core::Network;
use serde_json::{Map, Value, json};

use crate::program::{Place, Ran};

const PHRASE: &str = "punch scatter wrist pride cargo faint put skin embark width field entire";
const MNEMONIC_WALLET: &str = "11111111-1111-4111-8111-111111111111";
const KEY_WALLET: &str = "22222222-2222-4222-8222-222222222222";
const KEY: &str = "0xc85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4";
/// The address that privkey_import.json has for the key.
const ADDRESS_OF_KEY: &str = "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826";

fn cases(part: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../kms-chains/vectors/errors.json");
    let text = std::fs::read_to_string(path).expect("a file of vectors");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(file[part].take()).expect("a list")
}

/// The store of the recorded commands.
fn place() -> Place {
    let place = Place::new();
    let wallets = json!({
        MNEMONIC_WALLET: { "mnemonic": PHRASE, "chain": "BTC", "testnet": true },
        KEY_WALLET: { "privateKey": KEY, "chain": "ETH", "testnet": false },
    });
    place.put_wallets(wallets.as_object().expect("an object"));
    place
}

#[test]
fn recorded_commands_end_as_the_original_or_as_decided() {
    let mut same = 0;
    for case in cases("cli") {
        let command = case["command"].as_str().expect("a command");
        let ran = run(&case, command);
        let is_same = ends_as_decided(command, &case, &ran);
        same += usize::from(is_same);
    }
    assert!(same >= 2, "{same}");
}

fn run(case: &Value, command: &str) -> Ran {
    let place = if command.contains("none.dat") || command.contains("/nonexistent") {
        Place::new()
    } else {
        place()
    };
    let place = match case["env"]["TATUM_KMS_PASSWORD"].as_str() {
        Some(password) => place.with("TATUM_KMS_PASSWORD", password),
        None => place,
    };
    let command = command.split(" --path").next().unwrap_or_default();
    let command = command
        .trim_start_matches("tatum-kms ")
        .replace("<id of BTC testnet mnemonic wallet>", MNEMONIC_WALLET)
        .replace("<id of ETH privateKey wallet>", KEY_WALLET);
    let is_made = place.store().exists();
    let ran = place.run(&command.split(' ').collect::<Vec<_>>());
    // Commands that fail leave no store behind.
    let makes = command.starts_with("generatemanaged");
    assert_eq!(place.store().exists(), is_made || (makes && ran.code == Some(0)), "{command}");
    ran
}

/// Returns true if it ended as the original did.
fn ends_as_decided(command: &str, case: &Value, ran: &Ran) -> bool {
    let failed = |words: &str| {
        assert!(ran.code.is_some_and(|code| code != 0), "{command}: {ran:?}");
        assert_eq!(ran.stdout, "", "{command}");
        assert!(ran.stderr.to_lowercase().contains(words), "{command}: {ran:?}");
        false
    };
    let works = |part: &str| {
        assert_eq!(ran.code, Some(0), "{command}: {ran:?}");
        assert!(ran.stdout.contains(part), "{command}: {ran:?}");
        false
    };
    let index = command.split(" --path").next().and_then(|command| command.split(' ').nth(8));
    let names = |part: &str| command.contains(part);
    let is_wrong = case["env"]["TATUM_KMS_PASSWORD"] == "wrong";
    if !is_wrong && names("<id of BTC") && index == Some("0") {
        let stdout = case["stdout"].as_str().expect("stdout");
        assert_eq!((ran.code, ran.stdout.trim_end()), (Some(0), stdout), "{command}");
        return true;
    }
    if is_wrong {
        failed("password")
    } else if names("no-such-id") || names("/nonexistent") {
        failed("no such wallet for signatureid")
    } else if names("<id of ETH") {
        // D3, and an imported key has an address.
        works(if names("getaddress") { ADDRESS_OF_KEY } else { KEY })
    } else if names("<id of BTC") {
        // D6, D7
        failed("index")
    } else if names("ABC") {
        failed("abc")
    } else if names("generatewallet XRP") {
        // D11 to D13
        works("\"secret\"")
    } else if names("generatewallet SOL")
        || names("generatewallet KCS")
        || names("generatewallet btc")
    {
        works("\"mnemonic\"")
    } else if names("generatemanagedprivatekeybatch SOL") || names("generatemanagedwallet ADA") {
        works("\"signatureId\"")
    } else {
        assert_eq!(command, "tatum-kms generatewallet", "a command without a decision");
        failed("required")
    }
}

/// D5: Enter at the prompt is not a phrase, and makes no wallet that nobody asked for.
#[test]
fn an_empty_phrase_is_refused_for_every_chain() {
    let place = Place::new();
    for case in cases("emptyMnemonic") {
        let code = case["chain"].as_str().expect("a chain");
        let ran = place.run_with_input(&["storemanagedwallet", code], "\n");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{code}: {ran:?}");
        assert!(!place.store().exists(), "{code}");
    }
}

/// D4
#[test]
fn a_phrase_is_never_ignored() {
    for case in cases("mnemonicIgnored") {
        let code = case["chain"].as_str().expect("a chain");
        let place = Place::new();
        let ran = place.run_with_input(&["storemanagedwallet", code], PHRASE);
        if code == "SOL" {
            let id = ran.json()["signatureId"].as_str().expect("an id").to_owned();
            let stored = place.run(&["getmanagedwallet", &id]).json();
            assert_eq!(stored["mnemonic"], PHRASE);
        } else {
            ran.fails(1, "storemanagedprivatekey");
        }
    }
}

/// D3, and an imported key's address: the original shows those of the empty phrase.
#[test]
fn an_imported_key_is_shown_as_it_is() {
    let stored: Vec<_> = cases("keyOnlyWallets");
    let is_read = |case: &&Value| {
        let code = case["chain"].as_str().expect("a chain");
        let chain = kms_chains::find(code).expect("a chain of the registry");
        let text = case["stored"]["privateKey"].as_str().expect("a key");
        let network = Network::from_testnet_flag(case["testnet"] == true);
        let text = kms_secret::SecretText::new(text.to_owned());
        kms_keys::SigningKey::parse(&chain.spec().key, network, &text).is_ok()
    };
    let id = |place: usize| format!("33333333-3333-4333-8333-{place:012}");
    let wallets: Map<_, _> = stored
        .iter()
        .enumerate()
        .map(|(place, case)| (id(place), case["stored"].clone()))
        .collect();
    let place = Place::new();
    place.put_wallets(&wallets);
    let mut shown = 0;
    for (number, case) in stored.iter().enumerate() {
        let key = place.run(&["getprivatekey", &id(number), "0"]);
        let address = place.run(&["getaddress", &id(number), "0"]);
        place.run(&["getprivatekey", &id(number), "1"]).fails(1, "single key");
        if is_read(&case) {
            assert_eq!(key.json()["privateKey"], case["stored"]["privateKey"], "{case}");
            assert!(address.json()["address"].is_string(), "{case}");
            shown += 1;
        } else {
            assert_eq!(address.code, Some(1), "{case}: {address:?}")
        }
    }
    assert!(shown >= 26, "{shown}");
}
