//! `wallet.dat`: a store, or the original's file.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use kms_keystore::{FindChain, KdfCost, StoreError, Unlocked};
use kms_secret::Password;
use rustix::fs::{FlockOperation, flock};
use zeroize::Zeroizing;

use crate::{connection, records::SqliteRecords};

const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// A million wallets of the original take about 200 MB.
const LEGACY_MAX_BYTES: u64 = 1 << 30;

/// The place of a wallet store.
#[derive(Debug)]
pub struct WalletFile {
    path: PathBuf,
    find_chain: FindChain,
    cost: KdfCost,
}

/// The original's file was converted; where it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Converted {
    pub kept: PathBuf,
}

enum Found {
    Nothing,
    Store,
    Legacy(Zeroizing<Vec<u8>>),
}

impl WalletFile {
    pub const fn new(path: PathBuf, find_chain: FindChain) -> Self {
        Self { path, find_chain, cost: KdfCost::DEFAULT }
    }

    /// As [`new`](Self::new), with another cost for stores that are made.
    pub const fn with_cost(path: PathBuf, find_chain: FindChain, cost: KdfCost) -> Self {
        Self { path, find_chain, cost }
    }

    /// Opens what is there. The original's file is opened as it is, read only.
    ///
    /// # Errors
    /// When there is nothing, it is damaged, or the password is wrong.
    pub fn open(&self, password: &Password) -> Result<Unlocked, StoreError> {
        match self.find()? {
            Found::Nothing => Err(StoreError::Missing(self.path.clone())),
            Found::Store => self.open_store(&self.path, password),
            Found::Legacy(file) => {
                Unlocked::open_legacy(&file, &self.path, password, self.find_chain)
            }
        }
    }

    /// Opens what is there for writing: makes a store where there is none, and converts the
    /// original's file.
    ///
    /// # Errors
    /// When what is there is damaged, the password is wrong, or nothing can be written.
    pub fn open_for_writing(
        &self,
        password: &Password,
    ) -> Result<(Unlocked, Option<Converted>), StoreError> {
        if let Found::Store = self.find()? {
            connection::restrict(&self.path).map_err(|source| self.io(source))?;
            return Ok((self.open_store(&self.path, password)?, None));
        }
        connection::make_directory(&self.path).map_err(|source| self.io(source))?;
        let _lock = self.lock()?;
        // Another process may have made or converted it while this one waited.
        let converted = match self.find()? {
            Found::Store => None,
            Found::Nothing => {
                let new = self.make(password, None)?;
                self.put_in_place(&new, None)?;
                None
            }
            Found::Legacy(file) => {
                let legacy = Unlocked::open_legacy(&file, &self.path, password, self.find_chain)?;
                let new = self.make(password, Some(&legacy))?;
                Some(Converted { kept: self.put_in_place(&new, Some("legacy"))? })
            }
        };
        Ok((self.open_store(&self.path, password)?, converted))
    }

    fn open_store(&self, path: &Path, password: &Password) -> Result<Unlocked, StoreError> {
        Unlocked::open(Box::new(SqliteRecords::open(path)?), password, self.find_chain)
    }

    fn find(&self) -> Result<Found, StoreError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(source) => return Err(self.io(source)),
        };
        let length = file.metadata().map_err(|source| self.io(source))?.len();
        if length == 0 {
            return Err(self.unusable("it is empty"));
        }
        let mut head = [0; 16];
        let magic = file.read(&mut head).map_err(|source| self.io(source))?;
        if head.get(..magic) == Some(SQLITE_MAGIC) {
            return Ok(Found::Store);
        }
        if length > LEGACY_MAX_BYTES {
            return Err(self.unusable("it is larger than any wallet store of the original"));
        }
        let file = fs::read(&self.path).map_err(|source| self.io(source))?;
        Ok(Found::Legacy(Zeroizing::new(file)))
    }

    fn unusable(&self, problem: &'static str) -> StoreError {
        StoreError::NotAStore { path: self.path.clone(), problem }
    }

    fn io(&self, source: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
    }

    /// One process at a time makes or converts a store: the one that holds the directory's lock.
    fn lock(&self) -> Result<File, StoreError> {
        let directory = File::open(self.directory()).map_err(|source| self.io(source))?;
        flock(&directory, FlockOperation::LockExclusive).map_err(|error| self.io(error.into()))?;
        Ok(directory)
    }

    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        }
    }

    /// Makes a complete new store beside the old one, and reads it back.
    fn make(&self, password: &Password, legacy: Option<&Unlocked>) -> Result<PathBuf, StoreError> {
        let path = beside(&self.path, "new");
        for old in [path.clone(), beside(&path, "wal"), beside(&path, "shm")] {
            let _ = fs::remove_file(old);
        }
        connection::make_file(&path).map_err(|source| self.io(source))?;
        let (header, first) = Unlocked::prepare(password, self.cost)?;
        SqliteRecords::create(&path, &header, &first)?;
        if let Some(legacy) = legacy {
            let mut records = legacy.all()?;
            // The store lists the newest first too, and the last one added is the newest.
            records.reverse();
            let mut store = self.open_store(&path, password)?;
            store.add(&records)?;
            check_copy(legacy, &store)?;
        }
        Ok(path)
    }

    /// Puts the new store in the old file's place, which is kept under another name.
    fn put_in_place(&self, new: &Path, keep: Option<&str>) -> Result<PathBuf, StoreError> {
        let directory = self.directory();
        let put = || -> io::Result<PathBuf> {
            File::open(new)?.sync_all()?;
            let kept = match keep {
                Some(word) => keep_old(&self.path, word)?,
                None => PathBuf::new(),
            };
            fs::rename(new, &self.path)?;
            File::open(directory)?.sync_all()?;
            Ok(kept)
        };
        put().map_err(|source| self.io(source))
    }
}

/// Every wallet of the old file is in the new one, with every field.
fn check_copy(old: &Unlocked, new: &Unlocked) -> Result<(), StoreError> {
    let (old, new) = (old.all()?, new.all()?);
    let same = old.len() == new.len()
        && old
            .iter()
            .zip(&new)
            .all(|(old, new)| old.id() == new.id() && old.reveal().is_same(&new.reveal()));
    match same {
        true => Ok(()),
        false => Err(StoreError::Damaged("the converted copy differs; nothing was changed")),
    }
}

/// Gives the old file a second name, the first one that is free.
fn keep_old(path: &Path, word: &str) -> io::Result<PathBuf> {
    for number in 1..=u32::MAX {
        let kept = match number {
            1 => beside(path, word),
            _ => beside(path, &format!("{word}-{number}")),
        };
        match fs::hard_link(path, &kept) {
            Ok(()) => {
                connection::restrict(&kept)?;
                return Ok(kept);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no name is left for the old file"))
}

/// A file in the same directory whose name says what it is to this one.
fn beside(path: &Path, word: &str) -> PathBuf {
    let separator = if matches!(word, "wal" | "shm") { "-" } else { "." };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(separator);
    name.push(word);
    path.with_file_name(name)
}
