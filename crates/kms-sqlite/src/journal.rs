//! The journal: a thread that owns the file and commits what waits in groups.

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use async_trait::async_trait;
use kms_core::{
    ContentDigest, Entry, Intent, Journal, JournalError, RawTransaction, TransactionId,
};
use rusqlite::{Connection, OptionalExtension as _, params};
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
        connection::make_directory(path).map_err(io)?;
        connection::make_file(path).map_err(io)?;
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

fn prepare(path: &Path) -> Result<Connection, JournalOpenError> {
    let damaged = |error: rusqlite::Error| JournalOpenError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let connection = connection::open(path).map_err(damaged)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = number("application_id").map_err(damaged)?;
    let version = number("user_version").map_err(damaged)?;
    match (application, version) {
        (APPLICATION_ID, SCHEMA_VERSION) => (),
        (0, 0) => create(&connection).map_err(damaged)?,
        (APPLICATION_ID, version) => {
            return Err(JournalOpenError::Version { path: path.to_owned(), version });
        }
        _ => {
            return Err(JournalOpenError::Damaged {
                path: path.to_owned(),
                reason: String::from("it is a database of something else"),
            });
        }
    }
    let check: String =
        connection.query_row("pragma quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    match check.as_str() {
        "ok" => Ok(connection),
        _ => Err(JournalOpenError::Damaged { path: path.to_owned(), reason: check }),
    }
}

/// Two processes may come here at once; the second one finds the tables made.
fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        connection.execute_batch(SCHEMA)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    connection.execute_batch("commit")
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

/// This process, in the rows it holds.
fn holder() -> &'static [u8; 16] {
    static HOLDER: std::sync::OnceLock<[u8; 16]> = std::sync::OnceLock::new();
    HOLDER.get_or_init(|| {
        let mut id = [0; 16];
        // Without randomness the id is zero, and then no reservation is ever this process's own.
        let _ = getrandom::fill(&mut id);
        uuid::Builder::from_random_bytes(id).into_uuid().into_bytes()
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
    claims: Vec<String>,
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
             on conflict (id) do update set digest = ?2, effects = ?5, holder = ?6",
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

fn set_state(connection: &Connection, id: &str, state: &str) -> Result<Done, JournalError> {
    connection
        .prepare_cached("update entry set state = ?2 where id = ?1 and raw is not null")
        .and_then(|mut update| update.execute(params![id, state]))
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
        self.ask(move |connection| set_state(connection, &id, "closed")).await.map(|_| ())
    }

    async fn refuse(&self, id: &TransactionId) -> Result<(), JournalError> {
        let id = id.to_string();
        let work = move |connection: &Connection| {
            free_claims(connection, &id)?;
            set_state(connection, &id, "refused")
        };
        self.ask(work).await.map(|_| ())
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
