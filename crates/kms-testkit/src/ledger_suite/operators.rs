//! Tests of operators' commands: pause, resume, skip, retry, cancel.

use kms_core::{ChainId, ControlError, JournalError, Network, Progress, Scope, Stance, State};

use super::{Backend, Wish, is_new, mended, pending, recall, record, reserve, shown};

fn is_paid(told: &Result<(), ControlError>) -> bool {
    let signed = State::Progress(Progress::Signed);
    matches!(told, Err(ControlError::MayBePaid { state, .. }) if *state == signed)
}

fn needs_sign_again(told: &Result<(), ControlError>) -> bool {
    let refused = State::Progress(Progress::Refused);
    matches!(told, Err(ControlError::NeedsSignAgain { state, .. }) if *state == refused)
}

pub async fn what_is_paused_is_neither_signed_nor_sent_again(backend: &dyn Backend) {
    backend.set_time(1_000);
    let journal = backend.open();
    let receivers = ["0xAbC", "other"];
    Wish::of("a", &[]).paying(&receivers).sign(journal.as_ref()).await.unwrap();
    for (scope, stops_new) in [
        (Scope::Everything, true),
        (Scope::Chain(String::from("ETH")), true),
        (Scope::Wallet(String::from("wallet")), true),
        (Scope::Receiver(String::from("0xabc")), false),
    ] {
        assert!(journal.pause(scope.clone()).await.unwrap());
        assert!(!journal.pause(scope.clone()).await.unwrap(), "it is paused already");
        let again = backend.open();
        let told = recall(again.as_ref(), "a").await;
        assert!(matches!(told, Err(JournalError::Paused(_))), "{scope}: {told:?}");
        let paid = Wish::of("b", &[]).paying(&receivers).reserve(journal.as_ref()).await;
        assert!(matches!(paid, Err(JournalError::Paused(_))), "{scope}: {paid:?}");
        assert_eq!(reserve(journal.as_ref(), "c", &[]).await.is_err(), stops_new, "{scope}");
        assert_eq!(journal.pauses().await.unwrap(), [(scope.clone(), 1_000)]);
        assert!(journal.resume(scope.clone()).await.unwrap());
        assert!(recall(journal.as_ref(), "a").await.is_ok());
    }
    journal.pause(Scope::Chain(String::from("BTC"))).await.unwrap();
    journal.pause(Scope::Wallet(String::from("another"))).await.unwrap();
    journal.pause(Scope::Receiver(String::from("0xabcd"))).await.unwrap();
    assert!(recall(journal.as_ref(), "a").await.is_ok(), "the pauses are of others");
    Wish::of("b", &[]).paying(&receivers).reserve(journal.as_ref()).await.unwrap();
}

pub async fn what_an_operator_skips_is_left_alone_even_between_reservation_and_signature(
    backend: &dyn Backend,
) {
    let journal = backend.open();
    let id = pending("a").id.clone();
    let reservation = reserve(journal.as_ref(), "a", &[]).await.unwrap();
    journal.skip(&id).await.unwrap();
    let late = record(journal.as_ref(), "a", &reservation).await;
    assert!(matches!(late, Err(JournalError::Skipped)), "{late:?}");
    assert!(matches!(recall(journal.as_ref(), "a").await, Err(JournalError::Skipped)));
    assert!(matches!(reserve(journal.as_ref(), "a", &[]).await, Err(JournalError::Skipped)));
    assert_eq!(shown(journal.as_ref(), "a").await, "skipped");
    journal.retry(&id, false).await.unwrap();
    Wish::of("a", &[]).sign(journal.as_ref()).await.unwrap();
    let unknown = journal.retry(&pending("b").id, false).await;
    assert!(matches!(unknown, Err(ControlError::Unknown(id)) if id == "b"));
}

