//! What the journal keeps, by subject.

mod entries;
mod fates;
mod file;
mod groups;
mod operators;

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use kms_core::{
    Amount, Asset, ChainId, Claim, Fate, Network, Scope, Standing, State, Transfer, Unexplained,
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

async fn reserve(journal: &SqliteJournal, id: &str, claims: &[&str]) -> Result<(), JournalError> {
    let claims = claims.iter().map(|claim| Claim::new((*claim).to_owned())).collect();
    reserve_for(journal, id, claims, &[]).await
}

async fn reserve_for(
    journal: &SqliteJournal,
    id: &str,
    claims: Vec<Claim>,
    receivers: &[&str],
) -> Result<(), JournalError> {
    let pending = pending(id);
    let mut effects = no_effects(&pending);
    receivers.iter().for_each(|to| effects.add_transfer(transfer(to)));
    let digest = pending.digest();
    let intent = Intent { pending: &pending, digest: &digest, effects: &effects, claims: &claims };
    journal.reserve(intent).await
}

fn transfer(to: &str) -> Transfer {
    let to = to.to_owned();
    Transfer { asset: Asset::Native, to, amount: Amount::ZERO, to_self: false, tag: None }
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

fn give_away(path: &Path, id: &str) {
    let other = connection::open(path).unwrap();
    let given = other.execute("update entry set holder = x'00' where id = ?1", params![id]);
    assert_eq!(given.unwrap(), 1);
}

async fn standing(journal: &SqliteJournal, id: &str) -> Option<Standing> {
    let filter = Filter { id: Some(id.to_owned()), ..Filter::default() };
    journal.standings(filter).await.unwrap().pop()
}

async fn state(journal: &SqliteJournal, id: &str) -> Option<State> {
    standing(journal, id).await.map(|standing| standing.state)
}

async fn sent(journal: &SqliteJournal, id: &str, claim: &str) {
    reserve(journal, id, &[claim]).await.unwrap();
    record(journal, id).await.unwrap();
    journal.close(&pending(id).id, Some("0xabc")).await.unwrap();
}

async fn recall(journal: &SqliteJournal, id: &str) -> Result<Option<Entry>, JournalError> {
    journal.recall(&pending(id), &pending(id).digest()).await
}
