//! `wallet.dat`: a store, or the original's file.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use kms_keystore::{FindChain, KdfCost, StoreError, Unlocked, WalletRecord};
use kms_secret::{Password, SealingKey};
use zeroize::Zeroizing;

use crate::{
    connection::{self, NewFile},
    records::SqliteRecords,
};

const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// A million wallets of the original take about 200 MB.
const LEGACY_MAX_BYTES: u64 = 1 << 30;
/// Names that are tried for the original's file.
const KEPT_MAX: u32 = 1000;
const ORPHANED_LOG: &str =
    "the log of another store (`-wal`) is beside it; move the log away, or restore its store";

/// The place of a wallet store.
#[derive(Debug)]
pub struct WalletFile {
    pub(crate) path: PathBuf,
    pub(crate) find_chain: FindChain,
    pub(crate) cost: KdfCost,
}

/// The original's file was converted; where it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Converted {
    /// The path of the original, beside the store.
    pub kept: PathBuf,
}

pub(crate) enum Found {
    Nothing,
    Store,
    Legacy(Zeroizing<Vec<u8>>),
}

impl WalletFile {
    /// The file at a path, which need not be there. `find_chain` knows the codes of wallets.
    pub const fn new(path: PathBuf, find_chain: FindChain) -> Self {
        Self { path, find_chain, cost: KdfCost::DEFAULT }
    }

    /// Like [`new`](Self::new), with another cost for stores that are made.
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

    /// Opens the store for writing: creates one if none exists, and converts the original's file.
    ///
    /// # Errors
    /// When what is there is damaged, the password is wrong, or nothing can be written.
    pub fn open_for_writing(
        &self,
        password: &Password,
    ) -> Result<(Unlocked, Option<Converted>), StoreError> {
        let found = self.find()?;
        if !matches!(found, Found::Nothing) {
            connection::check_not_alone(&self.path).map_err(|source| self.io(source))?;
            connection::check_writable(&self.path).map_err(|source| self.io(source))?;
        }
        if let Found::Store = found {
            connection::restrict(&self.path).map_err(|source| self.io(source))?;
            return Ok((self.open_store(&self.path, password)?, None));
        }
        connection::make_directory(&self.path).map_err(|source| self.io(source))?;
        let _lock = connection::lock_directory(&self.path).map_err(|source| self.io(source))?;
        // Another process may have made or converted it while this one waited.
        let converted = match self.find()? {
            Found::Store => None,
            _ if connection::has_log(&self.path) => return Err(self.unusable(ORPHANED_LOG)),
            Found::Nothing => {
                let new = self.make(password, None)?;
                new.publish(&self.path).map_err(|source| self.io(source))?;
                None
            }
            Found::Legacy(file) => {
                let legacy = Unlocked::open_legacy(&file, &self.path, password, self.find_chain)?;
                let new = self.make(password, Some(&legacy))?;
                Some(Converted { kept: self.replace(&file, new)? })
            }
        };
        let store = self.open_store(&self.path, password)?;
        self.settle_journal_seal(&store, password)?;
        Ok((store, converted))
    }

    /// Opens the store with another password from now on. The original's file is converted first.
    ///
    /// # Errors
    /// When the old password is wrong, the new one empty, or nothing can be written.
    pub fn change_password(
        &self,
        old: &Password,
        new: &Password,
    ) -> Result<Option<Converted>, StoreError> {
        let (store, converted) = self.open_for_writing(old)?;
        self.settle_journal_seal(&store, old)?;
        let records = Box::new(SqliteRecords::open(&self.path)?);
        Unlocked::change_password(records, old, new, self.cost)?;
        Ok(converted)
    }

    /// The key that seals everything in the store. Whoever has it needs no password.
    ///
    /// # Errors
    /// When there is no store, it is the original's, or the password is wrong.
    pub fn data_key(&self, password: &Password) -> Result<SealingKey, StoreError> {
        Unlocked::data_key(&self.records()?, password)
    }

