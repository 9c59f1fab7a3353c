//! The store's record of its journal, wherever it can be kept: in the store, or in
//! `wallet.dat.journal` beside a store that is never written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kms_core::JournalSeal;
use kms_files::beside;
use kms_keystore::{JournalSealer, StoreError, Unlocked};
use kms_secret::Password;

use crate::WalletFile;

const ENDING: &str = ".journal";
const UNREADABLE: StoreError = StoreError::Damaged(
    "its record of its journal (`wallet.dat.journal`) was changed, or belongs to another password",
);

/// The store's record of its journal.
#[derive(Debug)]
pub struct JournalSeals {
    side: PathBuf,
    /// For a side file that the password opens; else the store's own key does.
    own: Option<JournalSealer>,
}

/// The place where a record was put.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kept {
    /// In the store itself.
    InStore,
    /// In a file beside the store.
    Beside,
}

impl JournalSeals {
    /// # Errors
    /// When the file beside the store cannot be opened with the password.
    pub fn open(
        file: &WalletFile,
        store: &Unlocked,
        password: &Password,
    ) -> Result<Self, StoreError> {
        let side = beside(&file.path, ENDING);
        let bytes = read(&side)?;
        let is_of_password = bytes.as_deref().is_some_and(JournalSealer::is_of_password);
        if !store.is_legacy() && !is_of_password {
            return Ok(Self { side, own: None });
        }
        match JournalSealer::of_password(password, file.cost, bytes.as_deref()) {
            Ok(own) => Ok(Self { side, own: Some(own) }),
            Err(StoreError::EmptyPassword) => Ok(Self { side, own: None }),
            Err(StoreError::WrongPassword | StoreError::Damaged(_)) => Err(UNREADABLE),
            Err(error) => Err(error),
        }
    }

    /// Like [`open`](Self::open), but ignores an existing file.
    ///
    /// # Errors
    /// When the operating system provides no randomness.
    pub fn open_anew(
        file: &WalletFile,
        store: &Unlocked,
        password: &Password,
    ) -> Result<Self, StoreError> {
        let side = beside(&file.path, ENDING);
        let own = match JournalSealer::of_password(password, file.cost, None) {
            _ if !store.is_legacy() => None,
            Err(StoreError::EmptyPassword) => None,
            made => Some(made?),
        };
        Ok(Self { side, own })
    }

    /// Reads the record in the store and the record in the file beside it.
    ///
    /// # Errors
    /// When one of them was changed, or cannot be read.
    pub fn read(&self, store: &Unlocked) -> Result<Vec<JournalSeal>, StoreError> {
        let beside = match (read(&self.side)?, self.sealer(store)) {
            (Some(bytes), Some(sealer)) => Some(sealer.read_side(&bytes).map_err(|_| UNREADABLE)?),
            _ => None,
        };
        Ok(store.journal_seal()?.into_iter().chain(beside).collect())
    }

    /// Lets `decide` say, on what is known, what is known from now on, if anything else. Goes into
    /// the store where that can be written, else into the file beside it.
    ///
    /// # Errors
    /// When neither can be written.
    pub fn write(
        &self,
        store: &Unlocked,
        mut decide: impl FnMut(Option<JournalSeal>) -> Option<JournalSeal>,
    ) -> Result<Kept, StoreError> {
        if store.seal_journal(&mut decide).is_ok() {
            // The record beside it was judged together with it, and is older by now.
            let _ = fs::remove_file(&self.side);
            return Ok(Kept::InStore);
        }
        let sealer = self.sealer(store).ok_or(StoreError::EmptyPassword)?;
        let known = read(&self.side)?.and_then(|bytes| sealer.read_side(&bytes).ok());
        if let Some(new) = decide(known) {
            let bytes = sealer.to_side(&new)?;
            kms_files::replace(&self.side, &bytes)
                .map_err(|source| io_error(&self.side, source))?;
        }
        Ok(Kept::Beside)
    }

    fn sealer<'a>(&'a self, store: &'a Unlocked) -> Option<&'a JournalSealer> {
        self.own.as_ref().or_else(|| store.journal_sealer())
    }
}

