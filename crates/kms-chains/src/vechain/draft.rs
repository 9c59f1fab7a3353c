//! Completion of a payload by a VeChain node: gas, genesis, the best block.

use alloy_primitives::Address;
use kms_core::{
    Answer, ContentDigest, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query,
    ResolveError, Unsigned,
};
use serde_json::{Value, json};

use super::{
    VeChain, builtin,
    payload::{self, Clause, Payload},
    transaction::{Complete, Transaction},
};
use crate::{
    codec::hex,
    evm::{address_of, answers, calls},
};

/// In gas: a transaction, a clause, a clause that creates a contract, a byte of data.
const TRANSACTION: u64 = 5_000;
const CLAUSE: u64 = 16_000;
const CREATION: u64 = 48_000;
const ZERO_BYTE: u64 = 4;
const OTHER_BYTE: u64 = 68;
/// The margin added to the gas of execution, the same as the original's.
const MARGIN: u64 = 15_000;
/// The gas limit of a block.
const GAS_MAX: u64 = 40_000_000;

#[derive(Debug)]
pub(super) struct VeChainDraft {
    row: &'static VeChain,
    network: Network,
    key: KeyRef,
    payload: Payload,
    /// Of the pending transaction: where a nonce comes from that nobody gave.
    digest: ContentDigest,
    sender: Option<Address>,
    gas: Option<u64>,
    chain_tag: Option<u8>,
    block_ref: Option<[u8; 8]>,
}

impl VeChainDraft {
    pub(super) fn new(row: &'static VeChain, input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let payload = payload::read(&pending.payload, options)?;
        if !options.allow_account_changes && payload.clauses.iter().any(builtin::changes_master) {
            return Err(DecodeError::AccountChange("masters of accounts"));
        }
        if let Some(tag) = payload.chain_tag {
            check_tag(row, pending.network, tag)?;
        }
        Ok(Self {
            row,
            network: pending.network,
            key: signers.account_key(pending)?,
            digest: pending.digest(),
            sender: None,
            gas: None,
            chain_tag: payload.chain_tag,
            block_ref: payload.block_ref,
            payload,
        })
    }

    fn call(&self, path: &'static str, body: Option<Value>) -> Query {
        let default_base = self.row.node.on(self.network);
        Query::Node(NodeCall::External { default_base, path: path.into(), body })
    }

    fn simulation(&self, sender: Address) -> Value {
        let clauses: Vec<_> = self.payload.clauses.iter().map(clause_json).collect();
        let mut body = serde_json::Map::new();
        body.insert("clauses".into(), json!(clauses));
        if let Some(price) = self.payload.gas_price {
            body.insert("gasPrice".into(), json!(format!("{price:#x}")));
        }
        if let Some(gas) = self.payload.gas {
            body.insert("gas".into(), json!(gas));
        }
        body.insert("caller".into(), json!(calls::text(sender)));
        Value::Object(body)
    }

    fn take(&mut self, answer: &Value) -> Result<(), ResolveError> {
        if self.gas.is_none() {
            self.gas = Some(self.gas_of(answer)?);
        } else if self.chain_tag.is_none() {
            let [.., tag] = block_id(answer, "/blocks/0")?;
            self.chain_tag = Some(check_tag(self.row, self.network, tag)?);
        } else {
            let [a, b, c, d, e, f, g, h, ..] = block_id(answer, "/blocks/best")?;
            self.block_ref = Some([a, b, c, d, e, f, g, h]);
        }
        Ok(())
    }

