//! Checks before the daemon signs: the journal beside the store must belong to the store, and
//! nobody else may be signing there.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use kms_core::{FoundJournal, JournalError, JournalSeal, Ledger, SealError, judge};
use kms_files::{is_mounted_alone, told};
use kms_keystore::{StoreError, Unlocked};
use kms_secret::Password;
use thiserror::Error;

use super::{
    claim::{Claim, ClaimFile},
    keeper::Keeper,
    log::event,
};
use crate::wire::{
    JournalOpenError, JournalSeals, Kept, WalletFile, journal_path, ledger_in_memory,
    milliseconds_since_1970, open_ledger_at, put_ledger_aside,
};

/// The operator's flags for a start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StartFlags {
    /// Take a new journal where the store's own is lost.
    pub(crate) new_journal: bool,
    /// Start in spite of another daemon's claim.
    pub(crate) take_over: bool,
}

/// An open store's file and password.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StorePlace<'a> {
    pub(crate) file: &'a WalletFile,
    pub(crate) path: &'a Path,
    pub(crate) password: &'a Password,
}

/// A journal that may be signed on.
#[derive(Debug)]
pub(crate) struct OpenedJournal {
    pub(crate) journal: Arc<dyn Ledger>,
    /// Nothing in a dry run, which leaves no trace.
    pub(crate) keeper: Option<Keeper>,
    /// The time since it took a lost journal's place, in milliseconds.
    pub(crate) replaced_for: Option<u64>,
}

impl OpenedJournal {
    /// One in memory, for whoever signs nothing and leaves no trace beside the store.
    ///
    /// # Errors
    /// When memory cannot be allocated.
    pub(crate) fn of_nobody() -> Result<Self, JournalRefused> {
        Ok(Self { journal: ledger_in_memory()?, keeper: None, replaced_for: None })
    }
}

/// The reason why nothing is signed on what lies beside the store.
#[derive(Debug, Error)]
pub(crate) enum JournalRefused {
    #[error(
        "the journal {} does not belong to the wallet store: {problem}. Without the store's \
         journal it is not known what was signed, and payments may be made twice. Stop all daemons \
         that use this store or a copy of it, and restore its journal; if it is lost for good, \
         read \"The journal belongs to the store\" in docs/daemon.md and start once with `daemon \
         --new-journal`",
        path.display()
    )]
    NotTheStores { path: PathBuf, problem: SealError },
    #[error(
        "the wallet store's record of its journal cannot be read: {0}. Restore the store (and \
         `wallet.dat.journal` beside it), or read \"The journal belongs to the store\" in \
         docs/daemon.md and start once with `daemon --new-journal`"
    )]
    SealUnreadable(StoreError),
    #[error("the journal cannot be opened: {0}")]
    Unopened(#[from] JournalOpenError),
    #[error("the journal cannot be read or written: {0}")]
    Failed(#[from] JournalError),
    #[error("the old journal cannot be renamed: {}: {}", path.display(), told(source))]
    NotAside { path: PathBuf, source: std::io::Error },
    #[error(
        "another daemon (process {pid} on {host}) signs for this wallet store with another \
         journal, so both could make the same payment. Stop it, or wait three minutes if it is \
         gone; `--take-over` starts anyway"
    )]
    Claimed { host: String, pid: u32 },
    #[error("another daemon has just given the wallet store another journal; start again")]
    TakenMeanwhile,
}

impl JournalRefused {
    /// Returns true if a new journal is a way out. One of a later version, or that cannot be got
    /// at, is not lost.
    const fn is_lost(&self) -> bool {
        matches!(
            self,
            Self::NotTheStores { .. }
                | Self::SealUnreadable(StoreError::Damaged(_))
                | Self::Unopened(JournalOpenError::Damaged { .. })
        )
    }
}

