//! The journal: a thread that owns the file and commits what waits in groups.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{OnceLock, mpsc},
    thread,
};

use async_trait::async_trait;
use kms_core::{
    ContentDigest, Entry, Intent, Journal, JournalError, RawTransaction, TransactionId,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use thiserror::Error;
use tokio::sync::oneshot;

use crate::connection;

const APPLICATION_ID: i32 = 0x744b_4d4a; // "tKMJ"
const SCHEMA_VERSION: i32 = 1;
const SCHEMA: &str = include_str!("../migrations/journal_1.sql");
/// Requests that share one commit, at most.
const GROUP_MAX: usize = 1024;

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalOpenError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error(
        "{} is damaged ({reason}); do not delete it: it keeps payments from being made twice. \
         Restore it from a backup, or move it away only when nothing is pending",
        path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error("{} is of version {version}, which this program does not read; update it", path.display())]
    Version { path: PathBuf, version: i32 },
}

/// The journal in a SQLite file. Several processes may share it.
#[derive(Debug)]
pub struct SqliteJournal {
    requests: mpsc::Sender<Request>,
}

type Work = Box<dyn FnOnce(&Connection) -> Result<Done, JournalError> + Send>;

struct Request {
    work: Work,
    answer: oneshot::Sender<Result<Done, JournalError>>,
}

/// What a piece of work found.
enum Done {
    Nothing,
    Entry(Option<Entry>),
    Yes(bool),
}

impl SqliteJournal {
    /// Opens the journal, or makes one.
    ///
    /// # Errors
    /// When the file is damaged, of another version or cannot be written. A damaged one is never
    /// replaced: without it, payments might be made twice.
    pub fn open(path: &Path) -> Result<Self, JournalOpenError> {
        let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
        if !path.exists() {
            create(path)?;
        }
        connection::restrict(path).map_err(io)?;
        let connection = prepare(path)?;
        let (requests, waiting) = mpsc::channel();
        thread::Builder::new()
            .name(String::from("journal"))
            .spawn(move || serve(&connection, &waiting))
            .map_err(io)?;
        Ok(Self { requests })
    }

    async fn ask(
        &self,
        work: impl FnOnce(&Connection) -> Result<Done, JournalError> + Send + 'static,
    ) -> Result<Done, JournalError> {
        let gone = || JournalError::Storage("the journal's thread has ended".into());
        let (answer, done) = oneshot::channel();
        self.requests.send(Request { work: Box::new(work), answer }).map_err(|_| gone())?;
        done.await.map_err(|_| gone())?
    }
}

fn damaged(path: &Path, reason: &str) -> JournalOpenError {
    JournalOpenError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

/// A file that SQLite cannot make sense of is damaged; one it cannot get at may be well.
fn unusable(path: &Path, error: rusqlite::Error) -> JournalOpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            damaged(path, &error.to_string())
        }
        _ => JournalOpenError::Io { path: path.to_owned(), source: io::Error::other(error) },
    }
}

fn prepare(path: &Path) -> Result<Connection, JournalOpenError> {
    let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
    if fs::metadata(path).map_err(io)?.len() == 0 {
        return Err(damaged(path, "it is empty"));
    }
    let unusable = |error| unusable(path, error);
    let connection = connection::open(path).map_err(unusable)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    match (number("application_id").map_err(unusable)?, number("user_version").map_err(unusable)?) {
        (APPLICATION_ID, SCHEMA_VERSION) => (),
        (APPLICATION_ID, version) => {
            return Err(JournalOpenError::Version { path: path.to_owned(), version });
        }
        _ => return Err(damaged(path, "it is a database of something else")),
    }
    let check: String =
        connection.query_row("pragma quick_check(1)", [], |row| row.get(0)).map_err(unusable)?;
    match check.as_str() {
        "ok" => Ok(connection),
        _ => Err(damaged(path, &check)),
    }
}

/// Makes a whole journal before it gets its name, so that an empty one is always damage.
fn create(path: &Path) -> Result<(), JournalOpenError> {
    let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
    connection::make_directory(path).map_err(io)?;
    let _lock = connection::lock_directory(path).map_err(io)?;
    if path.exists() {
        return Ok(());
    }
    if connection::has_log(path) {
        return Err(damaged(path, "its log is there, the file itself is not"));
    }
    let new = connection::make_new(path).map_err(io)?;
    fill(&new).map_err(|error| unusable(path, error))?;
    connection::publish(&new, path).map_err(io)
}

