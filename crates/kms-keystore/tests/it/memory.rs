//! A backend in memory that several stores share, as processes share a file.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use kms_keystore::{
    BackendError, Bucket, Change, JournalWord, KdfCost, Page, Parts, Plan, RecordStore,
    SealedRecord, StoreError, Unlocked, bucket_of,
};
use kms_secret::Password;

#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) header: Vec<u8>,
    pub(crate) root: Vec<u8>,
    pub(crate) buckets: Vec<Bucket>,
    /// In the order in which they came.
    pub(crate) records: Vec<SealedRecord>,
    pub(crate) journal_word: Option<Vec<u8>>,
}

/// Copies share the content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    content: Arc<Mutex<Content>>,
    /// The number of records that were read in pages.
    read: Arc<AtomicUsize>,
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

impl Memory {
    pub(crate) fn new() -> Self {
        let made = Unlocked::prepare(&password("pass"), KdfCost::FLOOR);
        let (header, first) = made.expect("a store");
        let content = Content { header, root: first.root, ..Content::default() };
        Self { content: Arc::new(Mutex::new(content)), ..Self::default() }
    }

    pub(crate) fn open(&self) -> Result<Unlocked, StoreError> {
        self.open_with("pass")
    }

    pub(crate) fn open_with(&self, text: &str) -> Result<Unlocked, StoreError> {
        Unlocked::open(Box::new(self.clone()), &password(text), kms_chains::find_wallet_code)
    }

    pub(crate) fn alter<T>(&self, alter: impl FnOnce(&mut Content) -> T) -> T {
        alter(&mut self.content.lock().expect("content"))
    }

    /// Returns the number of records read in pages since the last call.
    pub(crate) fn take_read(&self) -> usize {
        self.read.swap(0, Ordering::Relaxed)
    }

    fn read<T>(&self, read: impl FnOnce(&Content) -> T) -> Result<T, BackendError> {
        Ok(read(&self.content.lock().expect("content")))
    }
}

impl RecordStore for Memory {
    fn header(&self) -> Result<Vec<u8>, BackendError> {
        self.read(|content| content.header.clone())
    }

    fn root(&self) -> Result<Vec<u8>, BackendError> {
        self.read(|content| content.root.clone())
    }

    fn buckets(&self) -> Result<Vec<Bucket>, BackendError> {
        self.read(|content| content.buckets.clone())
    }

    fn find(&self, blind_index: &[u8; 32]) -> Result<Option<SealedRecord>, BackendError> {
        self.read(|content| {
            content.records.iter().find(|record| record.blind_index == *blind_index).cloned()
        })
    }

    fn in_bucket(&self, number: u16) -> Result<Vec<SealedRecord>, BackendError> {
        self.read(|content| {
            let own = |record: &&SealedRecord| bucket_of(&record.blind_index) == number;
            content.records.iter().filter(own).cloned().collect()
        })
    }

    /// Whoever removes a record moves those behind it, which no place may rely on.
    fn page(&self, place: u64, limit: u32, parts: Parts) -> Result<Page, BackendError> {
        let part = |record: &SealedRecord| match parts {
            Parts::Whole => record.clone(),
            Parts::PublicAndTag => {
                let tag = record.secret.len().saturating_sub(16);
                SealedRecord { secret: record.secret[tag..].to_vec(), ..record.clone() }
            }
        };
        let before = usize::try_from(place).expect("a place");
        self.read(|content| {
            let behind =
                content.records.iter().skip(before).take(usize::try_from(limit).expect("a limit"));
            let records: Vec<_> = behind.map(part).collect();
            self.read.fetch_add(records.len(), Ordering::Relaxed);
            Page { last_place: place + u64::try_from(records.len()).expect("a place"), records }
        })
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut(&dyn RecordStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let content = Arc::new(Mutex::new(self.read(Content::clone)?));
        look(&Self { content, read: Arc::clone(&self.read) })
    }

    fn change(&mut self, plan: &mut Plan<'_>) -> Result<(), StoreError> {
        let Some(planned) = plan(&self.clone())? else { return Ok(()) };
        let Change { add, replace, remove, buckets, root } = planned;
        self.alter(|content| {
            content.records.retain(|record| !remove.contains(&record.blind_index));
            content.records.extend(add);
            for new in replace {
                let is_old = |own: &SealedRecord| own.blind_index == new.blind_index;
                let old = content.records.iter().position(is_old).expect("the old one");
                content.records[old] = new;
            }
            for bucket in buckets {
                content.buckets.retain(|own| own.number != bucket.number);
                content.buckets.push(bucket);
            }
            content.root = root;
        });
        Ok(())
    }

    fn replace_header(&mut self, before: &[u8], after: &[u8]) -> Result<bool, StoreError> {
        let mut content = self.content.lock().expect("content");
        let is_same = content.header == before;
        if is_same {
            content.header = after.to_vec();
        }
        Ok(is_same)
    }

    fn journal_word(&self) -> Result<Option<Vec<u8>>, BackendError> {
        self.read(|content| content.journal_word.clone())
    }

    fn replace_journal_word(&mut self, decide: &mut JournalWord<'_>) -> Result<(), StoreError> {
        self.alter(|content| {
            if let Some(new) = decide(content.journal_word.clone())? {
                content.journal_word = Some(new);
            }
            Ok(())
        })
    }
}

/// Something happens between what a process reads of the header and what it writes.
pub(crate) struct Between {
    pub(crate) own: Memory,
    pub(crate) meanwhile: Box<dyn Fn() + Send>,
}

impl RecordStore for Between {
    fn header(&self) -> Result<Vec<u8>, BackendError> {
        let header = self.own.header();
        (self.meanwhile)();
        header
    }

    fn root(&self) -> Result<Vec<u8>, BackendError> {
        self.own.root()
    }

    fn buckets(&self) -> Result<Vec<Bucket>, BackendError> {
        self.own.buckets()
    }

    fn find(&self, blind_index: &[u8; 32]) -> Result<Option<SealedRecord>, BackendError> {
        self.own.find(blind_index)
    }

    fn in_bucket(&self, number: u16) -> Result<Vec<SealedRecord>, BackendError> {
        self.own.in_bucket(number)
    }

    fn page(&self, place: u64, limit: u32, parts: Parts) -> Result<Page, BackendError> {
        self.own.page(place, limit, parts)
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut(&dyn RecordStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.own.at_one_moment(look)
    }

    fn change(&mut self, plan: &mut Plan<'_>) -> Result<(), StoreError> {
        self.own.change(plan)
    }

    fn replace_header(&mut self, before: &[u8], after: &[u8]) -> Result<bool, StoreError> {
        self.own.replace_header(before, after)
    }

    fn journal_word(&self) -> Result<Option<Vec<u8>>, BackendError> {
        self.own.journal_word()
    }

    fn replace_journal_word(&mut self, decide: &mut JournalWord<'_>) -> Result<(), StoreError> {
        self.own.replace_journal_word(decide)
    }
}
