//! Stores to attack.

use std::path::{Path, PathBuf};

use kms_core::{Network, SignatureId};
use kms_keystore::{KdfCost, StoreError, Unlocked, WalletRecord};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn password() -> Password {
    Password::new(PASSWORD.to_owned())
}

pub(crate) fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/legacy")
}

pub(crate) fn file(path: &Path) -> WalletFile {
    WalletFile::with_cost(path.to_owned(), kms_chains::find_wallet_code, KdfCost::FLOOR)
}

pub(crate) fn wallet(name: &str) -> WalletRecord {
    let key = SecretText::new(format!("0x{}", "46".repeat(32)));
    let id = SignatureId::parse(name).expect("an id");
    WalletRecord::new(id, vec![("privateKey", key)], "ETH", Network::Testnet)
}

/// A store with wallets of these names.
pub(crate) fn store(path: &Path, names: &[&str]) {
    let (mut store, _) = file(path).open_for_writing(&password()).expect("a store");
    let wallets: Vec<_> = names.iter().map(|name| wallet(name)).collect();
    store.add(&wallets).expect("they are stored");
}

/// All that a store holds, as the original would export it.
pub(crate) fn content(store: &Unlocked) -> Result<String, StoreError> {
    let all = store.all()?;
    Ok(WalletRecord::reveal_all(&all).expose().to_owned())
}

pub(crate) fn read(path: &Path) -> Result<String, StoreError> {
    content(&file(path).open(&password())?)
}
