use async_trait::async_trait;
use serde_json::Value;
use thiserror::Error;

use crate::{
    chain::{Answer, Chain, ChainOptions, Draft, NodeCall, Order, Query, ResolveError, Unsigned},
    effects::Effects,
    failure::Failure,
    id::{ChainId, Network, TransactionId},
    journal::{Entry, Intent, Journal, JournalError},
    pending::Pending,
    policy::{Approved, Gate, Permit},
    signers::Signers,
    signing::{RawTransaction, Sign, SignError, SigningDigest},
};

/// More queries than this and a draft is taken to be looping. A transaction of many inputs asks
/// for one public key each.
const QUERIES_MAX: u32 = 25_000;

/// Takes one pending transaction all the way, or says why not.
///
/// # Errors
/// The stage at which the transaction stopped; [`Failure::disposition`] says what to do then.
pub async fn process(pending: Pending, road: Road<'_>) -> Result<TransactionId, Failure> {
    let Road { chain, options, gate, ports } = road;
    let recorded = match Recorded::recall(&pending, ports.journal).await? {
        Some(recorded) => recorded,
        None => {
            let signers = Signers::find(&pending, ports.keys)?;
            let order = Order { pending: &pending, signers: &signers, options };
            let draft = chain.decode(&order)?;
            let proposal = Proposal::complete(pending, draft, ports.lookup, ports.keys).await?;
            let reserved = Reservation::of(&proposal);
            match sign(proposal, gate, ports).await {
                Ok(recorded) => recorded,
                Err(failure) => {
                    reserved.release(ports.lookup).await;
                    return Err(failure);
                }
            }
        }
    };
    let accepted = recorded.broadcast(ports).await?;
    Ok(accepted.close(ports.journal).await?)
}

/// What [`process`] would do with a pending transaction.
#[derive(Debug)]
pub enum Rehearsed {
    WouldSign(Effects),
    /// It was signed before.
    WouldSendAgain,
}

/// Goes the road up to the key: reads, completes and reviews, but reserves, signs and sends
/// nothing.
///
/// # Errors
/// As [`process`].
pub async fn rehearse(pending: Pending, road: Road<'_>) -> Result<Rehearsed, Failure> {
    let Road { chain, options, gate, ports } = road;
    if Recorded::recall(&pending, ports.journal).await?.is_some() {
        return Ok(Rehearsed::WouldSendAgain);
    }
    let signers = Signers::find(&pending, ports.keys)?;
    let draft = chain.decode(&Order { pending: &pending, signers: &signers, options })?;
    let proposal = Proposal::complete(pending, draft, ports.lookup, ports.keys).await?;
    let reserved = Reservation::of(&proposal);
    let reviewed = gate.review(proposal).await;
    reserved.release(ports.lookup).await;
    Ok(Rehearsed::WouldSign(reviewed?.effects().clone()))
}

async fn sign(proposal: Proposal, gate: &Gate, ports: Ports<'_>) -> Result<Recorded, Failure> {
    let approved = gate.review(proposal).await?;
    let reserved = approved.reserve(ports.journal).await?;
    let signed = reserved.sign(ports.keys)?;
    Ok(signed.record(ports.journal).await?)
}

/// What somebody else holds ready for a transaction as long as it may come.
struct Reservation {
    chain: ChainId,
    network: Network,
    release: Option<NodeCall>,
}

impl Reservation {
    fn of(proposal: &Proposal) -> Self {
        let Pending { chain, network, .. } = proposal.pending;
        Self { chain, network, release: proposal.unsigned.release() }
    }

    /// If the call fails, it ends by itself in time.
    async fn release(self, lookup: &dyn Lookup) {
        if let Some(call) = self.release {
            let _ = lookup.call(self.chain, self.network, &call).await;
        }
    }
}

/// Everything that the transactions of one chain have in common.
#[derive(Clone, Copy)]
pub struct Road<'a> {
    pub chain: &'static dyn Chain,
    pub options: &'a ChainOptions,
    pub gate: &'a Gate,
    pub ports: Ports<'a>,
}

/// The outside world, one trait per thing the pipeline needs from it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    pub lookup: &'a dyn Lookup,
    pub keys: &'a dyn Sign,
    pub journal: &'a dyn Journal,
    pub network: &'a dyn Broadcast,
}

