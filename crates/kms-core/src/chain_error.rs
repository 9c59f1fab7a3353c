use std::borrow::Cow;

use thiserror::Error;

use crate::{
    amount::Amount,
    id::{ChainId, Network, SignatureId},
    signers::SignerError,
};

/// The reason why a payload is not a transaction that can be signed.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum DecodeError {
    #[error("the payload is not valid JSON (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("the payload is not a JSON object")]
    NotAnObject,
    #[error("the payload is nested too deeply or too long")]
    TooLarge,
    #[error("field `{0}` appears twice")]
    Duplicate(String),
    #[error("fields `{0}` and `{1}` differ only in case: other programs may read either")]
    Twins(String, String),
    #[error("field `{field}`: {problem}")]
    Field { field: Cow<'static, str>, problem: Cow<'static, str> },
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    #[error(
        "field `{path}` is unknown and would not be signed; if it has no meaning on {chain}, allow \
         it with TATUM_KMS_HARMLESS_MEMBERS_{chain}={path}"
    )]
    Unknown { chain: ChainId, path: String },
    #[error("field `{path}` has a meaning on {chain} that this program does not sign")]
    Unsigned { chain: ChainId, path: String },
    #[error("chain id {found} does not belong to {chain} {network} (known: {})", join(.known))]
    WrongChainId { chain: ChainId, network: Network, found: u64, known: Vec<u64> },
    #[error("{0} are not supported")]
    Unsupported(Cow<'static, str>),
    #[error("{0} change who controls the account and are signed only with --allow-account-changes")]
    AccountChange(&'static str),
    #[error("{what} are signed only with {flag}")]
    NotAllowed { what: Cow<'static, str>, flag: &'static str },
    #[error("gas limit {given} is too low: this transaction needs at least {needed}")]
    GasTooLow { given: u64, needed: u64 },
    #[error("{}", .0)]
    Signer(#[from] SignerError),
}

/// The reason why a decoded transaction cannot be completed, or must not be signed once it is.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum ResolveError {
    #[error("the answer to `{0}` is not as expected: {1}")]
    UnexpectedAnswer(&'static str, Cow<'static, str>),
    #[error("the transaction still lacks `{0}`")]
    Incomplete(&'static str),
    #[error("the transaction needs more look-ups than are allowed")]
    TooManyQueries,
    #[error("{}", .0)]
    Decode(#[from] DecodeError),
    #[error("the transaction's sender is {found}, but the wallet's address is {expected}")]
    NotOurs { found: String, expected: String },
    #[error(
        "input {input}, which spends {outpoint}, is not signed: none of the transaction's {keys} \
         keys matches its script{}",
        without_index_hint(.without_index)
    )]
    UnsignedInput { input: usize, outpoint: String, keys: usize, without_index: Vec<SignatureId> },
    #[error(
        "input {input} spends {outpoint}, whose {subject} is {found}, but the payload says {stated}"
    )]
    SpentDiffers {
        input: usize,
        outpoint: String,
        subject: &'static str,
        found: String,
        stated: String,
    },
    #[error("input {input} spends {outpoint}, but that transaction has {outputs} outputs")]
    SpentMissing { input: usize, outpoint: String, outputs: usize },
    #[error(
        "{keys} keys are named for {inputs} inputs: name one key for all inputs, or one for each"
    )]
    KeyCount { keys: usize, inputs: usize },
    #[error("the outputs ({outputs} base units) exceed the inputs ({inputs})")]
    Overspent { inputs: Amount, outputs: Amount },
    #[error("output {output} of {amount} base units is dust (the minimum is {least})")]
    Dust { output: usize, amount: Amount, least: Amount },
    #[error(
        "the fee of {fee} base units is outside the range from {least} to {most} for this \
         transaction"
    )]
    AbsurdFee { fee: Amount, least: Amount, most: Amount },
    #[error("{subject} differs from the request: {found} instead of {expected}")]
    Substituted { subject: &'static str, found: String, expected: String },
    #[error("the fee is {fee} base units, but the payload says {stated}")]
    FeeDiffers { fee: Amount, stated: Amount },
    #[error("a fee of {gas} gas at {gas_price} base units is above this chain's maximum of {most}")]
    AbsurdGas { gas: u64, gas_price: Amount, most: Cow<'static, str> },
    #[error("a number is out of range")]
    Overflow,
}

/// The public key has no address on this chain.
#[derive(Clone, Copy, Debug, Error)]
#[error("the public key is not valid for this chain's signature scheme")]
pub struct AddressError;

impl DecodeError {
    /// Names the field at fault and says what is wrong with it.
    pub fn field(
        field: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Field { field: field.into(), problem: problem.into() }
    }
}

fn join(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

fn without_index_hint(wallets: &[SignatureId]) -> String {
    match wallets.first() {
        Some(wallet) => {
            format!(" (wallet {wallet} has a recovery phrase, but the transaction gives no index)")
        }
        None => String::new(),
    }
}
