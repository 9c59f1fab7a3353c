use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    account::AccountId,
    amount::Amount,
    chain_error::{AddressError, DecodeError, ResolveError},
    claim::Claim,
    effects::Effects,
    fate::{Inquiry, SentTransaction},
    gate::permit::Permit,
    id::{ChainId, KeyRef, Network},
    key::KeySpec,
    ledger::Limits,
    pending::Pending,
    ports::{
        broadcast::BroadcastError,
        lookup::{LookupError, NodeCall},
        sign::SignError,
    },
    signers::Signers,
    signing::{Address, KeySignature, PublicKey, RawTransaction, SigningRequest},
    tool_path::ToolPath,
    txid::TxidError,
};

/// A blockchain, as far as a signing daemon has to know one.
pub trait Chain: fmt::Debug + Sync {
    /// The chain's row: its code, its keys, its limits.
    fn spec(&self) -> &ChainSpec;

    /// Reads the payload. Pure: what is missing is asked for through [`Draft::next_query`].
    /// Chains are statics, so that a draft can keep a reference to its row.
    ///
    /// # Errors
    /// When the payload is not a transaction of this chain and network, or names keys it cannot
    /// be signed with.
    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError>;

    /// The address a public key controls.
    ///
    /// # Errors
    /// When the key is not one of this chain's scheme.
    fn address(&self, network: Network, key: &PublicKey) -> Result<Address, AddressError>;

    /// Reads an address in any spelling of the chain's tools: the account behind it, whose name is
    /// the spelling that effects have. `None` for a text that is no address of this network.
    fn account(&self, network: Network, text: &str) -> Option<AccountId>;

    /// Returns true if a member of this name has a meaning in the chain's format. An operator cannot
    /// declare such a member harmless.
    fn is_member_of_format(&self, name: &str) -> bool;

    /// Returns true if an address, in any spelling of the chain's tools, is one that the key alone
    /// pays from: the one of [`address`](Self::address), and others of the same key.
    fn is_address_of(&self, network: Network, key: &PublicKey, address: &str) -> bool {
        let own = self.address(network, key).ok();
        let is_own = |own: Address| {
            let account = self.account(network, address);
            own.as_str() == address
                || (account.is_some() && account == self.account(network, own.as_str()))
        };
        own.is_some_and(is_own)
    }

    /// The paths on which other tools look for the keys of a recovery phrase, where they are not
    /// that of this chain's [`Derivation`](crate::Derivation). The most usual ones come first.
    fn tool_paths(&self) -> &'static [ToolPath] {
        &[]
    }

    /// The id of a transaction on its chain, as the chain's nodes and explorers spell it, from the
    /// signed bytes alone. `None` where signatures are part of it that others make only after
    /// these bytes were recorded.
    ///
    /// # Errors
    /// When the bytes are not a signed transaction of this chain.
    fn txid(&self, network: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError>;

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
    /// where only the remote API knows, and for bytes that are not a transaction of this chain.
    fn inquiry(&self, _: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        None
    }

    /// For a chain of which the payments of any transaction can be asked for: the call that tells
    /// those of the transaction with this id, whoever signed it.
    fn payment_call(&self, _: Network, _: &str) -> Option<NodeCall> {
        None
    }

    /// Reads the answer of [`payment_call`](Self::payment_call) in the words of a transaction that
    /// is signed here, so that the two can be compared: transfers, allowances and what is
    /// unexplained. Payers and the fee are left out. `None` for an answer that tells less.
    fn read_payment(&self, _: Network, _txid: &str, _: &Value) -> Option<Effects> {
        None
    }
}

/// A pending transaction with all that decides how it is read.
#[derive(Clone, Copy, Debug)]
pub struct DecodeInput<'a> {
    /// The request as the API sent it.
    pub pending: &'a Pending,
    /// The keys that it may be signed with.
    pub signers: &'a Signers,
    /// The operator's settings for this chain.
    pub options: &'a ChainOptions,
}

/// The operator's settings for one chain beyond the defaults of its row.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ChainOptions {
    /// EIP-155 chain ids accepted besides the known ones of the chain and network.
    pub extra_chain_ids: Vec<u64>,
    /// Allow transactions that change who controls an account.
    pub allow_account_changes: bool,
    /// Paths of members of the payload that are passed over, besides those of the chain's row:
    /// `memo`, `outputs[].label`.
    pub harmless_members: Vec<String>,
    /// Sign for an Algorand account whose authority was handed to the wallet's key.
    pub allow_rekeyed: bool,
    /// Leave out the checks on dust and on fees that are too low or absurdly high.
    pub skip_fee_checks: bool,
    /// Allow outputs whose value is lost: in data, or in an extension block.
    pub allow_burns: bool,
    /// Limits beyond each single transaction.
    pub limits: Limits,
    /// Take the payload's word for what the inputs are worth, where signatures do not commit to
    /// all of it, instead of reading the transactions that paid them.
    pub trust_input_amounts: bool,
}

