//! Reasons for which the gate does not let a proposal through.

use std::fmt;

use thiserror::Error;

use crate::{
    amount::Amount,
    effects::Asset,
    id::{ChainId, SignatureId},
};

/// The reason why a proposal may not be signed.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum Denial {
    #[error("denied by a local rule: {0}")]
    Rule(String),
    #[error("{}", .0)]
    Fee(#[from] FeeDenial),
    #[error("mainnet requires a four-eye approver")]
    FourEyesMissing,
    #[error(
        "wallet {0} has a key that is also stored for mainnet, where its testnet signatures may be \
         valid: name an approver with --externalUrl, or use another key on testnet"
    )]
    SharedWithMainnet(SignatureId),
    #[error("{}", .0)]
    FourEyes(#[from] ApproveError),
}

/// The reason why the four-eye approver gave no yes.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
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

/// A fee that is above its ceiling, or has none.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum FeeDenial {
    #[error(
        "the fee of up to {fee} {chain} is above the ceiling of {most} {chain}; if it is right, \
         allow it with --fee-most {chain}={fee}"
    )]
    TooHigh { chain: ChainId, fee: InCoins, most: InCoins },
    #[error(
        "the fee of up to {fee} base units of token {contract} is above the ceiling of {most}; if \
         it is right, allow it with --fee-most {chain}/{contract}={fee}"
    )]
    TooHighInToken { chain: ChainId, contract: String, fee: Amount, most: Amount },
    #[error(
        "no ceiling is set for {chain} fees in {asset}; set one, in base units, with --fee-most \
         {chain}/<contract>=<maximum>"
    )]
    NoCeiling { chain: ChainId, asset: Asset },
}

/// An amount in the coin's usual unit, exact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InCoins {
    /// In base units.
    pub amount: Amount,
    /// Digits after the point.
    pub decimals: u8,
}

impl fmt::Display for InCoins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.decimals);
        let digits = format!("{:0>width$}", self.amount.to_string(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
        let fraction = fraction.trim_end_matches('0');
        f.write_str(whole)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}
