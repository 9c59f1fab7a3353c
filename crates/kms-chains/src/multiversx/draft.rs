//! Completion of a payload by the API's node: chain, price, nonce, gas.

use kms_core::{
    Amount, Answer, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query,
    ResolveError, Unsigned,
};
use serde_json::{Value, json};

use super::{
    Multiversx,
    address::{self, KEY_BYTES},
    payload::{self, Payload},
    transaction::{Complete, Transaction},
};
use crate::evm::answers;

const NODE: &str = "/v3/egld/node";
/// The price of a unit of gas, if the node does not state it.
const GAS_PRICE_DEFAULT: u64 = 1_000_000_000;
/// Ten times what it costs at the network's minimum.
const GAS_PRICE_MOST: u64 = 10_000_000_000;
/// The protocol's own limit.
const GAS_LIMIT_MOST: u64 = 600_000_000;

#[derive(Debug)]
pub(super) struct MultiversxDraft {
    chain: &'static Multiversx,
    network: Network,
    key: KeyRef,
    payload: Payload,
    is_checked: bool,
    sender: Option<[u8; KEY_BYTES]>,
    config: Option<Config>,
    nonce: Option<u64>,
    gas_limit: Option<u64>,
}

#[derive(Debug)]
struct Config {
    chain_id: String,
    gas_price: u64,
    version: u64,
}

impl MultiversxDraft {
    pub(super) fn new(
        chain: &'static Multiversx,
        input: &DecodeInput<'_>,
    ) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let payload = payload::read(&pending.payload, options)?;
        if payload.changes_guardian() && !options.allow_account_changes {
            return Err(DecodeError::AccountChange("guardians"));
        }
        Ok(Self {
            chain,
            network: pending.network,
            payload,
            key: signers.account_key(pending)?,
            is_checked: !options.skip_fee_checks,
            sender: None,
            config: None,
            nonce: None,
            gas_limit: None,
        })
    }

    fn transaction(&self, gas_limit: u64) -> Option<Transaction> {
        let config = self.config.as_ref()?;
        Some(Transaction {
            nonce: self.nonce?,
            value: self.payload.value,
            receiver: self.payload.to,
            sender: self.sender?,
            gas_price: config.gas_price,
            gas_limit,
            data: self.payload.data.clone(),
            chain_id: config.chain_id.clone(),
            version: config.version,
            extension: self.payload.extension.clone(),
        })
    }

    fn take(&mut self, answer: &Value) -> Result<(), ResolveError> {
        if self.config.is_none() {
            self.config = Some(self.config_of(answer)?);
        } else if self.nonce.is_none() {
            self.nonce = Some(number("nonce", answer.pointer("/data/nonce"))?);
        } else {
            self.gas_limit = Some(self.gas_of(answer)?);
        }
        Ok(())
    }

    fn config_of(&self, answer: &Value) -> Result<Config, ResolveError> {
        let config = |name: &str| answer.pointer(&format!("/data/config/{name}"));
        let unexpected = |problem: String| ResolveError::UnexpectedAnswer("config", problem.into());
        let chain_id = config("erd_chain_id").and_then(Value::as_str).unwrap_or_default();
        let known = self.chain.chain_ids.on(self.network);
        if !known.contains(&chain_id) {
            let problem = format!("the chain `{chain_id}` is not one of {}", self.network);
            return Err(unexpected(problem));
        }
        let gas_price = match config("erd_min_gas_price") {
            None | Some(Value::Null) => GAS_PRICE_DEFAULT,
            price => number("erd_min_gas_price", price)?,
        };
        let most = GAS_PRICE_MOST.max(self.payload.gas_price.unwrap_or(0));
        if self.is_checked && gas_price > most {
            return Err(ResolveError::AbsurdGas {
                gas: 1,
                gas_price: Amount::from_base_units(gas_price),
                most: format!("{most} a unit").into(),
            });
        }
        let least = number("erd_min_transaction_version", config("erd_min_transaction_version"))?;
        let version = self.payload.extension.version(least)?;
        Ok(Config { chain_id: chain_id.to_owned(), gas_price, version })
    }

    fn gas_of(&self, answer: &Value) -> Result<u64, ResolveError> {
        let Some(units) = answer.pointer("/data/txGasUnits").filter(|units| !units.is_null())
        else {
            let told = answer.pointer("/data/returnMessage").and_then(Value::as_str);
            let problem = told.unwrap_or("it has no txGasUnits").to_owned();
            return Err(ResolveError::UnexpectedAnswer("transaction/cost", problem.into()));
        };
        let gas = number("txGasUnits", Some(units))?;
        if gas <= GAS_LIMIT_MOST {
            Ok(gas)
        } else {
            Err(ResolveError::AbsurdGas {
                gas,
                gas_price: Amount::ZERO,
                most: format!("{GAS_LIMIT_MOST} units").into(),
            })
        }
    }
}

fn number(name: &'static str, value: Option<&Value>) -> Result<u64, ResolveError> {
    answers::read_u64(name, value.unwrap_or(&Value::Null))
}

impl Draft for MultiversxDraft {
    fn next_query(&mut self) -> Option<Query> {
        let Some(sender) = self.sender else { return Some(Query::PublicKey(self.key.clone())) };
        let ask = |resource: String, body: Option<Value>| {
            Some(Query::Node(NodeCall::Proxy { path: NODE, resource, body }))
        };
        if self.config.is_none() {
            return ask(String::from("/network/config"), None);
        }
        if self.nonce.is_none() {
            return ask(format!("/address/{}/nonce", address::spell(&sender)), None);
        }
        match self.gas_limit {
            None => {
                let body = self.transaction(0).map(|transaction| transaction.to_json());
                ask(String::from("/transaction/cost"), body.map(|fields| json!(fields)))
            }
            Some(_) => None,
        }
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::Node(value) => self.take(&value),
            Answer::PublicKey(key) => {
                let own = key.as_bytes().try_into();
                let own: [u8; KEY_BYTES] =
                    own.map_err(|_| ResolveError::Incomplete("public key"))?;
                self.payload.extension.check_sender(&own)?;
                if let Some(from) = self.payload.from.filter(|from| *from != own) {
                    return Err(ResolveError::NotOurs {
                        found: address::spell(&from),
                        expected: address::spell(&own),
                    });
                }
                self.sender = Some(own);
                Ok(())
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let gas_limit = self.gas_limit.ok_or(ResolveError::Incomplete("gasLimit"))?;
        let transaction = self.transaction(gas_limit);
        let transaction = transaction.ok_or(ResolveError::Incomplete("nonce"))?;
        Ok(Box::new(Complete::new(transaction, self.key, self.network)?))
    }
}