/// Opens the store's own journal; makes one for a store that has never had any, or where the
/// operator says that it is lost. A dry run changes nothing but that.
///
/// # Errors
/// When nothing must be signed.
pub(crate) async fn open_journal(
    store: &Unlocked,
    place: StorePlace<'_>,
    flags: StartFlags,
    is_dry: bool,
) -> Result<OpenedJournal, JournalRefused> {
    tell_of_lonely_store(place.path);
    let path = journal_path(place.path);
    let claims = ClaimFile::of(place.path);
    let fits = find_fitting(store, place, &path).await;
    let is_replaced =
        flags.new_journal && !is_dry && fits.as_ref().is_err_and(JournalRefused::is_lost);
    let (seals, journal) = if is_replaced {
        check_unclaimed(&claims, None, flags)?;
        replace_journal(store, place, &path).await?
    } else {
        fits?
    };
    if flags.new_journal && !is_replaced {
        event("`--new-journal` has no effect, because the journal is the store's; remove the flag");
    }
    let found = journal.identity(None).await?;
    check_unclaimed(&claims, Some(&found), flags)?;
    let replaced_for = journal.replaced_for().await?;
    if is_dry {
        return Ok(OpenedJournal { journal, keeper: None, replaced_for });
    }
    let opened = journal.note_opening().await?;
    tell_store(store, &seals, opened, is_replaced)?;
    let own = Claim::own(opened.journal, milliseconds_since_1970());
    if let Err(error) = claims.renew(&own) {
        event(&format!(
            "the claim file beside the store cannot be written ({error}): a daemon with another \
             journal will not notice this one"
        ));
    }
    let keeper = Some(Keeper::new(seals, opened, claims, &path));
    Ok(OpenedJournal { journal, keeper, replaced_for })
}

/// The journal that every seal of the store fits, made where there is neither.
pub(crate) async fn find_fitting(
    store: &Unlocked,
    place: StorePlace<'_>,
    path: &Path,
) -> Result<(JournalSeals, Arc<dyn Ledger>), JournalRefused> {
    // The seals come first: a journal is created before the store records it.
    let seals = JournalSeals::open(place.file, store, place.password);
    let seals = seals.map_err(JournalRefused::SealUnreadable)?;
    let known = seals.read(store).map_err(JournalRefused::SealUnreadable)?;
    let refused = |problem| JournalRefused::NotTheStores { path: path.to_owned(), problem };
    if !path.exists() {
        known.iter().try_for_each(|seal| judge(Some(seal), None)).map_err(refused)?;
    }
    let journal = open_ledger_at(path)?;
    for seal in &known {
        let found = journal.identity(Some(*seal)).await?;
        judge(Some(seal), Some(&found)).map_err(refused)?;
    }
    Ok((seals, journal))
}

/// Puts aside what lies in the journal's place, and makes a new one that is asked for caution.
async fn replace_journal(
    store: &Unlocked,
    place: StorePlace<'_>,
    path: &Path,
) -> Result<(JournalSeals, Arc<dyn Ledger>), JournalRefused> {
    let not_aside = |source| JournalRefused::NotAside { path: path.to_owned(), source };
    if let Some(aside) = put_ledger_aside(path).map_err(not_aside)? {
        event(&format!("the previous journal file is now {}", aside.display()));
    }
    let journal = open_ledger_at(path)?;
    journal.note_replacement().await?;
    event(
        "a new journal was created: for seven days the API is asked, before the first signature of \
         each id, whether it is already paid",
    );
    let seals = JournalSeals::open_anew(place.file, store, place.password);
    Ok((seals.map_err(JournalRefused::SealUnreadable)?, journal))
}

fn check_unclaimed(
    claims: &ClaimFile,
    found: Option<&FoundJournal>,
    flags: StartFlags,
) -> Result<(), JournalRefused> {
    let journal = found.map(|found| found.journal);
    match claims.foreign(journal, milliseconds_since_1970()) {
        Some(other) if flags.take_over => {
            let Claim { host, pid, .. } = other;
            event(&format!("taking the store over from process {pid} on {host}"));
            Ok(())
        }
        Some(Claim { host, pid, .. }) => Err(JournalRefused::Claimed { host, pid }),
        None => Ok(()),
    }
}

/// Records in the store which journal it has. If that fails, the daemon signs all the same.
fn tell_store(
    store: &Unlocked,
    seals: &JournalSeals,
    opened: JournalSeal,
    is_replaced: bool,
) -> Result<(), JournalRefused> {
    let mut is_foreign = false;
    let sealed = seals.write(store, |known| match known {
        Some(known) if known.journal != opened.journal && !is_replaced => {
            is_foreign = true;
            None
        }
        _ => Some(opened),
    });
    match sealed {
        _ if is_foreign => return Err(JournalRefused::TakenMeanwhile),
        Ok(Kept::InStore) => (),
        Ok(Kept::Beside) => event(
            "the store's record of its journal is in `wallet.dat.journal` beside it: keep the two \
             files together",
        ),
        Err(error) => event(&format!(
            "WARNING: the store's record of its journal cannot be written ({error}): if the \
             journal is lost, that will not be noticed, and payments may be made twice"
        )),
    }
    Ok(())
}

fn tell_of_lonely_store(store: &Path) {
    if is_mounted_alone(store) {
        event(
            "WARNING: the wallet store is mounted without its folder: the journal beside it is on \
             another file system and may be lost with this machine or container. Mount the folder",
        );
    }
}