impl WalletFile {
    /// Returns true if the store knows of a journal, as far as can be told without the password.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn knows_a_journal(&self) -> Result<bool, StoreError> {
        use kms_keystore::RecordStore as _;
        if beside(&self.path, ENDING).exists() {
            return Ok(true);
        }
        match self.records() {
            Err(StoreError::LegacyReadOnly) => Ok(false),
            records => Ok(records?.journal_word()?.is_some()),
        }
    }

    /// Moves the record from the file beside the store into the store, where its key outlives the
    /// password. A record that cannot be opened, or names another journal, stays for the daemon to
    /// report.
    pub(crate) fn settle_journal_seal(
        &self,
        store: &Unlocked,
        password: &Password,
    ) -> Result<(), StoreError> {
        let side = beside(&self.path, ENDING);
        let Some(bytes) = read(&side)? else { return Ok(()) };
        let opened = JournalSeals::open(self, store, password);
        let beside = opened.and_then(|seals| match seals.sealer(store) {
            Some(sealer) => sealer.read_side(&bytes),
            None => Err(UNREADABLE),
        });
        let Ok(beside) = beside else { return Ok(()) };
        let mut is_settled = true;
        store.seal_journal(|own| match own {
            Some(own) if own.journal != beside.journal => {
                is_settled = false;
                None
            }
            Some(own) if own.sequence >= beside.sequence => None,
            _ => Some(beside),
        })?;
        if is_settled {
            fs::remove_file(&side).map_err(|source| io_error(&side, source))?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error(path, source)),
    }
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use kms_core::{JournalId, Opening};
    use kms_keystore::KdfCost;

    use super::*;

    const KNOWN: JournalSeal =
        JournalSeal { journal: JournalId([1; 16]), opening: Opening([2; 16]), sequence: 3 };
    const ONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/legacy/one.dat");

    struct Place {
        folder: tempfile::TempDir,
    }

    impl Place {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        /// The original's file, and its password.
        fn legacy() -> (Self, Password) {
            let place = Self::new();
            fs::copy(ONE, place.file().path).unwrap();
            (place, password(LEGACY_PASSWORD))
        }

        fn file(&self) -> WalletFile {
            let path = self.folder.path().join("wallet.dat");
            WalletFile::with_cost(path, kms_chains::find_wallet_code, KdfCost::FLOOR)
        }

        fn side(&self) -> PathBuf {
            self.folder.path().join("wallet.dat.journal")
        }

        fn seals(&self, password: &Password) -> (Unlocked, JournalSeals) {
            let store = self.file().open(password).unwrap();
            let seals = JournalSeals::open(&self.file(), &store, password).unwrap();
            (store, seals)
        }

        fn read(&self, password: &Password) -> Vec<JournalSeal> {
            let (store, seals) = self.seals(password);
            seals.read(&store).unwrap()
        }
    }

    const LEGACY_PASSWORD: &str = "x";

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn a_store_keeps_it_in_itself_through_backups_and_changes_of_the_password() {
        let (place, own) = (Place::new(), password("p"));
        drop(place.file().open_for_writing(&own).unwrap());
        assert!(!place.file().knows_a_journal().unwrap());
        let (store, seals) = place.seals(&own);
        assert_eq!(seals.read(&store).unwrap(), []);
        assert_eq!(seals.write(&store, |_| Some(KNOWN)).unwrap(), Kept::InStore);
        assert_eq!(seals.read(&store).unwrap(), [KNOWN]);
        assert!(!place.side().exists() && place.file().knows_a_journal().unwrap());
        drop(store);
        let copy = place.folder.path().join("copy.dat");
        place.file().back_up(&copy, &own).unwrap();
        place.file().change_password(&own, &password("q")).unwrap();
        assert_eq!(place.read(&password("q")), [KNOWN]);
        fs::remove_file(place.file().path).unwrap();
        place.file().restore(&copy, &own).unwrap();
        assert_eq!(place.read(&own), [KNOWN]);
    }

    #[test]
    fn the_originals_file_keeps_it_beside_itself_and_a_conversion_takes_it_along() {
        let (place, own) = Place::legacy();
        let before = fs::read(place.file().path).unwrap();
        let (store, seals) = place.seals(&own);
        assert_eq!(seals.write(&store, |_| Some(KNOWN)).unwrap(), Kept::Beside);
        assert_eq!(fs::read(place.file().path).unwrap(), before, "it is never written");
        assert_eq!(place.read(&own), [KNOWN]);
        assert!(place.file().knows_a_journal().unwrap());
        let old = fs::read(place.side()).unwrap();
        drop(place.file().open_for_writing(&own).unwrap());
        assert!(!place.side().exists());
        assert_eq!(place.read(&own), [KNOWN]);
        // A crash just before it was removed.
        fs::write(place.side(), old).unwrap();
        assert_eq!(place.read(&own), [KNOWN, KNOWN]);
        place.file().change_password(&own, &password("q")).unwrap();
        assert!(!place.side().exists());
        assert_eq!(place.read(&password("q")), [KNOWN]);
    }

    #[test]
    fn one_that_was_changed_or_is_anothers_is_no_seal_and_not_none() {
        let (place, own) = Place::legacy();
        let (store, seals) = place.seals(&own);
        seals.write(&store, |_| Some(KNOWN)).unwrap();
        let whole = fs::read_to_string(place.side()).unwrap();
        for bad in ["", "{}", &whole.replace("argon2id", "argon2i"), &whole[..whole.len() - 9]] {
            fs::write(place.side(), bad).unwrap();
            let opened = JournalSeals::open(&place.file(), &store, &own);
            let read = opened.and_then(|seals| seals.read(&store));
            assert!(read.is_err(), "{bad}");
        }
        // A conversion does not lose the question.
        drop(place.file().open_for_writing(&own).unwrap());
        assert!(place.side().exists());
        let (store, seals) = place.seals(&own);
        assert!(seals.read(&store).is_err());
        assert!(JournalSeals::open_anew(&place.file(), &store, &own).is_ok());
    }

    #[test]
    fn a_store_that_cannot_be_written_keeps_it_beside_itself_under_its_own_key() {
        let (place, own) = (Place::new(), password("p"));
        drop(place.file().open_for_writing(&own).unwrap());
        let (store, seals) = place.seals(&own);
        let bytes = store.journal_sealer().unwrap().to_side(&KNOWN).unwrap();
        kms_files::replace(&place.side(), &bytes).unwrap();
        assert_eq!(seals.read(&store).unwrap(), [KNOWN]);
        // Once it can be written, the store has it.
        let later = JournalSeal { sequence: 4, ..KNOWN };
        assert_eq!(seals.write(&store, |_| Some(later)).unwrap(), Kept::InStore);
        assert!(!place.side().exists());
        assert_eq!(seals.read(&store).unwrap(), [later]);
    }
}
