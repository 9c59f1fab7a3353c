//! The journal: a thread that changes the file and commits what waits in groups, and one that
//! reads it meanwhile.

mod apply;
mod attempts;
mod desk;
mod file;
mod follow;
mod identity;
mod load;
mod road;
mod standings;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use kms_core::{
    JournalError,
    ledger::{Found, Write},
};
use rusqlite::Connection;
use tokio::sync::oneshot;

pub use self::file::JournalOpenError;
use self::file::{in_memory, open_again, prepare};
use crate::connection;

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
    path: PathBuf,
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
        let changes = start("journal", writer, "begin immediate").map_err(io)?;
        let reads = start("journal-reader", reader, "begin").map_err(io)?;
        Ok(Self { changes, reads, clock, path: path.to_owned() })
    }

    /// A journal that is in memory only and ends with the process, for whoever signs nothing.
    ///
    /// # Errors
    /// When a thread or the memory is not to be had.
    pub fn in_memory(clock: Clock) -> Result<Self, JournalOpenError> {
        let path = PathBuf::new();
        let io = |source| JournalOpenError::Io { path: path.clone(), source };
        let changes = start("journal", in_memory()?, "begin immediate").map_err(io)?;
        Ok(Self { reads: changes.clone(), changes, clock, path })
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

    /// Has a rule decide on what is known of an id, and its writes made.
    async fn decide<T: Send + 'static>(
        &self,
        id: String,
        rule: impl FnOnce(&Found, u64) -> Result<(Vec<Write>, T), JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let now = self.now();
        self.change(move |connection| {
            let found = load::find(connection, &id)?;
            let (writes, answer) = rule(&found, now)?;
            apply::apply(connection, &writes, signed(now))?;
            Ok(answer)
        })
        .await
    }

    fn now(&self) -> u64 {
        (self.clock)()
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
            // The caller may have been cancelled; written data stays.
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
    let begun = connection.execute_batch(begin).map_err(|error| connection::told(&error));
    let replies: Vec<Reply> = group.into_iter().map(|work| work(connection)).collect();
    let committed = match begun {
        Ok(()) => connection.execute_batch("commit").map_err(|error| connection::told(&error)),
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
    JournalError::Storage(connection::told(&error).into())
}

fn corrupt(what: &'static str) -> JournalError {
    JournalError::Storage(what.into())
}

/// A time as SQLite keeps it.
fn signed(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// A time, a slot or a number as SQLite gives it back.
fn milliseconds(time: i64) -> u64 {
    u64::try_from(time).unwrap_or(0)
}
