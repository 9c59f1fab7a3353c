//! Completion of a payload: the API's proposer and payer, a recent block, a sequence number.

use kms_core::{
    Answer, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query, ResolveError,
    Unsigned,
};
use serde_json::{Value, json};

use super::{
    ACCESS_NODE,
    address::Account,
    payload::{self, Request},
    transaction::{self, AccountKey, GAS_LIMIT},
    unsigned::Complete,
};
use crate::{codec::hex, evm::answers};

const PAYER: &str = "/v3/flow/proposal/true";
const PROPOSER: &str = "/v3/flow/proposal/false";
const BLOCK: &str = "/v1/blocks?height=final&expand=payload";
/// An account has no more keys than that.
const KEY_MOST: u64 = 1 << 24;

#[derive(Debug)]
pub(super) struct FlowDraft {
    network: Network,
    key: KeyRef,
    payload: Request,
    payer: Option<AccountKey>,
    proposer: Option<AccountKey>,
    block: Option<Block>,
    sequence: Option<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Question {
    Payer,
    Proposer,
    Block,
    /// The number that a proposer's key is at.
    Sequence(AccountKey),
}

/// Reference block: a transaction is accepted for about 600 blocks after it.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) id: String,
    pub(super) height: u64,
}

impl FlowDraft {
    pub(super) fn new(input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        Ok(Self {
            network: pending.network,
            payload: payload::read(&pending.payload, pending.network, options)?,
            key: signers.account_key(pending)?,
            payer: None,
            proposer: None,
            block: None,
            sequence: None,
        })
    }

    /// The first that has no answer yet.
    fn next_question(&self) -> Option<Question> {
        if self.payer.is_none() {
            return Some(Question::Payer);
        }
        let Some(proposer) = self.proposer else { return Some(Question::Proposer) };
        if self.block.is_none() {
            return Some(Question::Block);
        }
        self.sequence.is_none().then_some(Question::Sequence(proposer))
    }

    fn ask(&self, question: Question) -> NodeCall {
        let api = |path: &str| NodeCall::Api { path: path.to_owned(), body: None };
        match question {
            Question::Payer => api(PAYER),
            Question::Proposer => api(PROPOSER),
            Question::Block => block_call(self.network),
            Question::Sequence(proposer) => account_call(self.network, &proposer.account),
        }
    }

    fn take(&mut self, question: Question, answer: &Value) -> Result<(), ResolveError> {
        match question {
            Question::Payer => self.payer = Some(self.role(PAYER, answer)?),
            Question::Proposer => {
                self.proposer = Some(self.role(PROPOSER, answer)?);
                if self.proposer == self.payer {
                    let problem = "the same key would propose and pay, which the network refuses";
                    return Err(ResolveError::UnexpectedAnswer(PROPOSER, problem.into()));
                }
            }
            Question::Block => self.block = Some(read_block(answer)?),
            Question::Sequence(proposer) => self.sequence = Some(read_sequence(answer, proposer)?),
        }
        Ok(())
    }

    /// A role of the API's own accounts: never that of the account whose authority is used.
    fn role(&self, what: &'static str, answer: &Value) -> Result<AccountKey, ResolveError> {
        let unexpected =
            |problem: &'static str| ResolveError::UnexpectedAnswer(what, problem.into());
        let address = answer.get("address").and_then(Value::as_str);
        let account =
            address.and_then(Account::read).ok_or_else(|| unexpected("it has no address"))?;
        if account == self.payload.account {
            return Err(unexpected("the transaction's account would also propose or pay"));
        }
        let key = answers::read_u64(what, answer.get("keyId").unwrap_or(&Value::Null))?;
        if key <= KEY_MOST {
            Ok(AccountKey { account, key })
        } else {
            Err(unexpected("the keyId is out of range"))
        }
    }
}

