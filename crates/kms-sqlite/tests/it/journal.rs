//! The journal does in its file what the rules say in memory, whatever the order of events.

use std::path::Path;

use kms_core::{ChainId, Claim, Entry, Intent, Journal, JournalError, Pending, RawTransaction};
use kms_sqlite::SqliteJournal;
use kms_testkit::{MemoryJournal, no_effects};

const ROUNDS: u64 = 12;
const STEPS: usize = 150;

pub(crate) fn clock() -> u64 {
    std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64)
}

/// A pending transaction: few ids, few contents, so that they meet.
pub(crate) fn pending(id: u64, content: u64) -> Pending {
    let (chain, id) = (ChainId::new("ETH"), format!("t{id}"));
    kms_testkit::pending(chain, &id, &["wallet"], format!("content {content}"))
}

pub(crate) async fn reserve(
    journal: &dyn Journal,
    pending: &Pending,
    nonce: u64,
) -> Result<(), JournalError> {
    let effects = no_effects(pending);
    let claims = [Claim::new(format!("nonce {nonce}"))];
    let digest = pending.digest();
    journal.reserve(Intent { pending, digest: &digest, effects: &effects, claims: &claims }).await
}

/// <https://prng.di.unimi.it/splitmix64.c>
#[derive(Default)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Recall,
    Reserve { nonce: u64 },
    Record,
    Close,
    Refuse,
}

async fn take(journal: &dyn Journal, step: Step, pending: &Pending) -> String {
    let (id, digest) = (&pending.id, pending.digest());
    let raw = RawTransaction::from_text(format!("signed {} {}", id, pending.payload));
    let told = match step {
        Step::Recall => journal.recall(pending, &digest).await.map(|entry| match entry {
            None => String::from("nothing"),
            Some(Entry::Ended { state, reason }) => format!("{state}: {reason}"),
            Some(Entry::Signed(raw)) => raw.as_str().to_owned(),
            Some(Entry::Sent(raw)) => format!("sent: {}", raw.as_str()),
        }),
        Step::Reserve { nonce } => {
            reserve(journal, pending, nonce).await.map(|()| String::from("reserved"))
        }
        Step::Record => journal.record(id, &raw).await.map(|()| String::from("recorded")),
        Step::Close => journal.close(id, None).await.map(|()| String::from("closed")),
        Step::Refuse => journal.refuse(id, "no funds").await.map(|()| String::from("refused")),
    };
    told.unwrap_or_else(|error| format!("error: {error}"))
}

fn step(random: &mut Random) -> Step {
    match random.below(8) {
        0 | 1 => Step::Recall,
        2 | 3 => Step::Reserve { nonce: random.below(3) },
        4 | 5 => Step::Record,
        6 => Step::Close,
        _ => Step::Refuse,
    }
}

async fn compare(path: &Path, seed: u64) {
    let model = MemoryJournal::default();
    let mut random = Random(seed);
    let mut journal = SqliteJournal::open(path, clock).expect("a journal");
    let mut taken = Vec::new();
    for _ in 0..STEPS {
        if random.below(10) == 0 {
            drop(journal);
            journal = SqliteJournal::open(path, clock).expect("a journal");
            model.reopen();
        }
        let pending = pending(random.below(4), random.below(2));
        let step = step(&mut random);
        taken.push(format!("{step:?} {} {}", pending.id, pending.payload));
        let (ours, theirs) =
            (take(&journal, step, &pending).await, take(&model, step, &pending).await);
        assert_eq!(ours, theirs, "seed {seed}: {taken:#?}");
    }
}

#[tokio::test]
async fn the_file_does_what_the_model_does() {
    let directory = tempfile::tempdir().expect("a directory");
    for seed in 0..ROUNDS {
        compare(&directory.path().join(format!("journal-{seed}.db")), seed).await;
    }
}

#[tokio::test]
async fn two_openings_share_what_was_recorded_and_claimed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    let (one, other) = (SqliteJournal::open(&path, clock), SqliteJournal::open(&path, clock));
    let (one, other) = (one.expect("a journal"), other.expect("a journal"));
    let (first, second) = (pending(1, 0), pending(2, 0));
    reserve(&one, &first, 7).await.expect("reserved");
    one.record(&first.id, &RawTransaction::from_text(String::from("bytes"))).await.expect("done");
    let entry = other.recall(&first, &first.digest()).await.expect("recalled");
    assert!(matches!(entry, Some(Entry::Signed(raw)) if raw.as_str() == "bytes"));
    let refused = reserve(&other, &second, 7).await;
    assert!(matches!(refused, Err(JournalError::Claimed { .. })), "{refused:?}");
    assert!(matches!(reserve(&other, &first, 8).await, Err(JournalError::HeldElsewhere)));
}

#[test]
fn a_damaged_journal_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    drop(SqliteJournal::open(&path, clock).expect("a journal"));
    let good = std::fs::read(&path).expect("a file");
    for damaged in [b"not a database at all, but long enough to look at".to_vec(), {
        let mut bytes = good.clone();
        bytes[40..200].fill(0xff);
        bytes
    }] {
        std::fs::write(&path, &damaged).expect("written");
        assert!(SqliteJournal::open(&path, clock).is_err());
        assert_eq!(std::fs::read(&path).expect("a file"), damaged);
    }
}
