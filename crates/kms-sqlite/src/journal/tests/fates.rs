use super::*;

#[tokio::test]
async fn what_was_sent_is_followed_to_its_end() {
    static NOW: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let at = |time| NOW.store(time, std::sync::atomic::Ordering::Relaxed);
    let (_directory, path) = place();
    let now = || NOW.load(std::sync::atomic::Ordering::Relaxed);
    let journal = SqliteJournal::open(&path, now).unwrap();
    let (chain, network) = (ChainId::new("ETH"), Network::Testnet);
    let due = || async {
        let due = journal.due(chain, network, 10).await.unwrap();
        due.into_iter().map(|one| one.id.to_string()).collect::<Vec<_>>()
    };
    let id = |id: &str| pending(id).id.clone();
    sent(&journal, "a", "x").await;
    assert!(due().await.is_empty(), "it is too early to look");
    at(15_000);
    assert_eq!(due().await, ["a"]);
    assert!(journal.due(chain, Network::Mainnet, 10).await.unwrap().is_empty());
    journal.note_fate(&id("a"), Fate::Open, None).await.unwrap();
    assert!(due().await.is_empty());
    at(30_000);
    assert_eq!(due().await, ["a"]);
    journal.note_fate(&id("a"), Fate::Open, None).await.unwrap();
    at(59_999);
    assert!(due().await.is_empty(), "the time between looks doubles");
    at(60_000);
    assert_eq!(due().await, ["a"]);
    journal.note_fate(&id("a"), Fate::Confirmed, Some(String::from("0xdef"))).await.unwrap();
    at(u64::MAX >> 2);
    assert!(due().await.is_empty());
    let standing = standing(&journal, "a").await.unwrap();
    assert_eq!((standing.state, standing.txid.as_deref()), (State::Confirmed, Some("0xdef")));
    let entry = recall(&journal, "a").await.unwrap();
    assert!(matches!(entry, Some(Entry::Sent(_))), "the same bytes for ever");
    let taken = reserve(&journal, "b", &["x"]).await;
    assert!(matches!(taken, Err(JournalError::Claimed { .. })));
}

#[tokio::test]
async fn only_what_can_never_be_in_the_chain_makes_way_for_another() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let reason = || String::from("told");
    for (name, fate, frees, signs_again) in [
        ("failed", Fate::Failed { reason: reason() }, false, false),
        ("dropped", Fate::Dropped { reason: reason() }, true, false),
        ("expired", Fate::Expired { reason: reason() }, true, true),
    ] {
        sent(&journal, name, name).await;
        journal.note_fate(&pending(name).id, fate, None).await.unwrap();
        let entry = recall(&journal, name).await.unwrap();
        assert_eq!(entry.is_none(), signs_again, "{name}: {entry:?}");
        let other = format!("other than {name}").replace(' ', "-");
        let taken = reserve(&journal, &other, &[name]).await;
        assert_eq!(taken.is_ok(), frees, "{name}: {taken:?}");
    }
    let kept: i64 = connection::open(&path)
        .unwrap()
        .query_row("select count(*) from past where raw = 'bytes of expired'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn numbers_that_nothing_uses_are_found() {
    let (_directory, path) = place();
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let nonce = |number| vec![Claim::numbered(String::from("evm:1:0xabc"), number)];
    for (id, number) in [("a", 5), ("b", 6), ("c", 9), ("d", 10)] {
        reserve_for(&journal, id, nonce(number), &[]).await.unwrap();
        record(&journal, id).await.unwrap();
    }
    let gap = |first, last, waiting: &str| kms_core::Gap {
        account: String::from("evm:1:0xabc"),
        first,
        last,
        waiting: waiting.to_owned(),
    };
    assert_eq!(journal.gaps().await.unwrap(), [gap(7, 8, "c")]);
    reserve_for(&journal, "e", nonce(7), &[]).await.unwrap();
    assert_eq!(journal.gaps().await.unwrap(), [gap(7, 8, "c")], "a reservation fills no gap");
    record(&journal, "e").await.unwrap();
    assert_eq!(journal.gaps().await.unwrap(), [gap(8, 8, "c")]);
    journal.close(&pending("c").id.clone(), None).await.unwrap();
    journal.note_fate(&pending("c").id.clone(), Fate::Confirmed, None).await.unwrap();
    assert!(journal.gaps().await.unwrap().is_empty(), "the chain went past it");
}