pub async fn only_what_cannot_be_paid_is_cancelled_or_signed_again(backend: &dyn Backend) {
    let journal = backend.open();
    let id = pending("a").id.clone();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(is_paid(&journal.cancel(&id).await));
    assert!(is_paid(&journal.retry(&id, true).await));
    assert!(journal.refuse(&pending("a"), "no funds").await.unwrap());
    assert!(needs_sign_again(&journal.retry(&id, false).await));
    journal.retry(&id, true).await.unwrap();
    assert!(is_new(&recall(journal.as_ref(), "a").await));
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    journal.cancel(&pending("b").id).await.unwrap();
    assert!(matches!(reserve(journal.as_ref(), "b", &[]).await, Err(JournalError::Skipped)));
    assert_eq!(shown(journal.as_ref(), "b").await, "cancelled");
}

pub async fn what_failed_too_often_stays_parked_until_its_content_or_an_operator_says_otherwise(
    backend: &dyn Backend,
) {
    let journal = backend.open();
    // Signed bytes: without, a parked one is reported, and an operator has to say so.
    Wish::of("a", &[]).sign(journal.as_ref()).await.unwrap();
    let (id, digest) = (pending("a").id.clone(), pending("a").digest());
    journal.note_attempt(&pending("a"), Stance::Waiting, "node down", 3).await.unwrap();
    assert_eq!(journal.tries(&id, &digest).await.unwrap(), 3);
    assert!(recall(journal.as_ref(), "a").await.is_ok());
    journal.note_attempt(&pending("a"), Stance::Parked, "node down", 20).await.unwrap();
    let parked = recall(journal.as_ref(), "a").await;
    assert!(matches!(parked, Err(JournalError::Parked(reason)) if reason == "node down"));
    assert_eq!(journal.tries(&id, &mended("a").digest()).await.unwrap(), 0);
    let reports = journal.reports_due(ChainId::new("ETH"), Network::Testnet).await.unwrap();
    assert!(reports.is_empty(), "it may be in the chain");
    journal.retry(&id, false).await.unwrap();
    assert!(recall(journal.as_ref(), "a").await.is_ok());
    let told = journal.events("a").await.unwrap();
    let told: Vec<_> = told.iter().map(|event| event.what.as_str()).collect();
    assert_eq!(told, ["signed", "waiting", "parked", "retry requested"]);
}

pub async fn a_retry_that_is_refused_takes_nothing_back(backend: &dyn Backend) {
    let journal = backend.open();
    let id = pending("a").id.clone();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    journal.skip(&id).await.unwrap();
    assert!(is_paid(&journal.retry(&id, true).await));
    assert!(matches!(recall(journal.as_ref(), "a").await, Err(JournalError::Skipped)));
    assert!(journal.refuse(&pending("a"), "no funds").await.unwrap());
    assert!(needs_sign_again(&journal.retry(&id, false).await));
    assert!(matches!(recall(journal.as_ref(), "a").await, Err(JournalError::Skipped)));
    journal.retry(&id, true).await.unwrap();
    assert!(is_new(&recall(journal.as_ref(), "a").await));
}

/// Whoever acted on a report may have paid in another way.
pub async fn what_was_reported_is_signed_only_when_an_operator_says_so(backend: &dyn Backend) {
    let (chain, network) = (ChainId::new("ETH"), Network::Testnet);
    for (name, stance) in [("rejected", Stance::Rejected), ("parked", Stance::Parked)] {
        let journal = backend.open();
        let one = pending(name);
        journal.note_attempt(&one, stance, "told", 20).await.unwrap();
        let reports = journal.reports_due(chain, network).await.unwrap();
        assert_eq!(reports.len(), 1, "{name}");
        assert_eq!((&reports[0].id, reports[0].error.as_str()), (&one.id, "told"));
        // From before the API is told, since an answer can be lost.
        for is_told in [false, true] {
            let again = journal.recall(&mended(name)).await;
            assert!(matches!(again, Err(JournalError::Reported)), "{name} {is_told}: {again:?}");
            let reserved = reserve(journal.as_ref(), name, &[]).await;
            assert!(reserved.is_err(), "{name} {is_told}");
            journal.mark_reported(&reports[0]).await.unwrap();
            assert!(journal.reports_due(chain, network).await.unwrap().is_empty());
        }
        journal.retry(&one.id, false).await.unwrap();
        assert!(is_new(&recall(journal.as_ref(), name).await));
        Wish::of(name, &[]).sign(journal.as_ref()).await.unwrap();
    }
}