    fn gas_of(&self, answer: &Value) -> Result<u64, ResolveError> {
        let unexpected =
            |problem: String| ResolveError::UnexpectedAnswer("/accounts/*", problem.into());
        let results = answer.as_array().filter(|all| all.len() == self.payload.clauses.len());
        let results = results
            .ok_or_else(|| unexpected(String::from("does not have one result per clause")))?;
        let mut gas = intrinsic(&self.payload.clauses);
        let mut used = 0_u64;
        for result in results {
            if result.get("reverted") == Some(&Value::Bool(true)) {
                let reason = result.get("vmError").and_then(Value::as_str).unwrap_or_default();
                return Err(unexpected(format!("the transaction would be reverted: {reason}")));
            }
            let own = answers::read_u64("gasUsed", result.get("gasUsed").unwrap_or(&Value::Null))?;
            used = used.checked_add(own).ok_or(ResolveError::Overflow)?;
        }
        if used != 0 {
            let execution = used.checked_add(MARGIN).ok_or(ResolveError::Overflow)?;
            gas = gas.checked_add(execution).ok_or(ResolveError::Overflow)?;
        }
        if gas <= GAS_MAX {
            Ok(gas)
        } else {
            Err(unexpected(format!("{gas} gas is more than a block allows")))
        }
    }

    /// The first bytes of the content's digest: as good as random, and the same every time.
    fn nonce(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.digest.as_bytes();
        self.payload.nonce.unwrap_or(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

fn check_tag(row: &VeChain, network: Network, found: u8) -> Result<u8, DecodeError> {
    let known = *row.chain_tag.on(network);
    if found == known {
        Ok(found)
    } else {
        Err(DecodeError::field(
            "chainTag",
            format!("{found:#04x} does not belong to {network} ({known:#04x})"),
        ))
    }
}

fn clause_json(clause: &Clause) -> Value {
    json!({
        "to": clause.to.map(calls::text),
        "value": clause.value.map_or(String::new(), |value| format!("{value:#x}")),
        "data": hex::encode_prefixed(&clause.data),
    })
}

fn intrinsic(clauses: &[Clause]) -> u64 {
    let of_clause = |clause: &Clause| {
        let base = if clause.to.is_some() { CLAUSE } else { CREATION };
        clause.data.iter().fold(base, |gas, byte| {
            gas.saturating_add(if *byte == 0 { ZERO_BYTE } else { OTHER_BYTE })
        })
    };
    clauses.iter().map(of_clause).fold(TRANSACTION, u64::saturating_add)
}

fn block_id(answer: &Value, what: &'static str) -> Result<[u8; 32], ResolveError> {
    let id = answer.get("id").and_then(Value::as_str).and_then(|id| id.strip_prefix("0x"));
    let id = id.and_then(hex::decode_array);
    id.ok_or_else(|| ResolveError::UnexpectedAnswer(what, "has no block id".into()))
}

impl Draft for VeChainDraft {
    fn next_query(&mut self) -> Option<Query> {
        let Some(sender) = self.sender else { return Some(Query::PublicKey(self.key.clone())) };
        if self.gas.is_none() {
            let body = self.simulation(sender);
            return Some(self.call("/accounts/*?revision=best", Some(body)));
        }
        match (self.chain_tag, self.block_ref) {
            (None, _) => Some(self.call("/blocks/0", None)),
            (Some(_), None) => Some(self.call("/blocks/best", None)),
            (Some(_), Some(_)) => None,
        }
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::Node(value) => self.take(&value),
            Answer::PublicKey(key) => {
                let own = address_of(&key).map_err(|_| ResolveError::Incomplete("public key"))?;
                if let Some(from) = self.payload.from.filter(|from| *from != own) {
                    return Err(ResolveError::NotOurs {
                        found: calls::text(from),
                        expected: calls::text(own),
                    });
                }
                self.sender = Some(own);
                Ok(())
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let transaction = Transaction {
            chain_tag: self.chain_tag.ok_or(ResolveError::Incomplete("chainTag"))?,
            block_ref: self.block_ref.ok_or(ResolveError::Incomplete("blockRef"))?,
            gas: self.gas.ok_or(ResolveError::Incomplete("gas"))?,
            nonce: self.nonce(),
            payload: self.payload,
        };
        let sender = self.sender.ok_or(ResolveError::Incomplete("sender"))?;
        let complete = Complete::new(transaction, sender, self.key, self.network)?;
        Ok(Box::new(complete))
    }
}
