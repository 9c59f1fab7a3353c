//! From payload to a message that lacks its blockhash at most: whose signatures it needs.

use kms_core::{
    Answer, ChainOptions, DecodeError, DecodeInput, Draft, KeyRef, Network, Query, ResolveError,
    SignerError, Unsigned,
};

use super::{
    accounts::spell,
    effects::{self, Reading},
    message::Key,
    mint::MintKey,
    payload::{self, Payload, is_placeholder},
    transaction::{Complete, SignedBy},
};

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
            payload,
            asked,
            known: Vec::new(),
        })
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
        self.asked.get(self.known.len()).cloned().map(Query::PublicKey)
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        let Answer::PublicKey(key) = answer else {
            return Err(ResolveError::Incomplete("public key"));
        };
        let own = self.asked.get(self.known.len()).cloned();
        let key = key.as_bytes().try_into().ok();
        let pair = own.zip(key).ok_or(ResolveError::Incomplete("public key"))?;
        self.known.push(pair);
        // The required signers are known before the node is asked for anything.
        if self.known.len() == self.asked.len() { self.signed_by().map(drop) } else { Ok(()) }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let signed_by = self.signed_by()?;
        let ours: Vec<Key> = self.known.iter().map(|(_, key)| *key).collect();
        let is_late = !keeps_blockhash(&self.payload);
        let Self { network, options, payload, .. } = *self;
        let Payload { message, mint, .. } = payload;
        let effects = effects::of(&Reading { message: &message, network, ours: &ours, options })?;
        let complete = Complete::new(message, signed_by, mint, effects);
        Ok(Box::new(if is_late { complete.without_blockhash() } else { complete }))
    }
}
