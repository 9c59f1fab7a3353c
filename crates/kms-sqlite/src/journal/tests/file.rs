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
        old.execute("insert into claim values ('test:' || ?1, ?1)", params![id]).unwrap();
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

/// XRP and Stellar accounts are the same on both networks; their numbers are not.
#[tokio::test]
async fn numbers_of_an_account_get_their_network() {
    let (_directory, path) = place();
    let old = rusqlite::Connection::open(&path).unwrap();
    for migration in [
        include_str!("../../../migrations/journal_1.sql"),
        include_str!("../../../migrations/journal_2.sql"),
        include_str!("../../../migrations/journal_3.sql"),
        include_str!("../../../migrations/journal_4.sql"),
    ] {
        old.execute_batch(migration).unwrap();
    }
    old.pragma_update(None, "application_id", 0x744b_4d4a).unwrap();
    old.pragma_update(None, "user_version", 4).unwrap();
    let claims = [
        ("a", "XRP", "mainnet", "xrp:rA:5", Some(("xrp:rA", 5))),
        ("b", "XRP", "testnet", "xrp:rA:ticket 6", None),
        ("c", "XLM", "testnet", "xlm:GA:7", Some(("xlm:GA", 7))),
        ("d", "XLM", "mainnet", "xlm:fee bump:00ff", None),
        ("e", "ETH", "mainnet", "evm:1:0xab:8", Some(("evm:1:0xab", 8))),
    ];
    for (id, chain, network, what, number) in claims {
        let insert = "insert into entry (id, digest, chain, network, effects, holder, state, raw)
                      values (?1, zeroblob(32), ?2, ?3, 'fee', x'00', 'sent', 'bytes')";
        old.execute(insert, params![id, chain, network]).unwrap();
        let (account, number) = number.unzip();
        let insert = "insert into claim (what, id, account, number) values (?1, ?2, ?3, ?4)";
        old.execute(insert, params![what, id, account, number]).unwrap();
        let insert =
            "insert into superseded (id, raw, reason, at, claims) values (?1, 'bytes', '', 1, ?2)";
        old.execute(insert, params![id, what]).unwrap();
    }
    drop(old);
    drop(SqliteJournal::open(&path, clock).unwrap());
    let read = |sql: &str| -> Vec<(String, Option<String>)> {
        let journal = rusqlite::Connection::open(&path).unwrap();
        let mut select = journal.prepare(sql).unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let expected = [
        ("xrp:mainnet:rA:5", Some("xrp:mainnet:rA")),
        ("xrp:testnet:rA:ticket 6", None),
        ("xlm:testnet:GA:7", Some("xlm:testnet:GA")),
        ("xlm:fee bump:00ff", None),
        ("evm:1:0xab:8", Some("evm:1:0xab")),
    ];
    let texts =
        |(what, account): &(&str, Option<&str>)| ((*what).to_owned(), account.map(str::to_owned));
    let found = read("select what, account from claim order by id");
    assert_eq!(found, expected.iter().map(texts).collect::<Vec<_>>());
    let superseded = read("select claims, null from superseded order by id");
    let superseded: Vec<_> = superseded.iter().map(|(claims, _)| claims.as_str()).collect();
    assert_eq!(superseded, expected.map(|(what, _)| what));
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
