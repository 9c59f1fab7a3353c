//! Secrets that are stored for both networks.

use kms_core::{Network, Sign as _, SignatureId};
use kms_keystore::{Unlocked, WalletRecord};
use kms_secret::SecretText;

use crate::{legacy, memory::Memory};

/// The private key of EIP-155's example, and how Base58Check spells it for Bitcoin with the
/// version bytes 0x80 and 0xef (<https://en.bitcoin.it/wiki/Wallet_import_format>), made with
/// Python's hashlib.
const KEY: &str = "4646464646464646464646464646464646464646464646464646464646464646";
const WIF_MAINNET: &str = "KyaKF5JS1JqP8iGWt6LXyzYjPsbTjPK5BCUajn9aNp788rhK19nq";
const WIF_TESTNET: &str = "cPwJhzJHSNXeJ9jnGW9fMK3o26tsPqQmFEd3rCc5svm8Pbp5ujKd";
const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

fn id(name: &str) -> SignatureId {
    SignatureId::parse(name).expect("an id")
}

fn wallet(name: &str, field: &'static str, text: &str, chain: &str, testnet: bool) -> WalletRecord {
    let fields = vec![(field, SecretText::new(text.to_owned()))];
    WalletRecord::new(id(name), fields, chain, Network::from_testnet_flag(testnet))
}

fn is_shared(store: &Unlocked, name: &str) -> bool {
    store.wallet(&id(name)).expect("read").expect("there").shared_with_mainnet
}

#[test]
fn a_secret_is_found_on_the_other_network_however_it_is_spelled() {
    let spaced = PHRASE.replace(' ', "  ").to_uppercase();
    let prefixed = format!("0x{KEY}");
    for (field, own, chain, other, of) in [
        ("privateKey", prefixed.as_str(), "ETH", prefixed.as_str(), "ETH"),
        ("privateKey", KEY, "TRON", prefixed.as_str(), "BSC"),
        ("privateKey", WIF_TESTNET, "BTC", WIF_MAINNET, "BTC"),
        ("privateKey", WIF_TESTNET, "LTC", prefixed.as_str(), "ETH"),
        ("mnemonic", PHRASE, "BTC", spaced.as_str(), "TRON"),
        ("secret", "no key at all", "XRP", "no key at all", "XRP"),
    ] {
        let memory = Memory::new();
        let mut store = memory.open().expect("it opens");
        store.add(&[wallet("t", field, own, chain, true)]).expect("added");
        store.refresh().expect("read");
        assert!(!is_shared(&store, "t"), "{chain}: alone");
        store.add(&[wallet("m", field, other, of, false)]).expect("added");
        store.refresh().expect("read");
        assert!(is_shared(&store, "t"), "{chain} {own} {of} {other}");
        assert!(!is_shared(&store, "m"), "mainnet asks for itself");
        for (own, twin, network) in [("t", "m", Network::Testnet), ("m", "t", Network::Mainnet)] {
            let twins = store.twins_of(&[id(own)], network).expect("read");
            assert_eq!(twins, [(id(own), id(twin))], "{chain}");
        }
        store.remove(&id("m")).expect("removed");
        store.refresh().expect("read");
        assert!(!is_shared(&store, "t"), "{chain}: alone again");
    }
}

#[test]
fn other_secrets_and_the_same_network_are_no_twins() {
    let memory = Memory::new();
    let mut store = memory.open().expect("it opens");
    store
        .add(&[
            wallet("a", "privateKey", KEY, "TRON", true),
            wallet("b", "privateKey", KEY, "ETH", true),
            wallet("c", "privateKey", &KEY.replace("46", "47"), "TRON", false),
            wallet("d", "mnemonic", PHRASE, "TRON", false),
            wallet("e", "mnemonic", &PHRASE.replace("yellow", "year"), "TRON", true),
        ])
        .expect("added");
    store.refresh().expect("read");
    for name in ["a", "b", "e"] {
        assert!(!is_shared(&store, name), "{name}");
    }
    let all = [id("a"), id("b"), id("e")];
    assert_eq!(store.twins_of(&all, Network::Testnet).expect("read"), []);
}

#[test]
fn a_wallet_that_another_process_adds_counts_from_the_next_look_on() {
    let memory = Memory::new();
    let mut daemon = memory.open().expect("it opens");
    daemon.add(&[wallet("t", "privateKey", KEY, "TRON", true)]).expect("added");
    daemon.refresh().expect("read");
    assert!(!is_shared(&daemon, "t"));
    let mut command = memory.open().expect("it opens");
    command.add(&[wallet("m", "privateKey", KEY, "ETH", false)]).expect("added");
    daemon.refresh().expect("read");
    assert!(is_shared(&daemon, "t"));
}

#[test]
fn the_originals_file_has_twins_too() {
    let wallets = format!(
        r#"{{"t":{{"privateKey":"0x{KEY}","chain":"ETH","testnet":true}},
            "m":{{"privateKey":"{KEY}","chain":"TRON","testnet":false}},
            "o":{{"privateKey":"0x{}","chain":"ETH","testnet":true}}}}"#,
        KEY.replace("46", "47")
    );
    let mut store = legacy::open(&legacy::seal(wallets.as_bytes(), "p"), "p").expect("it opens");
    assert!(is_shared(&store, "t") && !is_shared(&store, "o"));
    store.refresh().expect("read");
    assert!(is_shared(&store, "t") && !is_shared(&store, "o"));
}
