//! Phrases, keys and indexes as people type them: what the original makes of each, and where
//! ours ends otherwise, the decision for it (DECISIONS.md).

use std::path::PathBuf;

use kms_core::{AddressIndex, Chain, Derivation, Network};
use kms_keys::{
    Account, DeriveError, SigningKey, check, generate, generate_key, key_of_words, public_key_at,
};
use kms_secret::{Mnemonic, SecretText};
use serde_json::Value;

use crate::wallets::Fixed;

fn cases(file: &str, part: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let content = std::fs::read_to_string(path).expect("a file of vectors");
    let mut file: Value = serde_json::from_str(&content).expect("JSON");
    serde_json::from_value(file[part].take()).expect("a list")
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

fn chain(case: &Value) -> &'static dyn Chain {
    kms_chains::find(text(case, "chain")).expect("a chain")
}

fn network(case: &Value) -> Network {
    Network::from_testnet_flag(case["testnet"].as_bool().unwrap_or(true))
}

fn address(case: &Value, key: &SigningKey) -> String {
    let address = chain(case).address(network(case), key.public_key());
    address.expect("an address").as_str().to_owned()
}

/// D10: white space around what is typed is no part of it, and some more chains take `0x`.
fn is_meant(case: &Value, all: &[Value]) -> bool {
    let typed = |other: &Value| {
        let is_same = text(other, "privateKey") == text(case, "privateKey").trim();
        is_same && other["chain"] == case["chain"] && other["testnet"] == case["testnet"]
    };
    let is_prefixed = text(case, "format") == "0x + 64 hex";
    (is_prefixed && ["BNB", "EGLD", "TRON"].contains(&text(case, "chain")))
        || all.iter().any(|other| other["works"] == true && typed(other))
}

#[test]
fn texts_of_private_keys_are_read_where_the_original_reads_them_rightly() {
    let (mut taken, mut refused) = (0, 0);
    let all = cases("privkey_import.json", "cases");
    for case in &all {
        let spec = &chain(case).spec().key;
        // As the commands take what is typed.
        let typed = SecretText::new(text(case, "privateKey").trim().to_owned());
        let read = SigningKey::parse(spec, network(case), &typed);
        let is_taken = case["works"] == true || is_meant(case, &all);
        let name = format!("{} {}", text(case, "chain"), text(case, "format"));
        assert_eq!(read.is_ok(), is_taken, "{name}");
        let Ok(key) = read else {
            refused += 1;
            continue;
        };
        taken += 1;
        let expected = text(case, "address");
        if !expected.is_empty() {
            assert_eq!(address(case, &key), expected, "{name}");
        }
        // Where an address cannot be told without a script, and on Flow.
        let expected = text(case, "publicKey");
        let bytes = key.public_key().as_bytes();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(digits.ends_with(expected), "{name}: {digits}");
    }
    println!("texts of private keys: {taken} read, {refused} refused");
    assert!(taken > 100 && refused > 100);
}

/// Names of cases whose words and checksum are right.
const GOOD_PHRASES: [&str; 6] = [
    "valid reference",
    "valid abandon..about",
    "double space",
    "leading and trailing space",
    "tab separated",
    "newline at end",
];

#[test]
fn phrases_are_checked_on_import_and_derive_as_the_original_derives() {
    let mut derived = 0;
    for case in cases("errors.json", "mnemonics") {
        let name = format!("{} {}", text(&case, "chain"), text(&case, "case"));
        let phrase = Mnemonic::new(text(&case, "mnemonic").to_owned());
        // D5: words and checksum are checked, unless the operator says otherwise.
        let is_good = GOOD_PHRASES.contains(&text(&case, "case"));
        assert_eq!(check(&phrase, false).is_ok(), is_good, "{name}");
        assert_eq!(check(&phrase, true), Ok(()), "{name}");
        match (chain(&case).spec().key.derivation, case.get("wallet")) {
            (Derivation::Single { .. }, wallet) => {
                let key = key_of_words(&phrase).ok();
                assert_eq!(
                    key.map(|key| address(&case, &key)),
                    wallet.map(|own| text(own, "address").to_owned())
                );
            }
            (_, Some(wallet)) => {
                check_account(&case, wallet, &name);
                derived += 1;
            }
            (_, None) => {
                let account = Account::derive(&chain(&case).spec().key, network(&case), &phrase);
                // The original takes a phrase of Cardano only in its plainest spelling.
                assert_eq!(account.is_ok(), is_good, "{name}");
            }
        }
    }
    println!("phrases: {derived} derived as the original does");
    assert!(derived > 300);
}

