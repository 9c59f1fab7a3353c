//! The complete transaction: a message, and a signature for each of its signers.

use data_encoding::BASE64;
use kms_core::{
    Claim, Effects, KeyRef, KeySignature, Permit, RawTransaction, Scheme, SignError,
    SigningMessage, SigningRequest, Unsigned,
};
use sha2::{Digest as _, Sha256};

use super::{
    accounts::spell,
    effects,
    message::{Key, Message, SIGNATURE_BYTES, Signature, write_length},
    mint::MintKey,
};
use crate::codec::hex;

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
    message: Vec<u8>,
    signed_by: Vec<SignedBy>,
    mint: Option<MintKey>,
    claims: Vec<Claim>,
    effects: Effects,
    /// The slot in which the blockhash was fetched.
    first_slot: Option<u64>,
}

impl Complete {
    pub(super) fn new(
        message: &Message,
        signed_by: Vec<SignedBy>,
        mint: Option<MintKey>,
        effects: Effects,
    ) -> Self {
        let bytes = message.to_bytes();
        let claims = claims(message, &bytes);
        Self { message: bytes, signed_by, mint, claims, effects, first_slot: None }
    }

    pub(super) fn not_before(self, first_slot: Option<u64>) -> Self {
        Self { first_slot, ..self }
    }
}

/// # Errors
/// When it is another key's signature, or none.
fn signature_of(made: Option<KeySignature>, signer: &Key) -> Result<Signature, SignError> {
    let own = made.filter(|made| made.public_key.as_bytes() == signer);
    own.and_then(|made| made.bytes.try_into().ok()).ok_or(SignError::Assemble)
}

/// An account has no sequence here. The message itself can be used once, because the chain treats
/// it as the same transaction however often it is signed; so can the value of a nonce account.
fn claims(message: &Message, bytes: &[u8]) -> Vec<Claim> {
    let once = |what| Claim::Once { scope: String::from("sol"), what };
    let mut claims = vec![once(hex::encode(&Sha256::digest(bytes)))];
    if let Some(account) = effects::durable_nonce(message) {
        claims.push(once(format!("{}:{}", spell(&account), spell(&message.blockhash))));
    }
    claims
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        self.claims.clone()
    }

    fn first_slot(&self) -> Option<u64> {
        self.first_slot
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let request = |signed_by: &SignedBy| match signed_by {
            SignedBy::Wallet(key, _) => {
                let message = SigningMessage::Whole(self.message.clone());
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
        let length = self.signed_by.len().saturating_mul(SIGNATURE_BYTES);
        let mut out = Vec::with_capacity(length.saturating_add(self.message.len()));
        write_length(&mut out, self.signed_by.len());
        for signed_by in &self.signed_by {
            out.extend(match signed_by {
                SignedBy::Wallet(_, signer) => signature_of(made.next(), signer)?,
                SignedBy::Mint => {
                    self.mint.as_ref().ok_or(SignError::Assemble)?.sign(&self.message)
                }
                SignedBy::Other(signature) => *signature,
            });
        }
        out.extend(&self.message);
        match made.next() {
            None => Ok(RawTransaction::from_text(BASE64.encode(&out))),
            Some(_) => Err(SignError::Assemble),
        }
    }
}
