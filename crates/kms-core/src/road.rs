//! The one road of a pending transaction.

use crate::{
    chain::{Chain, ChainOptions, DecodeInput},
    effects::Effects,
    failure::Failure,
    gate::{Approved, Gate, Outcome},
    id::{Network, TransactionId},
    ledger::{Attempt, Journal, JournalError},
    pending::Pending,
    ports::{lookup::Lookup, sign::Sign},
    signers::Signers,
    stages::{
        proposal::{Hold, Proposal},
        recorded::{Beginning, Broadcast, Recorded},
    },
};

/// Takes one pending transaction all the way, or says why not.
///
/// # Errors
/// The stage at which the transaction stopped; [`Failure::disposition`] says what to do then.
pub async fn process(pending: Pending, road: Road<'_>) -> Result<TransactionId, Failure> {
    let (gate, ports) = (road.gate, road.ports);
    let attempt = match Recorded::recall(&pending, ports.journal).await? {
        Beginning::Signed(recorded) => return send(*recorded, ports).await,
        Beginning::New(attempt) => attempt,
    };
    let id = pending.id.clone();
    let proposal = propose(pending, attempt, road).await?;
    let hold = Hold::of(&proposal);
    let approved = match approve(proposal, road).await {
        Ok(approved) => approved,
        Err(failure) => {
            hold.give_back(ports.lookup).await;
            return Err(failure);
        }
    };
    let digest = approved.digest().copied();
    match sign(approved, road).await {
        Ok(recorded) => {
            let outcome = Outcome::Signed { txid: recorded.txid().map(str::to_owned) };
            // The payment does not wait for whoever hears of it.
            let sent = send(recorded, ports).await;
            gate.tell(&id, digest.as_ref(), &outcome).await;
            sent
        }
        Err(failure) => {
            hold.give_back(ports.lookup).await;
            let outcome = Outcome::NotSigned { reason: failure.to_string() };
            gate.tell(&id, digest.as_ref(), &outcome).await;
            Err(failure)
        }
    }
}

async fn send(recorded: Recorded, ports: Ports<'_>) -> Result<TransactionId, Failure> {
    let accepted = recorded.broadcast(ports.broadcaster, ports.journal).await?;
    Ok(accepted.close(ports.journal).await?)
}

/// The outcome that [`process`] would have.
#[derive(Debug)]
pub enum Rehearsed {
    /// It would be signed, with these effects.
    WouldSign(Box<Effects>),
    /// It was signed before.
    WouldSendAgain,
}

/// Goes the road up to the key: reads, completes and reviews, but reserves, signs and sends
/// nothing.
///
/// # Errors
/// As [`process`].
pub async fn rehearse(pending: Pending, road: Road<'_>) -> Result<Rehearsed, Failure> {
    let (gate, ports) = (road.gate, road.ports);
    let attempt = match Recorded::recall(&pending, ports.journal).await? {
        Beginning::Signed(_) => return Ok(Rehearsed::WouldSendAgain),
        Beginning::New(attempt) => attempt,
    };
    let proposal = propose(pending, attempt, road).await?;
    let hold = Hold::of(&proposal);
    let reviewed = gate.review(proposal).await;
    hold.give_back(ports.lookup).await;
    Ok(Rehearsed::WouldSign(Box::new(reviewed?.effects().clone())))
}

/// Goes the road as [`rehearse`] does, on nobody's journal and without asking an approver: for
/// whoever looks on while another daemon signs. `has_approver` says that one would be asked.
///
/// # Errors
/// As [`process`], except for what the journal and the approver would say.
pub async fn foresee(
    pending: Pending,
    road: Road<'_>,
    has_approver: bool,
) -> Result<Box<Effects>, Failure> {
    let proposal = propose(pending, Attempt::default(), road).await?;
    Hold::of(&proposal).give_back(road.ports.lookup).await;
    road.gate.check_unasked(&proposal, has_approver)?;
    Ok(Box::new(proposal.effects().clone()))
}

async fn propose(pending: Pending, attempt: Attempt, road: Road<'_>) -> Result<Proposal, Failure> {
    let Road { chain, options, gate, ports } = road;
    // The answers on which the first bytes are called useless come through the API.
    if attempt.is_by_itself && pending.network == Network::Mainnet && !gate.is_bound() {
        return Err(JournalError::SecondAttempt { former: attempt.former }.into());
    }
    let signers = Signers::find(&pending, ports.keys)?;
    let draft = chain.decode(&DecodeInput { pending: &pending, signers: &signers, options })?;
    let proposal = Proposal::complete(chain, pending, draft, ports.lookup, ports.keys).await?;
    Ok(proposal.of_attempt(attempt))
}

/// Asks about nothing that cannot go anyhow.
async fn approve(proposal: Proposal, road: Road<'_>) -> Result<Approved, Failure> {
    let Road { options, gate, ports, .. } = road;
    gate.check_rules(&proposal)?;
    let mut proposal = proposal;
    if gate.asks() {
        let claims = proposal.claims();
        let asked = ports.journal.note_question(proposal.intent(&claims, &options.limits)).await?;
        proposal = proposal.duplicating(asked);
    }
    Ok(gate.review(proposal).await?)
}

async fn sign(approved: Approved, road: Road<'_>) -> Result<Recorded, Failure> {
    let Road { chain, options, ports, .. } = road;
    let fresh = approved.freshen(ports.lookup).await?;
    let reserved = fresh.reserve(ports.journal, &options.limits).await?;
    let signed = reserved.sign(ports.keys)?;
    Ok(signed.record(chain, ports.journal).await?)
}

/// Everything that the transactions of one chain have in common.
#[derive(Clone, Copy)]
pub struct Road<'a> {
    /// The chain that reads and completes them.
    pub chain: &'static dyn Chain,
    /// The operator's settings for the chain.
    pub options: &'a ChainOptions,
    /// The rules and the approver.
    pub gate: &'a Gate,
    /// The outside world.
    pub ports: Ports<'a>,
}

/// The outside world, one trait per thing the road needs from it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Reads chain state.
    pub lookup: &'a dyn Lookup,
    /// The unlocked wallet store.
    pub keys: &'a dyn Sign,
    /// The record of what was signed.
    pub journal: &'a dyn Journal,
    /// The way to the network.
    pub broadcaster: &'a dyn Broadcast,
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
