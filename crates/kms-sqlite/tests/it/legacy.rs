//! The original's files: opened as they are, converted whole, refused when damaged.

use std::fs;

use kms_keystore::{StoreError, WalletRecord};
use kms_secret::Password;

use crate::scene::{content, file, vectors};

const STORES: [&str; 5] = ["mixed", "nonascii", "one", "ok-trailing-newline", "emptypassword"];

fn vector(name: &str) -> (Vec<u8>, Password, String) {
    let text = |end: &str| fs::read_to_string(vectors().join(format!("{name}.{end}")));
    let store = fs::read(vectors().join(format!("{name}.dat"))).expect("a store");
    let password = Password::new(text("password.txt").expect("a password"));
    (store, password, text("export.json").expect("an export"))
}

#[test]
fn every_store_of_the_original_opens_and_exports_what_the_original_exports() {
    for name in STORES.into_iter().chain(["spaces"]) {
        let (bytes, password, export) = vector(name);
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("wallet.dat");
        fs::write(&path, &bytes).expect("written");
        let store = file(&path).open(&password).expect("it opens");
        assert_eq!(content(&store).expect("it is read").trim(), export.trim(), "{name}");
        assert_eq!(fs::read(&path).expect("it is there"), bytes, "reading changes nothing");
    }
}

#[test]
fn conversion_keeps_every_wallet_and_the_old_file() {
    for name in STORES.into_iter().filter(|name| *name != "emptypassword") {
        let (bytes, password, export) = vector(name);
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("wallet.dat");
        fs::write(&path, &bytes).expect("written");
        let (store, converted) = file(&path).open_for_writing(&password).expect("converted");
        assert_eq!(content(&store).expect("it is read").trim(), export.trim(), "{name}");
        let kept = converted.expect("it was converted").kept;
        assert_eq!(fs::read(kept).expect("it is there"), bytes, "{name}");
    }
}

/// A sealed store needs a password, so the file stays what it is.
#[test]
fn a_store_without_a_password_opens_and_is_not_converted() {
    let (bytes, password, _) = vector("emptypassword");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wallet.dat");
    fs::write(&path, &bytes).expect("written");
    let refused = file(&path).open_for_writing(&password);
    assert!(matches!(refused, Err(StoreError::EmptyPassword)));
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

#[test]
fn damaged_stores_are_refused_for_reading_and_writing() {
    for name in ["bad-truncated", "bad-empty", "bad-garbage"] {
        let bytes = fs::read(vectors().join(format!("{name}.dat"))).expect("a store");
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("wallet.dat");
        fs::write(&path, &bytes).expect("written");
        let password = Password::new(String::from("correct horse battery staple"));
        let error = file(&path).open(&password).expect_err("refused").to_string();
        assert!(!error.contains("privateKey"), "{error}");
        assert!(file(&path).open_for_writing(&password).is_err(), "{name}");
        assert_eq!(fs::read(&path).expect("it is there"), bytes, "{name}");
    }
}

/// Every cut and a flipped bit in every 64th byte: an error, or every wallet.
#[test]
fn no_altered_store_of_the_original_yields_other_wallets() {
    let (bytes, password, export) = vector("mixed");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wallet.dat");
    let mut read = 0;
    for place in (0..bytes.len()).step_by(64) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place / 64 % 8);
        for altered in [&flipped[..], &bytes[..place]] {
            fs::write(&path, altered).expect("written");
            let Ok(store) = file(&path).open(&password) else { continue };
            let all = store.all().expect("it is read");
            let same = WalletRecord::reveal_all(&all).expose().trim() == export.trim();
            read += usize::from(!same);
        }
    }
    // CBC has no integrity: a flipped bit may alter text in a wallet and go unnoticed. It must
    // stay rare that the JSON survives, and the sealed format does not have it at all.
    println!("altered stores that were read: {read}");
    assert!(read < bytes.len() / 64 / 4, "{read}");
}
