//! The store's record of its journal, and damage to that journal between lives.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use kms_core::{Identity as _, JournalSeal, SealError, judge};
use kms_sqlite::SqliteJournal;

use super::{
    TIME,
    world::{Told, World},
};

pub(super) struct Store {
    pub(super) path: PathBuf,
    seal: Option<JournalSeal>,
    /// Starts that the store was told of, and how many there were when the copy was made.
    starts: u32,
    copied_at: Option<u32>,
    /// True if the journal took a lost one's place.
    pub(super) is_young: bool,
    pub(super) refusals: u32,
    pub(super) replacements: u32,
}

/// Damage to a journal's file.
enum Damage {
    None,
    Lost,
    Older,
    /// Another host has the store and a journal of its own.
    OtherHost(PathBuf),
}

pub(super) fn clock() -> u64 {
    TIME.load(Ordering::Relaxed)
}

pub(super) fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, clock).expect("a journal")
}

/// The journal's threads end by themselves, a moment after it was dropped.
fn wait_until_closed(path: &Path) {
    let (folder, start) = (path.parent().expect("a folder"), Instant::now());
    let is_open = || {
        let open = std::fs::read_dir("/proc/self/fd").expect("what is open").flatten();
        let targets = open.filter_map(|one| std::fs::read_link(one.path()).ok());
        targets.into_iter().any(|target| target.starts_with(folder))
    };
    while is_open() {
        assert!(start.elapsed() < Duration::from_secs(20), "{} stays open", path.display());
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// The files in which SQLite keeps data: the database, and its log of recent changes.
const PARTS: [&str; 2] = ["", "-wal"];

fn part(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(part(path, ending));
    }
    assert!(!path.exists(), "removed");
}

fn copy(from: &Path, to: &Path) {
    remove(to);
    for ending in PARTS.into_iter().filter(|ending| part(from, ending).exists()) {
        std::fs::copy(part(from, ending), part(to, ending)).expect("a copy");
    }
}

impl Store {
    pub(super) fn new(path: PathBuf) -> Self {
        let (seal, copied_at) = (None, None);
        Self { path, seal, starts: 0, copied_at, is_young: false, refusals: 0, replacements: 0 }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.path.with_extension(name)
    }

    /// A daemon starts; `None` when nothing must be signed, or it dies before the store is told.
    pub(super) async fn start(&mut self, world: &World, path: &Path) -> Option<SqliteJournal> {
        let known = self.seal;
        if !path.exists() && judge(known.as_ref(), None).is_err() {
            return None;
        }
        let journal = open(path);
        let found = journal.identity(known).await.expect("an identity");
        judge(known.as_ref(), Some(&found)).ok()?;
        let seal = journal.note_opening().await.expect("an opening");
        if world.chance(5) {
            return None;
        }
        self.seal = Some(seal);
        self.starts += 1;
        Some(journal)
    }

    /// Notes how far the journal has come, as a daemon does now and then.
    pub(super) async fn note_sequence(&mut self, journal: &SqliteJournal) {
        if let Some(seal) = &mut self.seal {
            seal.sequence = journal.sequence().await.expect("a sequence").max(seal.sequence);
        }
    }

    /// Between two lives: a copy of the journal may be made; it may be lost, be replaced by its
    /// copy, or somebody else may start with another.
    pub(super) async fn suffer(&mut self, world: &World, seed: u64) {
        wait_until_closed(&self.path);
        let damage = self.damage(world);
        let path = match &damage {
            Damage::None => return,
            Damage::OtherHost(path) => path.clone(),
            Damage::Lost | Damage::Older => self.path.clone(),
        };
        let own = self.seal.expect("it was started").journal;
        let refused = self.judge(&path).await;
        let is_right = match damage {
            Damage::Lost => refused == Err(SealError::Missing(own)),
            Damage::Older => {
                matches!(refused, Err(SealError::Older { .. } | SealError::Forked))
            }
            _ => matches!(refused, Err(SealError::Foreign { .. })),
        };
        assert!(is_right, "seed {seed}: of a journal that is not the store's: {refused:?}");
        self.refusals += 1;
        wait_until_closed(&path);
        match damage {
            Damage::OtherHost(path) => remove(&path),
            _ if world.chance(50) => copy(&self.beside("true"), &self.path),
            _ => self.replace(world).await,
        }
    }

    fn damage(&mut self, world: &World) -> Damage {
        if self.starts == 0 {
            return Damage::None;
        }
        if world.chance(20) {
            copy(&self.path, &self.beside("copy"));
            self.copied_at = Some(self.starts);
            return Damage::None;
        }
        if !world.chance(8) {
            return Damage::None;
        }
        copy(&self.path, &self.beside("true"));
        match world.below(3) {
            0 => Damage::OtherHost(self.beside("other.db")),
            1 if self.copied_at.is_some_and(|starts| starts < self.starts) => {
                copy(&self.beside("copy"), &self.path);
                Damage::Older
            }
            _ => {
                remove(&self.path);
                Damage::Lost
            }
        }
    }

    async fn judge(&self, path: &Path) -> Result<(), SealError> {
        if path == self.path && !path.exists() {
            return judge(self.seal.as_ref(), None);
        }
        let found = open(path).identity(self.seal).await.expect("an identity");
        judge(self.seal.as_ref(), Some(&found))
    }

    /// An operator says that the journal is lost for good. What only it knew is not known now.
    async fn replace(&mut self, world: &World) {
        SqliteJournal::put_aside(&self.path).expect("put aside");
        let journal = open(&self.path);
        journal.note_replacement().await.expect("noted");
        self.seal = Some(journal.note_opening().await.expect("an opening"));
        self.is_young = journal.replaced_for().await.expect("an age").is_some();
        assert!(self.is_young, "it knows that it took another's place");
        self.copied_at = None;
        self.replacements += 1;
        let mut state = world.state();
        let known: BTreeSet<_> = state.seen.keys().chain(state.api.keys()).cloned().collect();
        let is_done = |id: &String| state.api.get(id) == Some(&Told::Done);
        let (done, lost): (Vec<_>, Vec<_>) = known.into_iter().partition(is_done);
        state.orphans.extend(done);
        state.unknowable.extend(lost);
    }
}
