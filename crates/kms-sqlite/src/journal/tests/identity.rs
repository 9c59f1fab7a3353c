use kms_core::{
    Desk as _, Fate, Follow as _, FoundJournal, Identity as _, JournalSeal, SealError, judge,
};

use super::*;

async fn judged(journal: &SqliteJournal, seal: JournalSeal) -> Result<(), SealError> {
    let found: FoundJournal = journal.identity(Some(seal)).await.unwrap();
    judge(Some(&seal), Some(&found))
}

#[tokio::test]
async fn a_journal_keeps_its_name_and_others_have_others() {
    let ((_one, path), (_other, other)) = (place(), place());
    let name = {
        let journal = SqliteJournal::open(&path, clock).unwrap();
        journal.identity(None).await.unwrap().journal
    };
    let again = SqliteJournal::open(&path, clock).unwrap();
    assert_eq!(again.identity(None).await.unwrap().journal, name);
    let other = SqliteJournal::open(&other, clock).unwrap();
    let seal = again.note_opening().await.unwrap();
    assert_eq!(judged(&again, seal).await, Ok(()));
    assert!(matches!(judged(&other, seal).await, Err(SealError::Foreign { .. })));
}

#[tokio::test]
async fn a_copy_from_before_a_signature_or_a_start_is_older() {
    let (directory, path) = place();
    let copy = |name: &str| {
        let to = directory.path().join(name);
        let from = connection::open(&path).unwrap();
        from.execute("vacuum into ?1", params![to.to_str().unwrap()]).unwrap();
        to
    };
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let first = journal.note_opening().await.unwrap();
    let before_start = copy("before-start.db");
    let second = journal.note_opening().await.unwrap();
    let before_signature = copy("before-signature.db");
    let reservation = reserve(&journal, "a", &[]).await.unwrap();
    record(&journal, "a", &reservation).await.unwrap();
    let sealed = JournalSeal { sequence: journal.sequence().await.unwrap(), ..second };
    assert!(sealed.sequence > second.sequence);
    for seal in [first, second, sealed] {
        assert_eq!(judged(&journal, seal).await, Ok(()), "{seal:?}");
    }
    let old = SqliteJournal::open(&before_signature, clock).unwrap();
    assert_eq!(judged(&old, second).await, Ok(()), "nothing that is sealed is missing");
    assert!(matches!(judged(&old, sealed).await, Err(SealError::Older { .. })));
    let older = SqliteJournal::open(&before_start, clock).unwrap();
    assert_eq!(judged(&older, first).await, Ok(()));
    assert_eq!(judged(&older, second).await, Err(SealError::Forked));
}

#[tokio::test]
async fn every_step_of_a_transaction_counts_and_what_is_deleted_still_does() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let mut last = journal.sequence().await.unwrap();
    let mut grown = async || {
        let now = journal.sequence().await.unwrap();
        let is_more = now > last;
        last = now;
        is_more
    };
    let reservation = reserve(&journal, "a", &["output"]).await.unwrap();
    record(&journal, "a", &reservation).await.unwrap();
    assert!(grown().await, "signed");
    journal.close(&pending("a").id, None, None).await.unwrap();
    assert!(grown().await, "sent");
    journal.note_fate(&pending("a").id, Fate::Confirmed, false).await.unwrap();
    assert!(grown().await, "confirmed");
    connection::open(&path).unwrap().execute("delete from event", []).unwrap();
    assert_eq!(journal.sequence().await.unwrap(), last);
}

#[tokio::test]
async fn a_journal_that_takes_a_lost_ones_place_says_since_when() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    assert_eq!(journal.replaced_for().await.unwrap(), None);
    journal.note_replacement().await.unwrap();
    drop(journal);
    let later = SqliteJournal::open(&path, || 61_000).unwrap();
    assert_eq!(later.replaced_for().await.unwrap(), Some(60_000));
    assert!(!later.has_bytes(&pending("a").id).await.unwrap());
    let reservation = reserve(&later, "a", &[]).await.unwrap();
    assert!(!later.has_bytes(&pending("a").id).await.unwrap());
    record(&later, "a", &reservation).await.unwrap();
    assert!(later.has_bytes(&pending("a").id).await.unwrap());
}

#[tokio::test]
async fn what_is_put_aside_is_kept_whole() {
    let (directory, path) = place();
    assert_eq!(SqliteJournal::put_aside(&path).unwrap(), None);
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let reservation = reserve(&journal, "a", &[]).await.unwrap();
    record(&journal, "a", &reservation).await.unwrap();
    let name = journal.identity(None).await.unwrap().journal;
    drop(journal);
    let aside = SqliteJournal::put_aside(&path).unwrap().unwrap();
    assert!(!path.exists());
    let old = SqliteJournal::open(&aside, clock).unwrap();
    assert_eq!(old.identity(None).await.unwrap().journal, name);
    assert!(old.has_bytes(&pending("a").id).await.unwrap());
    // A damaged one, and a log without its journal.
    std::fs::write(&path, b"no journal").unwrap();
    let second = SqliteJournal::put_aside(&path).unwrap().unwrap();
    assert_eq!(std::fs::read(&second).unwrap(), b"no journal");
    std::fs::write(directory.path().join("journal.db-wal"), b"log").unwrap();
    assert!(SqliteJournal::put_aside(&path).unwrap().is_some());
    assert!(SqliteJournal::open(&path, clock).is_ok());
}

#[tokio::test]
async fn a_copy_of_the_file_alone_is_the_whole_journal_once_it_was_made_whole() {
    let (directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let reservation = reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a", &reservation).await.unwrap();
    journal.make_whole().await.unwrap();
    let copy = directory.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let copy = SqliteJournal::open(&copy, clock).unwrap();
    assert!(copy.has_bytes(&pending("a").id).await.unwrap());
}

/// Else an older copy would pass for the newer one by what is said about it.
#[tokio::test]
async fn what_operators_say_makes_an_older_journal_no_newer() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let seal = journal.note_opening().await.unwrap();
    let sealed = JournalSeal { sequence: seal.sequence + 1, ..seal };
    for number in 0..5 {
        let id = pending(&format!("t{number}")).id.clone();
        journal.skip(&id).await.unwrap();
        journal.retry(&id, false).await.unwrap();
        journal.cancel(&id).await.unwrap();
        journal.note_event(id.as_str(), "deleted from the API", None).await.unwrap();
    }
    assert!(matches!(judged(&journal, sealed).await, Err(SealError::Older { .. })));
}
