use async_trait::async_trait;

use crate::{
    chain::Chain,
    digest::SigningDigest,
    failure::Failure,
    gate::{Approved, permit::Permit},
    id::TransactionId,
    ledger::{Attempt, Bytes, Entry, Journal, JournalError, Limits, Recalled, Reservation},
    pending::Pending,
    ports::{
        broadcast::{Acceptance, BroadcastError},
        lookup::Lookup,
        sign::{Sign, SignError},
    },
    signing::RawTransaction,
    stages::proposal::Proposal,
};

/// Hands a recorded transaction to the network.
#[async_trait]
pub trait Broadcast: Send + Sync {
    /// # Errors
    /// When the network refuses the transaction, or it is not known whether it got it.
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError>;
}

/// An approved transaction that lacks nothing any more: what lives too short to wait for a verdict
/// was asked for after it.
#[derive(Debug)]
pub struct Fresh {
    proposal: Proposal,
    permit: Permit,
}

/// An approved transaction whose id is claimed in the journal.
#[derive(Debug)]
pub struct Reserved {
    proposal: Proposal,
    permit: Permit,
    reservation: Reservation,
}

/// Signed bytes that exist in memory only.
#[derive(Debug)]
pub struct Signed {
    pending: Pending,
    raw: RawTransaction,
    first_slot: Option<u64>,
    reservation: Reservation,
}

/// A signed transaction whose bytes are in the journal. Only this can be broadcast.
#[derive(Debug)]
pub struct Recorded {
    pending: Pending,
    raw: RawTransaction,
    txid: Option<String>,
    sending: Sending,
}

/// The beginning of a pending transaction's road.
#[derive(Debug)]
pub enum Beginning {
    /// With a signature, the given one of its id.
    New(Attempt),
    /// With bytes that were signed earlier.
    Signed(Box<Recorded>),
}

/// Knowledge of earlier sendings of the same bytes.
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
    acceptance: Acceptance,
}

impl Approved {
    /// Asks for what the messages get only after the verdict.
    ///
    /// # Errors
    /// When there is no usable answer, or anything else that was approved changes by it.
    pub async fn freshen(self, lookup: &dyn Lookup) -> Result<Fresh, Failure> {
        let (proposal, permit) = self.into_parts();
        let proposal = proposal.take_late_value(lookup, &permit).await?;
        Ok(Fresh { proposal, permit })
    }
}

impl Fresh {
    /// # Errors
    /// When the transaction, or something it uses up, is taken already, or a limit holds it.
    pub async fn reserve(
        self,
        journal: &dyn Journal,
        limits: &Limits,
    ) -> Result<Reserved, JournalError> {
        let Self { proposal, permit } = self;
        let claims = proposal.claims();
        let reservation = journal.reserve(proposal.intent(&claims, limits)).await?;
        Ok(Reserved { proposal, permit, reservation })
    }
}

impl Reserved {
    /// # Errors
    /// When a key is missing or does not sign as asked.
    pub fn sign(self, keys: &dyn Sign) -> Result<Signed, SignError> {
        let requests = self.proposal.unsigned.signing_requests(&self.permit);
        let is_other = |digest: &SigningDigest| *digest != self.proposal.digest_of(&requests);
        if self.permit.digest().is_some_and(is_other) {
            return Err(SignError::NotApproved);
        }
        let Proposal { pending, unsigned, .. } = self.proposal;
        let signatures =
            requests.iter().map(|request| keys.sign(request)).collect::<Result<_, _>>()?;
        let first_slot = unsigned.first_slot();
        let raw = unsigned.assemble(signatures)?;
        Ok(Signed { pending, raw, first_slot, reservation: self.reservation })
    }
}

impl Signed {
    /// # Errors
    /// When another process took the transaction over, or the journal cannot be written.
    pub async fn record(
        self,
        chain: &dyn Chain,
        journal: &dyn Journal,
    ) -> Result<Recorded, JournalError> {
        // An id that cannot be computed is no reason to lose the bytes.
        let txid = chain.txid(self.pending.network, &self.raw).ok().flatten();
        let first_slot = self.first_slot;
        let bytes = Bytes { raw: &self.raw, txid: txid.as_deref(), first_slot };
        journal.record(&self.pending.id, &self.reservation, bytes).await?;
        let Self { pending, raw, .. } = self;
        Ok(Recorded { pending, raw, txid, sending: Sending::First })
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
    ) -> Result<Beginning, JournalError> {
        let (raw, sending) = match journal.recall(pending).await? {
            Recalled::New(attempt) => return Ok(Beginning::New(attempt)),
            Recalled::Known(Entry::Signed(raw)) => (raw, Sending::Again),
            Recalled::Known(Entry::Sent(raw)) => (raw, Sending::AfterAcceptance),
            Recalled::Known(Entry::Ended { state, reason }) => {
                return Err(JournalError::Ended { state, reason });
            }
        };
        let pending = pending.clone();
        Ok(Beginning::Signed(Box::new(Self { pending, raw, txid: None, sending })))
    }

    /// # Errors
    /// When the network refuses the transaction, or it is not known whether it got it.
    pub async fn broadcast(
        self,
        broadcaster: &dyn Broadcast,
        journal: &dyn Journal,
    ) -> Result<Accepted, Failure> {
        let error = match broadcaster.broadcast(&self).await {
            Ok(acceptance) => return Ok(Accepted { id: self.pending.id.clone(), acceptance }),
            Err(error) => self.judge(error),
        };
        let BroadcastError::Refused { reason, .. } = &error else { return Err(error.into()) };
        if journal.refuse(&self.pending, &error.to_string()).await? {
            return Err(error.into());
        }
        // Another process had them taken meanwhile.
        Err(BroadcastError::Doubtful { reason: reason.clone() }.into())
    }

    /// A refusal says that the bytes will never be in the chain, unless an earlier sending may
    /// have brought them there.
    fn judge(&self, error: BroadcastError) -> BroadcastError {
        let is_certain = |is_proved| match self.sending {
            Sending::First => true,
            Sending::Again => is_proved,
            Sending::AfterAcceptance => false,
        };
        match error {
            BroadcastError::Refused { reason, is_proved } if !is_certain(is_proved) => {
                BroadcastError::Doubtful { reason }
            }
            error => error,
        }
    }

    /// The request as the API sent it.
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The bytes that are sent.
    pub const fn raw(&self) -> &RawTransaction {
        &self.raw
    }

    /// Its id on its chain, where it was signed in this very run and the bytes tell it.
    pub fn txid(&self) -> Option<&str> {
        self.txid.as_deref()
    }

    /// Returns true if it was signed in this very run: recalled bytes may have been sent before.
    pub fn is_new(&self) -> bool {
        self.sending == Sending::First
    }
}

impl Accepted {
    /// The transaction's id on its chain, where it can be known.
    pub fn txid(&self) -> Option<&str> {
        self.acceptance.txid.as_deref()
    }

    /// The id that the API named, where that is not the transaction's own.
    pub fn foreign_txid(&self) -> Option<&str> {
        self.acceptance.foreign.as_deref()
    }

    /// Notes that nothing more is to be done.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn close(self, journal: &dyn Journal) -> Result<TransactionId, JournalError> {
        journal.close(&self.id, self.txid(), self.foreign_txid()).await?;
        Ok(self.id)
    }
}
