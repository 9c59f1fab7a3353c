//! A store with its key: finds, adds and removes wallets.

use std::{
    fmt,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use kms_core::{Chain, JournalSeal, Network, SignatureId};
use kms_secret::{Password, SealingKey};

use crate::{
    JournalSealer, KdfCost, StoreError, WalletRecord, WalletSummary,
    header::Header,
    keys::Keys,
    legacy,
    list::{Known, List},
    manifest::{self, Root, checked_buckets},
    reading::{at_one_moment, find_checked, read_all},
    signing::SigningCache,
    store::{Change, Parts, RecordStore, SealedRecord},
    twins::Twins,
};

/// Gives the chain whose wallets a stored code names: a chain's own code, or a token's.
pub type FindChain = fn(&str) -> Option<&'static dyn Chain>;

/// An open store. Wiped with its keys when it goes.
pub struct Unlocked {
    pub(crate) content: Content,
    pub(crate) find_chain: FindChain,
    pub(crate) cache: Mutex<SigningCache>,
    pub(crate) list: List,
    /// Read when it is asked for.
    pub(crate) twins: Mutex<Option<Twins>>,
}

pub(crate) enum Content {
    Sealed {
        backend: Mutex<Box<dyn RecordStore>>,
        keys: Keys,
    },
    /// The original's file, read only.
    Legacy {
        records: Vec<WalletRecord>,
    },
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unlocked")
    }
}

impl Unlocked {
    /// The header and the first change of a new store.
    ///
    /// # Errors
    /// When the password is empty or the operating system provides no randomness.
    pub fn prepare(password: &Password, cost: KdfCost) -> Result<(Vec<u8>, Change), StoreError> {
        let (header, data_key) = Header::create(password, cost)?;
        let keys = Keys::of(&header, &data_key);
        let root = Root::default().seal(&keys.manifest)?;
        Ok((header.to_bytes(), Change { root, ..Change::default() }))
    }

    /// Opens a store with its password.
    ///
    /// # Errors
    /// When the password is wrong, or the store is damaged or of another version.
    pub fn open(
        backend: Box<dyn RecordStore>,
        password: &Password,
        find_chain: FindChain,
    ) -> Result<Self, StoreError> {
        let header = Header::read(&backend.header()?)?;
        let data_key = header.unlock(password)?;
        let keys = Keys::of(&header, &data_key);
        at_one_moment(backend.as_ref(), |store| checked_buckets(&keys.manifest, store))?;
        Ok(Self::of(Content::Sealed { backend: Mutex::new(backend), keys }, find_chain))
    }

    /// Wraps the data key of a store under another password, or under the same one at another cost.
    /// Processes that have the store open are not affected. Earlier copies of the file still open
    /// with the old password.
    ///
    /// # Errors
    /// When the old password is wrong, the new one empty, or another process was faster.
    pub fn change_password(
        mut backend: Box<dyn RecordStore>,
        old: &Password,
        new: &Password,
        cost: KdfCost,
    ) -> Result<(), StoreError> {
        let before = backend.header()?;
        let header = Header::read(&before)?;
        let data_key = header.unlock(old)?;
        rewrap(backend.as_mut(), &before, &header, &data_key, new, cost)
    }

    /// The key that seals everything in the store. Whoever has it needs no password.
    ///
    /// # Errors
    /// When the password is wrong, or the store is damaged.
    pub fn data_key(
        backend: &dyn RecordStore,
        password: &Password,
    ) -> Result<SealingKey, StoreError> {
        Header::read(&backend.header()?)?.unlock(password)
    }

    /// Wraps the data key under a new password, without the old one.
    ///
    /// # Errors
    /// When the key is not that of the store, which is read whole with it; when the password is
    /// empty, or another process was faster.
    pub fn recover(
        mut backend: Box<dyn RecordStore>,
        data_key: &SealingKey,
        new: &Password,
        cost: KdfCost,
    ) -> Result<(), StoreError> {
        let before = backend.header()?;
        let header = Header::read(&before)?;
        let keys = Keys::of(&header, data_key);
        if Root::open(&keys.manifest, &backend.root()?).is_err() {
            return Err(StoreError::WrongKey);
        }
        read_all(&keys, backend.as_ref(), Parts::Whole, |sealed| keys.open(sealed).map(drop))?;
        rewrap(backend.as_mut(), &before, &header, data_key, new, cost)
    }