    /// Opens the store with another password from now on, by its key instead of the old one.
    ///
    /// # Errors
    /// When there is no store, the key is that of another, or nothing can be written.
    pub fn recover(&self, data_key: &SealingKey, new: &Password) -> Result<(), StoreError> {
        connection::check_not_alone(&self.path).map_err(|source| self.io(source))?;
        Unlocked::recover(Box::new(self.records()?), data_key, new, self.cost)
    }

    pub(crate) fn records(&self) -> Result<SqliteRecords, StoreError> {
        match self.find()? {
            Found::Nothing => Err(StoreError::Missing(self.path.clone())),
            Found::Legacy(_) => Err(StoreError::LegacyReadOnly),
            Found::Store => SqliteRecords::open_as_it_lies(&self.path),
        }
    }

    /// Returns true if the file is the original's, not yet converted. Nothing is opened.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be read.
    pub fn is_legacy(&self) -> Result<bool, StoreError> {
        match self.find()? {
            Found::Nothing => Err(StoreError::Missing(self.path.clone())),
            Found::Legacy(_) => Ok(true),
            Found::Store => Ok(false),
        }
    }

    /// The cost of the store's password hashing; `None` for the original's file.
    ///
    /// # Errors
    /// When there is no store, or its header cannot be read.
    pub fn kdf_cost(&self) -> Result<Option<KdfCost>, StoreError> {
        match self.find()? {
            Found::Nothing => Err(StoreError::Missing(self.path.clone())),
            Found::Legacy(_) => Ok(None),
            Found::Store => Unlocked::cost_of(&self.records()?).map(Some),
        }
    }

    fn open_store(&self, path: &Path, password: &Password) -> Result<Unlocked, StoreError> {
        let records = SqliteRecords::open_as_it_lies(path)?;
        Unlocked::open(Box::new(records), password, self.find_chain)
    }

