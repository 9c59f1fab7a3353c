//! Following what was sent, and what is owed to the API.

use kms_core::{ChainId, Claim, Entry, Fate, Gap, JournalError, Network, Owed, Recalled, Stance};

use super::{
    Backend, Wish, bytes, due, is_new, known, pending, recall, record, reserve, shown, standing,
};

pub async fn what_was_sent_is_followed_to_its_end(backend: &dyn Backend) {
    backend.set_time(0);
    let journal = backend.open();
    let id = pending("a").id.clone();
    Wish::of("a", &["x"]).send(journal.as_ref()).await.unwrap();
    assert!(due(journal.as_ref()).await.is_empty(), "it is too early to look");
    backend.set_time(15_000);
    assert_eq!(due(journal.as_ref()).await, ["a"]);
    assert!(journal.due(ChainId::new("ETH"), Network::Mainnet, 10).await.unwrap().is_empty());
    journal.note_fate(&id, Fate::Open, false).await.unwrap();
    assert!(due(journal.as_ref()).await.is_empty());
    backend.set_time(30_000);
    assert_eq!(due(journal.as_ref()).await, ["a"]);
    journal.note_fate(&id, Fate::Open, false).await.unwrap();
    backend.set_time(59_999);
    assert!(due(journal.as_ref()).await.is_empty(), "the time between looks doubles");
    backend.set_time(60_000);
    assert_eq!(due(journal.as_ref()).await, ["a"]);
    let owed = journal.note_fate(&id, Fate::Confirmed, false).await.unwrap();
    assert_eq!(owed, None, "the API knows");
    backend.set_time(u64::MAX >> 2);
    assert!(due(journal.as_ref()).await.is_empty());
    let standing = standing(journal.as_ref(), "a").await;
    assert_eq!((standing.shown().as_str(), standing.txid.as_deref()), ("confirmed", Some("0xa")));
    let entry = recall(journal.as_ref(), "a").await.unwrap();
    assert_eq!(entry, known(Entry::Sent(bytes("a"))), "the same bytes for ever");
    let taken = reserve(journal.as_ref(), "b", &["x"]).await;
    assert!(matches!(taken, Err(JournalError::Claimed { .. })));
}

pub async fn only_what_can_never_be_in_the_chain_makes_way_for_another(backend: &dyn Backend) {
    let journal = backend.open();
    let reason = || String::from("told");
    for (name, fate, frees, signs_again) in [
        ("failed", Fate::Failed { reason: reason() }, false, false),
        ("dropped", Fate::Dropped { reason: reason() }, true, true),
        ("expired", Fate::Expired { reason: reason() }, true, true),
    ] {
        Wish::of(name, &[name]).send(journal.as_ref()).await.unwrap();
        journal.note_fate(&pending(name).id, fate, false).await.unwrap();
        assert_eq!(shown(journal.as_ref(), name).await, name);
        journal.note_told(&pending(name).id, "told").await.unwrap();
        let recalled = recall(journal.as_ref(), name).await;
        assert_eq!(is_new(&recalled), signs_again, "{name}: {recalled:?}");
        if let Ok(Recalled::New(attempt)) = recalled {
            assert_eq!((attempt.number, attempt.former.len()), (2, 1), "{name}");
            assert_eq!(attempt.former[0], format!("0x{name}"));
            assert_eq!(attempt.is_by_itself, name == "expired", "{name}: who says so");
        }
        let taken = reserve(journal.as_ref(), &format!("other-{name}"), &[name]).await;
        assert_eq!(taken.is_ok(), frees, "{name}: {taken:?}");
    }
}

