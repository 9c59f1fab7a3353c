//! The payload: a message, or a transaction that others have signed already; a mint's key.

use ed25519_dalek::VerifyingKey;
use kms_core::{ChainOptions, DecodeError};

use super::{
    SOLANA,
    accounts::{recompile, spell},
    message::{self, Key, Message, SIGNATURE_BYTES, Signature, Version},
    mint::MintKey,
};
use crate::codec::{
    hex,
    json::{self, Json, Object},
    members,
};

/// The placeholder that the API's library uses for a blockhash.
const PLACEHOLDER: &str = "7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE";

#[derive(Debug)]
pub(super) struct Payload {
    pub(super) message: Message,
    /// Signatures of others, in the places of their signers. With one of them the message is
    /// signed as it is: another blockhash would make it another message.
    pub(super) given: Vec<Option<Signature>>,
    pub(super) mint: Option<MintKey>,
}

/// # Errors
/// When the text is not such an object, or its message cannot be a transaction.
pub(super) fn read(text: &str, options: &ChainOptions) -> Result<Payload, DecodeError> {
    let object = json::parse_object(text)?;
    let digits = object.get("txData").ok_or(DecodeError::Missing("txData"))?;
    let bytes = digits.as_text().and_then(hex::decode);
    let bytes = bytes.ok_or_else(|| DecodeError::field("txData", "is not hexadecimal"))?;
    let (message, given) = match message::read(&bytes) {
        Ok(message) => (message, Vec::new()),
        Err(error) => Whole::read(&bytes, error)?.checked()?,
    };
    let is_signed = given.iter().any(Option::is_some);
    let message = if message.version != Version::Legacy || is_signed {
        message
    } else {
        recompile(&message).ok_or_else(|| DecodeError::field("txData", "has too many accounts"))?
    };
    let mint = read_mint(&object)?;
    members::check_all_read(&object, &SOLANA, options)?;
    if message.is_too_long() {
        Err(DecodeError::TooLarge)
    } else {
        Ok(Payload { message, given, mint })
    }
}

impl Payload {
    pub(super) fn is_signed(&self) -> bool {
        self.given.iter().any(Option::is_some)
    }
}

/// Returns true if a blockhash is the placeholder for one that is still to be fetched.
pub(super) fn is_placeholder(blockhash: &Key) -> bool {
    *blockhash == Key::default() || spell(blockhash) == PLACEHOLDER
}

/// A whole transaction; zeros take the place of a missing signature.
struct Whole<'a> {
    message: Message,
    /// The bytes to sign.
    bytes: &'a [u8],
    given: Vec<Option<Signature>>,
}

impl<'a> Whole<'a> {
    /// # Errors
    /// `or` if it is not one, except that an unknown version is named.
    fn read(transaction: &'a [u8], or: DecodeError) -> Result<Self, DecodeError> {
        let Some((signatures, bytes)) = message::split_transaction(transaction) else {
            return Err(or);
        };
        let message = match message::read(bytes) {
            Ok(message) => message,
            Err(error @ DecodeError::Unsupported(_)) => return Err(error),
            Err(_) => return Err(or),
        };
        let is_whole = message.to_bytes() == bytes && message.signers().len() == signatures.len();
        let is_there = |one: &Signature| *one != [0; SIGNATURE_BYTES];
        let given = signatures.into_iter().map(|one| Some(one).filter(is_there)).collect();
        if is_whole { Ok(Self { message, bytes, given }) } else { Err(or) }
    }

    /// # Errors
    /// When a signature is not that of the signer in whose place it stands.
    fn checked(self) -> Result<(Message, Vec<Option<Signature>>), DecodeError> {
        for (signer, signature) in self.message.signers().iter().zip(&self.given) {
            let Some(signature) = signature else { continue };
            let signature = ed25519_dalek::Signature::from_bytes(signature);
            let key = VerifyingKey::from_bytes(signer);
            if !key.is_ok_and(|key| key.verify_strict(self.bytes, &signature).is_ok()) {
                let problem = format!("has an invalid signature of {}", spell(signer));
                return Err(DecodeError::field("txData", problem));
            }
        }
        Ok((self.message, self.given))
    }
}

fn read_mint(object: &Object) -> Result<Option<MintKey>, DecodeError> {
    let given = object.get("mintPK").filter(|value| !value.is_falsy());
    let read = |value: &Json| match value.as_text() {
        Some(text) => MintKey::read(text),
        None => Err(DecodeError::field("mintPK", "is not text")),
    };
    given.map(read).transpose()
}
