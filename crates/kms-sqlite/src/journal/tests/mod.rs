//! Tests of the journal: the ledger's rules over a file, and the file itself.

mod entries;
mod file;
mod groups;
mod identity;
mod suite;

use std::os::unix::fs::PermissionsExt as _;

use kms_core::{
    Bytes, ChainId, Claim, Entry, Intent, Journal as _, Limits, Pending, RawTransaction, Recalled,
    Reservation,
};
use kms_testkit::no_effects;
use rusqlite::params;

use super::*;
use crate::connection;

fn pending(id: &str) -> Pending {
    kms_testkit::pending(ChainId::new("ETH"), id, &["wallet"], "payload")
}

fn clock() -> u64 {
    1_000
}

async fn reserve(
    journal: &SqliteJournal,
    id: &str,
    claims: &[&str],
) -> Result<Reservation, JournalError> {
    let claims: Vec<_> = claims
        .iter()
        .map(|claim| Claim::Once { scope: String::from("test"), what: (*claim).to_owned() })
        .collect();
    let (pending, limits) = (pending(id), Limits::default());
    let effects = no_effects(&pending);
    let (effects, limits) = (&effects, &limits);
    journal.reserve(Intent { pending: &pending, effects, claims: &claims, limits }).await
}

async fn record(
    journal: &SqliteJournal,
    id: &str,
    reservation: &Reservation,
) -> Result<(), JournalError> {
    let raw = RawTransaction::from_text(format!("bytes of {id}"));
    let bytes = Bytes { raw: &raw, txid: None, first_slot: None };
    journal.record(&pending(id).id, reservation, bytes).await
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    (directory, path)
}

async fn recall(journal: &SqliteJournal, id: &str) -> Result<Recalled, JournalError> {
    journal.recall(&pending(id)).await
}
