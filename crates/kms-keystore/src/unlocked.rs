//! A store with its key: finds, adds and removes wallets.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use kms_core::{Chain, Network, SignatureId};
use kms_secret::Password;

use crate::{
    KdfCost, StoreError, WalletRecord, WalletSummary,
    header::Header,
    keys::Keys,
    legacy,
    list::{Known, List},
    manifest::{self, Root, Sum, bucket_of, bucket_sum, checked_buckets, digest},
    reading::{at_one_moment, find_checked, read_all},
    signing::SigningCache,
    store::{Bucket, Change, Parts, RecordStore, SealedRecord},
};

/// Gives the chain whose wallets a stored code names: a chain's own code, or a token's.
pub type FindChain = fn(&str) -> Option<&'static dyn Chain>;

/// An open store. Wiped with its keys when it goes.
pub struct Unlocked {
    content: Content,
    pub(crate) find_chain: FindChain,
    pub(crate) cache: Mutex<SigningCache>,
    list: List,
}

enum Content {
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
    /// When the password is empty or there is no randomness.
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

    /// Wraps the data key of a store under another password, or under the same one at another
    /// cost. Who has the store open goes on with it. Copies of the file as it was before still
    /// open with the password of then.
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
        let after = header.rewrap(&header.unlock(old)?, new, cost)?;
        // What cannot be opened again must never take the place of what can.
        let after = after.to_bytes();
        Header::read(&after)?.unlock(new)?;
        match backend.replace_header(&before, &after)? {
            true => Ok(()),
            false => Err(StoreError::PasswordChangedMeanwhile),
        }
    }

    /// What a guess of the store's password costs.
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
        let records = legacy::open(file, password).map_err(|error| error.at(path))?;
        Ok(Self::of(Content::Legacy { records }, find_chain))
    }

    fn of(content: Content, find_chain: FindChain) -> Self {
        Self { content, find_chain, cache: Mutex::default(), list: List::default() }
    }

    pub const fn is_legacy(&self) -> bool {
        matches!(self.content, Content::Legacy { .. })
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
                match at_one_moment(backend.as_ref(), find)? {
                    Some(sealed) => keys.open(&sealed).map(Some),
                    None => Ok(None),
                }
            }
        }
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
                read_all(keys, lock(backend)?.as_ref(), Parts::Whole, open)
            }
        }
    }

    /// What may be shown of all wallets, newest first. No secret is opened.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn summaries(&self) -> Result<Vec<WalletSummary>, StoreError> {
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

    fn forget_keys(&self) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.clear();
        }
    }

    /// The ids of a chain's wallets on a network, as of the last [`refresh`](Self::refresh).
    pub fn ids(&self, chain: &str, network: Network) -> Vec<SignatureId> {
        self.list.ids(chain, network)
    }

    /// What is known of a wallet; from the list where it was read, else from its record.
    pub(crate) fn known(&self, id: &SignatureId) -> Result<Option<Known>, StoreError> {
        match self.list.get(id) {
            Some(known) => Ok(Some(known.clone())),
            None => Ok(self.get(id)?.map(|record| Known::of(&record.summary()))),
        }
    }

    /// Adds wallets, all of them or none. Durable when it returns.
    ///
    /// # Errors
    /// When one is there already, or the store cannot be written.
    pub fn add(&mut self, records: &[WalletRecord]) -> Result<(), StoreError> {
        let Content::Sealed { backend, keys } = &mut self.content else {
            return Err(StoreError::LegacyReadOnly);
        };
        let sealed =
            records.iter().map(|record| keys.seal(record)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = records.iter().map(WalletRecord::id).collect();
        let mut seen = HashSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(**id)) {
            return Err(StoreError::Duplicate(twice.to_string()));
        }
        let backend = backend.get_mut().map_err(|_| StoreError::in_doubt())?;
        backend.change(&mut |store| {
            let (root, buckets) = checked_buckets(&keys.manifest, store)?;
            for (sealed, id) in sealed.iter().zip(&ids) {
                if store.find(&sealed.blind_index)?.is_some() {
                    return Err(StoreError::Duplicate(id.to_string()));
                }
            }
            plan(keys, root, &buckets, sealed.clone(), Vec::new())
        })
    }

    /// Removes a wallet. Says whether it was there. Durable when it returns.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn remove(&mut self, id: &SignatureId) -> Result<bool, StoreError> {
        let Content::Sealed { backend, keys } = &mut self.content else {
            return Err(StoreError::LegacyReadOnly);
        };
        let mut removed = false;
        let blind_index = keys.blind_index(id);
        let backend = backend.get_mut().map_err(|_| StoreError::in_doubt())?;
        let find = |store: &dyn RecordStore| find_checked(keys, store, &blind_index);
        if at_one_moment(backend.as_ref(), find)?.is_none() {
            return Ok(false);
        }
        backend.change(&mut |store| {
            let (root, buckets) = checked_buckets(&keys.manifest, store)?;
            let found = find_checked(keys, store, &blind_index)?;
            removed = found.is_some();
            plan(keys, root, &buckets, Vec::new(), found.into_iter().collect())
        })?;
        self.list.forget(id);
        self.forget_keys();
        Ok(removed)
    }
}

/// The change that adds and removes records and keeps the manifest true.
fn plan(
    keys: &Keys,
    root: Root,
    buckets: &[Bucket],
    add: Vec<SealedRecord>,
    remove: Vec<SealedRecord>,
) -> Result<Change, StoreError> {
    let mut touched: HashMap<u16, Sum> = HashMap::new();
    let mut total = root.sum;
    let mut count = root.count;
    for record in &add {
        let own = digest(&keys.manifest, record);
        let number = bucket_of(&record.blind_index);
        let sum = touched.entry(number).or_insert_with(|| bucket_sum(buckets, number));
        *sum = sum.plus(own);
        total = total.plus(own);
        count = count.saturating_add(1);
    }
    for record in &remove {
        let own = digest(&keys.manifest, record);
        let number = bucket_of(&record.blind_index);
        let sum = touched.entry(number).or_insert_with(|| bucket_sum(buckets, number));
        *sum = sum.minus(own);
        total = total.minus(own);
        count = count.saturating_sub(1);
    }
    let root = Root { revision: root.after(add.len())?, count, sum: total };
    Ok(Change {
        add,
        remove: remove.into_iter().map(|record| record.blind_index).collect(),
        buckets: touched.into_iter().map(|(number, sum)| Bucket { number, sum: sum.0 }).collect(),
        root: root.seal(&keys.manifest)?,
    })
}

fn lock(
    backend: &Mutex<Box<dyn RecordStore>>,
) -> Result<MutexGuard<'_, Box<dyn RecordStore>>, StoreError> {
    backend.lock().map_err(|_| StoreError::in_doubt())
}

const _: () = assert!(manifest::BUCKETS.is_power_of_two());