/// A chain's facts, as data.
#[derive(Debug)]
pub struct ChainSpec {
    /// The code by which the API, the store and the commands name the chain, e.g. `ETH`.
    pub id: ChainId,
    /// The chain's name for people.
    pub name: &'static str,
    /// Codes by which the API or an operator may name the chain as well: `KAIA` for `KLAY`.
    pub other_codes: &'static [&'static str],
    /// Codes of tokens whose wallets are wallets of this chain. They are stored under their own
    /// code; the daemon does not poll for them.
    pub token_codes: &'static [&'static str],
    /// Path segment of this chain in the remote API's broadcast route, e.g. `ethereum`.
    pub api_path: &'static str,
    /// Returns true if an off-chain withdrawal of this chain is broadcast by the withdrawal route.
    pub withdrawals: bool,
    /// Returns true if the original's client for this chain sends the header `x-testnet-type`.
    pub testnet_type_header: bool,
    /// Digits after the point in the native coin's usual unit.
    pub decimals: u8,
    /// The most that one transaction may pay in fees, in base units, unless the owner says
    /// otherwise: far above what a payment costs, and low enough to lose.
    pub fee_most: Amount,
    /// The same for tokens that fees can be paid in, by contract, in base units of the token.
    pub token_fees_most: &'static [(&'static str, Amount)],
    /// The members of a payload that are passed over although nothing of them is signed.
    pub harmless_members: &'static [HarmlessMember],
    /// The kind of its keys.
    pub key: KeySpec,
}

impl ChainSpec {
    /// Returns true if a code names this chain.
    pub fn goes_by(&self, code: &str) -> bool {
        self.id.as_str() == code || self.other_codes.contains(&code)
    }
}

/// A member of a payload that changes nothing about what is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HarmlessMember {
    /// Its path in the payload, with `[]` for every item of a list: `outputs[].label`.
    pub path: &'static str,
    /// The reason why it may be passed over.
    pub reason: &'static str,
}

/// A decoded transaction that may still lack facts (nonce, gas, a public key).
///
/// The caller loops: ask for `next_query` until there is none, answering each; then `finish`.
pub trait Draft: fmt::Debug + Send {
    /// The next question; `None` when all facts are there.
    fn next_query(&mut self) -> Option<Query>;

    /// Takes the answer to the query last asked.
    ///
    /// # Errors
    /// When the answer is not what the chain's node would say.
    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError>;

    /// The call that frees what an answer set aside for this transaction. Made if the draft is
    /// abandoned.
    fn give_back(&self) -> Option<NodeCall> {
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

    /// Everything that the transaction uses up on its chain. Two transactions that use up the same
    /// thing cannot both be confirmed, so the journal lets only one of them be signed.
    fn claims(&self) -> Vec<Claim>;

    /// The height of the chain (on Solana the slot) that precedes every block that may have the
    /// transaction, where the draft was told one and the bytes do not say it. It is kept beside
    /// the bytes and comes back as [`SentTransaction::first_slot`].
    fn first_slot(&self) -> Option<u64> {
        None
    }

    /// The same as [`Draft::give_back`]: made when the transaction is not signed after all.
    fn give_back(&self) -> Option<NodeCall> {
        None
    }

    /// The messages to sign, in the order in which the signatures are taken. They need the gate's
    /// permit.
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

/// A question of a draft.
#[derive(Clone, Debug)]
pub enum Query {
    /// The public key of a wallet named in the request.
    PublicKey(KeyRef),
    /// A call of a node or service.
    Node(NodeCall),
}

/// The answer to a [`Query`] of the same name.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The public key that was asked for.
    PublicKey(PublicKey),
    /// The answer's JSON, unchecked.
    Node(Value),
}

/// The sending of a recorded transaction to a chain whose node gets it before the remote API.
///
/// The caller loops as with a [`Draft`]: makes the next step until there is none, passing in the
/// result of each; then gives the API [`tx_data`](Self::tx_data). A transaction may be submitted
/// again at any time, from the first step on.
pub trait Submission: fmt::Debug + Send {
    /// Told before the first step when the bytes were signed in this very run and never given to
    /// anybody: only then can a node that refuses them be known to be the first that has them.
    fn note_first_sending(&mut self) {}

    /// The next step; `None` when the chain has the transaction.
    fn next_step(&mut self) -> Option<Step>;

    /// Takes what came of the step last made.
    ///
    /// # Errors
    /// When the chain refuses the transaction, or it cannot be known yet whether it took it.
    fn outcome(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError>;

    /// The text that the API is given in the place of signed bytes.
    fn tx_data(&self) -> String;
}

/// A call of a [`Submission`], made after a pause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// The wait before the call.
    pub pause: Duration,
    /// The call to make.
    pub call: NodeCall,
}