    pub(crate) fn find(&self) -> Result<Found, StoreError> {
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

    pub(crate) fn unusable(&self, problem: &'static str) -> StoreError {
        StoreError::NotAStore { path: self.path.clone(), problem }
    }

    pub(crate) fn io(&self, source: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
    }

    /// Makes a complete new store beside the old one, and reads it back.
    fn make(&self, password: &Password, legacy: Option<&Unlocked>) -> Result<NewFile, StoreError> {
        let new = NewFile::make(&self.path).map_err(|source| self.io(source))?;
        let records = legacy.map_or_else(|| Ok(Vec::new()), Unlocked::all)?;
        self.fill(new.path(), records, password)?;
        if let Some(legacy) = legacy {
            check_copy(legacy, &self.open_store(new.path(), password)?)?;
        }
        Ok(new)
    }

    /// Makes a store of an empty file and puts records into it, given newest first.
    pub(crate) fn fill(
        &self,
        empty: &Path,
        mut records: Vec<WalletRecord>,
        password: &Password,
    ) -> Result<(), StoreError> {
        let (header, first) = Unlocked::prepare(password, self.cost)?;
        SqliteRecords::create(empty, &header, &first)?;
        if records.is_empty() {
            return Ok(());
        }
        // The last one added is the newest.
        records.reverse();
        self.open_store(empty, password)?.add(&records)
    }

    /// Puts the new store in the old file's place, which is kept under another name.
    fn replace(&self, converted: &[u8], new: NewFile) -> Result<PathBuf, StoreError> {
        let io = |source| self.io(source);
        let kept = keep_old(&self.path).map_err(io)?;
        // The original takes no lock: what it wrote meanwhile is not in the new store.
        let now = Zeroizing::new(fs::read(&self.path).map_err(io)?);
        if now.as_slice() != converted {
            fs::remove_file(&kept).map_err(io)?;
            return Err(StoreError::ChangedMeanwhile(self.path.clone()));
        }
        match new.replace(&self.path) {
            Ok(()) => Ok(kept),
            Err(source) => {
                fs::remove_file(&kept).map_err(io)?;
                Err(self.io(source))
            }
        }
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
    if same {
        Ok(())
    } else {
        Err(StoreError::Damaged("the converted copy differs; nothing was changed"))
    }
}

/// Gives the old file a second name, the first one that is free.
fn keep_old(path: &Path) -> io::Result<PathBuf> {
    for number in 1..=KEPT_MAX {
        let kept = match number {
            1 => connection::beside(path, ".legacy"),
            _ => connection::beside(path, &format!(".legacy-{number}")),
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
    Err(io::Error::other("no free name is left for the old file; move the `.legacy` files away"))
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, thread};

    use kms_core::{Network, SignatureId};
    use kms_secret::SecretText;

    use super::*;

    const ONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/legacy/one.dat");

    struct Place {
        directory: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            Self { directory: tempfile::tempdir().unwrap() }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        fn file(&self) -> WalletFile {
            let path = self.path("wallet.dat");
            WalletFile::with_cost(path, kms_chains::find_wallet_code, KdfCost::FLOOR)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.directory.path()).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort_unstable();
            names
        }
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    fn wallet(name: &str) -> WalletRecord {
        let key = SecretText::new(format!("0x{}", "46".repeat(32)));
        let id = SignatureId::parse(name).unwrap();
        WalletRecord::new(id, vec![("privateKey", key)], "ETH", Network::Testnet)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_store_is_one_file_that_only_its_owner_can_read() {
        let place = Place::new();
        let path = place.path("deep/er/wallet.dat");
        let file =
            WalletFile::with_cost(path.clone(), kms_chains::find_wallet_code, KdfCost::FLOOR);
        assert!(matches!(file.open(&password("p")), Err(StoreError::Missing(_))));
        let (mut store, converted) = file.open_for_writing(&password("p")).unwrap();
        assert_eq!(converted, None);
        store.add(&[wallet("a")]).unwrap();
        let log = connection::beside(&path, "-wal");
        assert_eq!(fs::metadata(&log).unwrap().len(), 0, "the file alone is the whole store");
        for secret in [&path, &log, &connection::beside(&path, "-shm")] {
            assert_eq!(mode(secret), 0o600, "{}", secret.display());
        }
        assert_eq!((mode(&place.path("deep")), mode(&place.path("deep/er"))), (0o700, 0o700));
        drop(store);
        assert!(!log.exists());
        assert!(file.open(&password("p")).unwrap().get(wallet("a").id()).unwrap().is_some());
    }

    #[test]
    fn stores_that_change_at_once_lose_nothing_and_see_no_damage() {
        const WRITERS: usize = 4;
        const EACH: usize = 12;
        let place = Place::new();
        drop(place.file().open_for_writing(&password("p")).unwrap());
        let write = |writer: usize| {
            let (mut store, _) = place.file().open_for_writing(&password("p")).unwrap();
            for number in 0..EACH {
                store.add(&[wallet(&format!("{writer}-{number}"))]).unwrap();
                store.get(wallet(&format!("{writer}-0")).id()).unwrap().unwrap();
            }
        };
        let read = || {
            let mut store = place.file().open(&password("p")).unwrap();
            for _ in 0..200 {
                store.refresh().unwrap();
                store.summaries().unwrap();
                assert!(store.get(wallet("nobody").id()).unwrap().is_none());
            }
        };
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || write(writer));
            }
            scope.spawn(read);
        });
        let all = place.file().open(&password("p")).unwrap().summaries().unwrap();
        assert_eq!(all.len(), WRITERS * EACH);
    }

    const PLACE: &str = "KMS_SQLITE_ADDS_AT";

    /// The part of the test below that runs in a child process.
    #[test]
    fn child() {
        let Ok(path) = std::env::var(PLACE) else { return };
        let file = WalletFile::with_cost(path.into(), kms_chains::find_wallet_code, KdfCost::FLOOR);
        let (mut store, _) = file.open_for_writing(&password("x")).unwrap();
        for number in 0..10 {
            store.add(&[wallet(&format!("{}-{number}", std::process::id()))]).unwrap();
        }
    }

