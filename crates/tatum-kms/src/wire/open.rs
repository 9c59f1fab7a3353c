//! Opens stores and journals, for the daemon and for every command.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use kms_core::Ledger;
use kms_keystore::{KdfCost, StoreError, Unlocked, WalletRecord};
use kms_secret::Password;
use kms_sqlite::{Converted, SqliteJournal};
pub(crate) use kms_sqlite::{JournalOpenError, JournalSeals, Kept, WalletFile};
use kms_unlock::fetch;

use super::milliseconds_since_1970;
use crate::{
    cli::output,
    command_error::CommandError,
    config::Settings,
    place::{require_lasting, short_lived_place},
};

pub(crate) fn wallet_file(settings: &Settings) -> WalletFile {
    wallet_file_at(settings.store.clone())
}

fn wallet_file_at(path: PathBuf) -> WalletFile {
    WalletFile::new(path, kms_chains::find_wallet_code)
}

/// A file for one run, whose password costs little to check and to guess.
pub(crate) const fn short_lived_file(path: PathBuf) -> WalletFile {
    WalletFile::with_cost(path, kms_chains::find_wallet_code, KdfCost::FLOOR)
}

pub(crate) async fn password(settings: &Settings) -> Result<Password, CommandError> {
    Ok(fetch(&settings.password_source()?).await?)
}

/// Opens an existing store for reading.
pub(crate) async fn open_existing(settings: &Settings) -> Result<Unlocked, CommandError> {
    Ok(open_existing_with_password(settings).await?.0)
}

/// Like [`open_existing`], with the password, for what seals something beside the store.
pub(crate) async fn open_existing_with_password(
    settings: &Settings,
) -> Result<(Unlocked, Password), CommandError> {
    require_store(settings)?;
    let password = password(settings).await?;
    Ok((wallet_file(settings).open(&password)?, password))
}

/// # Errors
/// When there is no store, which is reported before a password is requested.
pub(crate) fn require_store(settings: &Settings) -> Result<(), CommandError> {
    require_file(&settings.store)
}

/// # Errors
/// When there is no such file.
pub(crate) fn require_file(path: &Path) -> Result<(), CommandError> {
    if path.exists() { Ok(()) } else { Err(StoreError::Missing(path.to_owned()).into()) }
}

/// Opens a store that is not the daemon's: a backup, or what is imported. Nothing of it changes.
pub(crate) fn open_file(path: &Path, password: &Password) -> Result<Unlocked, StoreError> {
    wallet_file_at(path.to_owned()).open_unchanged(password)
}

/// Makes a store of these wallets beside the daemon's, under a password of its own, and says how
/// many they are.
pub(crate) fn make_file(
    path: &Path,
    records: Vec<WalletRecord>,
    password: &Password,
) -> Result<usize, StoreError> {
    wallet_file_at(path.to_owned()).make_with(records, password)
}

/// # Errors
/// When newly stored wallets would be lost with the container, or the store cannot be created.
pub(crate) fn require_lasting_store(settings: &Settings) -> Result<(), CommandError> {
    Ok(require_lasting(&settings.store, settings.is_ephemeral)?)
}

/// # Errors
/// When there is no journal yet, and a new one would be lost with the container. An existing journal
/// was created deliberately.
pub(crate) fn require_lasting_journal(settings: &Settings) -> Result<(), CommandError> {
    let journal = journal_path(&settings.store);
    if !journal.exists() {
        return Ok(require_lasting(&journal, settings.is_ephemeral)?);
    }
    if let Some(layer) = short_lived_place(&journal).filter(|_| !settings.is_ephemeral) {
        output::note(&format!(
            "WARNING: {} is on {layer} and will be lost with the container. Mount the folder of \
             the wallet store",
            journal.display()
        ));
    }
    Ok(())
}

/// Opens the store for changes: creates one if none exists, and converts the original's file.
pub(crate) fn open_or_create(
    settings: &Settings,
    password: &Password,
) -> Result<Unlocked, CommandError> {
    if !settings.store.exists() {
        require_lasting_store(settings)?;
    }
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

/// Like [`open_existing`], for a command about one wallet: without a file there is no such wallet.
/// Also returns the password, for a command that then changes the store.
pub(crate) async fn open_for_wallet(
    settings: &Settings,
    id: &str,
) -> Result<(Unlocked, Password), CommandError> {
    if !settings.store.exists() {
        return Err(CommandError::NoSuchWallet(id.to_owned()));
    }
    let password = password(settings).await?;
    Ok((wallet_file(settings).open(&password)?, password))
}

/// The journal lies beside the store.
pub(crate) fn journal_path(store: &Path) -> PathBuf {
    store.with_file_name("journal.db")
}

/// Returns true if the store has a record of a journal and the journal is missing. A store that
/// cannot be read tells nothing.
pub(crate) fn has_lost_journal(settings: &Settings) -> bool {
    !journal_path(&settings.store).exists()
        && wallet_file(settings).knows_a_journal().unwrap_or(false)
}

/// Opens the journal of a store to say something in it, or makes one that lasts.
pub(crate) fn open_or_create_ledger(settings: &Settings) -> Result<Arc<dyn Ledger>, CommandError> {
    require_lasting_journal(settings)?;
    open_ledger(&settings.store)
}

/// Opens the journal of a store, or makes one.
pub(crate) fn open_ledger(store: &Path) -> Result<Arc<dyn Ledger>, CommandError> {
    let journal = open_ledger_at(&journal_path(store));
    journal.map_err(|error| CommandError::Journal(error.to_string()))
}

pub(crate) fn open_ledger_at(path: &Path) -> Result<Arc<dyn Ledger>, JournalOpenError> {
    Ok(Arc::new(SqliteJournal::open(path, milliseconds_since_1970)?))
}

/// A journal that is gone with the process.
pub(crate) fn ledger_in_memory() -> Result<Arc<dyn Ledger>, JournalOpenError> {
    Ok(Arc::new(SqliteJournal::in_memory(milliseconds_since_1970)?))
}

/// Renames what lies in a journal's place, and says to what; nothing where nothing lies.
pub(crate) fn put_ledger_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    SqliteJournal::put_aside(path)
}
