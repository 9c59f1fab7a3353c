use std::{borrow::Cow, fmt, time::Duration};

use serde_json::Value;
use thiserror::Error;

use crate::{
    amount::Amount,
    effects::Effects,
    fate::{Inquiry, SentTransaction},
    id::{ChainId, KeyRef, Network},
    key::KeySpec,
    pending::Pending,
    pipeline::{BroadcastError, LookupError},
    policy::Permit,
    signers::{SignerError, Signers},
    signing::{Address, KeySignature, PublicKey, RawTransaction, SignError, SigningRequest},
};

/// A blockchain, as far as a signing daemon has to know one.
pub trait Chain: fmt::Debug + Sync {
    fn spec(&self) -> &ChainSpec;

    /// Reads the payload. Pure: what is missing is asked for through [`Draft::next_query`].
    /// Chains are statics, so that a draft can keep a reference to its row.
    ///
    /// # Errors
    /// When the payload is not a transaction of this chain and network, or names keys it cannot
    /// be signed with.
    fn decode(&'static self, order: &Order<'_>) -> Result<Box<dyn Draft>, DecodeError>;

    /// The address a public key controls.
    ///
    /// # Errors
    /// When the key is not one of this chain's scheme.
    fn address(&self, network: Network, key: &PublicKey) -> Result<Address, AddressError>;

    /// For a chain whose own node takes the transaction first: the steps to it. `None` where the
    /// remote API takes the signed bytes.
    ///
    /// # Errors
    /// When the bytes are not a transaction of this chain.
    fn submission(
        &self,
        _: Network,
        _: &RawTransaction,
    ) -> Result<Option<Box<dyn Submission>>, BroadcastError> {
        Ok(None)
    }

    /// For a chain that can be asked what became of a transaction: the questions to ask. `None`
    /// where only the remote API tells, and for bytes that are no transaction of this chain.
    fn inquiry(&self, _: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        None
    }
}

/// A pending transaction with all that decides how it is read.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub pending: &'a Pending,
    pub signers: &'a Signers,
    pub options: &'a ChainOptions,
}

/// What the operator allows on one chain beyond the defaults of its row.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChainOptions {
    /// EIP-155 chain ids accepted besides the known ones of the chain and network.
    pub extra_chain_ids: Vec<u64>,
    /// Allow transactions that change who controls an account.
    pub allow_account_changes: bool,
    /// Sign for an Algorand account whose authority was handed to the wallet's key.
    pub allow_rekeyed: bool,
    /// Leave out the checks on dust and on fees that are too low or absurdly high.
    pub skip_fee_checks: bool,
}

/// What every chain can say about itself as data.
#[derive(Debug)]
pub struct ChainSpec {
    pub id: ChainId,
    /// The chain's name for people.
    pub name: &'static str,
    /// Codes of tokens whose wallets are wallets of this chain. They are stored under their own
    /// code; the daemon does not poll for them.
    pub token_codes: &'static [&'static str],
    /// Path segment of this chain in the remote API's broadcast route, e.g. `ethereum`.
    pub api_path: &'static str,
    /// Whether an off-chain withdrawal of this chain is broadcast by the withdrawal route.
    pub withdrawals: bool,
    /// Whether the original's client for this chain sends the header `x-testnet-type`.
    pub testnet_type_header: bool,
    /// Digits after the point in the native coin's usual unit.
    pub decimals: u8,
    pub key: KeySpec,
}

/// A decoded transaction that may still lack facts (nonce, gas, a public key).
///
/// The caller loops: ask for `next_query` until there is none, answering each; then `finish`.
pub trait Draft: fmt::Debug + Send {
    fn next_query(&mut self) -> Option<Query>;

    /// Takes the answer to the query last asked.
    ///
    /// # Errors
    /// When the answer is not what the chain's node would say.
    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError>;

    /// For what an answer reserved for this transaction: the call that gives it back. Made when
    /// the draft comes to nothing.
    fn release(&self) -> Option<NodeCall> {
        None
    }

    /// # Errors
    /// When the transaction cannot be completed, or must not be.
    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError>;
}

/// A transaction in which every byte that will be signed is fixed.
pub trait Unsigned: fmt::Debug + Send + Sync {
    /// Computed from the fields that will be signed, never from the payload they came from.
    fn effects(&self) -> &Effects;

    /// What the transaction uses up on its chain. Two transactions that use up the same thing
    /// cannot both be confirmed, so the journal lets only one of them be signed.
    fn claims(&self) -> Vec<Claim>;

    /// As [`Draft::release`]: made when the transaction is not signed after all.
    fn release(&self) -> Option<NodeCall> {
        None
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest>;

    /// Signatures come in the order of `signing_requests`.
    ///
    /// # Errors
    /// When the signatures are not those that were asked for.
    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError>;
}

/// Something on a chain that can be used once: an output, or a nonce of an account.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Claim {
    what: String,
    numbered: Option<(String, u64)>,
}

#[derive(Clone, Debug)]
pub enum Query {
    PublicKey(KeyRef),
    Node(NodeCall),
}

#[derive(Clone, Debug)]
pub enum Answer {
    PublicKey(PublicKey),
    Node(Value),
}