/// A number that the payload fixes is gone for good.
pub async fn a_dropped_payment_takes_another_number_but_never_the_same(backend: &dyn Backend) {
    let journal = backend.open();
    Wish::of("a", &["x"]).send(journal.as_ref()).await.unwrap();
    let dropped = Fate::Dropped { reason: String::from("told") };
    journal.note_fate(&pending("a").id, dropped, false).await.unwrap();
    journal.note_told(&pending("a").id, "told").await.unwrap();
    let same = reserve(journal.as_ref(), "a", &["x"]).await;
    assert!(matches!(same, Err(JournalError::UsedUp { claim }) if claim == "test:x"));
    Wish::of("a", &["y"]).sign(journal.as_ref()).await.unwrap();
    assert_eq!(standing(journal.as_ref(), "a").await.attempt, 2);
}

pub async fn numbers_that_nothing_uses_are_found(backend: &dyn Backend) {
    let journal = backend.open();
    let nonce = |number| {
        vec![Claim::Nonce { scope: String::from("evm:1"), account: String::from("0xabc"), number }]
    };
    for (id, number) in [("a", 5), ("b", 6), ("c", 9), ("d", 10)] {
        let wish = Wish { claims: nonce(number), ..Wish::of(id, &[]) };
        wish.sign(journal.as_ref()).await.unwrap();
    }
    let gap = |first_missing, last_missing, blocked: &str| Gap {
        account: String::from("evm:1:0xabc"),
        first_missing,
        last_missing,
        blocked: blocked.to_owned(),
    };
    assert_eq!(journal.gaps().await.unwrap(), [gap(7, 8, "c")]);
    let filling = Wish { claims: nonce(7), ..Wish::of("e", &[]) };
    let reservation = filling.reserve(journal.as_ref()).await.unwrap();
    assert_eq!(journal.gaps().await.unwrap(), [gap(7, 8, "c")], "a reservation fills no gap");
    record(journal.as_ref(), "e", &reservation).await.unwrap();
    assert_eq!(journal.gaps().await.unwrap(), [gap(8, 8, "c")]);
    journal.close(&pending("c").id, None, None).await.unwrap();
    journal.note_fate(&pending("c").id, Fate::Confirmed, false).await.unwrap();
    assert!(journal.gaps().await.unwrap().is_empty(), "the chain went past it");
}

