//! Copies of the store: made while it is used, read without being changed, put back.

use std::{fs::File, io, path::Path};

use kms_keystore::{StoreError, Unlocked, WalletRecord};
use kms_secret::Password;

use crate::{
    connection::{self, NewFile},
    file::{Found, WalletFile},
    records::SqliteRecords,
};

const IN_USE: &str = "its log (`-wal`) is beside it: a process is writing to it, or was killed";

impl WalletFile {
    /// Opens a store that nobody writes, such as a backup, and changes no byte of it.
    ///
    /// # Errors
    /// When there is none, it is damaged, its log lies beside it, or the password is wrong.
    pub fn open_unchanged(&self, password: &Password) -> Result<Unlocked, StoreError> {
        match self.find()? {
            Found::Store if connection::has_log(&self.path) => Err(self.unusable(IN_USE)),
            Found::Store => {
                let records = Box::new(SqliteRecords::open_unchanged(&self.path)?);
                Unlocked::open(records, password, self.find_chain)
            }
            _ => self.open(password),
        }
    }

    /// Writes a copy of the store, as it is at one moment, into a new file, whatever other
    /// processes do meanwhile. The copy is read whole before it gets its name. How many wallets
    /// are in it.
    ///
    /// # Errors
    /// When there is no store, the password is wrong, a file is there already, or nothing can be
    /// written.
    pub fn back_up(&self, to: &Path, password: &Password) -> Result<usize, StoreError> {
        let records = self.records()?;
        self.publish_copy(to, password, |new| records.copy_into(new))
    }

    /// Makes a store of these wallets, listed newest first, with a key and a password of its own,
    /// in the place of a file that is not there.
    ///
    /// # Errors
    /// When the password is empty, a file is there already, or nothing can be written.
    pub fn make_with(
        &self,
        records: Vec<WalletRecord>,
        password: &Password,
    ) -> Result<usize, StoreError> {
        self.publish_copy(&self.path, password, |new| self.fill(new, records, password))
    }

    /// Puts a backup in the place of a store that is not there. How many wallets are in it.
    ///
    /// # Errors
    /// When a store is there, the backup is damaged, its password is another, or nothing can be
    /// written.
    pub fn restore(&self, from: &Path, password: &Password) -> Result<usize, StoreError> {
        let backup = Self::with_cost(from.to_owned(), self.find_chain, self.cost);
        if backup.open_unchanged(password)?.is_legacy() {
            return Err(
                backup.unusable("it is in the original's format; move it to the store's path")
            );
        }
        connection::make_directory(&self.path).map_err(|source| self.io(source))?;
        self.publish_copy(&self.path, password, |new| {
            let io = |path: &Path, source| StoreError::Io { path: path.to_owned(), source };
            let mut backup = File::open(from).map_err(|source| io(from, source))?;
            let copy = File::options().write(true).open(new);
            let mut copy = copy.map_err(|source| io(new, source))?;
            io::copy(&mut backup, &mut copy).map_err(|source| io(new, source))?;
            Ok(())
        })
    }

    /// Makes a copy beside its place, reads all of it, and gives it its name.
    fn publish_copy(
        &self,
        to: &Path,
        password: &Password,
        copy: impl FnOnce(&Path) -> Result<(), StoreError>,
    ) -> Result<usize, StoreError> {
        let io = |source| StoreError::Io { path: to.to_owned(), source };
        let _lock = connection::lock_directory(to).map_err(io)?;
        if to.symlink_metadata().is_ok() || connection::has_log(to) {
            return Err(StoreError::AlreadyThere(to.to_owned()));
        }
        let new = NewFile::make(to).map_err(io)?;
        copy(new.path())?;
        let copied = Self::with_cost(new.path().to_owned(), self.find_chain, self.cost);
        let wallets = copied.open_unchanged(password)?.all()?.len();
        new.publish(to).map(|()| wallets).map_err(io)
    }
}