/// A question to the outside, as data: the API client needs no knowledge of chains.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NodeCall {
    /// JSON-RPC through the remote API's node proxy at `path`, to which the API key is appended.
    Rpc { path: &'static str, method: &'static str, params: Value },
    /// A resource of the remote API. With a body it is posted to.
    Api { path: String, body: Option<Value> },
    /// A resource of a node that the remote API proxies at `path`: the API key is appended, and
    /// `resource`, which begins with a slash. With a body it is posted to.
    Proxy { path: &'static str, resource: String, body: Option<Value> },
    /// A service of somebody else: `default_base` unless configuration names another. With a
    /// body it is posted to.
    External { default_base: &'static str, path: Cow<'static, str>, body: Option<Value> },
}

/// How a recorded transaction reaches a chain whose node takes it before the remote API is told.
///
/// The caller loops as with a [`Draft`]: makes the next step until there is none, giving back
/// what came of each; then tells the API [`tx_data`](Self::tx_data). A transaction may be
/// submitted again at any time, from the first step on.
pub trait Submission: fmt::Debug + Send {
    /// Told before the first step when the bytes were signed in this very run and never given to
    /// anybody: only then can a node that refuses them be known to be the first that has them.
    fn note_first_sending(&mut self) {}

    fn next_step(&mut self) -> Option<Step>;

    /// Takes what came of the step last made.
    ///
    /// # Errors
    /// When the chain refuses the transaction, or it cannot be known yet whether it took it.
    fn outcome(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError>;

    /// What the API is told in the place of signed bytes.
    fn tx_data(&self) -> String;
}

/// A call of a [`Submission`], made after a pause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    pub pause: Duration,
    pub call: NodeCall,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    #[error("the payload is not valid JSON (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("the payload is not a JSON object")]
    NotAnObject,
    #[error("the payload is nested too deeply or too long")]
    TooLarge,
    #[error("field `{0}` appears twice")]
    Duplicate(String),
    #[error("field `{field}`: {problem}")]
    Field { field: Cow<'static, str>, problem: Cow<'static, str> },
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    #[error("chain id {found} is none of {chain} {network} (known: {})", join(.known))]
    WrongChainId { chain: ChainId, network: Network, found: u64, known: Vec<u64> },
    #[error("{0} are not signed")]
    Unsupported(Cow<'static, str>),
    #[error("{0} change who controls the account and are signed only with --allow-account-changes")]
    AccountChange(&'static str),
    #[error("gas limit {given} is too low: this transaction needs at least {needed}")]
    GasTooLow { given: u64, needed: u64 },
    #[error("{}", .0)]
    Signer(#[from] SignerError),
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResolveError {
    #[error("the answer to `{0}` is not what was expected: {1}")]
    UnexpectedAnswer(&'static str, Cow<'static, str>),
    #[error("the draft still lacks `{0}`")]
    Incomplete(&'static str),
    #[error("the draft asks for more facts than a transaction can need")]
    TooManyQueries,
    #[error("{}", .0)]
    Decode(#[from] DecodeError),
    #[error("the transaction is from {found}, the wallet's key is that of {expected}")]
    NotOurs { found: String, expected: String },
    #[error(
        "input {input} spends {outpoint} and stays unsigned: none of the {keys} keys named fits its script{}",
        without_index_hint(.without_index)
    )]
    UnsignedInput {
        input: usize,
        outpoint: String,
        keys: usize,
        without_index: Vec<crate::id::SignatureId>,
    },
    #[error("{keys} keys are named for {inputs} inputs: name one key for all, or one for each")]
    KeyCount { keys: usize, inputs: usize },
    #[error("outputs of {outputs} exceed inputs of {inputs} base units")]
    Overspent { inputs: Amount, outputs: Amount },
    #[error("output {output} of {amount} base units is dust (the least is {least})")]
    Dust { output: usize, amount: Amount, least: Amount },
    #[error("a fee of {fee} base units is outside {least} to {most} for this transaction")]
    AbsurdFee { fee: Amount, least: Amount, most: Amount },
    #[error("{subject} differs from what was asked for: {found} instead of {expected}")]
    Substituted { subject: &'static str, found: String, expected: String },
    #[error("the fee is {fee} base units, the payload says {stated}")]
    FeeDiffers { fee: Amount, stated: Amount },
    #[error(
        "gas of {gas} at {gas_price} base units is above what this chain's rules allow: {most}"
    )]
    AbsurdGas { gas: u64, gas_price: Amount, most: Cow<'static, str> },
    #[error("a number is out of range")]
    Overflow,
}

#[derive(Clone, Copy, Debug, Error)]
#[error("the public key is not one of this chain's scheme")]
pub struct AddressError;

impl Claim {
    pub const fn new(what: String) -> Self {
        Self { what, numbered: None }
    }

    /// A number of an account whose transactions are confirmed in the order of their numbers.
    /// `account` says which chain and network it is on.
    pub fn numbered(account: String, number: u64) -> Self {
        Self { what: format!("{account}:{number}"), numbered: Some((account, number)) }
    }

    pub fn as_str(&self) -> &str {
        &self.what
    }

    /// The account and its number.
    pub fn number(&self) -> Option<(&str, u64)> {
        self.numbered.as_ref().map(|(account, number)| (account.as_str(), *number))
    }
}

impl DecodeError {
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

fn without_index_hint(wallets: &[crate::id::SignatureId]) -> String {
    match wallets.first() {
        Some(wallet) => format!(" (wallet {wallet} is a mnemonic wallet named without an index)"),
        None => String::new(),
    }
}
