//! The only place that names all the parts: opens the store, builds the daemon.

use std::{collections::HashMap, path::Path};

use kms_api::{Api, ApiConfig, Timeouts};
use kms_core::SignatureId;
use kms_keystore::{StoreError, Unlocked};
use kms_secret::Password;
use kms_sqlite::{Converted, SqliteJournal, WalletFile};
use kms_unlock::fetch;

use crate::{
    cli::output,
    command_error::CommandError,
    config::{DaemonConfig, Settings},
    daemon::Daemon,
};

pub(crate) fn wallet_file(settings: &Settings) -> WalletFile {
    WalletFile::new(settings.store.clone(), kms_chains::find_wallet_code)
}

pub(crate) async fn password(settings: &Settings) -> Result<Password, CommandError> {
    Ok(fetch(&settings.password_source()?).await?)
}

/// Opens the store that is there, for reading.
pub(crate) async fn open(settings: &Settings) -> Result<Unlocked, CommandError> {
    if !settings.store.exists() {
        return Err(StoreError::Missing(settings.store.clone()).into());
    }
    Ok(wallet_file(settings).open(&password(settings).await?)?)
}

/// Opens the store to change it: makes one where there is none, converts the original's.
pub(crate) fn open_for_writing(
    settings: &Settings,
    password: &Password,
) -> Result<Unlocked, CommandError> {
    let (store, converted) = wallet_file(settings).open_for_writing(password)?;
    converted.iter().for_each(tell_converted);
    Ok(store)
}

pub(crate) fn tell_converted(converted: &Converted) {
    output::note(&format!(
        "the wallet store was converted; the original's file is kept as {}",
        converted.kept.display()
    ));
}

/// As [`open`], for a command about one wallet: without a file there is no such wallet. With the
/// password, for a command that goes on to change the store.
pub(crate) async fn open_for(
    settings: &Settings,
    id: &str,
) -> Result<(Unlocked, Password), CommandError> {
    if !settings.store.exists() {
        return Err(CommandError::NoSuchWallet(id.to_owned()));
    }
    let password = password(settings).await?;
    Ok((wallet_file(settings).open(&password)?, password))
}

pub(crate) fn signature_id(id: &str) -> Result<SignatureId, CommandError> {
    SignatureId::parse(id).map_err(|_| CommandError::NoSuchWallet(id.to_owned()))
}

pub(crate) fn new_signature_id() -> Result<SignatureId, CommandError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| CommandError::Randomness(error.to_string()))?;
    signature_id(&uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// Builds the daemon on an open store. The journal lies beside the store.
pub(crate) fn daemon(
    store: Unlocked,
    store_path: &Path,
    network: kms_core::Network,
    mut config: DaemonConfig,
) -> Result<Daemon, CommandError> {
    let journal = SqliteJournal::open(&store_path.with_file_name("journal.db"))
        .map_err(|error| CommandError::Journal(error.to_string()))?;
    let api = Api::new(ApiConfig {
        base_url: config.api_url.clone(),
        api_key: config.take_api_key(),
        testnet_type: config.testnet_type.clone(),
        version: env!("CARGO_PKG_VERSION"),
        chains: kms_chains::CHAINS.to_vec(),
        node_urls: HashMap::new(),
        service_urls: config.node_urls.clone(),
        timeouts: Timeouts::default(),
    })?;
    Ok(Daemon { api, store, journal, network, config })
}
