//! Files that are opened with a password or a share: headers of stores, the original's files, its
//! exports, keystore files, shares. The first byte picks which.
#![no_main]

use std::path::Path;

use kms_core::Network;
use kms_fuzz::HeaderOnly;
use kms_import::{KeyFile, Target, Wishes};
use kms_keystore::{Unlocked, read_export};
use kms_secret::{Password, SecretText};
use kms_shares::Share;
use libfuzzer_sys::fuzz_target;

/// Reads keys of a chain that the first byte selects. Without a password, so that no key is
/// derived.
fn read_keys(content: &[u8]) {
    let Some((pick, content)) = content.split_first() else { return };
    let Ok(file) = KeyFile::recognise(content) else { return };
    let chains = kms_chains::CHAINS;
    let Some(chain) = chains.get(usize::from(*pick) % chains.len()) else { return };
    let target = Target {
        chain: chain.spec().id.as_str(),
        keys: &chain.spec().key,
        network: Network::Testnet,
        address_of: &|key| Some(chain.address(Network::Testnet, key).ok()?.as_str().to_owned()),
        wishes: Wishes::default(),
    };
    drop(file.open(&target, None));
}

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
        3 => read_keys(content),
        _ => {
            let Ok(text) = std::str::from_utf8(content) else { return };
            drop(Share::parse(&SecretText::new(text.to_owned())));
        }
    }
});
