//! From payload to complete message: whose signatures it needs, and a blockhash.

use kms_core::{
    Answer, DecodeError, Draft, KeyRef, Network, NodeCall, Order, Query, ResolveError, SignerError,
    Unsigned,
};
use serde_json::{Value, json};

use super::{
    NODE,
    accounts::{recompile, spell},
    effects,
    message::{self, Key, Message},
    mint::MintKey,
    transaction::{Complete, SignedBy},
};
use crate::codec::{
    hex,
    json::{Json, Object},
};

#[derive(Debug)]
pub(super) struct SolanaDraft {
    network: Network,
    message: Message,
    mint: Option<MintKey>,
    /// Keys that the transaction names, and then those that were answered.
    asked: Vec<KeyRef>,
    known: Vec<(KeyRef, Key)>,
    is_fresh: bool,
}

impl SolanaDraft {
    pub(super) fn new(order: &Order<'_>) -> Result<Self, DecodeError> {
        let Order { pending, signers, .. } = *order;
        let object = Json::parse(&pending.payload)?.into_object()?;
        let text = object.get("txData").and_then(Json::as_text);
        let bytes = hex::decode(text.ok_or(DecodeError::Missing("txData"))?);
        let bytes = bytes.ok_or_else(|| DecodeError::field("txData", "is not hexadecimal"))?;
        let message = message::read(&bytes)?;
        let message = match message.is_version_0 {
            true => message,
            false => recompile(&message)
                .ok_or_else(|| DecodeError::field("txData", "has more accounts than fit"))?,
        };
        let mut asked = Vec::new();
        for key in signers.keys() {
            if !asked.contains(&key) {
                asked.push(key);
            }
        }
        if asked.is_empty() {
            let wallet = signers.without_index().into_iter().next();
            return Err(wallet.map_or(SignerError::NoneNamed, SignerError::MissingIndex).into());
        }
        Ok(Self {
            network: pending.network,
            is_fresh: effects::durable_nonce(&message).is_some(),
            mint: mint(&object)?,
            message,
            asked,
            known: Vec::new(),
        })
    }

    fn take_blockhash(&mut self, answer: &Value) -> Result<(), ResolveError> {
        let text = answer.pointer("/value/blockhash").and_then(Value::as_str);
        let hash = text
            .filter(|text| text.len() <= 64)
            .and_then(|text| bs58::decode(text).into_vec().ok());
        let hash = hash.and_then(|hash| hash.try_into().ok());
        self.message.blockhash = hash.ok_or_else(|| {
            ResolveError::UnexpectedAnswer("getLatestBlockhash", "has no blockhash".into())
        })?;
        self.is_fresh = true;
        Ok(())
    }

    /// Who signs in the place of each signer of the message.
    fn signed_by(&self) -> Result<Vec<SignedBy>, ResolveError> {
        let signers = self.message.signers();
        let known = || self.known.iter().map(|(_, key)| key);
        let mint = self.mint.as_ref().map(MintKey::public);
        let ours = || known().map(spell).collect::<Vec<_>>().join(", ");
        if let Some(stranger) = known().chain(&mint).find(|key| !signers.contains(key)) {
            return Err(ResolveError::NotOurs {
                found: signers.iter().map(spell).collect::<Vec<_>>().join(", "),
                expected: spell(stranger),
            });
        }
        let by = |signer: &Key| match self.known.iter().find(|(_, key)| key == signer) {
            Some((key, _)) => Ok(SignedBy::Wallet(key.clone())),
            None if mint == Some(*signer) => Ok(SignedBy::Mint),
            None => Err(ResolveError::NotOurs { found: spell(signer), expected: ours() }),
        };
        signers.iter().map(by).collect()
    }
}

fn mint(object: &Object) -> Result<Option<MintKey>, DecodeError> {
    let given = object.get("mintPK").filter(|value| !value.is_falsy());
    let text = |value: &Json| {
        let text = value.as_text();
        text.map_or_else(|| Err(DecodeError::field("mintPK", "is not text")), MintKey::read)
    };
    given.map(text).transpose()
}

impl Draft for SolanaDraft {
    fn next_query(&mut self) -> Option<Query> {
        if let Some(key) = self.asked.get(self.known.len()) {
            return Some(Query::PublicKey(key.clone()));
        }
        (!self.is_fresh).then(|| {
            let params = json!([{ "commitment": "finalized" }]);
            Query::Node(NodeCall::Rpc { path: NODE, method: "getLatestBlockhash", params })
        })
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::Node(value) => self.take_blockhash(&value),
            Answer::PublicKey(key) => {
                let own = self.asked.get(self.known.len()).cloned();
                let key = key.as_bytes().try_into().ok();
                let pair = own.zip(key).ok_or(ResolveError::Incomplete("public key"))?;
                self.known.push(pair);
                // Who has to sign is known before the node is asked for anything.
                match self.known.len() == self.asked.len() {
                    true => self.signed_by().map(drop),
                    false => Ok(()),
                }
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        if !self.is_fresh {
            return Err(ResolveError::Incomplete("blockhash"));
        }
        let signed_by = self.signed_by()?;
        let effects = effects::of(&self.message, self.network)?;
        let Self { message, mint, .. } = *self;
        Ok(Box::new(Complete::new(message, signed_by, mint, effects)))
    }
}
