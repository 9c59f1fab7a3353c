use thiserror::Error;

use super::fee::FeeDenial;
use crate::id::SignatureId;

/// Why a proposal may not be signed.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum Denial {
    #[error("denied by a local rule: {0}")]
    Rule(String),
    #[error("{}", .0)]
    Fee(#[from] FeeDenial),
    #[error("mainnet requires a four-eye approver")]
    FourEyesMissing,
    #[error(
        "wallet {0} holds a key that is stored for mainnet too, and what it signs on testnet may \
         be good there: name an approver with --externalUrl, or use another key on testnet"
    )]
    SharedWithMainnet(SignatureId),
    #[error("{}", .0)]
    FourEyes(#[from] ApproveError),
}

/// Why the four-eye approver gave no yes.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
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