/// Reads chain state for a draft.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// # Errors
    /// When nobody answers, or the answer is a refusal.
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError>;
}

/// Hands a recorded transaction to the network.
#[async_trait]
pub trait Broadcast: Send + Sync {
    /// # Errors
    /// When the network refuses the transaction, or it is not known whether it got it.
    async fn broadcast(&self, recorded: &Recorded) -> Result<Sent, BroadcastError>;
}

/// A complete transaction waiting for a verdict.
#[derive(Debug)]
pub struct Proposal {
    pending: Pending,
    unsigned: Box<dyn Unsigned>,
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

/// What the network said when it took a transaction.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sent {
    /// The transaction's id on its chain.
    pub txid: Option<String>,
}

/// A transaction the network took.
#[derive(Debug)]
pub struct Accepted {
    id: TransactionId,
    sent: Sent,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Nobody was asked.
    #[error("{what} could not be looked up: {reason}")]
    NotAsked { what: String, reason: String },
    #[error("{what} could not be looked up: {reason}")]
    Unreachable { what: String, reason: String },
    #[error("{what} could not be looked up: {reason}")]
    Refused { what: String, reason: String },
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BroadcastError {
    #[error("the network refused the transaction: {reason}")]
    Rejected { reason: String },
    /// In words that the network would also have for a transaction that is in the chain already.
    #[error(
        "the network refuses the transaction ({reason}); an earlier sending of it may be in the \
         chain, which is found out first"
    )]
    Doubtful { reason: String },
    #[error("it could not be sent: {reason}")]
    NotSent { reason: String },
    #[error(
        "it is not known whether the broadcast arrived ({reason}); the same bytes are sent again"
    )]
    Unknown { reason: String },
}

async fn answer_all(
    pending: &Pending,
    draft: &mut dyn Draft,
    lookup: &dyn Lookup,
    keys: &dyn Sign,
) -> Result<(), Failure> {
    let mut queries = 0_u32;
    while let Some(query) = draft.next_query() {
        queries = queries.saturating_add(1);
        if queries > QUERIES_MAX {
            return Err(ResolveError::TooManyQueries.into());
        }
        let answer = match query {
            Query::PublicKey(key) => Answer::PublicKey(keys.public_key(&key)?),
            Query::Node(call) => {
                Answer::Node(lookup.call(pending.chain, pending.network, &call).await?)
            }
        };
        draft.answer(answer)?;
    }
    Ok(())
}

impl Proposal {
    /// Answers the draft's questions until it has none.
    ///
    /// # Errors
    /// When a question has no usable answer, or the complete transaction must not be signed.
    pub async fn complete(
        pending: Pending,
        mut draft: Box<dyn Draft>,
        lookup: &dyn Lookup,
        keys: &dyn Sign,
    ) -> Result<Self, Failure> {
        if let Err(failure) = answer_all(&pending, draft.as_mut(), lookup, keys).await {
            let Pending { chain, network, .. } = pending;
            Reservation { chain, network, release: draft.release() }.release(lookup).await;
            return Err(failure);
        }
        let unsigned = draft.finish()?;
        Ok(Self { pending, unsigned })
    }

    /// The request as it was received, for the approver.
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    pub fn effects(&self) -> &Effects {
        self.unsigned.effects()
    }

    pub(crate) fn signing_digest(&self, permit: &Permit) -> SigningDigest {
        SigningDigest::of(&self.unsigned.signing_requests(permit))
    }
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
        if self.permit.digest().is_some_and(|digest| *digest != SigningDigest::of(&requests)) {
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
    pub async fn broadcast(self, ports: Ports<'_>) -> Result<Accepted, Failure> {
        match ports.network.broadcast(&self).await {
            Ok(sent) => Ok(Accepted { id: self.pending.id, sent }),
            Err(error) => match self.judge(error) {
                error @ BroadcastError::Rejected { .. } => {
                    ports.journal.refuse(&self.pending.id, &error.to_string()).await?;
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
                BroadcastError::Rejected { reason }
            }
            (Sending::AfterAcceptance, BroadcastError::Rejected { reason }) => {
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
    /// The transaction's id on its chain, where the network named it.
    pub fn txid(&self) -> Option<&str> {
        self.sent.txid.as_deref()
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

impl std::fmt::Debug for Road<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Road").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