fn check_account(case: &Value, wallet: &Value, name: &str) {
    let (spec, network) = (&chain(case).spec().key, network(case));
    let phrase = Mnemonic::new(text(case, "mnemonic").to_owned());
    let account = Account::derive(spec, network, &phrase).expect(name);
    assert_eq!(account.extended_public_key().as_deref(), wallet["xpub"].as_str(), "{name}");
    let key = account.at(AddressIndex::ZERO).expect(name);
    // D1, D12: the original gives the address of another phrase on EGLD, and fails for KCS.
    let code = text(case, "chain");
    if code != "KCS" {
        let written = text(&case["privateKey0"], "privateKey");
        assert_eq!(key.to_text(spec, network).expose(), written, "{name}");
    }
    if code != "KCS" && code != "EGLD" {
        assert_eq!(address(case, &key), text(&case["address0"], "address"), "{name}");
    }
}

#[test]
fn phrases_of_algorand_are_its_own() {
    for case in cases("errors.json", "algoMnemonics") {
        let phrase = Mnemonic::new(text(&case, "mnemonic").trim().to_owned());
        let algorand = kms_chains::find("ALGO").expect("a chain");
        // D5 as for other chains: what is typed is trimmed, words are separated by white space.
        let is_good = ["valid 25", "double space", "trailing space"].contains(&text(&case, "case"));
        let key = key_of_words(&phrase);
        assert_eq!(key.is_ok(), is_good, "{}", text(&case, "case"));
        if let (Ok(key), Some(wallet)) = (key, case.get("wallet")) {
            let own = algorand.address(Network::Mainnet, key.public_key()).expect("an address");
            assert_eq!(own.as_str(), text(wallet, "address"));
            let spec = &algorand.spec().key;
            assert_eq!(key.to_text(spec, Network::Mainnet).expose(), text(wallet, "secret"));
        }
    }
}

/// D6, D7: what the original makes of `5abc`, `1.9`, `0x10` or nothing is not what was meant.
#[test]
fn indexes_are_decimal_numbers_below_the_hardened_range() {
    let mut checked = 0;
    for case in cases("errors.json", "indexes") {
        let Some(typed) = case["indexArgument"].as_str() else { continue };
        let is_number = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
        let is_small = typed.parse::<u64>().is_ok_and(|number| number < 1 << 31);
        let index = AddressIndex::parse(typed);
        assert_eq!(index.is_ok(), is_number && is_small, "{typed}");
        let spec = &chain(&case).spec().key;
        let Ok(index) = index else { continue };
        let phrase = Mnemonic::new(text(&case, "mnemonic").to_owned());
        let account = match Account::derive(spec, network(&case), &phrase) {
            Err(DeriveError::NoDerivation) => continue,
            account => account.expect("an account"),
        };
        let key = account.at(index).expect("a key");
        let own = key.to_text(spec, network(&case));
        if let Some(written) = case["getprivatekey"]["privateKey"].as_str() {
            assert_eq!(own.expose(), written, "{} {typed}", text(&case, "chain"));
            checked += 1;
        }
        // D1 again.
        let expected = case["getaddress"]["address"].as_str();
        if let Some(expected) = expected.filter(|_| text(&case, "chain") != "EGLD") {
            assert_eq!(address(&case, &key), expected, "{} {typed}", text(&case, "chain"));
        }
    }
    assert!(checked >= 100, "{checked}");
}