pub async fn the_api_is_owed_the_truth_until_it_has_it(backend: &dyn Backend) {
    backend.set_time(0);
    let journal = backend.open();
    let id = |name: &str| pending(name).id.clone();
    Wish::of("refused", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(journal.refuse(&pending("refused"), "told").await.unwrap());
    let owed = journal.note_fate(&id("refused"), Fate::Confirmed, false).await.unwrap();
    assert_eq!(owed, Some(Owed::Completed), "it was told that it failed");
    assert_eq!(due(journal.as_ref()).await, ["refused"]);
    for pause in [15_000, 30_000, 60_000] {
        journal.note_not_told(&id("refused")).await.unwrap();
        assert!(due(journal.as_ref()).await.is_empty(), "not at once");
        let now = standing(journal.as_ref(), "refused").await.updated;
        assert_eq!(now, 0, "a call in vain is no change of the transaction");
        backend.set_time(pause * 2);
        let again = backend.open();
        assert_eq!(due(again.as_ref()).await, ["refused"], "for ever, after a restart too");
    }
    journal.note_told(&id("refused"), "told").await.unwrap();
    assert!(due(journal.as_ref()).await.is_empty());
    Wish::of("reverted", &["y"]).send(journal.as_ref()).await.unwrap();
    let failed = Fate::Failed { reason: String::from("out of gas") };
    let owed = journal.note_fate(&id("reverted"), failed, false).await.unwrap();
    assert_eq!(owed, Some(Owed::Failed), "it holds it for done");
    let followed = journal.followed(&id("reverted")).await.unwrap().unwrap();
    journal.note_failed(&followed, "out of gas").await.unwrap();
    assert_eq!(standing(journal.as_ref(), "reverted").await.owed, None);
    let reports = journal.reports_due(ChainId::new("ETH"), Network::Testnet).await.unwrap();
    let reports: Vec<_> = reports.iter().map(|one| (one.id.as_str(), one.error.as_str())).collect();
    assert_eq!(reports, [("reverted", "out of gas")], "what is in the chain did not fail");
}

pub async fn a_report_that_is_on_its_way_when_the_payment_shows_up_is_corrected(
    backend: &dyn Backend,
) {
    backend.set_time(0);
    let journal = backend.open();
    let id = pending("a").id.clone();
    Wish::of("a", &["x"]).sign(journal.as_ref()).await.unwrap();
    assert!(journal.refuse(&pending("a"), "told").await.unwrap());
    let reports = journal.reports_due(ChainId::new("ETH"), Network::Testnet).await.unwrap();
    journal.note_fate(&id, Fate::Confirmed, false).await.unwrap();
    journal.note_told(&id, "it holds it for done").await.unwrap();
    assert!(due(journal.as_ref()).await.is_empty());
    journal.mark_reported(&reports[0]).await.unwrap();
    assert_eq!(standing(journal.as_ref(), "a").await.owed, Some(Owed::Completed));
    assert_eq!(due(journal.as_ref()).await, ["a"], "at once");
}

pub async fn nothing_is_signed_anew_before_the_api_knows_what_came_of_the_first(
    backend: &dyn Backend,
) {
    let journal = backend.open();
    let id = pending("a").id.clone();
    Wish::of("a", &["x"]).send(journal.as_ref()).await.unwrap();
    let dropped = Fate::Dropped { reason: String::from("told") };
    let owed = journal.note_fate(&id, dropped, false).await.unwrap();
    assert_eq!(owed, Some(Owed::Failed), "it may hold it for done and offer it no more");
    let recalled = recall(journal.as_ref(), "a").await;
    assert!(matches!(recalled, Err(JournalError::Untold)), "{recalled:?}");
    let reserved = reserve(journal.as_ref(), "a", &["y"]).await;
    assert!(matches!(reserved, Err(JournalError::Untold)), "{reserved:?}");
    let before = journal.followed(&id).await.unwrap().unwrap();
    journal.note_told(&id, "it does not hold it for done").await.unwrap();
    Wish::of("a", &["y"]).sign(journal.as_ref()).await.unwrap();
    // A look-up from before that comes too late.
    journal.note_failed(&before, "dropped").await.unwrap();
    let reports = journal.reports_due(ChainId::new("ETH"), Network::Testnet).await.unwrap();
    assert_eq!(reports, [], "other bytes are on their way");
}

pub async fn what_was_given_up_meanwhile_gets_no_bytes(backend: &dyn Backend) {
    let journal = backend.open();
    let reservation = reserve(journal.as_ref(), "a", &["x"]).await.unwrap();
    journal.note_attempt(&pending("a"), Stance::Parked, "node down", 20).await.unwrap();
    let recorded = record(journal.as_ref(), "a", &reservation).await;
    assert!(matches!(recorded, Err(JournalError::Reported)), "{recorded:?}");
    journal.retry(&pending("a").id, false).await.unwrap();
    record(journal.as_ref(), "a", &reservation).await.unwrap();
}

/// Two ids of the same content have the same bytes when the first one's number is free again.
pub async fn one_transaction_of_the_chain_pays_one_id(backend: &dyn Backend) {
    let journal = backend.open();
    let raw = bytes("both");
    for id in ["first", "second"] {
        let reservation = reserve(journal.as_ref(), id, &["x"]).await.unwrap();
        let bytes = kms_core::Bytes { raw: &raw, txid: Some("0xboth"), first_slot: None };
        journal.record(&pending(id).id, &reservation, bytes).await.unwrap();
        if id == "first" {
            assert!(journal.refuse(&pending(id), "told").await.unwrap());
        }
    }
    journal.close(&pending("second").id, None, None).await.unwrap();
    for (id, word) in [("first", "refused"), ("second", "confirmed")] {
        let owed = journal.note_fate(&pending(id).id, Fate::Confirmed, false).await.unwrap();
        assert_eq!((owed, shown(journal.as_ref(), id).await), (None, word));
    }
}
