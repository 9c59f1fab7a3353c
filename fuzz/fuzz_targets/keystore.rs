//! Files that are opened with a password or a share: headers of stores, the original's files, its
//! exports, keystore files, shares. The first byte picks which.
#![no_main]

use std::path::Path;

use kms_fuzz::HeaderOnly;
use kms_keystore::{Unlocked, is_web3, read_export};
use kms_secret::{Password, SecretText};
use kms_shares::Share;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((pick, content)) = data.split_first() else { return };
    let path = Path::new("wallet.dat");
    match pick % 5 {
        0 => drop(Unlocked::cost_of(&HeaderOnly(content.to_vec()))),
        1 => {
            let password = Password::new(String::from("password"));
            let store =
                Unlocked::open_legacy(content, path, &password, kms_chains::find_wallet_code);
            drop(store.and_then(|store| store.all()));
        }
        2 => {
            if let Ok(records) = read_export(content, path) {
                records.iter().for_each(|record| drop((record.summary(), record.reveal())));
            }
        }
        3 => drop(is_web3(content)),
        _ => {
            let Ok(text) = std::str::from_utf8(content) else { return };
            drop(Share::parse(&SecretText::new(text.to_owned())));
        }
    }
});
