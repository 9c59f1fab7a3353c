//! The word that is shown for a transaction, and found.

use kms_core::{Fate, Filter, Progress, Stance, State};

use super::{Backend, Wish, pending, shown, standing};

pub async fn a_first_sending_that_is_refused_is_shown_as_refused_and_found_by_that_word(
    backend: &dyn Backend,
) {
    let journal = backend.open();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(journal.refuse(&pending("a"), "bad signature").await.unwrap());
    journal.note_attempt(&pending("a"), Stance::Rejected, "bad signature", 1).await.unwrap();
    let standing = standing(journal.as_ref(), "a").await;
    assert_eq!(standing.shown(), State::Progress(Progress::Refused));
    assert_eq!(standing.reason(), Some("bad signature"));
    let states = vec![State::Progress(Progress::Refused)];
    let found = journal.standings(Filter { states, ..Filter::default() }).await.unwrap();
    assert_eq!(found, [standing]);
}

pub async fn what_is_found_in_the_chain_after_a_refusal_is_shown_as_confirmed(
    backend: &dyn Backend,
) {
    let journal = backend.open();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(journal.refuse(&pending("a"), "nonce too low").await.unwrap());
    journal.note_fate(&pending("a").id, Fate::Confirmed, false).await.unwrap();
    journal.note_attempt(&pending("a"), Stance::Rejected, "nonce too low", 2).await.unwrap();
    let standing = standing(journal.as_ref(), "a").await;
    assert_eq!(standing.shown(), State::Progress(Progress::Confirmed));
    assert_eq!((standing.stance, standing.reason()), (None, None));
}

pub async fn signed_bytes_are_never_shown_as_waiting_or_parked(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    for stance in [Stance::Waiting, Stance::Parked] {
        journal.note_attempt(&pending("a"), stance, "the answer was lost", 3).await.unwrap();
        assert_eq!(shown(journal.as_ref(), "a").await, "signed");
        let standing = standing(journal.as_ref(), "a").await;
        assert_eq!(standing.next(), Some(stance), "what happens next is told beside it");
    }
    journal.retry(&pending("a").id, false).await.unwrap();
    journal.close(&pending("a").id, None, None).await.unwrap();
    assert_eq!(shown(journal.as_ref(), "a").await, "sent");
}