pub(super) fn node(network: Network, path: String, body: Option<Value>) -> NodeCall {
    NodeCall::External { default_base: ACCESS_NODE.on(network), path: path.into(), body }
}

pub(super) fn block_call(network: Network) -> NodeCall {
    node(network, String::from(BLOCK), None)
}

pub(super) fn account_call(network: Network, account: &Account) -> NodeCall {
    let digits = account.digits();
    node(network, format!("/v1/accounts/{digits}?block_height=sealed&expand=contracts,keys"), None)
}

/// # Errors
/// When the answer is not a list of one block.
pub(super) fn read_block(answer: &Value) -> Result<Block, ResolveError> {
    let unexpected =
        |problem: &'static str| ResolveError::UnexpectedAnswer("blocks", problem.into());
    let header = answer.pointer("/0/header").ok_or_else(|| unexpected("it has no header"))?;
    let id = header.get("id").and_then(Value::as_str).and_then(hex::decode_array::<32>);
    let id = id.ok_or_else(|| unexpected("its id is not 32 bytes"))?;
    let height = answers::read_u64("height", header.get("height").unwrap_or(&Value::Null))?;
    Ok(Block { id: hex::encode(&id), height })
}

/// The number that the next transaction which the key proposes has to have.
///
/// # Errors
/// When the account is another one, or has no such key, or it is revoked.
pub(super) fn read_sequence(answer: &Value, proposer: AccountKey) -> Result<u64, ResolveError> {
    let unexpected =
        |problem: &'static str| ResolveError::UnexpectedAnswer("accounts", problem.into());
    let address = answer.get("address").and_then(Value::as_str).unwrap_or_default();
    if address.trim_start_matches("0x") != proposer.account.digits() {
        return Err(unexpected("it describes another account"));
    }
    let keys = answer.get("keys").and_then(Value::as_array);
    let number = |key: &Value, name: &'static str| {
        answers::read_u64(name, key.get(name).unwrap_or(&Value::Null))
    };
    let is_own = |key: &&Value| number(key, "index").is_ok_and(|index| index == proposer.key);
    let key = keys.and_then(|keys| keys.iter().find(is_own));
    let key = key.ok_or_else(|| unexpected("it has no key with the proposer's index"))?;
    match key.get("revoked") {
        Some(Value::Bool(true)) => Err(unexpected("the proposer's key is revoked")),
        _ => number(key, "sequence_number"),
    }
}

impl Draft for FlowDraft {
    fn next_query(&mut self) -> Option<Query> {
        self.next_question().map(|question| Query::Node(self.ask(question)))
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match (self.next_question(), answer) {
            (Some(question), Answer::Node(value)) => self.take(question, &value),
            _ => Err(ResolveError::Incomplete("answer to what was asked")),
        }
    }

    fn give_back(&self) -> Option<NodeCall> {
        self.proposer.map(|proposer| release(proposer, ""))
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let incomplete = |what: &'static str| move || ResolveError::Incomplete(what);
        let block = self.block.ok_or_else(incomplete("reference block"))?;
        let transaction = transaction::FlowTransaction {
            script: self.payload.script.clone(),
            arguments: self.payload.arguments.clone(),
            reference_block: block.id,
            gas_limit: GAS_LIMIT,
            proposer: self.proposer.ok_or_else(incomplete("proposer"))?,
            sequence: self.sequence.ok_or_else(incomplete("sequence number"))?,
            payer: self.payer.ok_or_else(incomplete("payer"))?,
            authorizer: self.payload.account,
        };
        let complete =
            Complete::new(transaction, block.height, &self.payload, self.key, self.network);
        Ok(Box::new(complete))
    }
}

/// Gives a proposer's key back to the API, with the id of the transaction that used it.
pub(super) fn release(proposer: AccountKey, id: &str) -> NodeCall {
    let body = json!({ "txData": id, "proposalKey": proposer.key });
    NodeCall::Api { path: String::from("/v3/flow/broadcast"), body: Some(body) }
}
