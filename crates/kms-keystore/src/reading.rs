//! Reads records, and checks that they are those that should be there.

use std::{cmp::Ordering, num::NonZero, thread};

use crate::{
    StoreError,
    keys::Keys,
    manifest::{Root, Sums, bucket_of, bucket_sum, check_bucket, checked_buckets},
    store::{Bucket, Parts, RecordStore, SealedRecord},
};

/// The number of records that are read at once: it bounds the memory for a store of any size.
const PAGE: u32 = 4096;
/// Fewer records than this are not worth a thread.
const SHARE_LEAST: usize = 512;

/// The position reached in the records of a store, and their sums so far.
#[derive(Clone)]
pub(crate) struct Progress {
    place: u64,
    count: u64,
    sums: Sums,
}

impl Progress {
    pub(crate) fn none() -> Self {
        Self { place: 0, count: 0, sums: Sums::new() }
    }

    /// Returns true if exactly the records of the manifest were read.
    pub(crate) fn is_all(&self, root: &Root, buckets: &[Bucket]) -> Result<bool, StoreError> {
        Ok(self.count == root.count && self.sums == Sums::of_stored(buckets)?)
    }

    /// Like [`is_all`](Self::is_all), and what is wrong if it is not.
    pub(crate) fn check(&self, root: &Root, buckets: &[Bucket]) -> Result<(), StoreError> {
        let problem = match self.count.cmp(&root.count) {
            Ordering::Less => "a wallet was removed by another program",
            Ordering::Greater => "a wallet was added by another program",
            Ordering::Equal => "a wallet was replaced, moved or rolled back",
        };
        if self.is_all(root, buckets)? { Ok(()) } else { Err(StoreError::Damaged(problem)) }
    }
}

/// Opens the records behind those that were read before, on all processors, oldest first. Whether
/// they are all there is for the caller to ask.
pub(crate) fn read_on<T: Send>(
    keys: &Keys,
    store: &dyn RecordStore,
    mut progress: Progress,
    parts: Parts,
    open: impl Fn(&SealedRecord) -> Result<T, StoreError> + Sync,
) -> Result<(Progress, Vec<T>), StoreError> {
    let open_share = |share: &[SealedRecord]| {
        let opened = share.iter().map(&open).collect::<Result<Vec<_>, _>>();
        (Sums::of_records(&keys.manifest, share), opened)
    };
    let mut all = Vec::new();
    let mut page = store.page(progress.place, PAGE, parts)?;
    while !page.records.is_empty() {
        let share = page.records.len().div_ceil(processors()).max(SHARE_LEAST);
        let (shares, next) = thread::scope(|scope| {
            let shares = page.records.chunks(share);
            let workers: Vec<_> = shares.map(|share| scope.spawn(|| open_share(share))).collect();
            // The next page is read while they work.
            let next = store.page(page.last_place, PAGE, parts);
            let join = thread::ScopedJoinHandle::join;
            (workers.into_iter().map(join).collect::<Vec<_>>(), next)
        });
        for share in shares {
            let (sums, opened) = share.map_err(|_| StoreError::in_doubt())?;
            progress.sums = progress.sums.plus(sums);
            all.extend(opened?);
        }
        let read = u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        progress.count = progress.count.saturating_add(read);
        progress.place = page.last_place;
        page = next?;
    }
    Ok((progress, all))
}

/// Every record, newest first, if they are all there.
pub(crate) fn read_all<T: Send>(
    keys: &Keys,
    store: &dyn RecordStore,
    parts: Parts,
    open: impl Fn(&SealedRecord) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    let mut all = at_one_moment(store, |store| {
        let (root, buckets) = checked_buckets(&keys.manifest, store)?;
        let (progress, all) = read_on(keys, store, Progress::none(), parts, &open)?;
        progress.check(&root, &buckets)?;
        Ok(all)
    })?;
    all.reverse();
    Ok(all)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Finds a record, and checks that its bucket holds what it should: a record that is missing
/// although it should be there is damage, not absence.
pub(crate) fn find_checked(
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

/// Runs `look` on the store's content at a single moment.
pub(crate) fn at_one_moment<T>(
    backend: &dyn RecordStore,
    mut look: impl FnMut(&dyn RecordStore) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut found = None;
    backend.at_one_moment(&mut |store| {
        found = Some(look(store)?);
        Ok(())
    })?;
    found.ok_or_else(StoreError::in_doubt)
}
