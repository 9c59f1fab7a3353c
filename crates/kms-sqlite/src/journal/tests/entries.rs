use super::*;

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
            let reservation = reserve(&journal, &id, &[&id]).await?;
            record(&journal, &id, &reservation).await
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap().unwrap();
    }
    drop(journal);
    let journal = SqliteJournal::open(&path, clock).unwrap();
    for number in 0..REQUESTS {
        let entry = recall(&journal, &format!("t{number}")).await.unwrap();
        assert!(matches!(entry, Recalled::Known(Entry::Signed(_))), "{number}");
    }
}
