//! Failed tries, and reports of them to the API.

use async_trait::async_trait;
use kms_core::{
    Attempts, ChainId, ContentDigest, JournalError, Network, Pending, Report, Stance,
    TransactionId, Unreadable,
    ledger::{Asked, rules},
};
use rusqlite::{Row, params};

use super::{SqliteJournal, load, storage};

/// Reports that are made in one round, at most.
const REPORTS_MAX: u32 = 500;

#[async_trait]
impl Attempts for SqliteJournal {
    async fn tries(&self, id: &TransactionId, digest: &ContentDigest) -> Result<u32, JournalError> {
        let (id, digest) = (id.to_string(), *digest);
        self.read(move |connection| {
            let attempt = load::find(connection, &id)?.attempt;
            let same = attempt.filter(|attempt| attempt.digest == digest);
            Ok(same.map_or(0, |attempt| attempt.tries))
        })
        .await
    }

    async fn note_attempt(
        &self,
        pending: &Pending,
        stance: Stance,
        reason: &str,
        tries: u32,
    ) -> Result<(), JournalError> {
        let (asked, reason) = (Asked::of(pending), reason.to_owned());
        self.decide(asked.id.clone(), move |found, now| {
            Ok((rules::note_attempt(found, &asked, (stance, &reason, tries), now), ()))
        })
        .await
    }

    async fn note_unreadable(&self, unreadable: &Unreadable) -> Result<(), JournalError> {
        let Unreadable { id, digest, chain, network, problem } = unreadable.clone();
        let asked = Asked {
            id: id.to_string(),
            digest,
            chain: chain.to_string(),
            network: network.to_string(),
            wallets: Vec::new(),
        };
        self.decide(asked.id.clone(), move |found, _| {
            Ok((rules::note_unreadable(found, &asked, &problem), ()))
        })
        .await
    }

    async fn reports_due(
        &self,
        chain: ChainId,
        network: Network,
    ) -> Result<Vec<Report>, JournalError> {
        let network = network.to_string();
        self.read(move |connection| {
            let mut select = connection
                .prepare_cached(
                    "select id, digest, error from report
                     where is_taken = 0 and chain = ?1 and network = ?2 order by id limit ?3",
                )
                .map_err(storage)?;
            let rows = select
                .query_map(params![chain.as_str(), network, REPORTS_MAX], read_report)
                .map_err(storage)?;
            let rows: rusqlite::Result<Vec<_>> = rows.collect();
            Ok(rows.map_err(storage)?.into_iter().flatten().collect())
        })
        .await
    }

    async fn mark_reported(&self, report: &Report) -> Result<(), JournalError> {
        let Report { id, digest, error } = report.clone();
        self.decide(id.to_string(), move |found, now| {
            Ok((rules::mark_reported(found, (id.as_str(), digest), &error, now), ()))
        })
        .await
    }
}

fn read_report(row: &Row<'_>) -> rusqlite::Result<Option<Report>> {
    let digest = ContentDigest::from_bytes(row.get(1)?);
    let error = row.get(2)?;
    let id = TransactionId::parse(&row.get::<_, String>(0)?);
    Ok(id.ok().map(|id| Report { id, digest, error }))
}