    /// The cost of the store's password hashing.
    ///
    /// # Errors
    /// When the header cannot be read.
    pub fn cost_of(backend: &dyn RecordStore) -> Result<KdfCost, StoreError> {
        Ok(Header::read(&backend.header()?)?.cost())
    }

    /// Opens the original's file, read only.
    ///
    /// # Errors
    /// When the file is not one of the original's, or the password is wrong.
    pub fn open_legacy(
        file: &[u8],
        path: &Path,
        password: &Password,
        find_chain: FindChain,
    ) -> Result<Self, StoreError> {
        let records = legacy::open(kms_files::without_mark(file), password)
            .map_err(|error| error.at(path))?;
        Ok(Self::of(Content::Legacy { records }, find_chain))
    }

    fn of(content: Content, find_chain: FindChain) -> Self {
        let (cache, list, twins) = (Mutex::default(), List::default(), Mutex::default());
        Self { content, find_chain, cache, list, twins }
    }

    /// True for a wallet file of the original's, which is read only.
    pub const fn is_legacy(&self) -> bool {
        matches!(self.content, Content::Legacy { .. })
    }

    /// Returns the store's record of its journal; `None` for the original's file.
    ///
    /// # Errors
    /// When that was changed by somebody else, or the store cannot be read.
    pub fn journal_seal(&self) -> Result<Option<JournalSeal>, StoreError> {
        let Content::Sealed { backend, keys } = &self.content else { return Ok(None) };
        let word = lock(backend)?.journal_word()?;
        word.map(|word| keys.journal.open(&word)).transpose()
    }

    /// Lets `decide` replace the store's record of its journal, given the present one, which is
    /// `None` also if it cannot be read. Durable when it returns.
    ///
    /// # Errors
    /// When the store is the original's or cannot be written.
    pub fn seal_journal(
        &self,
        mut decide: impl FnMut(Option<JournalSeal>) -> Option<JournalSeal>,
    ) -> Result<(), StoreError> {
        let Content::Sealed { backend, keys } = &self.content else {
            return Err(StoreError::LegacyReadOnly);
        };
        lock(backend)?.replace_journal_word(&mut |word| {
            let known = word.and_then(|word| keys.journal.open(&word).ok());
            decide(known).map(|new| keys.journal.seal(&new)).transpose()
        })
    }

    /// The sealer for records in a file beside this store, if they cannot be written into it;
    /// `None` for the original's file, which has no key to seal with.
    pub const fn journal_sealer(&self) -> Option<&JournalSealer> {
        match &self.content {
            Content::Sealed { keys, .. } => Some(&keys.journal),
            Content::Legacy { .. } => None,
        }
    }

