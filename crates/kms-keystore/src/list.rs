//! The wallets that a running daemon knows of, without what it does not need.

use std::collections::HashMap;

use kms_core::{Network, SignatureId};

use crate::{
    StoreError, WalletKind, WalletSummary,
    keys::Keys,
    manifest::{Root, checked_buckets, tag},
    reading::{Progress, at_one_moment, read_on},
    seal::TAG_BYTES,
    store::{Parts, RecordStore, SealedRecord},
};

/// The facts about a wallet that signing needs. There may be a million of them in memory.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) chain: Box<str>,
    pub(crate) network: Network,
    pub(crate) kind: WalletKind,
    /// A private key, or a seed in the chain's own spelling.
    pub(crate) has_key: bool,
    /// The tags of its sealed parts, where it was read of a list that the manifest vouched for: a
    /// record with the same tags is the same record.
    tags: Option<[u8; TAGS_BYTES]>,
}

/// Those of the public and of the secret part.
const TAGS_BYTES: usize = 2 * TAG_BYTES;

fn tags(sealed: &SealedRecord) -> Option<[u8; TAGS_BYTES]> {
    [tag(&sealed.public), tag(&sealed.secret)].concat().try_into().ok()
}

/// The wallets that were read from the store, and the position reached.
#[derive(Default)]
pub(crate) struct List {
    known: HashMap<SignatureId, Known>,
    read: Option<(u64, Progress)>,
    generation: u64,
}

impl Known {
    pub(crate) fn of(summary: &WalletSummary) -> Self {
        Self {
            chain: summary.chain.as_str().into(),
            network: Network::from_testnet_flag(summary.testnet),
            kind: summary.kind,
            has_key: summary.has_private_key || summary.has_secret,
            tags: None,
        }
    }

    /// Returns true if the record is the one that was read.
    pub(crate) fn is_of(&self, sealed: &SealedRecord) -> bool {
        self.tags.is_some() && self.tags == tags(sealed)
    }
}

type Entry = (SignatureId, Known);

fn entry(summary: &WalletSummary) -> Entry {
    (summary.id.clone(), Known::of(summary))
}

/// The change found by a look at the store.
enum ListChange {
    None,
    Added(u64, Progress, Vec<Entry>),
    All(u64, Progress, Vec<Entry>),
}

impl List {
    pub(crate) fn get(&self, id: &SignatureId) -> Option<&Known> {
        self.known.get(id)
    }

    pub(crate) fn ids(&self, chain: &str, network: Network) -> Vec<SignatureId> {
        let is_own = |known: &Known| &*known.chain == chain && known.network == network;
        let own = self.known.iter().filter(|(_, known)| is_own(known));
        let mut ids: Vec<_> = own.map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// Another number whenever the list is another.
    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn forget(&mut self, id: &SignatureId) {
        self.known.remove(id);
        self.generation = self.generation.wrapping_add(1);
    }

    pub(crate) fn replace(&mut self, summaries: impl Iterator<Item = WalletSummary>) {
        self.known = summaries.map(|summary| entry(&summary)).collect();
        self.generation = self.generation.wrapping_add(1);
    }

    /// Reads what is new. Whether all that was known before still is.
    pub(crate) fn update(
        &mut self,
        keys: &Keys,
        backend: &dyn RecordStore,
    ) -> Result<bool, StoreError> {
        let (revision, progress, entries, is_kept) = match at_one_moment(backend, |store| {
            self.look(keys, store)
        })? {
            ListChange::None => return Ok(true),
            ListChange::Added(revision, progress, entries) => (revision, progress, entries, true),
            ListChange::All(revision, progress, entries) => (revision, progress, entries, false),
        };
        if !is_kept {
            self.known.clear();
        }
        self.known.extend(entries);
        self.generation = self.generation.wrapping_add(1);
        self.read = Some((revision, progress));
        Ok(is_kept)
    }

    fn look(&self, keys: &Keys, store: &dyn RecordStore) -> Result<ListChange, StoreError> {
        let revision = Root::open(&keys.manifest, &store.root()?)?.revision;
        if self.read.as_ref().is_some_and(|(read, _)| *read == revision) {
            return Ok(ListChange::None);
        }
        let (root, buckets) = checked_buckets(&keys.manifest, store)?;
        let open = |sealed: &SealedRecord| {
            let summary = keys.summary(sealed)?;
            let (id, known) = entry(&summary);
            let known = Known { tags: tags(sealed), ..known };
            Ok(summary.purge_after.is_none().then_some((id, known)))
        };
        let read = |from| read_on(keys, store, from, Parts::PublicAndTag, open);
        if let Some((_, before)) = &self.read {
            let (progress, entries) = read(before.clone())?;
            if progress.is_all(&root, &buckets)? {
                return Ok(ListChange::Added(
                    revision,
                    progress,
                    entries.into_iter().flatten().collect(),
                ));
            }
        }
        let (progress, entries) = read(Progress::none())?;
        progress.check(&root, &buckets)?;
        Ok(ListChange::All(revision, progress, entries.into_iter().flatten().collect()))
    }
}
