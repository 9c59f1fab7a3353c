//! Updates the store's record of its journal while the daemon runs, and notices when another
//! process takes the store over.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kms_core::{Identity, JournalError, JournalSeal};
use tokio::time::Instant;

use super::{
    claim::{Claim, ClaimFile},
    log::event,
    store::SharedStore,
};
use crate::wire::{JournalSeals, Kept, milliseconds_since_1970};

/// The minimum time between two writes to the store, whose record may lag behind.
const PAUSE: Duration = Duration::from_secs(1);
const GIVEN_AWAY: &str = "the store now has another journal";
pub(super) const CLAIM_PERIOD: Duration = Duration::from_mins(1);

/// Device and number of a file: another file of the same name has others.
type FileId = (u64, u64);

fn file_id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

/// The tie between store and journal, held by a daemon that may sign.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) seals: JournalSeals,
    /// The record that was written into the store at the start.
    pub(crate) opened: JournalSeal,
    pub(crate) claim: ClaimFile,
    /// The journal's file, and which one it was at the start.
    journal: (PathBuf, Option<FileId>),
    /// The journal position that the store has recorded, and the time of that record.
    written: Mutex<(u64, Instant)>,
    /// The time of the last check of the store's owner.
    looked: Mutex<Instant>,
    is_lost: AtomicBool,
}

/// The moment at which the store's record is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Moment {
    /// If the last time was long enough ago.
    AfterARound,
    AtTheEnd,
}

impl Keeper {
    pub(crate) fn new(
        seals: JournalSeals,
        opened: JournalSeal,
        claim: ClaimFile,
        journal: &Path,
    ) -> Self {
        let written = Mutex::new((opened.sequence, Instant::now()));
        let looked = Mutex::new(Instant::now());
        let journal = (journal.to_owned(), file_id(journal));
        Self { seals, opened, claim, journal, written, looked, is_lost: AtomicBool::new(false) }
    }

    /// Returns true if the store is another journal's by now, so that nothing more must be signed.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Looks whether the store was given another journal. One that cannot be read says nothing.
    pub(super) fn look(&self, store: &SharedStore) {
        {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.elapsed() < PAUSE {
                return;
            }
            *looked = Instant::now();
        }
        let (path, at_start) = &self.journal;
        if file_id(path) != *at_start {
            return self.lose("the journal's file was removed or replaced; restore it");
        }
        let known = store.journal_seals(&self.seals).unwrap_or_default();
        if known.iter().any(|seal| seal.journal != self.opened.journal) {
            self.lose(GIVEN_AWAY);
        }
    }

    /// Tells the store how far the journal has come. A store that cannot be told knows less, which
    /// is safe.
    pub(super) async fn keep(
        &self,
        store: &SharedStore,
        journal: &dyn Identity,
        moment: Moment,
    ) -> Result<(), JournalError> {
        let (sequence, now) = (journal.sequence().await?, Instant::now());
        {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            let is_soon = moment == Moment::AfterARound && now.duration_since(written.1) < PAUSE;
            if is_soon || written.0 >= sequence {
                return Ok(());
            }
            *written = (sequence, now);
        }
        let own = JournalSeal { sequence, ..self.opened };
        let mut is_foreign = false;
        let sealed = store.seal_journal(&self.seals, |known| match known {
            Some(known) if known.journal != own.journal => {
                is_foreign = true;
                None
            }
            Some(known) if known.sequence >= own.sequence => None,
            _ => Some(own),
        });
        match sealed {
            _ if is_foreign => self.lose(GIVEN_AWAY),
            Err(error) => {
                event(&format!("the store's record of its journal could not be updated: {error}"))
            }
            Ok(Kept::InStore | Kept::Beside) => (),
        }
        Ok(())
    }

    /// Renews the claim beside the store, unless another process took over.
    pub(super) fn renew_claim(&self) {
        let (journal, now) = (self.opened.journal, milliseconds_since_1970());
        if let Some(other) = self.claim.foreign(Some(journal), now) {
            let Claim { host, pid, .. } = other;
            return self.lose(&format!("process {pid} on {host} took the store over"));
        }
        // Said at the start already, if the folder cannot be written.
        let _ = self.claim.renew(&Claim::own(journal, now));
    }

    pub(super) fn release_claim(&self) {
        self.claim.release(&Claim::own(self.opened.journal, milliseconds_since_1970()));
    }

    fn lose(&self, why: &str) {
        if !self.is_lost.swap(true, Ordering::Relaxed) {
            event(&format!("stopping, nothing more is signed: {why}"));
        }
    }
}
