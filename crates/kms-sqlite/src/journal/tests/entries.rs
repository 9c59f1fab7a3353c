use super::*;

#[tokio::test]
async fn a_claim_listed_twice_does_not_free_the_others() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &["x", "y", "y", "z"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    for claim in ["x", "y", "z"] {
        match reserve(&journal, "b", &[claim]).await {
            Err(JournalError::Claimed { claim: named, holder }) => {
                assert_eq!((named.as_str(), holder.as_str()), (claim, "a"));
            }
            other => panic!("{claim}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_refused_reservation_changes_nothing() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    assert!(reserve(&journal, "b", &["w", "x"]).await.is_err());
    reserve(&journal, "c", &["w"]).await.unwrap();
    assert!(matches!(record(&journal, "b").await, Err(JournalError::HeldElsewhere)));
    record(&journal, "c").await.unwrap();
}

#[tokio::test]
async fn what_another_process_took_over_is_not_recorded_here() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &["x"]).await.unwrap();
    give_away(&path, "a");
    assert!(matches!(record(&journal, "a").await, Err(JournalError::HeldElsewhere)));
    assert_eq!(journal.recall(&pending("a"), &pending("a").digest()).await.unwrap(), None);
    reserve(&journal, "a", &["x"]).await.unwrap();
    record(&journal, "a").await.unwrap();
    assert!(matches!(record(&journal, "a").await, Err(JournalError::HeldElsewhere)));
    assert!(matches!(reserve(&journal, "a", &[]).await, Err(JournalError::HeldElsewhere)));
}

#[tokio::test]
async fn claims_of_a_crashed_process_are_taken_over_and_refused_ones_are_free() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &["x"]).await.unwrap();
    give_away(&path, "a");
    reserve(&journal, "b", &["x"]).await.unwrap();
    record(&journal, "b").await.unwrap();
    let id = pending("b").id.clone();
    journal.refuse(&id, "no funds").await.unwrap();
    reserve(&journal, "c", &["x"]).await.unwrap();
    record(&journal, "c").await.unwrap();
    journal.close(&id, None).await.unwrap();
    let entry = journal.recall(&pending("b"), &pending("b").digest()).await.unwrap();
    let refused = Entry::Ended { state: State::Refused, reason: String::from("no funds") };
    assert_eq!(entry, Some(refused), "its claim is another's by now");
}

#[tokio::test]
async fn other_content_under_a_signed_id_is_refused() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    reserve(&journal, "a", &[]).await.unwrap();
    let (id, other) = (pending("a").id.clone(), ContentDigest::from_bytes([7; 32]));
    assert_eq!(journal.recall(&pending("a"), &other).await.unwrap(), None, "nothing is signed yet");
    record(&journal, "a").await.unwrap();
    assert!(matches!(journal.recall(&pending("a"), &other).await, Err(JournalError::OtherContent)));
    journal.close(&id, None).await.unwrap();
    let entry = journal.recall(&pending("a"), &pending("a").digest()).await.unwrap();
    let raw = RawTransaction::from_text(String::from("bytes of a"));
    assert_eq!(entry, Some(Entry::Sent(raw)), "a closed one gives the same bytes");
}

#[tokio::test]
async fn all_that_ask_at_once_get_what_they_asked_for() {
    const REQUESTS: usize = 300;
    let (_directory, path) = place();
    let journal = std::sync::Arc::new(SqliteJournal::open(&path, clock).unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..REQUESTS {
        let journal = std::sync::Arc::clone(&journal);
        tasks.spawn(async move {
            let id = format!("t{number}");
            reserve(&journal, &id, &[&id]).await?;
            record(&journal, &id).await
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
    drop(journal);
    let journal = SqliteJournal::open(&path, clock).unwrap();
    for number in 0..REQUESTS {
        let pending = pending(&format!("t{number}"));
        let entry = journal.recall(&pending, &pending.digest()).await.unwrap();
        assert!(matches!(entry, Some(Entry::Signed(_))), "{number}");
    }
}
