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
    message::{Message, write_length},
    mint::MintKey,
};
use crate::codec::hex;

/// Whose signature stands in a place.
#[derive(Debug)]
pub(super) enum SignedBy {
    Wallet(KeyRef),
    Mint,
}

#[derive(Debug)]
pub(super) struct Complete {
    message: Vec<u8>,
    signed_by: Vec<SignedBy>,
    mint: Option<MintKey>,
    claim: String,
    effects: Effects,
}

impl Complete {
    pub(super) fn new(
        message: Message,
        signed_by: Vec<SignedBy>,
        mint: Option<MintKey>,
        effects: Effects,
    ) -> Self {
        let bytes = message.to_bytes();
        // An account has no sequence here: what can be used once is a nonce account's value, or
        // else the message itself.
        let claim = match effects::durable_nonce(&message) {
            Some(account) => format!("sol:{}:{}", spell(&account), spell(&message.blockhash)),
            None => format!("sol:{}", hex::encode(&Sha256::digest(&bytes))),
        };
        Self { message: bytes, signed_by, mint, claim, effects }
    }
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::new(self.claim.clone())]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let request = |signed_by: &SignedBy| match signed_by {
            SignedBy::Wallet(key) => {
                let message = SigningMessage::Whole(self.message.clone());
                Some(SigningRequest::new(permit, key.clone(), Scheme::Ed25519, message))
            }
            SignedBy::Mint => None,
        };
        self.signed_by.iter().filter_map(request).collect()
    }

    /// The transaction in base64, as the node takes it.
    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let mut made = signatures.into_iter();
        let mut out = Vec::new();
        write_length(&mut out, self.signed_by.len());
        for signed_by in &self.signed_by {
            match signed_by {
                SignedBy::Wallet(_) => out.extend(made.next().ok_or(SignError::Assemble)?.bytes),
                SignedBy::Mint => {
                    let mint = self.mint.as_ref().ok_or(SignError::Assemble)?;
                    out.extend(mint.sign(&self.message));
                }
            }
        }
        out.extend(&self.message);
        Ok(RawTransaction::from_text(BASE64.encode(&out)))
    }
}
