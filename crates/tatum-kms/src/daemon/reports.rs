//! Telling the API what it is owed: which failures are final, and what became of payments.

use kms_api::ApiTransaction;
use kms_core::{Followed, JournalError, Owed, Progress, Report};

use super::{
    hook,
    log::{event, with_causes},
    round::{Round, Tally},
};

impl Round {
    /// Reports the owed failures, in one call. A report that the API does not accept stays owed.
    pub(super) async fn report_due(&self) -> Tally {
        match self.try_report_due().await {
            Ok(()) => Tally::default(),
            Err(error) => {
                event(&format!("stopping, because the journal failed: {}", with_causes(&error)));
                Tally { halted: true, ..Tally::default() }
            }
        }
    }

    async fn try_report_due(&self) -> Result<(), JournalError> {
        let (chain, journal) = (self.chain.spec().id, &self.shared.journal);
        let due = journal.reports_due(chain, self.shared.network).await?;
        if due.is_empty() {
            return Ok(());
        }
        let failures: Vec<_> =
            due.iter().map(|Report { id, error, .. }| (id.clone(), error.clone())).collect();
        if let Err(error) = self.setup.api.report(&failures).await {
            event(&format!(
                "could not report {} failures to the API, will retry: {error}",
                due.len()
            ));
            return Ok(());
        }
        for report in &due {
            event(&format!("{}: reported to the API as failed", report.id));
            journal.mark_reported(report).await?;
        }
        Ok(())
    }

    /// Tells the API what became of a transaction, unless it knows. Returns whether a payment
    /// came to nothing of which the API says that it is done.
    pub(super) async fn tell_owed(
        &self,
        followed: &Followed,
        owed: Owed,
    ) -> Result<bool, JournalError> {
        let (id, journal) = (&followed.id, &self.shared.journal);
        let known = match self.setup.api.transaction(id).await {
            Ok(known) => known,
            Err(error) => {
                event(&format!("{id}: the API could not be asked about it: {error}"));
                journal.note_not_told(id).await?;
                return Ok(false);
            }
        };
        let is_done = matches!(known, ApiTransaction::Found { txid: Some(_) });
        match owed {
            Owed::Completed if is_done => {
                journal.note_told(id, "the API lists it as completed").await?
            }
            Owed::Completed => self.complete(followed).await?,
            // It is signed anew if the API still offers it. If not, nobody else would say so.
            Owed::Failed if !is_done && followed.progress != Progress::Failed => {
                match self.due.is_offered(id) {
                    None => journal.note_not_told(id).await?,
                    Some(true) => journal.note_told(id, "the API still offers it").await?,
                    Some(false) => return self.own_up(followed).await,
                }
            }
            Owed::Failed => return self.own_up(followed).await,
        }
        Ok(false)
    }

    /// Says everywhere that no payment came of what was sent.
    async fn own_up(&self, followed: &Followed) -> Result<bool, JournalError> {
        let id = &followed.id;
        let reason = followed.reason.as_deref().unwrap_or("no reason is recorded");
        let error = format!("no payment was made, it {}: {reason}", came_to(followed));
        self.shared.journal.note_failed(followed, &error).await?;
        event(&format!("{id}: {error}"));
        if let Some(program) = &self.setup.config.hook {
            let (chain, network) = (self.chain.spec().id, self.shared.network);
            hook::tell(program, chain.as_str(), &network.to_string(), followed);
        }
        Ok(true)
    }

    /// The payment is in the chain, but the API lists it as failed or pending: correct it.
    async fn complete(&self, followed: &Followed) -> Result<(), JournalError> {
        let (id, journal) = (&followed.id, &self.shared.journal);
        let Some(txid) = &followed.txid else {
            event(&format!("{id}: in the chain, under an id that is not known here"));
            return journal.note_told(id, "its id on the chain is not known").await;
        };
        match self.setup.api.complete(id, txid).await {
            Ok(()) => {
                event(&format!("{id}: told the API that it is in the chain as {txid}"));
                journal.note_told(id, &format!("corrected: in the chain as {txid}")).await
            }
            Err(error) => {
                event(&format!(
                    "{id}: in the chain, but the API did not accept the correction: {error}"
                ));
                journal.note_not_told(id).await
            }
        }
    }
}

const fn came_to(followed: &Followed) -> &'static str {
    match followed.progress {
        Progress::Failed => "failed in the chain",
        Progress::Expired => "expired",
        _ => "was dropped",
    }
}