    /// The wallet of an id, if there is one.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn get(&self, id: &SignatureId) -> Result<Option<WalletRecord>, StoreError> {
        match &self.content {
            Content::Legacy { records } => {
                let found = records.iter().find(|record| record.id() == id);
                Ok(found.map(WalletRecord::copy))
            }
            Content::Sealed { backend, keys } => {
                let backend = lock(backend)?;
                let blind_index = keys.blind_index(id);
                let find = |store: &dyn RecordStore| find_checked(keys, store, &blind_index);
                let found = at_one_moment(backend.as_ref(), find)?;
                let found = found.map(|sealed| keys.open(&sealed)).transpose()?;
                Ok(found.filter(|record| record.purge_after().is_none()))
            }
        }
    }

    /// Like [`get`](Self::get), without another look at the manifest for a wallet whose record is
    /// still the one that was there when the list was read.
    pub(crate) fn get_listed(&self, id: &SignatureId) -> Result<Option<WalletRecord>, StoreError> {
        if let (Content::Sealed { backend, keys }, Some(known)) = (&self.content, self.list.get(id))
        {
            let found = lock(backend)?.find(&keys.blind_index(id))?;
            if let Some(sealed) = found.filter(|sealed| known.is_of(sealed)) {
                return keys.open(&sealed).map(Some);
            }
        }
        self.get(id)
    }

    /// All wallets, newest first, secrets included.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn all(&self) -> Result<Vec<WalletRecord>, StoreError> {
        match &self.content {
            Content::Legacy { records } => Ok(records.iter().map(WalletRecord::copy).collect()),
            Content::Sealed { backend, keys } => {
                let open = |sealed: &SealedRecord| keys.open(sealed);
                let mut all = read_all(keys, lock(backend)?.as_ref(), Parts::Whole, open)?;
                all.retain(|record| record.purge_after().is_none());
                Ok(all)
            }
        }
    }

    /// Returns what may be shown of all wallets, newest first. No secret is opened.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn summaries(&self) -> Result<Vec<WalletSummary>, StoreError> {
        let mut summaries = self.every_summary()?;
        summaries.retain(|summary| summary.purge_after.is_none());
        Ok(summaries)
    }

    /// Returns what may be shown of wallets that were removed and can be restored, newest first.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn removed(&self) -> Result<Vec<WalletSummary>, StoreError> {
        let mut summaries = self.every_summary()?;
        summaries.retain(|summary| summary.purge_after.is_some());
        Ok(summaries)
    }

    fn every_summary(&self) -> Result<Vec<WalletSummary>, StoreError> {
        match &self.content {
            Content::Legacy { records } => Ok(records.iter().map(WalletRecord::summary).collect()),
            Content::Sealed { backend, keys } => {
                let open = |sealed: &SealedRecord| keys.summary(sealed);
                read_all(keys, lock(backend)?.as_ref(), Parts::PublicAndTag, open)
            }
        }
    }

    /// Brings the list of wallets up to date: reads those that were added since it was read last,
    /// or all of them when others were removed.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        let is_kept = match &self.content {
            Content::Legacy { .. } if self.list.generation() > 0 => true,
            Content::Legacy { records } => {
                self.list.replace(records.iter().map(WalletRecord::summary));
                true
            }
            Content::Sealed { backend, keys } => {
                let backend = lock(backend)?;
                self.list.update(keys, backend.as_ref())?
            }
        };
        if !is_kept {
            self.forget_keys();
        }
        Ok(())
    }

    pub(crate) fn forget_keys(&self) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.clear();
        }
    }

    /// A number that is another one whenever the list is: what was made from the list is still
    /// good as long as it is the same.
    pub const fn generation(&self) -> u64 {
        self.list.generation()
    }

    /// The ids of a chain's wallets on a network, as of the last [`refresh`](Self::refresh).
    pub fn ids(&self, chain: &str, network: Network) -> Vec<SignatureId> {
        self.list.ids(chain, network)
    }

    /// Returns the facts about a wallet, from the list if it was read, else from its record.
    pub(crate) fn known(&self, id: &SignatureId) -> Result<Option<Known>, StoreError> {
        match self.list.get(id) {
            Some(known) => Ok(Some(known.clone())),
            None => Ok(self.get(id)?.map(|record| Known::of(&record.summary()))),
        }
    }
}

fn rewrap(
    backend: &mut dyn RecordStore,
    before: &[u8],
    header: &Header,
    data_key: &SealingKey,
    new: &Password,
    cost: KdfCost,
) -> Result<(), StoreError> {
    let after = header.rewrap(data_key, new, cost)?.to_bytes();
    // A file that cannot be opened again must never replace one that can.
    Header::read(&after)?.unlock(new)?;
    if backend.replace_header(before, &after)? {
        Ok(())
    } else {
        Err(StoreError::PasswordChangedMeanwhile)
    }
}

pub(crate) fn lock(
    backend: &Mutex<Box<dyn RecordStore>>,
) -> Result<MutexGuard<'_, Box<dyn RecordStore>>, StoreError> {
    backend.lock().map_err(|_| StoreError::in_doubt())
}

const _: () = assert!(manifest::BUCKETS.is_power_of_two());
