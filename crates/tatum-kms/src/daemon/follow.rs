//! Following what was sent until it is certain what became of it.

use std::time::Duration;

use kms_api::ApiTransaction;
use kms_core::{
    Fate, Followed, JournalError, Lookup, Progress, SentTransaction, TransactionId, is_same_txid,
};

use super::{
    log::{event, with_causes},
    round::{Round, Tally},
};

/// Looks of one chain in one round.
const LOOKS_MAX: u32 = 50;
/// An inquiry with more calls than this is looping.
const CALLS_MAX: u32 = 20;

impl Round {
    /// Looks up what it is time to look up.
    pub(super) async fn follow_due(&self) -> Tally {
        match self.try_follow_due().await {
            Ok(lost) => Tally { lost, ..Tally::default() },
            Err(error) => {
                event(&format!("stopping, because the journal failed: {}", with_causes(&error)));
                Tally { halted: true, ..Tally::default() }
            }
        }
    }

    async fn try_follow_due(&self) -> Result<usize, JournalError> {
        let chain = self.chain.spec().id;
        let due = self.shared.journal.due(chain, self.shared.network, LOOKS_MAX).await?;
        let mut lost = 0_usize;
        for followed in due {
            if self.shared.shutdown.is_asked() {
                break;
            }
            self.pulse.beat();
            let is_lost = match followed.owed {
                Some(owed) => self.tell_owed(&followed, owed).await?,
                None => {
                    let looked = self.look(&followed).await;
                    self.note_look(&followed, looked, false).await?
                }
            };
            lost = lost.saturating_add(usize::from(is_lost));
        }
        Ok(lost)
    }

    /// For a transaction that is refused after an earlier sending may have got through.
    pub(super) async fn resolve_doubt(&self, id: &TransactionId) -> Result<(), JournalError> {
        let Some(followed) = self.shared.journal.followed(id).await? else { return Ok(()) };
        let looked = match followed.progress {
            Progress::Confirmed => Looked { fate: Fate::Confirmed, ..self.look(&followed).await },
            _ => self.look(&followed).await,
        };
        self.note_look(&followed, looked, true).await?;
        Ok(())
    }

    async fn look(&self, followed: &Followed) -> Looked {
        if let Some(looked) = self.ask_chain(followed).await {
            return looked;
        }
        // Nobody but the API can be asked.
        match self.setup.api.transaction(&followed.id).await {
            // A statement about another id concerns another transaction.
            Ok(ApiTransaction::Found { txid: Some(txid) }) if self.is_own(followed, &txid) => {
                Looked { fate: Fate::Confirmed, txid: None }
            }
            Ok(_) | Err(_) => Looked::default(),
        }
    }

    /// Returns true if an id that the API names may be the transaction's: it is, or the bytes do
    /// not tell.
    fn is_own(&self, followed: &Followed, named: &str) -> bool {
        let own = self.chain.txid(self.shared.network, &followed.raw).ok().flatten();
        own.or_else(|| followed.txid.clone()).is_none_or(|own| is_same_txid(&own, named))
    }

    /// Asks the chain, where that is possible. If the operator names a second node, signing again
    /// does not depend on one node's answer.
    async fn ask_chain(&self, followed: &Followed) -> Option<Looked> {
        let api = &self.setup.api;
        let looked = self.ask(followed, api).await?;
        match (&looked.fate, api.own_node(self.chain.spec().id)) {
            (Fate::Expired { .. }, Some(own)) => self.ask(followed, &own).await,
            _ => Some(looked),
        }
    }

    async fn ask(&self, followed: &Followed, lookup: &dyn Lookup) -> Option<Looked> {
        let network = self.shared.network;
        let mut inquiry = self.chain.inquiry(&SentTransaction {
            network,
            raw: &followed.raw,
            txid: followed.txid.as_deref(),
            first_slot: followed.first_slot,
            claims: &followed.claims,
            age: Duration::from_millis(followed.age),
        })?;
        for _ in 0..CALLS_MAX {
            let Some(call) = inquiry.next_call() else { break };
            inquiry.outcome(lookup.call(self.chain.spec().id, network, &call).await);
        }
        let fate = match inquiry.next_call() {
            None => inquiry.fate(),
            Some(_) => Fate::Open,
        };
        Some(Looked { fate, txid: Some(inquiry.txid().to_owned()) })
    }

    async fn note_look(
        &self,
        followed: &Followed,
        looked: Looked,
        is_offered: bool,
    ) -> Result<bool, JournalError> {
        let (id, journal) = (&followed.id, &self.shared.journal);
        let Looked { fate, txid } = looked;
        if fate.is_final() {
            event(&format!("{id}: {}", describe(&fate)));
        }
        let Some(owed) = journal.note_fate(id, fate, is_offered).await? else { return Ok(false) };
        match journal.followed(id).await? {
            Some(now) => {
                let txid = now.txid.clone().or(txid);
                self.tell_owed(&Followed { txid, ..now }, owed).await
            }
            None => Ok(false),
        }
    }
}

/// The result of a look-up.
#[derive(Clone, Debug)]
struct Looked {
    fate: Fate,
    txid: Option<String>,
}

impl Default for Looked {
    fn default() -> Self {
        Self { fate: Fate::Open, txid: None }
    }
}

fn describe(fate: &Fate) -> String {
    match fate {
        Fate::Open => String::from("not known yet"),
        Fate::Confirmed => String::from("confirmed"),
        Fate::Failed { reason } => format!("in the chain, but failed: {reason}"),
        Fate::Dropped { reason } => format!("can never enter the chain: {reason}"),
        Fate::Expired { reason } => {
            format!("expired; signed again if the API still offers it: {reason}")
        }
    }
}
