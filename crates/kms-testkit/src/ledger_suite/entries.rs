//! Tests of signed bytes and their claims.

use kms_core::{Entry, JournalError, Scope};

use super::{Backend, Wish, bytes, is_new, known, mended, pending, recall, record, reserve};

pub async fn a_claim_listed_twice_does_not_free_the_others(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x", "y", "y", "z"]).sign(journal.as_ref()).await.unwrap();
    for claim in ["x", "y", "z"] {
        match reserve(journal.as_ref(), "b", &[claim]).await {
            Err(JournalError::Claimed { claim: named, holder }) => {
                let key = format!("test:{claim}");
                assert_eq!((named, holder.as_str()), (key, "a"));
            }
            other => panic!("{claim}: {other:?}"),
        }
    }
}

pub async fn a_refused_reservation_changes_nothing(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(reserve(journal.as_ref(), "b", &["w", "x"]).await.is_err());
    Wish::of("c", &["w"]).sign(journal.as_ref()).await.unwrap();
}

/// Each reservation has a token of its own, in one process as in several.
pub async fn of_two_reservations_of_one_id_the_last_one_records(backend: &dyn Backend) {
    let (journal, other) = (backend.open(), backend.open());
    let first = reserve(journal.as_ref(), "a", &["x"]).await.unwrap();
    let second = reserve(other.as_ref(), "a", &["y"]).await.unwrap();
    let late = record(journal.as_ref(), "a", &first).await;
    assert!(matches!(late, Err(JournalError::HeldElsewhere)));
    assert!(is_new(&recall(journal.as_ref(), "a").await));
    record(other.as_ref(), "a", &second).await.unwrap();
    let twice = record(other.as_ref(), "a", &second).await;
    assert!(matches!(twice, Err(JournalError::HeldElsewhere)));
    let again = reserve(journal.as_ref(), "a", &[]).await;
    assert!(matches!(again, Err(JournalError::HeldElsewhere)));
    let free = reserve(journal.as_ref(), "b", &["x"]).await;
    assert!(free.is_ok(), "the claims are those of the bytes: {free:?}");
}

pub async fn claims_without_bytes_are_taken_over_and_refused_ones_are_free(backend: &dyn Backend) {
    let journal = backend.open();
    let lost = reserve(journal.as_ref(), "a", &["x"]).await.unwrap();
    Wish::of("b", &["x"]).sign(journal.as_ref()).await.unwrap();
    let late = record(journal.as_ref(), "a", &lost).await;
    assert!(matches!(late, Err(JournalError::HeldElsewhere)));
    assert!(journal.refuse(&pending("b"), "no funds").await.unwrap());
    Wish::of("c", &["x"]).sign(journal.as_ref()).await.unwrap();
    journal.close(&pending("b").id, None, None).await.unwrap();
    let told = recall(journal.as_ref(), "b").await;
    assert!(matches!(told, Err(JournalError::Reported)), "its claim is another's by now: {told:?}");
}

pub async fn other_content_under_a_signed_id_is_refused(backend: &dyn Backend) {
    let journal = backend.open();
    let reservation = reserve(journal.as_ref(), "a", &[]).await.unwrap();
    assert!(is_new(&journal.recall(&mended("a")).await), "nothing is signed yet");
    record(journal.as_ref(), "a", &reservation).await.unwrap();
    let other = journal.recall(&mended("a")).await;
    assert!(matches!(other, Err(JournalError::OtherContent)), "{other:?}");
    assert_eq!(recall(journal.as_ref(), "a").await.unwrap(), known(Entry::Signed(bytes("a"))));
    journal.close(&pending("a").id, None, None).await.unwrap();
    let entry = recall(journal.as_ref(), "a").await.unwrap();
    assert_eq!(entry, known(Entry::Sent(bytes("a"))), "a closed one gives the same bytes");
}

pub async fn other_content_is_held_once_an_approver_was_asked(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x"]).ask(journal.as_ref()).await.unwrap();
    Wish::of("a", &["x"]).ask(journal.as_ref()).await.unwrap();
    let other = journal.recall(&mended("a")).await;
    assert!(matches!(other, Err(JournalError::OtherContent)), "{other:?}");
    let wish = Wish { pending: mended("a"), ..Wish::of("a", &["x"]) };
    assert!(matches!(wish.ask(journal.as_ref()).await, Err(JournalError::OtherContent)));
    let reserved = wish.reserve(journal.as_ref()).await;
    assert!(matches!(reserved, Err(JournalError::OtherContent)), "{reserved:?}");
    assert!(is_new(&recall(journal.as_ref(), "a").await));
    journal.retry(&pending("a").id, false).await.unwrap();
    assert!(is_new(&journal.recall(&mended("a")).await), "an operator took the new content");
    wish.sign(journal.as_ref()).await.unwrap();
}

pub async fn what_could_not_be_signed_is_not_asked_about(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    let taken = Wish::of("b", &["x"]).ask(journal.as_ref()).await;
    assert!(matches!(taken, Err(JournalError::Claimed { .. })), "{taken:?}");
    journal.pause(Scope::Receiver(String::from("0xABC"))).await.unwrap();
    let paused = Wish::of("c", &["y"]).paying(&["0xabc"]).ask(journal.as_ref()).await;
    assert!(matches!(paused, Err(JournalError::Paused(_))), "{paused:?}");
    assert!(is_new(&journal.recall(&mended("c")).await), "nobody was asked about it");
}
