use super::*;

fn mark(id: &'static str) -> impl FnOnce(&Connection) -> Result<(), JournalError> + Send {
    move |connection| {
        let marked = connection.execute(
            "insert into report (id, digest, chain, network, error)
             values (?1, x'00', '', '', '')",
            params![id],
        );
        marked.map(|_| ()).map_err(storage)
    }
}

fn marked(connection: &Connection) -> Vec<String> {
    let mut select = connection.prepare("select id from report order by id").unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Works that are asked for at once, in one group; whether each succeeded.
fn serve_all(connection: &Connection, works: Vec<Work>) -> Vec<bool> {
    let (requests, waiting) = mpsc::channel();
    let answers: Vec<_> = works
        .into_iter()
        .map(|work| {
            let (answer, done) = oneshot::channel();
            requests.send(request(work, answer)).unwrap();
            done
        })
        .collect();
    drop(requests);
    serve(connection, "begin immediate", &waiting);
    answers.into_iter().map(|done| done.blocking_recv().unwrap().is_ok()).collect()
}

type Work = Box<dyn FnOnce(&Connection) -> Result<(), JournalError> + Send>;

#[test]
fn what_waits_is_one_commit_and_a_failure_in_it_is_its_own() {
    let (_directory, path) = place();
    drop(SqliteJournal::open(&path, clock).unwrap());
    let (own, other) = (connection::open(&path).unwrap(), connection::open(&path).unwrap());
    let fails: Work = Box::new(|connection| {
        mark("second")(connection)?;
        Err(JournalError::HeldElsewhere)
    });
    let sees_nothing: Work = Box::new(move |connection| {
        assert!(marked(&other).is_empty(), "the first was committed by itself");
        mark("third")(connection)
    });
    let told = serve_all(&own, vec![Box::new(mark("first")), fails, sees_nothing]);
    assert_eq!(told, [true, false, true]);
    assert_eq!(marked(&own), ["first", "third"]);
}

#[test]
fn a_group_that_cannot_begin_changes_nothing_and_fails_as_a_whole() {
    let (_directory, path) = place();
    drop(SqliteJournal::open(&path, clock).unwrap());
    let (own, other) = (connection::open(&path).unwrap(), connection::open(&path).unwrap());
    own.busy_timeout(std::time::Duration::from_millis(10)).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let told = serve_all(&own, vec![Box::new(mark("first")), Box::new(mark("second"))]);
    assert_eq!(told, [false, false]);
    other.execute_batch("rollback").unwrap();
    assert!(marked(&other).is_empty());
}
