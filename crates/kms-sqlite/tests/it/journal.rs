//! The journal does in its file what the rules say in memory, whatever the order of events.

use std::path::Path;

use kms_core::{
    Attempts as _, Bytes, ChainId, Claim, Desk as _, Entry, Fate, Follow as _, Intent, Journal,
    JournalError, Limits, Pending, RawTransaction, Recalled, Reservation, Stance,
};
use kms_sqlite::SqliteJournal;
use kms_testkit::{End, MemoryJournal, no_effects};

const ROUNDS: u64 = 24;
const STEPS: usize = 250;

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
) -> Result<Reservation, JournalError> {
    let effects = no_effects(pending);
    let claims = [Claim::Once { scope: String::from("test"), what: format!("nonce {nonce}") }];
    let limits = Limits::default();
    journal.reserve(Intent { pending, effects: &effects, claims: &claims, limits: &limits }).await
}

pub(crate) async fn record(
    journal: &dyn Journal,
    pending: &Pending,
    reservation: &Reservation,
    raw: &str,
) -> Result<(), JournalError> {
    let raw = RawTransaction::from_text(raw.to_owned());
    let txid = format!("id of {}", raw.as_str());
    let bytes = Bytes { raw: &raw, txid: Some(&txid), first_slot: None };
    journal.record(&pending.id, reservation, bytes).await
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
    Ask {
        nonce: u64,
    },
    Reserve {
        nonce: u64,
    },
    /// With the reservation made last for this id, or an older one.
    Record {
        is_old: bool,
    },
    Close,
    Refuse,
    Reject,
    End(End),
    Retry {
        sign_again: bool,
    },
}

fn step(random: &mut Random) -> Step {
    match random.below(16) {
        0 | 1 => Step::Recall,
        2 => Step::Ask { nonce: random.below(3) },
        3..=5 => Step::Reserve { nonce: random.below(3) },
        6..=8 => Step::Record { is_old: random.below(4) == 0 },
        9 | 10 => Step::Close,
        11 => Step::Refuse,
        12 => Step::Reject,
        13 => Step::End(match random.below(4) {
            0 => End::Confirmed,
            1 => End::Failed,
            2 => End::Dropped,
            _ => End::Expired,
        }),
        _ => Step::Retry { sign_again: random.below(2) == 0 },
    }
}

/// Reservations by id, the last and the one before it.
type Reservations = std::collections::HashMap<String, (Reservation, Reservation)>;

/// Takes a step that both kinds of journal support.
async fn take(
    journal: &dyn Journal,
    reservations: &mut Reservations,
    step: Step,
    pending: &Pending,
    signature: usize,
) -> Result<String, JournalError> {
    let id = pending.id.as_str();
    let (effects, limits) = (no_effects(pending), Limits::default());
    Ok(match step {
        Step::Recall => match journal.recall(pending).await? {
            Recalled::New(attempt) => format!("{attempt:?}"),
            Recalled::Known(Entry::Ended { state, reason }) => format!("{state}: {reason}"),
            Recalled::Known(Entry::Signed(raw)) => raw.as_str().to_owned(),
            Recalled::Known(Entry::Sent(raw)) => format!("sent: {}", raw.as_str()),
        },
        Step::Ask { nonce } => {
            let claims =
                [Claim::Once { scope: String::from("test"), what: format!("nonce {nonce}") }];
            let intent = Intent { pending, effects: &effects, claims: &claims, limits: &limits };
            journal.note_question(intent).await?;
            String::from("noted")
        }
        Step::Reserve { nonce } => {
            let new = reserve(journal, pending, nonce).await?;
            let (last, _) = reservations.remove(id).unwrap_or_default();
            reservations.insert(id.to_owned(), (new, last));
            String::from("reserved")
        }
        Step::Record { is_old } => {
            let (last, before) = reservations.get(id).cloned().unwrap_or_default();
            let reservation = if is_old { before } else { last };
            let raw = format!("signed {id} {} {signature}", pending.payload);
            record(journal, pending, &reservation, &raw).await?;
            String::from("recorded")
        }
        Step::Close => {
            journal.close(&pending.id, None, None).await?;
            String::from("closed")
        }
        Step::Refuse => format!("refused: {}", journal.refuse(pending, "no funds").await?),
        Step::Reject | Step::End(_) | Step::Retry { .. } => String::from("done"),
    })
}

/// Takes a step through the real journal's ports and the model's functions.
async fn happen(real: &SqliteJournal, model: &MemoryJournal, step: Step, pending: &Pending) {
    let reason = || String::from("told to");
    match step {
        Step::Reject => {
            real.note_attempt(pending, Stance::Rejected, "told to", 1).await.expect("noted");
            model.reject(&pending.id).expect("noted");
        }
        Step::End(end) => {
            let fate = match end {
                End::Confirmed => Fate::Confirmed,
                End::Failed => Fate::Failed { reason: reason() },
                End::Dropped => Fate::Dropped { reason: reason() },
                End::Expired => Fate::Expired { reason: reason() },
            };
            // A fate is that of bytes which may be in the chain.
            let followed = real.followed(&pending.id).await.expect("read");
            let is_open = followed.is_some_and(|one| {
                use kms_core::Progress::{Sent, Signed};
                matches!(one.progress, Signed | Sent)
            });
            if is_open {
                real.note_fate(&pending.id, fate, false).await.expect("noted");
                real.note_told(&pending.id, "told").await.expect("noted");
            }
            model.end(&pending.id, end).expect("noted");
        }
        Step::Retry { sign_again } => {
            let granted = real.retry(&pending.id, sign_again).await.is_ok();
            let expected = model.retry(&pending.id, sign_again).expect("noted");
            // An id that was tried only is known to the real one alone.
            assert!(granted == expected || !expected, "{step:?} {}", pending.id);
        }
        _ => (),
    }
}

async fn compare(path: &Path, seed: u64) {
    let model = MemoryJournal::default();
    let mut random = Random(seed);
    let mut real = SqliteJournal::open(path, clock).expect("a journal");
    let (mut ours, mut theirs) = (Reservations::new(), Reservations::new());
    let mut taken = Vec::new();
    for number in 0..STEPS {
        if random.below(10) == 0 {
            drop(real);
            real = SqliteJournal::open(path, clock).expect("a journal");
        }
        let pending = pending(random.below(4), random.below(2));
        let step = step(&mut random);
        taken.push(format!("{step:?} {} {}", pending.id, pending.payload));
        happen(&real, &model, step, &pending).await;
        let text = |told: Result<String, JournalError>| {
            told.unwrap_or_else(|error| format!("error: {error}"))
        };
        let (told, expected) = (
            text(take(&real, &mut ours, step, &pending, number).await),
            text(take(&model, &mut theirs, step, &pending, number).await),
        );
        assert_eq!(told, expected, "seed {seed}: {taken:#?}");
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
    let reservation = reserve(&one, &first, 7).await.expect("reserved");
    record(&one, &first, &reservation, "bytes").await.expect("done");
    let entry = other.recall(&first).await.expect("recalled");
    assert!(matches!(entry, Recalled::Known(Entry::Signed(raw)) if raw.as_str() == "bytes"));
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