#[test]
fn every_code_of_the_original_names_its_chain() {
    let phrase = Mnemonic::new(String::from(
        "punch scatter wrist pride cargo faint put skin embark width field entire",
    ));
    let mut checked = 0;
    for case in cases("errors.json", "chainCodes") {
        let Some(code) = case["chain"].as_str() else { continue };
        // Algorand takes no phrase of BIP-39.
        let is_known = case.get("storedKeys").is_some() || code == "ALGO";
        let chain = kms_chains::find_wallet_code(code);
        assert_eq!(chain.is_some(), is_known, "{code}");
        let (Some(chain), Some(xpub)) = (chain, case["xpub"].as_str()) else { continue };
        let account = Account::derive(&chain.spec().key, Network::Mainnet, &phrase);
        let account = account.expect("an account");
        assert_eq!(account.extended_public_key().as_deref(), Some(xpub), "{code}");
        let key = account.at(AddressIndex::ZERO).expect("a key");
        let address = chain.address(Network::Mainnet, key.public_key()).expect("an address");
        let expected = case["getaddress0"]["address"].as_str();
        // D12
        assert!(expected == Some(address.as_str()) || code == "KCS", "{code}");
        checked += 1;
    }
    assert!(checked >= 60, "{checked}");
}

/// An extended key in a file leads to addresses only if it is a public one of the chain.
#[test]
fn extended_keys_of_other_chains_lead_to_no_address() {
    for case in cases("errors.json", "foreignXpubs") {
        let (chain, kind) = (chain(&case), text(&case, "xpubKind"));
        let key = public_key_at(
            &chain.spec().key,
            network(&case),
            text(&case, "xpub"),
            AddressIndex::ZERO,
        );
        let own = key.ok().map(|key| {
            let address = chain.address(network(&case), &key).expect("an address");
            address.as_str().to_owned()
        });
        let theirs = case["getaddress0"]["address"].as_str().map(str::to_owned);
        let code = chain.spec().id;
        match (code.as_str(), kind) {
            // A private key has no place where a public one belongs.
            (_, "xprv") => assert_eq!(own, None, "{code}"),
            // The original takes the text for a phrase (D1).
            ("EGLD", _) => assert_eq!(own, None, "{kind}"),
            // A form that no version of the original has stored.
            ("TRON", "pub+chaincode 130 hex" | "130 hex upper case") => assert_eq!(own, None),
            // D12: commands that fail in the original.
            ("KCS", "BTC main xpub" | "ETH xpub") => assert!(own.is_some()),
            _ => assert_eq!(own, theirs, "{code} {kind}"),
        }
    }
}

#[test]
fn new_wallets_follow_from_their_entropy() {
    let mut checked = 0;
    for part in ["generatewalletCommand", "privateKeyBatch"] {
        for case in cases("errors.json", part) {
            // D11 to D13: where the original fails, wallets.json says what its library does.
            if case.get("error").is_none() {
                check_new(&case);
                checked += 1;
            }
        }
    }
    assert!(checked >= 70, "{checked}");
}

fn check_new(case: &Value) {
    let (spec, network, name) = (&chain(case).spec().key, network(case), text(case, "chain"));
    let randomness = || Fixed(text(case, "entropy"));
    let (wallet, stored) = (&case["wallet"], &case["stored"]);
    if let Some(key) = generate_key(spec, &mut randomness()).expect("randomness") {
        let written =
            [text(wallet, "secret"), text(wallet, "privateKey"), text(stored, "privateKey")];
        assert!(written.contains(&key.to_text(spec, network).expose()), "{name}");
        let own = address(case, &key);
        assert!([text(wallet, "address"), text(case, "address")].contains(&own.as_str()), "{name}");
        return;
    }
    let phrase = generate(&mut randomness()).expect("randomness");
    let account = Account::derive(spec, network, &phrase).expect("an account");
    if wallet.is_object() {
        assert_eq!(phrase.expose(), text(wallet, "mnemonic"), "{name}");
        // The original's `generatewallet ADA` alone has another form (DECISIONS.md).
        let xpub = wallet["xpub"].as_str().filter(|_| name != "ADA");
        let own = account.extended_public_key().filter(|_| name != "ADA");
        assert_eq!(own.as_deref(), xpub, "{name}");
        return;
    }
    // A batch uses index 1.
    let key = account.at(AddressIndex::ONE).expect("a key");
    assert_eq!(key.to_text(spec, network).expose(), text(stored, "privateKey"), "{name}");
    // D2: the original gives another address on EGLD.
    if name != "EGLD" {
        assert_eq!(address(case, &key), text(case, "address"), "{name}");
    }
}
