use super::*;

#[tokio::test]
async fn what_is_paused_is_neither_signed_nor_sent_again() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let receivers = ["0xAbC", "other"];
    reserve_for(&journal, "a", Vec::new(), &receivers).await.unwrap();
    record(&journal, "a").await.unwrap();
    for (scope, stops_new) in [
        (Scope::Everything, true),
        (Scope::Chain(String::from("ETH")), true),
        (Scope::Wallet(String::from("wallet")), true),
        (Scope::Receiver(String::from("0xabc")), false),
    ] {
        assert!(journal.pause(scope.clone()).await.unwrap());
        assert!(!journal.pause(scope.clone()).await.unwrap(), "it is paused already");
        let again = SqliteJournal::open(&path, clock).unwrap();
        let told = recall(&again, "a").await;
        assert!(matches!(told, Err(JournalError::Paused(_))), "{scope}: {told:?}");
        let paid = reserve_for(&journal, "b", Vec::new(), &receivers).await;
        assert!(matches!(paid, Err(JournalError::Paused(_))), "{scope}: {paid:?}");
        assert_eq!(reserve(&journal, "c", &[]).await.is_err(), stops_new, "{scope}");
        assert_eq!(journal.pauses().await.unwrap(), [(scope.clone(), 1_000)]);
        assert!(journal.resume(scope.clone()).await.unwrap());
        assert!(recall(&journal, "a").await.unwrap().is_some());
    }
    journal.pause(Scope::Chain(String::from("BTC"))).await.unwrap();
    journal.pause(Scope::Wallet(String::from("another"))).await.unwrap();
    journal.pause(Scope::Receiver(String::from("0xabcd"))).await.unwrap();
    assert!(recall(&journal, "a").await.unwrap().is_some(), "the pauses are of others");
    reserve_for(&journal, "b", Vec::new(), &receivers).await.unwrap();
}

/// An escrow, a check, a contract: what is not a payment names who gets something by it.
#[tokio::test]
async fn a_pause_of_a_receiver_stops_what_is_not_explained_too() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let pending = pending("a");
    let mut effects = no_effects(&pending);
    let escrow = Unexplained::new("EscrowCreate").for_receiver("rEscrowed");
    effects.add_unexplained(escrow.by_contract("rIssuer"));
    let digest = pending.digest();
    for (paused, stops) in [("rEscrowed", true), ("rIssuer", true), ("EscrowCreate", false)] {
        let scope = Scope::Receiver(String::from(paused));
        journal.pause(scope.clone()).await.unwrap();
        let intent = Intent { pending: &pending, digest: &digest, effects: &effects, claims: &[] };
        assert_eq!(journal.reserve(intent).await.is_err(), stops, "{paused}");
        journal.resume(scope).await.unwrap();
    }
}

#[tokio::test]
async fn what_an_operator_skips_is_left_alone_even_between_reservation_and_signature() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &[]).await.unwrap();
    journal.skip(&pending("a").id).await.unwrap();
    assert!(matches!(record(&journal, "a").await, Err(JournalError::Skipped)));
    assert!(matches!(recall(&journal, "a").await, Err(JournalError::Skipped)));
    assert!(matches!(reserve(&journal, "a", &[]).await, Err(JournalError::Skipped)));
    assert_eq!(state(&journal, "a").await, Some(State::Skipped));
    journal.retry(&pending("a").id, false).await.unwrap();
    reserve(&journal, "a", &[]).await.unwrap();
    record(&journal, "a").await.unwrap();
    let unknown = journal.retry(&pending("b").id, false).await;
    assert!(matches!(unknown, Err(ControlError::Unknown(id)) if id == "b"));
}

#[tokio::test]
async fn only_what_cannot_be_paid_is_cancelled_or_signed_again() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    let id = pending("a").id.clone();
    let refused = journal.cancel(&id).await;
    assert!(matches!(refused, Err(ControlError::MayBePaid { state: State::Signed, .. })));
    let refused = journal.retry(&id, true).await;
    assert!(matches!(refused, Err(ControlError::MayBePaid { state: State::Signed, .. })));
    journal.refuse(&id, "no funds").await.unwrap();
    let unsaid = journal.retry(&id, false).await;
    assert!(matches!(unsaid, Err(ControlError::NeedsSignAgain { state: State::Refused, .. })));
    journal.retry(&id, true).await.unwrap();
    assert_eq!(recall(&journal, "a").await.unwrap(), None);
    reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    journal.cancel(&pending("b").id).await.unwrap();
    assert!(matches!(reserve(&journal, "b", &[]).await, Err(JournalError::Skipped)));
    assert_eq!(state(&journal, "b").await, Some(State::Cancelled));
}

#[tokio::test]
async fn what_failed_too_often_stays_parked_until_its_content_or_an_operator_says_otherwise() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let (id, digest) = (pending("a").id.clone(), pending("a").digest());
    journal.note_trial(&pending("a"), TrialKind::Waiting, "node down", 3).await.unwrap();
    assert_eq!(journal.tries(&id, &digest).await.unwrap(), 3);
    assert_eq!(recall(&journal, "a").await.unwrap(), None);
    journal.note_trial(&pending("a"), TrialKind::Parked, "node down", 20).await.unwrap();
    let parked = recall(&journal, "a").await;
    assert!(matches!(parked, Err(JournalError::Parked(reason)) if reason == "node down"));
    let other = Pending::new(kms_core::PendingRequest {
        payload: String::from("mended"),
        ..kms_core::PendingRequest::clone(&pending("a"))
    });
    assert_eq!(journal.recall(&other, &other.digest()).await.unwrap(), None);
    assert_eq!(journal.tries(&id, &other.digest()).await.unwrap(), 0);
    journal.retry(&id, false).await.unwrap();
    assert_eq!(recall(&journal, "a").await.unwrap(), None);
    let told: Vec<_> = journal.events("a").await.unwrap();
    let told: Vec<_> = told.iter().map(|event| event.what.as_str()).collect();
    assert_eq!(told, ["waiting", "parked", "to be tried again"]);
}

#[tokio::test]
async fn a_retry_that_is_refused_takes_nothing_back() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let id = pending("a").id.clone();
    reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    journal.skip(&id).await.unwrap();
    let refused = journal.retry(&id, true).await;
    assert!(matches!(refused, Err(ControlError::MayBePaid { state: State::Signed, .. })));
    assert!(matches!(recall(&journal, "a").await, Err(JournalError::Skipped)));
    journal.refuse(&id, "no funds").await.unwrap();
    let refused = journal.retry(&id, false).await;
    assert!(matches!(refused, Err(ControlError::NeedsSignAgain { state: State::Refused, .. })));
    assert!(matches!(recall(&journal, "a").await, Err(JournalError::Skipped)));
    journal.retry(&id, true).await.unwrap();
    assert_eq!(recall(&journal, "a").await.unwrap(), None);
}
