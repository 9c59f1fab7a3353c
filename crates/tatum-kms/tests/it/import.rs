//! Wallets of other files: all of them are stored, or none.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use crate::program::{PASSWORD, Place, Ran};

const LEGACY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-sqlite/vectors/legacy");
/// An example of the web3 secret storage's definition; its password is `testpassword`.
const KEYSTORE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const KEYSTORE_ADDRESS: &str = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

fn write(place: &Place, name: &str, content: &str) {
    fs::write(place.path().join(name), content).expect("written");
}

fn lines(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn wallets(place: &Place) -> usize {
    if place.store().exists() {
        place.run(&["list"]).json().as_array().expect("a list").len()
    } else {
        0
    }
}

fn legacy(name: &str) -> String {
    fs::read_to_string(Path::new(LEGACY).join(name)).expect("a text")
}

#[test]
fn an_export_of_the_originals_comes_back_as_it_was() {
    let place = Place::new();
    let export = legacy("mixed.export.json");
    write(&place, "export.json", &export);
    let count = serde_json::from_str::<Map<String, Value>>(&export).expect("JSON").len();
    let imported = place.run(&["import", "export.json"]);
    assert_eq!(lines(&imported).len(), count);
    assert_eq!(place.run(&["export"]).stdout.trim(), export.trim());
    let again = place.run(&["import", "export.json"]);
    assert_eq!(lines(&again).len(), 0);
    assert!(
        again.stderr.contains(&format!("wallets stored: 0; already stored: {count}")),
        "{again:?}"
    );
}

#[test]
fn stores_of_the_originals_and_of_our_own_are_read_with_their_password() {
    let place = Place::new();
    let password = legacy("nonascii.password.txt");
    fs::copy(Path::new(LEGACY).join("nonascii.dat"), place.path().join("old.dat")).expect("a copy");
    place.run_with_input(&["import", "old.dat"], "wrong\n").fails(3, "wrong password");
    assert_eq!(wallets(&place), 0);
    let imported = place.run_with_input(&["import", "old.dat"], &password);
    let count = lines(&imported).len();
    assert_eq!(place.run(&["export"]).stdout.trim(), legacy("nonascii.export.json").trim());
    let sealed = place.run_with_input(&["export", "--encrypted", "sealed.dat"], "another\n");
    assert_eq!(sealed.json(), json!({ "export": "sealed.dat", "wallets": count }));
    place
        .run_with_input(&["export", "--encrypted", "sealed.dat"], "another\n")
        .fails(4, "is not overwritten");
    let export = place.run(&["export"]).stdout;
    fs::remove_file(place.store()).expect("removed");
    let with_old = place.run_with_input(&["import", "sealed.dat"], PASSWORD);
    with_old.fails(3, "wrong password");
    assert_eq!(lines(&place.run_with_input(&["import", "sealed.dat"], "another\n")).len(), count);
    assert_eq!(place.run(&["export"]).stdout, export);
}

#[test]
fn a_keystore_file_gives_its_key() {
    let place = Place::new();
    write(&place, "key.json", KEYSTORE);
    let import = ["import", "key.json", "--chain", "ETH"];
    place.run_with_input(&import, "wrong\n").fails(3, "key.json: wrong password");
    place.run_with_input(&["import", "key.json"], "x").fails(1, "name their chain with --chain");
    let imported = lines(&place.run_with_input(&import, "testpassword\n"));
    assert_eq!(imported[0]["address"], KEYSTORE_ADDRESS);
    let id = imported[0]["signatureId"].as_str().expect("an id").to_owned();
    assert_eq!(place.run(&["getaddress", &id]).json()["address"], KEYSTORE_ADDRESS);
}

/// The keys 1, 2 and 3 of secp256k1, in each spelling.
#[test]
fn a_list_of_keys_is_stored_in_its_order() {
    let place = Place::new();
    let wif = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn\r\n\n  \
               KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU74NMTptX4\n";
    write(&place, "keys.txt", wif);
    let imported = lines(&place.run(&["import", "keys.txt", "--chain", "BTC"]));
    let addresses: Vec<_> = imported.iter().map(|line| line["address"].clone()).collect();
    assert_eq!(
        addresses,
        [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "bc1qq6hag67dl53wl99vzg42z8eyzfz2xlkvxechjp"
        ]
    );
    // The address is stored with such a key; the key pays from its other ones too.
    for address in ["1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"] {
        let found = place.run(&["find", address]).json();
        assert_eq!(found[0]["signatureId"], imported[0]["signatureId"], "{address}: {found}");
    }
    write(&place, "hex.txt", &format!("0x{:064x}\n{:064x}", 1, 2));
    let imported = lines(&place.run(&["import", "hex.txt", "--chain", "ETH"]));
    assert_eq!(imported[0]["address"], "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert_eq!(imported[1]["address"], "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf");
    assert_eq!(wallets(&place), 4);
}

/// The key 1 of secp256k1, and settings, as Notepad and PowerShell 5 save them.
#[test]
fn texts_of_windows_are_read_or_named() {
    let place = Place::new().without("TATUM_KMS_PASSWORD");
    let key = format!("{:064x}\r\n", 1);
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(key.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = format!("\u{feff}{key}");
    let settings = format!("\u{feff}TATUM_KMS_PASSWORD=\"{PASSWORD}\"\r\n");
    fs::write(place.path().join(".env"), &settings).expect("written");
    for (content, chain) in [(wide.as_slice(), "ETH"), (marked.as_bytes(), "BSC")] {
        fs::write(place.path().join("keys.txt"), content).expect("written");
        let imported = lines(&place.run(&["import", "keys.txt", "--chain", chain]));
        assert_eq!(imported[0]["address"], "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    }
    let wide: Vec<u8> = settings.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(place.path().join(".env"), wide).expect("written");
    let refused = place.run(&["list"]);
    refused.fails(2, "UTF-16 (little endian) text; save it as UTF-8");
    assert!(refused.stderr.contains(".env") && !refused.stderr.contains(PASSWORD), "{refused:?}");
    // An id that a file with such a mark gave to the shell.
    let once = ["daemon", "--testnet", "--runOnce", "--transactionIds", "t1,\u{feff}t2"];
    let place = Place::new().with("TATUM_API_KEY", "key");
    place.run(&once).fails(2, r"--transactionIds: `\\u{feff}t2`");
}

#[test]
fn what_cannot_be_read_stores_nothing_and_is_not_repeated() {
    let place = Place::new();
    let good = format!("{:064x}", 1);
    let export = |id: &str| {
        let wallet = json!({ "privateKey": good, "chain": "ETH", "testnet": true });
        json!({ id: wallet }).to_string()
    };
    for (content, chain, words) in [
        (String::new(), Some("ETH"), "the file contains no key"),
        (String::new(), None, "the file contains no key"),
        (format!("{good}\nsecret-nonsense"), Some("ETH"), "line 2: "),
        (
            format!("{good}\n\n0x{good}"),
            Some("ETH"),
            "line 3: the key appeared earlier in the file",
        ),
        (good.clone(), Some("NOPE"), "NOPE"),
        (good.clone(), None, "name their chain with --chain"),
        (export("a"), Some("ETH"), "omit --chain"),
        (String::from("{\"secret-nonsense\":"), None, "unknown file format"),
        (String::from("{\"a\":\"secret-nonsense\"}"), None, "unknown file format"),
        (String::from("secret-nonsense that is no list"), None, "unknown file format"),
        (String::from("U2FsdGVkX1secret-nonsense"), None, "truncated"),
    ] {
        write(&place, "file", &content);
        let mut arguments = vec!["import", "file"];
        arguments.extend(chain.iter().flat_map(|chain| ["--chain", chain]));
        let ran = place.run_with_input(&arguments, "password\n");
        assert!(!matches!(ran.code, Some(0) | None), "{content}: {ran:?}");
        assert!(ran.stderr.contains(words), "{content}: {ran:?}");
        assert!(!ran.stderr.contains("secret-nonsense") && ran.stdout.is_empty(), "{ran:?}");
    }
    place.run(&["import", "nowhere"]).fails(4, "nowhere");
    place.run(&["import", ".", "--chain", "ETH"]).fails(4, "directory");
    assert_eq!(wallets(&place), 0);
    write(&place, "file", &export("a"));
    assert_eq!(lines(&place.run(&["import", "file"])).len(), 1);
    write(&place, "file", &export("a").replace("true", "false"));
    place.run(&["import", "file"]).fails(1, "with other content; nothing was stored");
    assert_eq!(place.run(&["removewallet", "a", "--grace", "9"]).code, Some(0));
    place.run(&["import", "file"]).fails(1, "with other content; nothing was stored");
}

/// Files of other tools, with the addresses that these show; the rest is in kms-import.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-import/tests/files");
const SEVENS: &str = "0x4a62316623ad457f02cdc5d997ded67a383ec569";

fn foreign(name: &str) -> String {
    format!("{FILES}/{name}")
}

#[test]
fn a_dry_run_says_what_would_be_stored_and_stores_nothing() {
    let place = Place::new();
    let file = foreign("multiversx-phrase.json");
    let ran = place.run_with_input(&["import", &file, "--dry-run"], "test password\n");
    let expected = json!({
        "chain": "EGLD",
        "testnet": false,
        "address": "erd1sqhjrtmsn5yjk6w85099p8v0ly0g8z9pxeqe5dvu5rlf2n7vq3vqytny9g",
        "kind": "phrase",
        "format": "MultiversX keystore v4",
    });
    assert_eq!(lines(&ran), [expected]);
    assert!(!ran.stdout.contains("abandon") && !ran.stderr.contains("abandon"), "{ran:?}");
    assert!(!place.store().exists());
    let list = foreign("solana-base58.txt");
    assert_eq!(lines(&place.run(&["import", &list, "--chain", "SOL"])).len(), 1);
    let id = foreign("solana-id.json");
    let again = place.run(&["import", &id, "--dry-run"]);
    assert_eq!(lines(&again).len(), 0);
    assert!(
        again.stderr.contains("wallets that would be stored: 0; already stored: 1"),
        "{again:?}"
    );
    assert_eq!(wallets(&place), 1);
}

#[test]
fn a_key_that_is_there_is_said_and_not_stored_twice() {
    let place = Place::new();
    let import = |file: &str, chain: &str| {
        place.run_with_input(&["import", file, "--chain", chain], "test password\n")
    };
    let first = lines(&import(&foreign("ethers.json"), "ETH"));
    let id = first[0]["signatureId"].as_str().expect("an id");
    write(&place, "keys.txt", &format!("{}\n{:064x}\n", "07".repeat(32), 1));
    let second = import("keys.txt", "ETH");
    assert_eq!(lines(&second).len(), 1);
    assert!(
        second.stderr.contains(&format!("{SEVENS}: already stored as wallet {id}")),
        "{second:?}"
    );
    assert!(second.stderr.contains("wallets stored: 1; already stored: 1"), "{second:?}");
    assert_eq!(lines(&import(&foreign("foundry.json"), "ETH")).len(), 0);
    assert_eq!(lines(&import(&foreign("foundry.json"), "BSC")).len(), 1);
    let phrase = foreign("multiversx-phrase.json");
    assert_eq!(lines(&import(&phrase, "EGLD")).len(), 1);
    assert_eq!(lines(&import(&phrase, "EGLD")).len(), 0);
    assert_eq!(wallets(&place), 4);
}

#[test]
fn a_file_of_one_chain_needs_no_chain_and_takes_no_other() {
    let place = Place::new();
    let pem = foreign("multiversx.pem");
    let imported = lines(&place.run(&["import", &pem]));
    let own = "erd1af9xcclzn3fq40h42pa3xtk9lx25wa4wh6l8hyjzrm4xj9zx6gkq38dn52";
    assert_eq!(imported[0]["address"], own);
    let id = imported[0]["signatureId"].as_str().expect("an id").to_owned();
    assert_eq!(place.run(&["getaddress", &id]).json()["address"], own);
    place.run(&["import", &pem, "--chain", "ETH"]).fails(1, "contains EGLD keys");
    place.run(&["import", &pem, "--without-reserve"]).fails(1, "dumpwallet");
    place.run(&["import", &pem, "--key-type", "ed25519"]).fails(1, "XRP");
    assert_eq!(wallets(&place), 1);
}

/// A key of 32 bytes is held in its extended form, which has the same address.
#[test]
fn a_normal_key_of_cardano_is_stored_and_has_its_address() {
    let place = Place::new();
    let imported = lines(&place.run(&["import", &foreign("cardano-payment.skey")]));
    let own = "addr1vx9jrppy446d7fwntsh23cy55nzutt4jew6yysvnx9tfxychfqm3y";
    assert_eq!(imported[0]["address"], own);
    let id = imported[0]["signatureId"].as_str().expect("an id").to_owned();
    assert_eq!(place.run(&["getaddress", &id]).json()["address"], own);
}

#[test]
fn an_export_is_read_in_the_encodings_of_windows() {
    let export = legacy("mixed.export.json");
    let count = serde_json::from_str::<Map<String, Value>>(&export).expect("JSON").len();
    let wide: Vec<u8> = export.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [[b"\xef\xbb\xbf", export.as_bytes()].concat(), [vec![0xff, 0xfe], wide].concat()]
    {
        let place = Place::new();
        fs::write(place.path().join("export.json"), bytes).expect("written");
        assert_eq!(lines(&place.run(&["import", "export.json"])).len(), count);
        assert_eq!(place.run(&["export"]).stdout.trim(), export.trim());
    }
}

#[test]
fn nothing_is_stored_of_a_file_with_one_wrong_address() {
    let place = Place::new();
    let csv = fs::read_to_string(foreign("electrum-p2wpkh.csv")).expect("a text");
    let key = csv.lines().nth(1).and_then(|line| line.split(',').nth(1)).expect("a key");
    write(&place, "keys.csv", &format!("{csv}bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4,{key}\n"));
    let import = ["import", "keys.csv", "--chain", "BTC"];
    place.run(&import).fails(1, "line 3: the file names the address bc1qw508d6q");
    assert_eq!(wallets(&place), 0);
}
