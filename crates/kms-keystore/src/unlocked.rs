//! A store with its key: finds, adds and removes wallets.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    num::NonZero,
    path::Path,
    sync::{Mutex, MutexGuard},
    thread,
};

use kms_core::{Chain, Network, SignatureId};
use kms_secret::{Password, SealingKey};

use crate::{
    KdfCost, StoreError, WalletRecord, WalletSummary,
    header::Header,
    legacy,
    manifest::{
        self, Root, Sum, Sums, bucket_of, bucket_sum, check_bucket, checked_buckets, digest,
    },
    seal::{mac, open, pad, seal, subkey, unpad},
    signing::SigningCache,
    store::{Bucket, Change, Parts, RecordStore, SealedRecord},
};

/// Fewer records than this are not worth a thread.
const SHARE_LEAST: usize = 1024;

/// Gives the chain whose wallets a stored code names: a chain's own code, or a token's.
pub type FindChain = fn(&str) -> Option<&'static dyn Chain>;

/// An open store. Wiped with its keys when it goes.
pub struct Unlocked {
    content: Content,
    pub(crate) find_chain: FindChain,
    pub(crate) cache: Mutex<SigningCache>,
    summaries: HashMap<SignatureId, WalletSummary>,
    /// Whether `summaries` are all there are, and of which revision.
    listed: Option<u64>,
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

/// One key for each purpose.
struct Keys {
    records: SealingKey,
    index: SealingKey,
    manifest: SealingKey,
    store_id: String,
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unlocked")
    }
}

impl Keys {
    fn of(header: &Header, data_key: &SealingKey) -> Self {
        Self {
            records: subkey(data_key, b"records"),
            index: subkey(data_key, b"index"),
            manifest: subkey(data_key, b"manifest"),
            store_id: header.store_id().to_owned(),
        }
    }

    fn blind_index(&self, id: &SignatureId) -> [u8; 32] {
        mac(&self.index, b"signature id", &[id.as_str().as_bytes()])
    }

    fn associated_data(&self, blind_index: &[u8; 32], part: &str) -> Vec<u8> {
        let head = format!("tatum-kms record 1 {} {part} ", self.store_id);
        [head.as_bytes(), blind_index].concat()
    }

    fn seal(&self, record: &WalletRecord) -> Result<SealedRecord, StoreError> {
        let blind_index = self.blind_index(record.id());
        let (public, secret) = record.split();
        let seal_part = |part, content: &[u8]| {
            seal(&self.records, &self.associated_data(&blind_index, part), &pad(content))
        };
        Ok(SealedRecord {
            public: seal_part("public", &public)?,
            secret: seal_part("secret", &secret)?,
            blind_index,
        })
    }

    fn open(&self, sealed: &SealedRecord) -> Result<WalletRecord, StoreError> {
        let public = self.open_part(sealed, "public", &sealed.public)?;
        let secret = self.open_part(sealed, "secret", &sealed.secret)?;
        let damaged = || StoreError::Damaged("a wallet cannot be read");
        let record = WalletRecord::join(
            unpad(&public).ok_or_else(damaged)?,
            unpad(&secret).ok_or_else(damaged)?,
        )?;
        match self.blind_index(record.id()) == sealed.blind_index {
            true => Ok(record),
            false => Err(damaged()),
        }
    }

    fn summary(&self, sealed: &SealedRecord) -> Result<WalletSummary, StoreError> {
        let public = self.open_part(sealed, "public", &sealed.public)?;
        let damaged = StoreError::Damaged("a wallet cannot be read");
        WalletRecord::summary_of(unpad(&public).ok_or(damaged)?)
    }

