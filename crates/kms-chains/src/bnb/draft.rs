//! Completion of a payload: the chain's name, the account's number and sequence.

use kms_core::{
    Answer, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query, ResolveError,
    Unsigned,
};
use serde_json::Value;

use super::{
    Bnb,
    address::{self, KeyHash},
    payload::{self, Payload},
    transaction::{Account, Complete},
};
use crate::evm::answers;

#[derive(Debug)]
pub(super) struct BnbDraft {
    chain: &'static Bnb,
    network: Network,
    key: KeyRef,
    payload: Payload,
    own: Option<([u8; 33], KeyHash)>,
    is_named: bool,
    account: Option<Account>,
    /// True if the chain's node was asked too.
    is_certain: bool,
}

impl BnbDraft {
    pub(super) fn new(chain: &'static Bnb, input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        Ok(Self {
            chain,
            network: pending.network,
            key: signers.account_key(pending)?,
            payload: payload::read(pending.network, &pending.payload, options)?,
            own: None,
            is_named: false,
            account: None,
            is_certain: false,
        })
    }

    fn node(&self, path: String) -> Option<Query> {
        let default_base = self.chain.node.on(self.network);
        Some(Query::Node(NodeCall::External { default_base, path: path.into(), body: None }))
    }

    fn take(&mut self, answer: &Value) -> Result<(), ResolveError> {
        if !self.is_named {
            let name = answer.pointer("/node_info/network").and_then(Value::as_str);
            let own = *self.chain.chain_id.on(self.network);
            self.is_named = name == Some(own);
            return if self.is_named {
                Ok(())
            } else {
                Err(ResolveError::UnexpectedAnswer(
                    "node-info",
                    format!("the chain is not {own}").into(),
                ))
            };
        }
        let number =
            |name: &'static str| answers::read_u64(name, answer.get(name).unwrap_or(&Value::Null));
        // An account of number zero is one that the API may not know: the node is asked too.
        self.is_certain = self.account.is_some();
        let account = Account { number: number("account_number")?, sequence: number("sequence")? };
        self.is_certain |= account.number != 0;
        self.account = Some(account);
        Ok(())
    }
}

impl Draft for BnbDraft {
    fn next_query(&mut self) -> Option<Query> {
        let Some((_, own)) = &self.own else { return Some(Query::PublicKey(self.key.clone())) };
        let address = address::spell(self.network, own);
        match (self.is_named, self.account.is_some(), self.is_certain) {
            (false, _, _) => self.node(String::from("/api/v1/node-info")),
            (true, false, _) => Some(Query::Node(NodeCall::Api {
                path: format!("/v3/bnb/account/{address}"),
                body: None,
            })),
            (true, true, false) => self.node(format!("/api/v1/account/{address}")),
            (true, true, true) => None,
        }
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::Node(value) => self.take(&value),
            Answer::PublicKey(key) => {
                let own = address::of_key(&key);
                let own = own.map_err(|_| ResolveError::Incomplete("public key"))?;
                if let Some(input) = self.payload.inputs.iter().find(|input| input.address != own.1)
                {
                    return Err(ResolveError::NotOurs {
                        found: address::spell(self.network, &input.address),
                        expected: address::spell(self.network, &own.1),
                    });
                }
                self.own = Some(own);
                Ok(())
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let (public_key, own) = self.own.ok_or(ResolveError::Incomplete("public key"))?;
        let account = self.account.ok_or(ResolveError::Incomplete("account"))?;
        let chain_id = *self.chain.chain_id.on(self.network);
        let complete = Complete::new(
            self.payload,
            account,
            self.network,
            (chain_id, self.key, public_key),
            own,
        );
        Ok(Box::new(complete))
    }
}