    #[test]
    fn processes_that_convert_and_add_at_once_lose_nothing() {
        let place = Place::new();
        fs::copy(ONE, place.path("wallet.dat")).unwrap();
        let start = |_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "file::tests::child"])
                .env(PLACE, place.path("wallet.dat"))
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..4).map(start).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let all = place.file().open(&password("x")).unwrap().summaries().unwrap();
        assert_eq!(all.len(), 1 + 4 * 10);
        assert_eq!(place.names(), ["wallet.dat", "wallet.dat.legacy"]);
    }

    #[test]
    fn stores_made_at_once_are_one_store() {
        let place = Place::new();
        thread::scope(|scope| {
            for name in ["a", "b", "c"] {
                let file = place.file();
                scope.spawn(move || {
                    let (mut store, _) = file.open_for_writing(&password("p")).unwrap();
                    store.add(&[wallet(name)]).unwrap();
                });
            }
        });
        assert_eq!(place.file().open(&password("p")).unwrap().summaries().unwrap().len(), 3);
        assert_eq!(place.names(), ["wallet.dat"]);
    }

    #[test]
    fn a_log_of_another_store_is_never_played_into_a_new_one() {
        for legacy in [false, true] {
            let place = Place::new();
            if legacy {
                fs::copy(ONE, place.path("wallet.dat")).unwrap();
            }
            fs::write(place.path("wallet.dat-wal"), b"anything").unwrap();
            let before = place.names();
            let refused = place.file().open_for_writing(&password("x")).err().unwrap();
            assert!(refused.to_string().contains("-wal"), "{refused}");
            assert_eq!(place.names(), before);
            assert_eq!(fs::read(place.path("wallet.dat-wal")).unwrap(), b"anything");
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_converted_is_left_alone() {
        let place = Place::new();
        fs::copy(ONE, place.path("wallet.dat")).unwrap();
        let converted = fs::read(ONE).unwrap();
        let file = place.file();
        let new = file.make(&password("x"), None).unwrap();
        fs::write(place.path("wallet.dat"), b"what the original wrote meanwhile").unwrap();
        let refused = file.replace(&converted, new);
        assert!(matches!(refused, Err(StoreError::ChangedMeanwhile(_))));
        let kept = fs::read(place.path("wallet.dat")).unwrap();
        assert_eq!(kept, b"what the original wrote meanwhile");
        assert_eq!(place.names(), ["wallet.dat"]);
    }

    #[test]
    fn a_new_store_takes_nobody_s_place() {
        let place = Place::new();
        let file = place.file();
        let new = file.make(&password("p"), None).unwrap();
        fs::write(place.path("wallet.dat"), b"the original's").unwrap();
        assert!(new.publish(&place.path("wallet.dat")).is_err());
        assert_eq!(fs::read(place.path("wallet.dat")).unwrap(), b"the original's");
    }

    #[test]
    fn each_converted_file_is_kept_under_a_name_of_its_own_for_its_owner_only() {
        let place = Place::new();
        for name in ["wallet.dat.legacy", "wallet.dat.legacy-2"] {
            fs::copy(ONE, place.path("copy")).unwrap();
            fs::rename(place.path("copy"), place.path("wallet.dat")).unwrap();
            let (store, converted) = place.file().open_for_writing(&password("x")).unwrap();
            let kept = converted.unwrap().kept;
            assert_eq!(kept, place.path(name));
            assert_eq!((fs::read(&kept).unwrap(), mode(&kept)), (fs::read(ONE).unwrap(), 0o600));
            assert_eq!(store.summaries().unwrap().len(), 1);
        }
    }

    #[test]
    fn waiting_for_another_process_has_an_end() {
        let place = Place::new();
        drop(place.file().open_for_writing(&password("p")).unwrap());
        let records = SqliteRecords::open(&place.path("wallet.dat")).unwrap();
        records.wait_at_most(std::time::Duration::from_millis(50)).unwrap();
        let mut store =
            Unlocked::open(Box::new(records), &password("p"), kms_chains::find_wallet_code)
                .unwrap();
        let other = connection::open(&place.path("wallet.dat")).unwrap();
        other.execute_batch("begin immediate").unwrap();
        assert!(matches!(store.add(&[wallet("a")]), Err(StoreError::Locked)));
        other.execute_batch("rollback").unwrap();
        store.add(&[wallet("a")]).unwrap();
    }
}
