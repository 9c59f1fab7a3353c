use crate::{
    chain::{Answer, Chain, Draft, LateValue, Query, Unsigned},
    chain_error::ResolveError,
    claim::Claim,
    digest::SigningDigest,
    effects::Effects,
    failure::Failure,
    gate::permit::Permit,
    id::{ChainId, Network, SignatureId},
    ledger::{Attempt, Intent, Limits},
    pending::Pending,
    ports::{
        lookup::{Lookup, NodeCall},
        sign::{Sign, SignError},
    },
    signing::{SigningRequest, signing_digest},
};

/// More queries than this and a draft is taken to be looping. A transaction of many inputs asks
/// for one public key each.
const QUERIES_MAX: u32 = 25_000;

/// A complete transaction waiting for a verdict.
#[derive(Debug)]
pub struct Proposal {
    pub(super) pending: Pending,
    pub(super) unsigned: Box<dyn Unsigned>,
    effects: Effects,
    attempt: Attempt,
    duplicate_of: Option<String>,
    /// A wallet that is named and whose secret is stored for mainnet too.
    shared_with_mainnet: Option<SignatureId>,
    /// The value that the messages get after the verdict.
    pub(super) late: Option<LateValue>,
}

/// The thing that another party sets aside for a transaction while it may still be signed.
pub(crate) struct Hold {
    chain: ChainId,
    network: Network,
    call: Option<NodeCall>,
}

impl Hold {
    pub(crate) fn of(proposal: &Proposal) -> Self {
        let (chain, network) = (proposal.pending.chain, proposal.pending.network);
        Self { chain, network, call: proposal.unsigned.give_back() }
    }

    /// If the call fails, the hold expires eventually.
    pub(crate) async fn give_back(self, lookup: &dyn Lookup) {
        if let Some(call) = self.call {
            let _ = lookup.call(self.chain, self.network, &call).await;
        }
    }
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

fn find_shared(pending: &Pending, keys: &dyn Sign) -> Result<Option<SignatureId>, SignError> {
    if !pending.network.is_testnet() {
        return Ok(None);
    }
    for wallet in pending.wallets() {
        if keys.wallet(wallet)?.is_some_and(|facts| facts.shared_with_mainnet) {
            return Ok(Some(wallet.clone()));
        }
    }
    Ok(None)
}

impl Proposal {
    /// Answers the draft's questions until it has none.
    ///
    /// # Errors
    /// When a question has no usable answer, or the complete transaction must not be signed.
    pub async fn complete(
        chain: &dyn Chain,
        pending: Pending,
        mut draft: Box<dyn Draft>,
        lookup: &dyn Lookup,
        keys: &dyn Sign,
    ) -> Result<Self, Failure> {
        if let Err(failure) = answer_all(&pending, draft.as_mut(), lookup, keys).await {
            let (chain, network) = (pending.chain, pending.network);
            Hold { chain, network, call: draft.give_back() }.give_back(lookup).await;
            return Err(failure);
        }
        let unsigned = draft.finish()?;
        let shared_with_mainnet = find_shared(&pending, keys)?;
        let mut effects = unsigned.effects().clone();
        effects.name_accounts(|text| chain.account(pending.network, text));
        Ok(Self {
            pending,
            late: unsigned.late_value(),
            unsigned,
            effects,
            attempt: Attempt::default(),
            duplicate_of: None,
            shared_with_mainnet,
        })
    }

    /// Says which signature of its id it would be.
    pub(crate) fn of_attempt(self, attempt: Attempt) -> Self {
        Self { attempt, ..self }
    }

    /// The number of the signature of its id that it would be, for the approver.
    pub const fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Says which transaction paid the same of late.
    pub(crate) fn duplicating(self, duplicate_of: Option<String>) -> Self {
        Self { duplicate_of, ..self }
    }

    /// A transaction that paid the same to the same of late, for the approver.
    pub fn duplicate_of(&self) -> Option<&str> {
        self.duplicate_of.as_deref()
    }

    pub(crate) fn intent<'a>(&'a self, claims: &'a [Claim], limits: &'a Limits) -> Intent<'a> {
        Intent { pending: &self.pending, effects: self.effects(), claims, limits }
    }

    pub(crate) fn claims(&self) -> Vec<Claim> {
        self.unsigned.claims()
    }

    /// The request as it was received, for the approver.
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The effects of the bytes that will be signed.
    pub const fn effects(&self) -> &Effects {
        &self.effects
    }

    pub(crate) const fn shared_with_mainnet(&self) -> Option<&SignatureId> {
        self.shared_with_mainnet.as_ref()
    }

    /// The name of the value that the messages get after the verdict, for the approver: its
    /// digest does not cover it.
    pub fn late_value(&self) -> Option<&'static str> {
        self.late.as_ref().map(|late| late.name)
    }

    pub(crate) fn signing_digest(&self, permit: &Permit) -> SigningDigest {
        self.digest_of(&self.unsigned.signing_requests(permit))
    }

    /// The digest of messages, which an approver's answer is bound to.
    pub(super) fn digest_of(&self, requests: &[SigningRequest]) -> SigningDigest {
        signing_digest(requests, self.late.as_ref().map(|late| late.position))
    }

    /// Puts in what is missing. Nothing else may change by it.
    pub(super) async fn take_late_value(
        mut self,
        lookup: &dyn Lookup,
        permit: &Permit,
    ) -> Result<Self, Failure> {
        let Some(LateValue { call, .. }) = &self.late else { return Ok(self) };
        let before = (self.unsigned.effects().clone(), self.signing_digest(permit));
        let answer = lookup.call(self.pending.chain, self.pending.network, call).await?;
        self.unsigned.take_late_value(&answer)?;
        let after = (self.unsigned.effects().clone(), self.signing_digest(permit));
        if before == after && self.unsigned.late_value().is_none() {
            Ok(self)
        } else {
            Err(SignError::NotApproved.into())
        }
    }
}
