//! The gate: decides which proposals may be signed.

use std::fmt;

use async_trait::async_trait;

use self::{
    denial::{ApproveError, Denial},
    permit::Permit,
};
use crate::{
    digest::SigningDigest,
    effects::Effects,
    id::{Network, TransactionId},
    stages::proposal::Proposal,
};

pub(crate) mod denial;
pub(crate) mod fee;
pub(crate) mod permit;

/// Decides which proposals may be signed. The only maker of [`Permit`]s.
pub struct Gate {
    rules: Vec<Box<dyn Rule>>,
    four_eyes: FourEyes,
}

/// A local rule. All rules must allow; the first denial ends the review.
pub trait Rule: Send + Sync {
    /// # Errors
    /// The reason for which the transaction must not be signed.
    fn check(&self, effects: &Effects) -> Result<(), Denial>;
}

/// The second pair of eyes. Mainnet cannot waive it: see [`Gate::review`].
pub enum FourEyes {
    /// Every proposal is put to this approver.
    Required(Box<dyn Approve>),
    /// Nobody is asked: for testnet only.
    WaivedOnTestnet,
}

/// Asks an external system whether a transaction is wanted.
#[async_trait]
pub trait Approve: Send + Sync {
    /// Returns true if the approver is given the digest of what will be signed. Computing it costs
    /// a second pass over every message.
    fn wants_digest(&self) -> bool {
        false
    }

    /// `digest` is there if it is wanted.
    ///
    /// # Errors
    /// When the approver denies the proposal, or is unavailable.
    async fn approve(
        &self,
        proposal: &Proposal,
        digest: Option<&SigningDigest>,
    ) -> Result<(), ApproveError>;

    /// Tells what became of a transaction that was allowed by its digest. Nothing is done about an
    /// approver that does not hear it.
    async fn note_outcome(&self, _: &TransactionId, _: &SigningDigest, _: &Outcome) {}
}

/// The end of a transaction that an approver allowed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was signed; its id on its chain, where the bytes tell it.
    Signed {
        /// Its id on its chain, where the bytes tell it.
        txid: Option<String>,
    },
    /// Nothing was signed: whoever counts does not count it.
    NotSigned {
        /// The failure as text.
        reason: String,
    },
}

/// A proposal with the permit to sign it.
#[derive(Debug)]
pub struct Approved {
    proposal: Proposal,
    permit: Permit,
}

impl Gate {
    /// Takes the local rules and the approver.
    pub fn new(rules: Vec<Box<dyn Rule>>, four_eyes: FourEyes) -> Self {
        Self { rules, four_eyes }
    }

    /// Tells the approver whose answer is bound to a digest what became of it.
    pub(crate) async fn tell(
        &self,
        id: &TransactionId,
        digest: Option<&SigningDigest>,
        outcome: &Outcome,
    ) {
        if let (FourEyes::Required(approver), Some(digest)) = (&self.four_eyes, digest) {
            approver.note_outcome(id, digest, outcome).await;
        }
    }

    /// Returns true if an approver is configured.
    pub(crate) const fn asks(&self) -> bool {
        matches!(self.four_eyes, FourEyes::Required(_))
    }

    /// Returns true if the approver's answer is bound to the very messages that are signed.
    pub(crate) fn is_bound(&self) -> bool {
        match &self.four_eyes {
            FourEyes::Required(approver) => approver.wants_digest(),
            FourEyes::WaivedOnTestnet => false,
        }
    }

    /// # Errors
    /// When a local rule denies.
    pub(crate) fn check_rules(&self, proposal: &Proposal) -> Result<(), Denial> {
        self.rules.iter().try_for_each(|rule| rule.check(proposal.effects()))
    }

    /// Judges by everything but the approver's word. It gives no permit.
    ///
    /// # Errors
    /// When a local rule denies; and without an approver for a key that is stored for mainnet too.
    pub(crate) fn check_unasked(
        &self,
        proposal: &Proposal,
        has_approver: bool,
    ) -> Result<(), Denial> {
        self.check_rules(proposal)?;
        match proposal.shared_with_mainnet() {
            Some(wallet) if !has_approver => Err(Denial::SharedWithMainnet(wallet.clone())),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// When a rule or the approver denies; and without an approver on mainnet, or for a key that
    /// is stored for mainnet too.
    pub async fn review(&self, proposal: Proposal) -> Result<Approved, Denial> {
        self.check_rules(&proposal)?;
        let id = proposal.pending().id.clone();
        let mut permit = Permit::issue(id);
        match (&self.four_eyes, proposal.pending().network) {
            (FourEyes::Required(approver), _) => {
                if approver.wants_digest() {
                    permit.bind(proposal.signing_digest(&permit));
                }
                approver.approve(&proposal, permit.digest()).await?;
            }
            (FourEyes::WaivedOnTestnet, Network::Testnet) => match proposal.shared_with_mainnet() {
                None => (),
                Some(wallet) => return Err(Denial::SharedWithMainnet(wallet.clone())),
            },
            (FourEyes::WaivedOnTestnet, Network::Mainnet) => return Err(Denial::FourEyesMissing),
        }
        Ok(Approved { proposal, permit })
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let four_eyes = match self.four_eyes {
            FourEyes::Required(_) => "required",
            FourEyes::WaivedOnTestnet => "waived on testnet",
        };
        f.debug_struct("Gate")
            .field("rules", &self.rules.len())
            .field("four_eyes", &four_eyes)
            .finish()
    }
}

impl fmt::Debug for FourEyes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required(_) => "Required",
            Self::WaivedOnTestnet => "WaivedOnTestnet",
        })
    }
}

impl Approved {
    /// The effects that were allowed.
    pub fn effects(&self) -> &Effects {
        self.proposal.effects()
    }

    /// The digest that an approver was told, of what will be signed.
    pub(crate) const fn digest(&self) -> Option<&SigningDigest> {
        self.permit.digest()
    }

    pub(crate) fn into_parts(self) -> (Proposal, Permit) {
        (self.proposal, self.permit)
    }
}
