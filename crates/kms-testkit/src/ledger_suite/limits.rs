//! Tests of limits that depend on other transactions.

use kms_core::{Duplicates, JournalError, Limits};

use super::{Backend, Wish, pending};

pub async fn a_fee_far_above_the_usual_one_is_held(backend: &dyn Backend) {
    let journal = backend.open();
    let limits = Limits { fee_multiple: Some(100), duplicates: Duplicates::Ignored };
    let paying = |id: &str, fee| Wish { fee, limits, ..Wish::of(id, &[id]) };
    for (number, fee) in [7, 9, 8, 10, 9].into_iter().enumerate() {
        let wish = paying(&format!("usual-{number}"), fee);
        wish.send(journal.as_ref()).await.unwrap();
    }
    paying("dear", 900).send(journal.as_ref()).await.unwrap();
    let held = paying("absurd", 901).reserve(journal.as_ref()).await;
    match held {
        Err(JournalError::UnusualFee { fee, usual, multiple: 100 }) => {
            assert_eq!((fee.as_str(), usual.as_str()), ("901", "9"));
        }
        other => panic!("{other:?}"),
    }
    assert!(paying("absurd", 901).ask(journal.as_ref()).await.is_err());
    journal.skip(&pending("absurd").id).await.unwrap();
    journal.retry(&pending("absurd").id, false).await.unwrap();
    paying("absurd", 901).sign(journal.as_ref()).await.unwrap();
}

pub async fn the_same_payment_under_another_id_is_told_or_held(backend: &dyn Backend) {
    backend.set_time(1_000_000);
    let journal = backend.open();
    let paying = |id: &str, to, duplicates| {
        let limits = Limits { fee_multiple: None, duplicates };
        Wish { limits, ..Wish::of(id, &[id]) }.paying(&[to])
    };
    paying("a", "0xabc", Duplicates::Told(60_000)).send(journal.as_ref()).await.unwrap();
    let other = paying("b", "0xdef", Duplicates::Held(60_000)).reserve(journal.as_ref()).await;
    assert_eq!(other.unwrap().duplicate_of, None, "another receiver");
    let told = paying("c", "0xabc", Duplicates::Told(60_000)).reserve(journal.as_ref()).await;
    assert_eq!(told.unwrap().duplicate_of.as_deref(), Some("a"));
    journal.skip(&pending("c").id).await.unwrap();
    backend.set_time(1_061_000);
    let held = paying("d", "0xabc", Duplicates::Held(61_000)).reserve(journal.as_ref()).await;
    assert!(matches!(&held, Err(JournalError::Duplicate { .. })), "{held:?}");
    let late = paying("e", "0xabc", Duplicates::Held(60_999)).reserve(journal.as_ref()).await;
    assert!(late.is_ok(), "the window is over: {late:?}");
    journal.retry(&pending("d").id, false).await.unwrap_err();
}
