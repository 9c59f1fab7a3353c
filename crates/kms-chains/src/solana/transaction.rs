//! The complete transaction: a message, and a signature for each of its signers.

use data_encoding::BASE64;
use kms_core::{
    Claim, Effects, KeyRef, KeySignature, LateValue, NodeCall, Permit, RawTransaction,
    ResolveError, Scheme, SignError, SigningMessage, SigningRequest, Unsigned,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    NODE,
    accounts::spell,
    effects,
    message::{Key, Message, Signature, join_transaction},
    mint::MintKey,
    payload::is_placeholder,
};
use crate::codec::hex;

/// Characters of a blockhash in base58, at most.
const BLOCKHASH_MAX_CHARS: usize = 44;

/// The signer for a place.
#[derive(Debug)]
pub(super) enum SignedBy {
    Wallet(KeyRef, Key),
    Mint,
    /// Somebody else, before.
    Other(Signature),
}

#[derive(Debug)]
pub(super) struct Complete {
    message: Message,
    /// The message as it is signed.
    bytes: Vec<u8>,
    signed_by: Vec<SignedBy>,
    mint: Option<MintKey>,
    effects: Effects,
    /// The message has no blockhash yet.
    is_late: bool,
    /// The slot in which the blockhash was fetched.
    first_slot: Option<u64>,
}

impl Complete {
    pub(super) fn new(
        message: Message,
        signed_by: Vec<SignedBy>,
        mint: Option<MintKey>,
        effects: Effects,
    ) -> Self {
        let bytes = message.to_bytes();
        Self { message, bytes, signed_by, mint, effects, is_late: false, first_slot: None }
    }

    /// A blockhash counts for half a minute, and a verdict takes as long as it takes.
    pub(super) fn without_blockhash(self) -> Self {
        Self { is_late: true, ..self.with_blockhash(Key::default()) }
    }

    fn with_blockhash(mut self, blockhash: Key) -> Self {
        self.put_blockhash(blockhash);
        self
    }

    fn put_blockhash(&mut self, blockhash: Key) {
        self.message.blockhash = blockhash;
        self.bytes = self.message.to_bytes();
    }
}

/// # Errors
/// When it is another key's signature, or none.
fn signature_of(made: Option<KeySignature>, signer: &Key) -> Result<Signature, SignError> {
    let own = made.filter(|made| made.public_key.as_bytes() == signer);
    own.and_then(|made| made.bytes.try_into().ok()).ok_or(SignError::Assemble)
}

/// The blockhash of a node's answer.
fn read_blockhash(answer: &Value) -> Option<Key> {
    let text = answer.pointer("/value/blockhash")?.as_str()?;
    let is_short = text.len() <= BLOCKHASH_MAX_CHARS;
    let hash = is_short.then(|| bs58::decode(text).into_vec().ok()).flatten()?;
    hash.try_into().ok().filter(|hash| !is_placeholder(hash))
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    /// An account has no sequence here. The message itself can be used once, because the chain
    /// treats it as the same transaction however often it is signed; so can the value of a nonce
    /// account. Before it has a blockhash a message is none yet.
    fn claims(&self) -> Vec<Claim> {
        if self.is_late {
            return Vec::new();
        }
        let once = |what| Claim::Once { scope: String::from("sol"), what };
        let mut claims = vec![once(hex::encode(&Sha256::digest(&self.bytes)))];
        if let Some(account) = effects::durable_nonce(&self.message) {
            claims.push(once(format!("{}:{}", spell(&account), spell(&self.message.blockhash))));
        }
        claims
    }

    fn late_value(&self) -> Option<LateValue> {
        self.is_late.then(|| LateValue {
            name: "blockhash",
            position: self.message.blockhash_position(),
            call: NodeCall::Rpc {
                path: NODE,
                method: "getLatestBlockhash",
                params: json!([{ "commitment": "finalized" }]),
            },
        })
    }

    fn take_late_value(&mut self, answer: &Value) -> Result<(), ResolveError> {
        let blockhash = read_blockhash(answer).ok_or_else(|| {
            ResolveError::UnexpectedAnswer("getLatestBlockhash", "has no blockhash".into())
        })?;
        self.put_blockhash(blockhash);
        self.is_late = false;
        // The newest that was final when the node named the blockhash: what has that comes later.
        self.first_slot = answer.pointer("/context/slot").and_then(Value::as_u64);
        Ok(())
    }

    fn first_slot(&self) -> Option<u64> {
        self.first_slot
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let request = |signed_by: &SignedBy| match signed_by {
            SignedBy::Wallet(key, _) => {
                let message = SigningMessage::Whole(self.bytes.clone());
                Some(SigningRequest::new(permit, key.clone(), Scheme::Ed25519, message))
            }
            SignedBy::Mint | SignedBy::Other(_) => None,
        };
        self.signed_by.iter().filter_map(request).collect()
    }

    /// The transaction in base64, as the node takes it.
    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let mut made = signatures.into_iter();
        let sign = |signed_by: &SignedBy| match signed_by {
            SignedBy::Wallet(_, signer) => signature_of(made.next(), signer),
            SignedBy::Mint => Ok(self.mint.as_ref().ok_or(SignError::Assemble)?.sign(&self.bytes)),
            SignedBy::Other(signature) => Ok(*signature),
        };
        let signatures = self.signed_by.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
        match made.next() {
            None => {
                let transaction = join_transaction(&signatures, &self.bytes);
                Ok(RawTransaction::from_text(BASE64.encode(&transaction)))
            }
            Some(_) => Err(SignError::Assemble),
        }
    }
}
