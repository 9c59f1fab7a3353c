//! Files of the original, from `kms-sqlite/vectors/legacy`, which says where they are from; and
//! odd ones, sealed here by the rule they are read by.

use std::{fs, path::Path};

use aes::Aes256;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use data_encoding::BASE64;
use kms_keystore::{StoreError, Unlocked, WalletRecord};
use md5::{Digest as _, Md5};

use crate::memory::password;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-sqlite/vectors/legacy");

fn read(name: &str) -> Vec<u8> {
    fs::read(Path::new(VECTORS).join(name)).expect("a vector")
}

pub(crate) fn open(file: &[u8], text: &str) -> Result<Unlocked, StoreError> {
    let path = Path::new("wallet.dat");
    Unlocked::open_legacy(file, path, &password(text), kms_chains::find_wallet_code)
}

fn export(store: &Unlocked) -> String {
    WalletRecord::reveal_all(&store.all().expect("read")).expose().to_owned()
}

/// Seals as the original does, with the salt `saltsalt`.
pub(crate) fn seal(plaintext: &[u8], text: &str) -> Vec<u8> {
    let (salt, mut derived) = (b"saltsalt", Vec::new());
    while derived.len() < 48 {
        let last = derived.len().saturating_sub(16);
        let block = [&derived[last..], text.as_bytes(), salt].concat();
        derived.extend_from_slice(&Md5::digest(&block));
    }
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&derived[..32], &derived[32..48]);
    let sealed = cipher.expect("a cipher").encrypt_padded_vec::<Pkcs7>(plaintext);
    BASE64.encode(&[b"Salted__".as_slice(), salt, &sealed].concat()).into_bytes()
}

#[test]
fn every_cut_and_every_flipped_bit_is_refused_without_a_word_of_the_content() {
    let (file, text) =
        (read("one.dat"), String::from_utf8(read("one.password.txt")).expect("text"));
    let whole = export(&open(&file, &text).expect("it opens"));
    let check = |altered: &[u8], what: &str| match open(altered, &text) {
        Ok(store) => assert_eq!(export(&store), whole, "{what}"),
        Err(error) => {
            let told = format!("{error} {error:?}");
            assert!(
                !["urge", "xpub6", "mnemonic"].iter().any(|word| told.contains(word)),
                "{told}"
            );
        }
    };
    for length in 0..file.len() {
        assert!(open(&file[..length], &text).is_err(), "length {length}");
        check(&file[..length], "cut");
    }
    for place in 0..file.len() {
        for bit in 0..8 {
            let mut altered = file.clone();
            altered[place] ^= 1 << bit;
            check(&altered, &format!("bit {bit} of byte {place}"));
        }
    }
}

#[test]
fn a_wrong_password_is_told_from_a_damaged_file() {
    let (file, text) =
        (read("one.dat"), String::from_utf8(read("one.password.txt")).expect("text"));
    for wrong in ["", "y", "correct horse"] {
        assert!(matches!(open(&file, wrong), Err(StoreError::WrongPassword)), "{wrong:?}");
    }
    // Three whole blocks of base64: 16 bytes of head and two blocks of ciphertext.
    let cut = open(&file[..64], &text);
    assert!(matches!(cut, Err(StoreError::NotAStore { .. })), "{cut:?}");
    let garbled = open(&seal(b"{\"0fb17f77-4d1f\": nonsense", "p"), "p");
    assert!(matches!(garbled, Err(StoreError::NotAStore { .. })), "{garbled:?}");
}

#[test]
fn odd_wallets_are_kept_as_they_are() {
    let odd = r#"{"n":{"chain":"NOPE","zeta":null,"alpha":[1,{"b":true}],"privateKey":"x\u00e9","testnet":false},"m":{}}"#;
    let store = open(&seal(odd.as_bytes(), "p"), "p").expect("it opens");
    let expected = "{\n  \"n\": {\n    \"chain\": \"NOPE\",\n    \"zeta\": null,\n    \"alpha\": [\n      1,\n      {\n        \"b\": true\n      }\n    ],\n    \"privateKey\": \"xé\",\n    \"testnet\": false\n  },\n  \"m\": {}\n}";
    assert_eq!(export(&store), expected);
}

/// Follows `JSON.parse`: `{"a":1,"b":2,"a":3}` is `{"a":3,"b":2}`.
#[test]
fn of_repeated_names_the_last_counts_in_the_place_of_the_first() {
    let repeated =
        r#"{"a":{"chain":"ETH"},"b":{"chain":"BTC"},"a":{"chain":"LTC","x":1,"chain":"BCH"}}"#;
    let store = open(&seal(repeated.as_bytes(), "p"), "p").expect("it opens");
    let ids: Vec<_> = store.summaries().expect("listed").into_iter().map(|one| one.chain).collect();
    assert_eq!(ids, ["BCH", "BTC"]);
}

#[test]
fn content_that_is_no_list_of_wallets_is_refused() {
    let deep = format!("{{\"a\":{{\"b\":{}1{}}}}}", "[".repeat(5000), "]".repeat(5000));
    for content in [
        "",
        "null",
        "[]",
        "1",
        "\"text\"",
        "{",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"\":{}}",
        "{\"a\":{\"k\":\"\\ud800\"}}",
        "{} {}",
        &deep,
    ] {
        assert!(open(&seal(content.as_bytes(), "p"), "p").is_err(), "{content:.20}");
    }
    assert!(open(&seal(b"{\"a\":{\"k\":\"\xff\"}}", "p"), "p").is_err());
    assert!(export(&open(&seal(b"{}", "p"), "p").expect("it opens")) == "{}");
}

#[test]
fn the_original_s_file_is_read_only() {
    let mut store = open(&seal(b"{\"a\":{}}", ""), "").expect("it opens");
    let id = kms_core::SignatureId::parse("a").expect("an id");
    assert!(matches!(store.remove(&id), Err(StoreError::LegacyReadOnly)));
    assert!(matches!(store.add(&[]), Err(StoreError::LegacyReadOnly)));
    assert!(store.get(&id).expect("read").is_some());
}
