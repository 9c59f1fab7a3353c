//! From payload to complete message: whose signatures it needs, and a blockhash.

use kms_core::{
    Answer, ChainOptions, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query,
    ResolveError, SignerError, Unsigned,
};
use serde_json::{Value, json};

use super::{
    NODE,
    accounts::spell,
    effects::{self, Reading},
    message::Key,
    mint::MintKey,
    payload::{self, Payload, is_placeholder},
    transaction::{Complete, SignedBy},
};

/// Characters of a blockhash in base58, at most.
const BLOCKHASH_MAX_CHARS: usize = 44;
/// Above any real transaction's number of signers, duplicates included.
const NAMED_KEYS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct SolanaDraft {
    network: Network,
    options: ChainOptions,
    payload: Payload,
    /// Keys that the transaction names, and then those that were answered.
    asked: Vec<KeyRef>,
    known: Vec<(KeyRef, Key)>,
    has_blockhash: bool,
    /// The newest that was final when the node named a blockhash: what has that comes later.
    first_slot: Option<u64>,
}

impl SolanaDraft {
    pub(super) fn new(input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let payload = payload::read(&pending.payload, options)?;
        let mut asked = Vec::new();
        for key in signers.keys() {
            if !asked.contains(&key) {
                asked.push(key);
            }
            if asked.len() > NAMED_KEYS_MAX {
                return Err(DecodeError::Unsupported("so many keys".into()));
            }
        }
        if asked.is_empty() {
            let wallet = signers.without_index().into_iter().next();
            return Err(wallet.map_or(SignerError::NoneNamed, SignerError::MissingIndex).into());
        }
        Ok(Self {
            network: pending.network,
            options: options.clone(),
            has_blockhash: keeps_blockhash(&payload),
            payload,
            asked,
            known: Vec::new(),
            first_slot: None,
        })
    }

    fn take_blockhash(&mut self, answer: &Value) -> Result<(), ResolveError> {
        let text = answer.pointer("/value/blockhash").and_then(Value::as_str);
        let hash = text
            .filter(|text| text.len() <= BLOCKHASH_MAX_CHARS)
            .and_then(|text| bs58::decode(text).into_vec().ok());
        let hash = hash.and_then(|hash| hash.try_into().ok());
        let hash = hash.filter(|hash| !is_placeholder(hash));
        self.payload.message.blockhash = hash.ok_or_else(|| {
            ResolveError::UnexpectedAnswer("getLatestBlockhash", "has no blockhash".into())
        })?;
        self.has_blockhash = true;
        self.first_slot = answer.pointer("/context/slot").and_then(Value::as_u64);
        Ok(())
    }

    /// The signer for each signer's place in the message.
    fn signed_by(&self) -> Result<Vec<SignedBy>, ResolveError> {
        let Payload { message, given, mint, .. } = &self.payload;
        let signers = message.signers();
        let known = || self.known.iter().map(|(_, key)| key);
        let mint = mint.as_ref().map(MintKey::public);
        let ours = || known().map(spell).collect::<Vec<_>>().join(", ");
        if let Some(stranger) = known().chain(&mint).find(|key| !signers.contains(key)) {
            return Err(ResolveError::NotOurs {
                found: signers.iter().map(spell).collect::<Vec<_>>().join(", "),
                expected: spell(stranger),
            });
        }
        let by = |(place, signer): (usize, &Key)| {
            let wallet = self.known.iter().find(|(_, key)| key == signer);
            match (wallet, given.get(place)) {
                (Some((key, _)), _) => Ok(SignedBy::Wallet(key.clone(), *signer)),
                (None, _) if mint == Some(*signer) => Ok(SignedBy::Mint),
                (None, Some(Some(signature))) => Ok(SignedBy::Other(*signature)),
                (None, _) => Err(ResolveError::NotOurs { found: spell(signer), expected: ours() }),
            }
        };
        signers.iter().enumerate().map(by).collect()
    }
}

/// Returns true if others have signed, so that the message cannot change, or if a durable nonce
/// takes the place of a blockhash.
fn keeps_blockhash(payload: &Payload) -> bool {
    let message = &payload.message;
    let is_nonce = effects::durable_nonce(message).is_some() && !is_placeholder(&message.blockhash);
    payload.is_signed() || is_nonce
}

impl Draft for SolanaDraft {
    fn next_query(&mut self) -> Option<Query> {
        if let Some(key) = self.asked.get(self.known.len()) {
            return Some(Query::PublicKey(key.clone()));
        }
        (!self.has_blockhash).then(|| {
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
                // The required signers are known before the node is asked for anything.
                if self.known.len() == self.asked.len() {
                    self.signed_by().map(drop)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        if !self.has_blockhash {
            return Err(ResolveError::Incomplete("blockhash"));
        }
        let signed_by = self.signed_by()?;
        let ours: Vec<Key> = self.known.iter().map(|(_, key)| *key).collect();
        let Self { network, options, payload, first_slot, .. } = *self;
        let Payload { message, mint, .. } = payload;
        let effects = effects::of(&Reading { message: &message, network, ours: &ours, options })?;
        let complete = Complete::new(&message, signed_by, mint, effects);
        Ok(Box::new(complete.not_before(first_slot)))
    }
}