fn fill(path: &Path) -> rusqlite::Result<()> {
    let connection = connection::open(path)?;
    connection.execute_batch(&format!("begin; {SCHEMA} commit"))?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

/// Takes what waits, does it in one transaction, and answers when that is durable.
fn serve(connection: &Connection, waiting: &mpsc::Receiver<Request>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        while let (true, Ok(next)) = (group.len() < GROUP_MAX, waiting.try_recv()) {
            group.push(next);
        }
        serve_group(connection, group);
    }
}

fn serve_group(connection: &Connection, group: Vec<Request>) {
    let begun = connection.execute_batch("begin immediate");
    let mut outcomes = Vec::with_capacity(group.len());
    for Request { work, answer } in group {
        let outcome = match &begun {
            Ok(()) => in_savepoint(connection, work),
            Err(error) => Err(JournalError::Storage(error.to_string().into())),
        };
        outcomes.push((answer, outcome));
    }
    let committed = match begun {
        Ok(()) => connection.execute_batch("commit").map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if committed.is_err() {
        let _ = connection.execute_batch("rollback");
    }
    for (answer, outcome) in outcomes {
        let told = match &committed {
            Ok(()) => outcome,
            Err(error) => Err(JournalError::Storage(error.clone().into())),
        };
        // Whoever asked may have been cancelled; what was written stays.
        let _ = answer.send(told);
    }
}

/// A piece of work that fails undoes its own changes and nobody else's.
fn in_savepoint(connection: &Connection, work: Work) -> Result<Done, JournalError> {
    connection.execute_batch("savepoint work").map_err(storage)?;
    let outcome = work(connection);
    let end = match outcome {
        Ok(_) => "release work",
        Err(_) => "rollback to work; release work",
    };
    connection.execute_batch(end).map_err(storage)?;
    outcome
}

fn storage(error: rusqlite::Error) -> JournalError {
    JournalError::Storage(Box::new(error))
}

/// This process, in the rows it holds. Without randomness it is nobody, and can reserve nothing.
fn holder() -> Option<[u8; 16]> {
    static HOLDER: OnceLock<Option<[u8; 16]>> = OnceLock::new();
    *HOLDER.get_or_init(|| {
        let mut id = [0; 16];
        getrandom::fill(&mut id).ok()?;
        Some(uuid::Builder::from_random_bytes(id).into_uuid().into_bytes())
    })
}

struct Row {
    digest: [u8; 32],
    state: String,
    raw: Option<String>,
}

fn find(connection: &Connection, id: &str) -> Result<Option<Row>, JournalError> {
    connection
        .prepare_cached("select digest, state, raw from entry where id = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Row { digest: row.get(0)?, state: row.get(1)?, raw: row.get(2)? })
            };
            select.query_row(params![id], read).optional()
        })
        .map_err(storage)
}

fn recall(connection: &Connection, id: &str, digest: [u8; 32]) -> Result<Done, JournalError> {
    let Some(row) = find(connection, id)? else { return Ok(Done::Entry(None)) };
    // What was only reserved left no trace outside; it may be reserved anew with other content.
    let entry = match (row.state.as_str(), row.raw) {
        ("reserved", _) => return Ok(Done::Entry(None)),
        ("refused", _) => Entry::Refused,
        (_, Some(raw)) => Entry::Signed(RawTransaction::from_text(raw)),
        (_, None) => return Err(JournalError::Storage("an entry has no bytes".into())),
    };
    match row.digest == digest {
        true => Ok(Done::Entry(Some(entry))),
        false => Err(JournalError::OtherContent),
    }
}

/// What a reservation writes.
struct Reservation {
    id: String,
    digest: [u8; 32],
    chain: &'static str,
    network: String,
    effects: String,
    /// A set: a claim that met itself would be taken for another transaction's.
    claims: BTreeSet<String>,
}

fn reserve(connection: &Connection, wanted: &Reservation) -> Result<Done, JournalError> {
    let Reservation { id, digest, chain, network, effects, claims } = wanted;
    if find(connection, id)?.is_some_and(|row| row.state != "reserved") {
        return Err(JournalError::HeldElsewhere);
    }
    free_claims(connection, id)?;
    for claim in claims {
        let taken: Option<String> = connection
            .prepare_cached("select id from claim where what = ?1")
            .and_then(|mut select| select.query_row(params![claim], |row| row.get(0)).optional())
            .map_err(storage)?;
        if let Some(other) = taken {
            take_over(connection, claim, &other)?;
        }
        connection
            .prepare_cached("insert into claim (what, id) values (?1, ?2)")
            .and_then(|mut insert| insert.execute(params![claim, id]))
            .map_err(storage)?;
    }
    connection
        .prepare_cached(
            "insert into entry (id, digest, chain, network, effects, holder, state)
             values (?1, ?2, ?3, ?4, ?5, ?6, 'reserved')
             on conflict (id) do update
             set digest = ?2, chain = ?3, network = ?4, effects = ?5, holder = ?6",
        )
        .and_then(|mut insert| {
            insert.execute(params![id, digest, chain, network, effects, holder()])
        })
        .map_err(storage)?;
    Ok(Done::Nothing)
}

