use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use crate::{
    effects::Effects,
    id::{Network, TransactionId},
    pipeline::Proposal,
    signing::SigningDigest,
};

/// Decides which proposals may be signed. The only maker of [`Permit`]s.
pub struct Gate {
    rules: Vec<Box<dyn Rule>>,
    four_eyes: FourEyes,
}

/// A local rule. All rules must allow; the first refusal ends the review.
pub trait Rule: Send + Sync {
    /// # Errors
    /// The reason for which the transaction must not be signed.
    fn check(&self, effects: &Effects) -> Result<(), Refusal>;
}

/// The second pair of eyes. Mainnet cannot waive it: see [`Gate::review`].
pub enum FourEyes {
    Required(Box<dyn Approve>),
    WaivedOnTestnet,
}

/// Asks an external system whether a transaction is wanted.
#[async_trait]
pub trait Approve: Send + Sync {
    /// Whether the approver is told the digest of what will be signed. It costs a second look at
    /// every message.
    fn wants_digest(&self) -> bool {
        false
    }

    /// `digest` is there if it is wanted.
    ///
    /// # Errors
    /// When the approver says no, or cannot be asked.
    async fn approve(
        &self,
        proposal: &Proposal,
        digest: Option<&SigningDigest>,
    ) -> Result<(), ApproveError>;
}

/// Proof that a proposal passed the gate. Not `Clone`; lives and dies with its proposal.
#[derive(Debug)]
pub struct Permit {
    id: TransactionId,
    /// What an approver was told will be signed.
    digest: Option<SigningDigest>,
    _issued_by_gate: (),
}

/// A proposal with the permit to sign it.
#[derive(Debug)]
pub struct Approved {
    proposal: Proposal,
    permit: Permit,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("refused by a local rule: {0}")]
    Rule(String),
    #[error("mainnet requires a four-eye approver")]
    FourEyesMissing,
    #[error("{}", .0)]
    FourEyes(#[from] ApproveError),
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApproveError {
    #[error("the four-eye approver answered with status {0}")]
    Denied(u16),
    #[error("the four-eye approver rejects it: {0}")]
    Rejected(String),
    #[error("the four-eye approver has not decided yet")]
    Undecided,
    #[error("the four-eye approver's answer is not valid: {0}")]
    Invalid(String),
    #[error("the four-eye approver could not be reached: {0}")]
    Unreachable(String),
}

impl Gate {
    pub fn new(rules: Vec<Box<dyn Rule>>, four_eyes: FourEyes) -> Self {
        Self { rules, four_eyes }
    }

    /// # Errors
    /// When a rule or the approver refuses, and on mainnet when there is no approver.
    pub async fn review(&self, proposal: Proposal) -> Result<Approved, Refusal> {
        self.rules.iter().try_for_each(|rule| rule.check(proposal.effects()))?;
        let id = proposal.pending().id.clone();
        let mut permit = Permit { id, digest: None, _issued_by_gate: () };
        match (&self.four_eyes, proposal.pending().network) {
            (FourEyes::Required(approver), _) => {
                permit.digest = approver.wants_digest().then(|| proposal.signing_digest(&permit));
                approver.approve(&proposal, permit.digest.as_ref()).await?;
            }
            (FourEyes::WaivedOnTestnet, Network::Testnet) => (),
            (FourEyes::WaivedOnTestnet, Network::Mainnet) => return Err(Refusal::FourEyesMissing),
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

impl Permit {
    pub const fn id(&self) -> &TransactionId {
        &self.id
    }

    pub(crate) const fn digest(&self) -> Option<&SigningDigest> {
        self.digest.as_ref()
    }
}

impl Approved {
    pub fn effects(&self) -> &Effects {
        self.proposal.effects()
    }

    pub(crate) fn into_parts(self) -> (Proposal, Permit) {
        (self.proposal, self.permit)
    }
}
