use async_trait::async_trait;

use crate::{
    failure::Failure,
    gate::{Approved, permit::Permit},
    id::TransactionId,
    journal::{Entry, Intent, Journal, JournalError},
    pending::Pending,
    ports::{
        broadcast::{Acceptance, BroadcastError},
        sign::{Sign, SignError},
    },
    signing::{RawTransaction, signing_digest},
    stages::proposal::Proposal,
};

/// Hands a recorded transaction to the network.
#[async_trait]
pub trait Broadcast: Send + Sync {
    /// # Errors
    /// When the network refuses the transaction, or it is not known whether it got it.
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError>;
}

/// An approved transaction whose id is claimed in the journal.
#[derive(Debug)]
pub struct Reserved {
    proposal: Proposal,
    permit: Permit,
}

/// Signed bytes that exist in memory only.
#[derive(Debug)]
pub struct Signed {
    pending: Pending,
    raw: RawTransaction,
}

/// A signed transaction whose bytes are in the journal. Only this can be broadcast.
#[derive(Debug)]
pub struct Recorded {
    pending: Pending,
    raw: RawTransaction,
    sending: Sending,
}

/// What is known of earlier sendings of the same bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sending {
    /// They were signed in this very run and never given to anybody.
    First,
    /// They may have been sent before.
    Again,
    /// The network took them before.
    AfterAcceptance,
}

/// A transaction the network took.
#[derive(Debug)]
pub struct Accepted {
    id: TransactionId,
    sent: Acceptance,
}

impl Approved {
    /// # Errors
    /// When the transaction, or something it uses up, is taken already.
    pub async fn reserve(self, journal: &dyn Journal) -> Result<Reserved, JournalError> {
        let (proposal, permit) = self.into_parts();
        let intent = Intent {
            pending: &proposal.pending,
            digest: &proposal.pending.digest(),
            effects: proposal.effects(),
            claims: &proposal.unsigned.claims(),
        };
        journal.reserve(intent).await?;
        Ok(Reserved { proposal, permit })
    }
}

impl Reserved {
    /// # Errors
    /// When a key is missing or does not sign as asked.
    pub fn sign(self, keys: &dyn Sign) -> Result<Signed, SignError> {
        let Proposal { pending, unsigned } = self.proposal;
        let requests = unsigned.signing_requests(&self.permit);
        if self.permit.digest().is_some_and(|digest| *digest != signing_digest(&requests)) {
            return Err(SignError::NotApproved);
        }
        let signatures =
            requests.iter().map(|request| keys.sign(request)).collect::<Result<_, _>>()?;
        Ok(Signed { pending, raw: unsigned.assemble(signatures)? })
    }
}

impl Signed {
    /// # Errors
    /// When another process took the transaction over, or the journal cannot be written.
    pub async fn record(self, journal: &dyn Journal) -> Result<Recorded, JournalError> {
        journal.record(&self.pending.id, &self.raw).await?;
        let Self { pending, raw } = self;
        Ok(Recorded { pending, raw, sending: Sending::First })
    }
}

impl Recorded {
    /// The transaction as it was signed before a crash or a lost answer, if it was.
    ///
    /// # Errors
    /// When the id stood for something else before, or the network refused it before.
    pub async fn recall(
        pending: &Pending,
        journal: &dyn Journal,
    ) -> Result<Option<Self>, JournalError> {
        let (raw, sending) = match journal.recall(pending, &pending.digest()).await? {
            None => return Ok(None),
            Some(Entry::Signed(raw)) => (raw, Sending::Again),
            Some(Entry::Sent(raw)) => (raw, Sending::AfterAcceptance),
            Some(Entry::Ended { state, reason }) => {
                return Err(JournalError::Ended { state, reason });
            }
        };
        Ok(Some(Self { pending: pending.clone(), raw, sending }))
    }

    /// # Errors
    /// When the network refuses the transaction, or it is not known whether it got it.
    pub async fn broadcast(
        self,
        broadcaster: &dyn Broadcast,
        journal: &dyn Journal,
    ) -> Result<Accepted, Failure> {
        match broadcaster.broadcast(&self).await {
            Ok(sent) => Ok(Accepted { id: self.pending.id.clone(), sent }),
            Err(error) => match self.judge(error) {
                error @ BroadcastError::Refused { .. } => {
                    journal.refuse(&self.pending.id, &error.to_string()).await?;
                    Err(error.into())
                }
                error => Err(error.into()),
            },
        }
    }

    /// A refusal says that the bytes will never be in the chain, unless an earlier sending may
    /// have brought them there.
    fn judge(&self, error: BroadcastError) -> BroadcastError {
        match (self.sending, error) {
            (Sending::First, BroadcastError::Doubtful { reason }) => {
                BroadcastError::Refused { reason }
            }
            (Sending::AfterAcceptance, BroadcastError::Refused { reason }) => {
                BroadcastError::Doubtful { reason }
            }
            (_, error) => error,
        }
    }

    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    pub const fn raw(&self) -> &RawTransaction {
        &self.raw
    }

    /// Whether it was signed in this very run: recalled bytes may have been sent before.
    pub fn is_new(&self) -> bool {
        self.sending == Sending::First
    }
}

impl Accepted {
    /// The transaction's id on its chain, where it can be known.
    pub fn txid(&self) -> Option<&str> {
        self.sent.txid.as_deref()
    }

    /// The id that the API named, where that is not the transaction's own.
    pub fn foreign_txid(&self) -> Option<&str> {
        self.sent.foreign.as_deref()
    }

    /// Notes that nothing more is to be done.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn close(self, journal: &dyn Journal) -> Result<TransactionId, JournalError> {
        journal.close(&self.id, self.sent.txid.as_deref()).await?;
        Ok(self.id)
    }
}