/// A claim of a transaction that never got bytes is free: its process crashed, or it fails to
/// record once it finds its reservation gone.
fn take_over(connection: &Connection, claim: &str, other: &str) -> Result<(), JournalError> {
    match find(connection, other)? {
        Some(row) if row.state != "reserved" => {
            Err(JournalError::Claimed { claim: claim.to_owned(), holder: other.to_owned() })
        }
        _ => {
            free_claims(connection, other)?;
            connection
                .execute("delete from entry where id = ?1 and state = 'reserved'", params![other])
                .map_err(storage)?;
            Ok(())
        }
    }
}

fn free_claims(connection: &Connection, id: &str) -> Result<(), JournalError> {
    connection
        .prepare_cached("delete from claim where id = ?1")
        .and_then(|mut delete| delete.execute(params![id]))
        .map_err(storage)?;
    Ok(())
}

fn record(connection: &Connection, id: &str, raw: &str) -> Result<Done, JournalError> {
    let changed = connection
        .prepare_cached(
            "update entry set raw = ?2, state = 'signed'
             where id = ?1 and holder = ?3 and state = 'reserved' and raw is null",
        )
        .and_then(|mut update| update.execute(params![id, raw, holder()]))
        .map_err(storage)?;
    match changed {
        1 => Ok(Done::Nothing),
        _ => Err(JournalError::HeldElsewhere),
    }
}

/// What was refused stays refused: its claims are free, and others may hold them by now.
fn close(connection: &Connection, id: &str) -> Result<Done, JournalError> {
    connection
        .prepare_cached("update entry set state = 'closed' where id = ?1 and state = 'signed'")
        .and_then(|mut update| update.execute(params![id]))
        .map_err(storage)?;
    Ok(Done::Nothing)
}

