//! The journal: a thread that changes the file and commits what waits in groups, and one that
//! reads it meanwhile.

mod control;
mod entries;
mod events;
mod fates;
mod file;
mod identity;
mod reports;
mod standings;
#[cfg(test)]
mod tests;
mod trials;

use std::{path::Path, sync::mpsc, thread};

use async_trait::async_trait;
use kms_core::{
    ContentDigest, Entry, Intent, Journal, JournalError, Pending, RawTransaction, TransactionId,
};
use rusqlite::Connection;
use tokio::sync::oneshot;

pub use self::{
    control::ControlError, fates::Followed, file::JournalOpenError, standings::Filter,
    trials::TrialKind,
};
use self::{
    entries::{Holder, Reservation},
    file::{open_again, prepare},
};

/// Requests that share one commit, at most.
const GROUP_MAX: usize = 1024;

/// Tells the time, in milliseconds since 1970.
pub type Clock = fn() -> u64;

/// The journal in a SQLite file. Several processes may share it.
#[derive(Debug)]
pub struct SqliteJournal {
    changes: mpsc::Sender<Request>,
    reads: mpsc::Sender<Request>,
    clock: Clock,
    holder: Holder,
}

/// A piece of work, which answers whoever asked once the group it was done in is durable.
type Request = Box<dyn FnOnce(&Connection) -> Reply + Send>;

/// Sends the answer, or the error by which the whole group failed.
type Reply = Box<dyn FnOnce(Result<(), &str>) + Send>;

impl SqliteJournal {
    /// Opens the journal, or makes one.
    ///
    /// # Errors
    /// When the file is damaged, of another version or cannot be written. A damaged one is never
    /// replaced: without it, payments might be made twice.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, JournalOpenError> {
        let (writer, reader) = (prepare(path)?, open_again(path)?);
        let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
        let mut holder = Holder::default();
        getrandom::fill(&mut holder).map_err(|error| io(std::io::Error::other(error)))?;
        let changes = start("journal", writer, "begin immediate").map_err(io)?;
        let reads = start("journal-reader", reader, "begin").map_err(io)?;
        Ok(Self { changes, reads, clock, holder })
    }

    /// Has a change made; it is durable when this returns.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        ask(&self.changes, work).await
    }

    /// Has something read, of all that is durable.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        ask(&self.reads, work).await
    }

    fn now(&self) -> i64 {
        i64::try_from((self.clock)()).unwrap_or(i64::MAX)
    }
}

async fn ask<T: Send + 'static>(
    thread: &mpsc::Sender<Request>,
    work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    let gone = || JournalError::Storage("the journal's thread has ended".into());
    let (answer, done) = oneshot::channel();
    thread.send(request(work, answer)).map_err(|_| gone())?;
    done.await.map_err(|_| gone())?
}

fn start(
    name: &str,
    connection: Connection,
    begin: &'static str,
) -> std::io::Result<mpsc::Sender<Request>> {
    let (requests, waiting) = mpsc::channel();
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(move || serve(&connection, begin, &waiting))?;
    Ok(requests)
}

fn request<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    answer: oneshot::Sender<Result<T, JournalError>>,
) -> Request {
    Box::new(move |connection| {
        let outcome = in_savepoint(connection, work);
        Box::new(move |committed| {
            let told = match committed {
                Ok(()) => outcome,
                Err(error) => Err(JournalError::Storage(error.into())),
            };
            // Whoever asked may have been cancelled; what was written stays.
            let _ = answer.send(told);
        })
    })
}

/// Takes what waits, does it in one transaction, and answers when that is durable.
fn serve(connection: &Connection, begin: &str, waiting: &mpsc::Receiver<Request>) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        while let (true, Ok(next)) = (group.len() < GROUP_MAX, waiting.try_recv()) {
            group.push(next);
        }
        serve_group(connection, begin, group);
    }
}

/// A group that does not begin fails as a whole: its works' own statements cannot be trusted to
/// be undone.
fn serve_group(connection: &Connection, begin: &str, group: Vec<Request>) {
    let begun = connection.execute_batch(begin).map_err(|error| error.to_string());
    let replies: Vec<Reply> = group.into_iter().map(|work| work(connection)).collect();
    let committed = match begun {
        Ok(()) => connection.execute_batch("commit").map_err(|error| error.to_string()),
        Err(error) => Err(error),
    };
    if committed.is_err() {
        let _ = connection.execute_batch("rollback");
    }
    for reply in replies {
        reply(committed.as_ref().copied().map_err(String::as_str));
    }
}

/// A piece of work that fails undoes its own changes and nobody else's. Nothing is done outside a
/// transaction.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    if connection.is_autocommit() {
        return Err(JournalError::Storage("no transaction was begun".into()));
    }
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

#[async_trait]
impl Journal for SqliteJournal {
    async fn recall(
        &self,
        pending: &Pending,
        digest: &ContentDigest,
    ) -> Result<Option<Entry>, JournalError> {
        let asked = entries::Asked::of(pending, digest);
        self.read(move |connection| entries::recall(connection, &asked)).await
    }

    async fn reserve(&self, intent: Intent<'_>) -> Result<(), JournalError> {
        let (wanted, holder, now) = (Reservation::of(intent), self.holder, self.now());
        self.change(move |connection| entries::reserve(connection, &wanted, holder, now)).await
    }

    async fn record(&self, id: &TransactionId, raw: &RawTransaction) -> Result<(), JournalError> {
        let (id, raw) = (id.to_string(), raw.as_str().to_owned());
        let (holder, now) = (self.holder, self.now());
        self.change(move |connection| entries::record(connection, &id, &raw, holder, now)).await
    }

    async fn close(&self, id: &TransactionId, txid: Option<&str>) -> Result<(), JournalError> {
        let (id, txid, now) = (id.to_string(), txid.map(str::to_owned), self.now());
        self.change(move |connection| entries::close(connection, &id, txid.as_deref(), now)).await
    }

    async fn refuse(&self, id: &TransactionId, reason: &str) -> Result<(), JournalError> {
        let (id, reason, now) = (id.to_string(), reason.to_owned(), self.now());
        self.change(move |connection| entries::refuse(connection, &id, &reason, now)).await
    }
}