    fn open_part(
        &self,
        sealed: &SealedRecord,
        part: &str,
        content: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>, StoreError> {
        let data = self.associated_data(&sealed.blind_index, part);
        let opened = open(&self.records, &data, content);
        opened.ok_or(StoreError::Damaged("a wallet was changed or comes from another store"))
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
        Self {
            content,
            find_chain,
            cache: Mutex::default(),
            summaries: HashMap::new(),
            listed: None,
        }
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
                Ok(all_checked(keys, lock(backend)?.as_ref(), Parts::Whole, open)?.1)
            }
        }
    }

    /// What may be shown of all wallets, newest first. No secret is opened.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn summaries(&self) -> Result<Vec<WalletSummary>, StoreError> {
        self.list().map(|(_, summaries)| summaries)
    }

    fn list(&self) -> Result<(u64, Vec<WalletSummary>), StoreError> {
        match &self.content {
            Content::Legacy { records } => {
                Ok((0, records.iter().map(WalletRecord::summary).collect()))
            }
            Content::Sealed { backend, keys } => {
                let open = |sealed: &SealedRecord| keys.summary(sealed);
                let (root, summaries) =
                    all_checked(keys, lock(backend)?.as_ref(), Parts::PublicAndTag, open)?;
                Ok((root.revision, summaries))
            }
        }
    }

    /// Reads the list of wallets, if it changed since it was read last.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        let revision = match &self.content {
            Content::Legacy { .. } => 0,
            Content::Sealed { backend, keys } => {
                Root::open(&keys.manifest, &lock(backend)?.root()?)?.revision
            }
        };
        if self.listed == Some(revision) {
            return Ok(());
        }
        let (revision, summaries) = self.list()?;
        self.summaries =
            summaries.into_iter().map(|summary| (summary.id.clone(), summary)).collect();
        self.listed = Some(revision);
        self.forget_keys();
        Ok(())
    }

    fn forget_keys(&self) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.clear();
        }
    }

    /// The ids of a chain's wallets on a network, as of the last [`refresh`](Self::refresh).
    pub fn ids(&self, chain: &str, network: Network) -> Vec<SignatureId> {
        let own = self
            .summaries
            .values()
            .filter(|summary| summary.chain == chain && summary.testnet == network.is_testnet());
        let mut ids: Vec<_> = own.map(|summary| summary.id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// What is known of a wallet; from the list where it was read, else from its record.
    pub(crate) fn known(&self, id: &SignatureId) -> Result<Option<WalletSummary>, StoreError> {
        match self.summaries.get(id) {
            Some(summary) => Ok(Some(summary.clone())),
            None => Ok(self.get(id)?.map(|record| record.summary())),
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
        let backend = backend.get_mut().map_err(|_| poisoned())?;
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
        let backend = backend.get_mut().map_err(|_| poisoned())?;
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
        self.summaries.remove(id);
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

/// Finds a record, and checks that its bucket holds what it should: a record that is missing
/// although it should be there is damage, not absence.
fn find_checked(
    keys: &Keys,
    backend: &dyn RecordStore,
    blind_index: &[u8; 32],
) -> Result<Option<SealedRecord>, StoreError> {
    let (_, buckets) = checked_buckets(&keys.manifest, backend)?;
    let number = bucket_of(blind_index);
    let records = backend.in_bucket(number)?;
    check_bucket(&keys.manifest, &records, bucket_sum(&buckets, number))?;
    Ok(records.into_iter().find(|record| record.blind_index == *blind_index))
}

/// Opens every record, on all processors, and checks that there are exactly those that should be.
fn all_checked<T: Send>(
    keys: &Keys,
    backend: &dyn RecordStore,
    parts: Parts,
    open: impl Fn(&SealedRecord) -> Result<T, StoreError> + Sync,
) -> Result<(Root, Vec<T>), StoreError> {
    let (root, buckets, sealed) = at_one_moment(backend, |store| {
        let (root, buckets) = checked_buckets(&keys.manifest, store)?;
        Ok((root, buckets, store.all(parts)?))
    })?;
    let open_share = |share: &[SealedRecord]| {
        let sums = Sums::of_records(&keys.manifest, share);
        let opened = share.iter().map(&open).collect::<Result<Vec<_>, _>>();
        (sums, opened)
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = sealed.len().div_ceil(threads).max(SHARE_LEAST);
    let shares = thread::scope(|scope| {
        let workers: Vec<_> =
            sealed.chunks(share).map(|share| scope.spawn(|| open_share(share))).collect();
        workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let (mut sums, mut all) = (Sums::new(), Vec::with_capacity(sealed.len()));
    let mut damage = None;
    for share in shares {
        let (own, opened) = share.map_err(|_| poisoned())?;
        sums = sums.plus(own);
        match opened {
            Ok(opened) => all.extend(opened),
            Err(error) => damage = Some(error),
        }
    }
    let is_whole = u64::try_from(sealed.len()) == Ok(root.count);
    match (damage, is_whole && sums == Sums::of_stored(&buckets)?) {
        (Some(error), _) => Err(error),
        (None, true) => Ok((root, all)),
        (None, false) => Err(manifest::tampered()),
    }
}

/// What `look` finds in the store as it is at one moment.
fn at_one_moment<T>(
    backend: &dyn RecordStore,
    mut look: impl FnMut(&dyn RecordStore) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut found = None;
    backend.at_one_moment(&mut |store| {
        found = Some(look(store)?);
        Ok(())
    })?;
    found.ok_or_else(poisoned)
}

fn lock(
    backend: &Mutex<Box<dyn RecordStore>>,
) -> Result<MutexGuard<'_, Box<dyn RecordStore>>, StoreError> {
    backend.lock().map_err(|_| poisoned())
}

fn poisoned() -> StoreError {
    StoreError::Damaged("an earlier error left it in doubt; start again")
}

const _: () = assert!(manifest::BUCKETS.is_power_of_two());