fn refuse(connection: &Connection, id: &str) -> Result<Done, JournalError> {
    free_claims(connection, id)?;
    connection
        .prepare_cached("update entry set state = 'refused' where id = ?1 and raw is not null")
        .and_then(|mut update| update.execute(params![id]))
        .map_err(storage)?;
    Ok(Done::Nothing)
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn recall(
        &self,
        id: &TransactionId,
        digest: &ContentDigest,
    ) -> Result<Option<Entry>, JournalError> {
        let (id, digest) = (id.to_string(), *digest.as_bytes());
        match self.ask(move |connection| recall(connection, &id, digest)).await? {
            Done::Entry(entry) => Ok(entry),
            _ => Ok(None),
        }
    }

    async fn reserve(&self, intent: Intent<'_>) -> Result<(), JournalError> {
        let wanted = Reservation {
            id: intent.pending.id.to_string(),
            digest: *intent.digest.as_bytes(),
            chain: intent.pending.chain.as_str(),
            network: intent.pending.network.to_string(),
            effects: intent.effects.to_string(),
            claims: intent.claims.iter().map(|claim| claim.as_str().to_owned()).collect(),
        };
        self.ask(move |connection| reserve(connection, &wanted)).await.map(|_| ())
    }

    async fn record(&self, id: &TransactionId, raw: &RawTransaction) -> Result<(), JournalError> {
        let (id, raw) = (id.to_string(), raw.as_str().to_owned());
        self.ask(move |connection| record(connection, &id, &raw)).await.map(|_| ())
    }

    async fn close(&self, id: &TransactionId) -> Result<(), JournalError> {
        let id = id.to_string();
        self.ask(move |connection| close(connection, &id)).await.map(|_| ())
    }

    async fn refuse(&self, id: &TransactionId) -> Result<(), JournalError> {
        let id = id.to_string();
        self.ask(move |connection| refuse(connection, &id)).await.map(|_| ())
    }

    async fn is_reported(
        &self,
        id: &TransactionId,
        digest: &ContentDigest,
    ) -> Result<bool, JournalError> {
        let (id, digest) = (id.to_string(), *digest.as_bytes());
        let work = move |connection: &Connection| {
            connection
                .prepare_cached("select 1 from reported where id = ?1 and digest = ?2")
                .and_then(|mut select| select.exists(params![id, digest]))
                .map(Done::Yes)
                .map_err(storage)
        };
        Ok(matches!(self.ask(work).await?, Done::Yes(true)))
    }

    async fn mark_reported(
        &self,
        id: &TransactionId,
        digest: &ContentDigest,
    ) -> Result<(), JournalError> {
        let (id, digest) = (id.to_string(), *digest.as_bytes());
        let work = move |connection: &Connection| {
            connection
                .prepare_cached("insert or ignore into reported (id, digest) values (?1, ?2)")
                .and_then(|mut insert| insert.execute(params![id, digest]))
                .map(|_| Done::Nothing)
                .map_err(storage)
        };
        self.ask(work).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use kms_core::{
        Amount, Asset, ChainId, Claim, Coverage, Effects, Fee, Network, Pending, SignatureId,
    };

    use super::*;

    fn pending(id: &str) -> Pending {
        Pending {
            id: TransactionId::parse(id).unwrap(),
            chain: ChainId::new("ETH"),
            network: Network::Testnet,
            hashes: vec![SignatureId::parse("wallet").unwrap()],
            signatures: Vec::new(),
            index: None,
            withdrawal: None,
            payload: String::from("payload"),
            as_received: String::new(),
        }
    }

    async fn reserve(
        journal: &SqliteJournal,
        id: &str,
        claims: &[&str],
    ) -> Result<(), JournalError> {
        let pending = pending(id);
        let effects = Effects {
            chain: pending.chain,
            network: pending.network,
            transfers: Vec::new(),
            allowances: Vec::new(),
            unknown_calls: Vec::new(),
            max_fee: Fee { asset: Asset::Native, amount: Amount::ZERO },
            coverage: Coverage::Full,
        };
        let claims: Vec<_> = claims.iter().map(|claim| Claim::new((*claim).to_owned())).collect();
        let digest = pending.digest();
        let intent =
            Intent { pending: &pending, digest: &digest, effects: &effects, claims: &claims };
        journal.reserve(intent).await
    }

    async fn record(journal: &SqliteJournal, id: &str) -> Result<(), JournalError> {
        let raw = RawTransaction::from_text(format!("bytes of {id}"));
        journal.record(&pending(id).id, &raw).await
    }

    fn place() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.db");
        (directory, path)
    }

    /// Gives a row to a process that is not this one.
    fn give_away(path: &Path, id: &str) {
        let other = connection::open(path).unwrap();
        let given = other.execute("update entry set holder = x'00' where id = ?1", params![id]);
        assert_eq!(given.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_claim_listed_twice_does_not_free_the_others() {
        let (_directory, path) = place();
        let journal = SqliteJournal::open(&path).unwrap();
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
        let journal = SqliteJournal::open(&path).unwrap();
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
        let journal = SqliteJournal::open(&path).unwrap();
        reserve(&journal, "a", &["x"]).await.unwrap();
        give_away(&path, "a");
        assert!(matches!(record(&journal, "a").await, Err(JournalError::HeldElsewhere)));
        let id = pending("a").id;
        assert_eq!(journal.recall(&id, &pending("a").digest()).await.unwrap(), None);
        reserve(&journal, "a", &["x"]).await.unwrap();
        record(&journal, "a").await.unwrap();
        assert!(matches!(record(&journal, "a").await, Err(JournalError::HeldElsewhere)));
        assert!(matches!(reserve(&journal, "a", &[]).await, Err(JournalError::HeldElsewhere)));
    }

    #[tokio::test]
    async fn claims_of_a_crashed_process_are_taken_over_and_refused_ones_are_free() {
        let (_directory, path) = place();
        let journal = SqliteJournal::open(&path).unwrap();
        reserve(&journal, "a", &["x"]).await.unwrap();
        give_away(&path, "a");
        reserve(&journal, "b", &["x"]).await.unwrap();
        record(&journal, "b").await.unwrap();
        let id = pending("b").id;
        journal.refuse(&id).await.unwrap();
        reserve(&journal, "c", &["x"]).await.unwrap();
        record(&journal, "c").await.unwrap();
        journal.close(&id).await.unwrap();
        let entry = journal.recall(&id, &pending("b").digest()).await.unwrap();
        assert_eq!(entry, Some(Entry::Refused), "its claim is another's by now");
    }

    #[tokio::test]
    async fn other_content_under_a_signed_id_is_refused() {
        let (_directory, path) = place();
        let journal = SqliteJournal::open(&path).unwrap();
        reserve(&journal, "a", &[]).await.unwrap();
        let (id, other) = (pending("a").id, ContentDigest::from_bytes([7; 32]));
        assert_eq!(journal.recall(&id, &other).await.unwrap(), None, "nothing is signed yet");
        record(&journal, "a").await.unwrap();
        assert!(matches!(journal.recall(&id, &other).await, Err(JournalError::OtherContent)));
        journal.close(&id).await.unwrap();
        let entry = journal.recall(&id, &pending("a").digest()).await.unwrap();
        let raw = RawTransaction::from_text(String::from("bytes of a"));
        assert_eq!(entry, Some(Entry::Signed(raw)), "a closed one gives the same bytes");
    }

    #[tokio::test]
    async fn all_that_ask_at_once_get_what_they_asked_for() {
        const REQUESTS: usize = 300;
        let (_directory, path) = place();
        let journal = std::sync::Arc::new(SqliteJournal::open(&path).unwrap());
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
        let journal = SqliteJournal::open(&path).unwrap();
        for number in 0..REQUESTS {
            let pending = pending(&format!("t{number}"));
            let entry = journal.recall(&pending.id, &pending.digest()).await.unwrap();
            assert!(matches!(entry, Some(Entry::Signed(_))), "{number}");
        }
    }

    fn mark(id: &'static str) -> Work {
        Box::new(move |connection| {
            let marked = connection.execute("insert into reported values (?1, x'00')", params![id]);
            marked.map(|_| Done::Nothing).map_err(storage)
        })
    }

    fn marked(connection: &Connection) -> Vec<String> {
        let mut select = connection.prepare("select id from reported order by id").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn what_waits_is_one_commit_and_a_failure_in_it_is_its_own() {
        let (_directory, path) = place();
        drop(SqliteJournal::open(&path).unwrap());
        let (own, other) = (connection::open(&path).unwrap(), connection::open(&path).unwrap());
        let (requests, waiting) = mpsc::channel();
        let fails: Work = Box::new(|connection| {
            mark("second")(connection)?;
            Err(JournalError::HeldElsewhere)
        });
        let sees_nothing: Work = Box::new(move |connection| {
            assert!(marked(&other).is_empty(), "the first was committed by itself");
            mark("third")(connection)
        });
        let answers: Vec<_> = [mark("first"), fails, sees_nothing]
            .into_iter()
            .map(|work| {
                let (answer, done) = oneshot::channel();
                requests.send(Request { work, answer }).unwrap();
                done
            })
            .collect();
        drop(requests);
        serve(&own, &waiting);
        let told: Vec<_> =
            answers.into_iter().map(|done| done.blocking_recv().unwrap().is_ok()).collect();
        assert_eq!(told, [true, false, true]);
        assert_eq!(marked(&own), ["first", "third"]);
    }

    #[test]
    fn an_empty_or_orphaned_journal_is_damage() {
        let (directory, path) = place();
        drop(SqliteJournal::open(&path).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, b"").unwrap();
        let empty = SqliteJournal::open(&path);
        assert!(matches!(empty, Err(JournalOpenError::Damaged { .. })), "{empty:?}");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(directory.path().join("journal.db-wal"), b"log").unwrap();
        let orphaned = SqliteJournal::open(&path);
        assert!(matches!(orphaned, Err(JournalOpenError::Damaged { .. })), "{orphaned:?}");
        assert!(!path.exists());
    }

    #[test]
    fn another_database_or_version_is_not_taken_for_a_journal() {
        let (_directory, path) = place();
        drop(SqliteJournal::open(&path).unwrap());
        let connection = connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", 2).unwrap();
        let version = SqliteJournal::open(&path);
        assert!(matches!(version, Err(JournalOpenError::Version { version: 2, .. })));
        connection.pragma_update(None, "application_id", 1).unwrap();
        assert!(matches!(SqliteJournal::open(&path), Err(JournalOpenError::Damaged { .. })));
    }

    #[test]
    fn journals_opened_at_once_are_one_journal() {
        let (directory, path) = place();
        thread::scope(|scope| {
            let openings: Vec<_> =
                (0..4).map(|_| scope.spawn(|| SqliteJournal::open(&path).map(drop))).collect();
            for opening in openings {
                opening.join().unwrap().unwrap();
            }
        });
        assert!(!directory.path().join("journal.db.new").exists());
    }
}
