use super::*;

#[test]
fn an_empty_or_orphaned_journal_is_damage() {
    let (directory, path) = place();
    drop(SqliteJournal::open(&path, clock).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, b"").unwrap();
    let empty = SqliteJournal::open(&path, clock);
    assert!(matches!(empty, Err(JournalOpenError::Damaged { .. })), "{empty:?}");
    std::fs::remove_file(&path).unwrap();
    std::fs::write(directory.path().join("journal.db-wal"), b"log").unwrap();
    let orphaned = SqliteJournal::open(&path, clock);
    assert!(matches!(orphaned, Err(JournalOpenError::Damaged { .. })), "{orphaned:?}");
    assert!(!path.exists());
}

#[test]
fn another_database_or_version_is_not_taken_for_a_journal() {
    let (_directory, path) = place();
    drop(SqliteJournal::open(&path, clock).unwrap());
    let connection = connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let version = SqliteJournal::open(&path, clock);
    assert!(matches!(version, Err(JournalOpenError::Version { version: 99, .. })));
    connection.pragma_update(None, "application_id", 1).unwrap();
    assert!(matches!(SqliteJournal::open(&path, clock), Err(JournalOpenError::Damaged { .. })));
}

#[test]
fn journals_opened_at_once_are_one_journal() {
    let (directory, path) = place();
    thread::scope(|scope| {
        let openings: Vec<_> =
            (0..4).map(|_| scope.spawn(|| SqliteJournal::open(&path, clock).map(drop))).collect();
        for opening in openings {
            opening.join().unwrap().unwrap();
        }
    });
    assert!(!directory.path().join("journal.db.new").exists());
}

#[tokio::test]
async fn a_journal_of_version_1_keeps_what_it_knows() {
    let (_directory, path) = place();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../migrations/journal_1.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x744b_4d4a).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    for (id, state, raw) in [
        ("a", "closed", Some("bytes of a")),
        ("b", "signed", Some("bytes of b")),
        ("c", "refused", Some("bytes of c")),
        ("d", "reserved", None),
    ] {
        let insert = "insert into entry (id, digest, chain, network, effects, holder, state, raw)
                      values (?1, ?2, 'ETH', 'testnet', 'fee', x'00', ?3, ?4)";
        let digest = *pending(id).digest().as_bytes();
        old.execute(insert, params![id, digest, state, raw]).unwrap();
        old.execute("insert into claim values (?1, ?1)", params![id]).unwrap();
    }
    drop(old);
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let bytes = |id: &str| RawTransaction::from_text(format!("bytes of {id}"));
    let known = |entry| Recalled::Known(entry);
    assert_eq!(recall(&journal, "a").await.unwrap(), known(Entry::Sent(bytes("a"))));
    assert_eq!(recall(&journal, "b").await.unwrap(), known(Entry::Signed(bytes("b"))));
    let ended = recall(&journal, "c").await.unwrap();
    let state = kms_core::Progress::Refused;
    let reason = String::from("no reason is recorded");
    assert_eq!(ended, known(Entry::Ended { state, reason }));
    assert!(matches!(recall(&journal, "d").await, Ok(Recalled::New(_))));
    let claimed = reserve(&journal, "e", &["b"]).await;
    assert!(matches!(claimed, Err(JournalError::Claimed { .. })), "{claimed:?}");
    drop(journal);
    drop(SqliteJournal::open(&path, clock).unwrap());
}

#[tokio::test]
async fn a_journal_of_version_2_is_told_apart_and_its_reports_hold() {
    let (_directory, path) = place();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../migrations/journal_1.sql")).unwrap();
    old.execute_batch(include_str!("../../../migrations/journal_2.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x744b_4d4a).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    for (id, state, raw) in [("a", "confirmed", "bytes"), ("b", "signed", "bytes")] {
        let insert = "insert into entry (id, digest, chain, network, effects, holder, state, raw)
                      values (?1, ?2, 'ETH', 'testnet', 'fee', x'00', ?3, ?4)";
        old.execute(insert, params![id, pending(id).digest().as_bytes(), state, raw]).unwrap();
    }
    for (id, kind) in [("a", "rejected"), ("b", "parked"), ("c", "skipped"), ("d", "waiting")] {
        let insert = "insert into trial (id, digest, chain, network, kind, reason, since, updated)
                      values (?1, zeroblob(32), 'ETH', 'testnet', ?2, 'told', 1, 1)";
        old.execute(insert, params![id, kind]).unwrap();
    }
    old.execute("insert into reported values ('e', zeroblob(32))", []).unwrap();
    drop(old);
    let journal = SqliteJournal::open(&path, clock).unwrap();
    let shown = async |id: &str| {
        let filter = kms_core::Filter { id: Some(id.to_owned()), ..kms_core::Filter::default() };
        let standing = kms_core::Desk::standings(&journal, filter).await.unwrap().pop().unwrap();
        (standing.shown().as_str(), standing.next().map(|next| next.as_str()))
    };
    assert_eq!(shown("a").await, ("confirmed", None), "the attempt contradicted it");
    assert_eq!(shown("b").await, ("signed", Some("parked")));
    assert_eq!(shown("c").await, ("skipped", None));
    assert_eq!(shown("d").await, ("waiting", None));
    let reported = recall(&journal, "e").await;
    assert!(matches!(reported, Err(JournalError::Reported)), "{reported:?}");
}
