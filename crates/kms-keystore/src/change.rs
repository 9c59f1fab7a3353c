//! Changes of a store: wallets are added, labelled, removed and restored. Each change is planned
//! from the store's content, keeps the manifest consistent, and is durable when it returns.

use std::collections::{HashMap, HashSet};

use kms_core::SignatureId;

use crate::{
    StoreError, Unlocked, WalletRecord,
    keys::Keys,
    manifest::{Root, Sum, bucket_of, bucket_sum, checked_buckets, digest},
    reading::find_checked,
    store::{Bucket, Change, RecordStore, SealedRecord},
    unlocked::Content,
};

impl Unlocked {
    /// Adds wallets, all of them or none. Durable when it returns.
    ///
    /// # Errors
    /// When one is there already, or the store cannot be written.
    pub fn add(&mut self, records: &[WalletRecord]) -> Result<(), StoreError> {
        let (backend, keys) = self.writable()?;
        let sealed =
            records.iter().map(|record| keys.seal(record)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = records.iter().map(WalletRecord::id).collect();
        let mut seen = HashSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(**id)) {
            return Err(StoreError::Duplicate(twice.to_string()));
        }
        backend.change(&mut |store| {
            for (sealed, id) in sealed.iter().zip(&ids) {
                if store.find(&sealed.blind_index)?.is_some() {
                    return Err(StoreError::Duplicate(id.to_string()));
                }
            }
            plan(keys, store, Changes { add: sealed.clone(), ..Changes::default() })
        })
    }

    /// Removes a wallet for good. Says whether it was there. Durable when it returns.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn remove(&mut self, id: &SignatureId) -> Result<bool, StoreError> {
        self.change_one(id, |_, _| Ok(Decision::Remove))
    }

    /// Removes a wallet, and keeps it until a time, in seconds since 1970, so that it can be
    /// restored. Says whether it was there. Durable when it returns.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn remove_later(&mut self, id: &SignatureId, time: u64) -> Result<bool, StoreError> {
        self.change_one(id, |keys, record| match record.purge_after() {
            None => keys.seal(&record.purged_after(Some(time))).map(Decision::Replace),
            Some(_) => Ok(Decision::Leave),
        })
    }

    /// Takes back a removal whose time is not over. Says whether there was one.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn restore(&mut self, id: &SignatureId) -> Result<bool, StoreError> {
        self.change_one(id, |keys, record| match record.purge_after() {
            Some(_) => keys.seal(&record.purged_after(None)).map(Decision::Replace),
            None => Ok(Decision::Leave),
        })
    }

    /// Gives a wallet a name, or takes it away. Says whether the wallet is there.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn label(&mut self, id: &SignatureId, label: Option<&str>) -> Result<bool, StoreError> {
        self.change_one(id, |keys, record| match record.purge_after() {
            None => keys.seal(&record.labelled(label)).map(Decision::Replace),
            Some(_) => Ok(Decision::Leave),
        })
    }

    /// Takes out what was removed and whose time is over at `now`, in seconds since 1970. How
    /// many.
    ///
    /// # Errors
    /// When the store is damaged or cannot be written.
    pub fn purge(&mut self, now: u64) -> Result<usize, StoreError> {
        let is_over = |time: Option<u64>| time.is_some_and(|time| time <= now);
        let over = self.removed()?.into_iter().filter(|summary| is_over(summary.purge_after));
        let mut purged = 0_usize;
        for summary in over {
            // Somebody may have restored it meanwhile.
            let is_purged = self.change_one(&summary.id, |_, record| {
                if is_over(record.purge_after()) {
                    Ok(Decision::Remove)
                } else {
                    Ok(Decision::Leave)
                }
            })?;
            purged = purged.saturating_add(usize::from(is_purged));
        }
        Ok(purged)
    }

    fn writable(&mut self) -> Result<(&mut dyn RecordStore, &Keys), StoreError> {
        match &mut self.content {
            Content::Legacy { .. } => Err(StoreError::LegacyReadOnly),
            Content::Sealed { backend, keys } => {
                let backend = backend.get_mut().map_err(|_| StoreError::in_doubt())?;
                Ok((backend.as_mut(), keys))
            }
        }
    }

    /// Replaces a record by what `decide` makes of it, or removes it, or leaves it alone. Whether
    /// it was there and was changed.
    fn change_one(
        &mut self,
        id: &SignatureId,
        decide: impl Fn(&Keys, WalletRecord) -> Result<Decision, StoreError>,
    ) -> Result<bool, StoreError> {
        let (backend, keys) = self.writable()?;
        let blind_index = keys.blind_index(id);
        let mut is_changed = false;
        backend.change(&mut |store| {
            let old = find_checked(keys, store, &blind_index)?;
            let Some(old) = old else { return Ok(None) };
            let changes = match decide(keys, keys.open(&old)?)? {
                Decision::Leave => return Ok(None),
                Decision::Remove => Changes { remove: vec![old], ..Changes::default() },
                Decision::Replace(new) => {
                    Changes { replace: vec![(old, new)], ..Changes::default() }
                }
            };
            is_changed = true;
            plan(keys, store, changes)
        })?;
        if is_changed {
            self.list.forget(id);
            self.forget_keys();
        }
        Ok(is_changed)
    }
}

/// The fate of a record in a change.
enum Decision {
    Leave,
    Remove,
    Replace(SealedRecord),
}

/// Sealed records that come, go, or take another's place.
#[derive(Default)]
struct Changes {
    add: Vec<SealedRecord>,
    remove: Vec<SealedRecord>,
    replace: Vec<(SealedRecord, SealedRecord)>,
}

impl Changes {
    fn coming(&self) -> impl Iterator<Item = &SealedRecord> {
        self.add.iter().chain(self.replace.iter().map(|(_, new)| new))
    }

    fn going(&self) -> impl Iterator<Item = &SealedRecord> {
        self.remove.iter().chain(self.replace.iter().map(|(old, _)| old))
    }
}

/// The change, with the manifest as it is afterwards.
fn plan(
    keys: &Keys,
    store: &dyn RecordStore,
    changes: Changes,
) -> Result<Option<Change>, StoreError> {
    let (root, buckets) = checked_buckets(&keys.manifest, store)?;
    let mut touched: HashMap<u16, Sum> = HashMap::new();
    let mut total = root.sum;
    let mut count = |record: &SealedRecord, by: fn(Sum, Sum) -> Sum| {
        let own = digest(&keys.manifest, record);
        let number = bucket_of(&record.blind_index);
        let sum = touched.entry(number).or_insert_with(|| bucket_sum(&buckets, number));
        *sum = by(*sum, own);
        total = by(total, own);
    };
    changes.coming().for_each(|record| count(record, Sum::plus));
    changes.going().for_each(|record| count(record, Sum::minus));
    let number = |records: &[SealedRecord]| u64::try_from(records.len()).unwrap_or(u64::MAX);
    let root = Root {
        revision: root.after(changes.coming().count())?,
        count: root
            .count
            .saturating_add(number(&changes.add))
            .saturating_sub(number(&changes.remove)),
        sum: total,
    };
    Ok(Some(Change {
        add: changes.add,
        replace: changes.replace.into_iter().map(|(_, new)| new).collect(),
        remove: changes.remove.into_iter().map(|record| record.blind_index).collect(),
        buckets: touched.into_iter().map(|(number, sum)| Bucket { number, sum: sum.0 }).collect(),
        root: root.seal(&keys.manifest)?,
    }))
}
