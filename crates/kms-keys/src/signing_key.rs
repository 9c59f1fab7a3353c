//! A private key that signs in its own scheme and no other.

use std::fmt;

use bitcoin::secp256k1::{self, Message, Secp256k1, SecretKey, SignOnly};
use kms_core::{
    AddressIndex, KeySignature, KeySpec, Network, PublicKey, Scheme, SecretEncoding, SigningMessage,
};
use kms_secret::{Mnemonic, PrivateKey, SecretText};
use thiserror::Error;

use crate::{
    account::{Account, DeriveError},
    schnorr, text,
    text::KeyTextError,
};

/// A private key of a chain, with its public key at hand.
pub struct SigningKey {
    scheme: Scheme,
    secret: PrivateKey,
    public: PublicKey,
    /// Whether the public key is shown in its short form; part of how WIF spells the key.
    is_compressed: bool,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// The key does not sign such a message.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the key does not sign in this scheme")]
pub struct SchemeError;

/// Bytes that are no private key: zero, or not below the order of the curve.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the bytes are no private key of secp256k1")]
pub(crate) struct NoKeyError;

/// Chains with WIF keys show the public key in its short form, unless a WIF says otherwise; the
/// others hash the long form, so it is kept.
pub(crate) const fn is_compressed(spec: &KeySpec) -> bool {
    matches!(spec.encoding, SecretEncoding::Wif { .. })
}

impl SigningKey {
    pub(crate) fn new(
        spec: &KeySpec,
        secret: PrivateKey,
        wif_is_compressed: bool,
    ) -> Result<Self, NoKeyError> {
        let key = SecretKey::from_slice(secret.expose()).map_err(|_| NoKeyError)?;
        let public = secp256k1::PublicKey::from_secret_key(context(), &key);
        let is_compressed = is_compressed(spec) && wif_is_compressed;
        let public = match is_compressed {
            true => public.serialize().to_vec(),
            false => public.serialize_uncompressed().to_vec(),
        };
        Ok(Self {
            scheme: spec.scheme,
            secret,
            public: PublicKey::from_bytes(public),
            is_compressed,
        })
    }

    /// The key at an index of a recovery phrase's account.
    ///
    /// # Errors
    /// When the path leads to no key.
    pub fn derive(
        spec: &KeySpec,
        network: Network,
        phrase: &Mnemonic,
        index: AddressIndex,
    ) -> Result<Self, DeriveError> {
        Account::derive(spec, network, phrase)?.at(index)
    }

    /// Reads a key in one of the chain's spellings.
    ///
    /// # Errors
    /// When the text is none of them. The error does not repeat it.
    pub fn parse(
        spec: &KeySpec,
        network: Network,
        text: &SecretText,
    ) -> Result<Self, KeyTextError> {
        text::read(spec, network, text)
    }

    /// The key in the chain's own spelling.
    pub fn to_text(&self, spec: &KeySpec, network: Network) -> SecretText {
        text::write(spec, network, &self.secret, self.is_compressed)
    }

    /// SEC 1: 33 bytes where WIF says so, 65 otherwise.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// # Errors
    /// When the key's scheme is another, or does not sign such a message.
    pub fn sign(
        &self,
        scheme: Scheme,
        message: &SigningMessage,
    ) -> Result<KeySignature, SchemeError> {
        let bytes = match (scheme, message) {
            (Scheme::EcdsaSecp256k1, SigningMessage::Prehash(prehash)) if self.scheme == scheme => {
                self.sign_ecdsa(prehash)?
            }
            (Scheme::SchnorrBitcoinCash, SigningMessage::Prehash(prehash))
                if self.scheme == scheme =>
            {
                schnorr::sign(self.secret.expose(), prehash).ok_or(SchemeError)?.to_vec()
            }
            _ => return Err(SchemeError),
        };
        Ok(KeySignature { public_key: self.public.clone(), bytes })
    }

    /// `r || s || recovery id`; RFC 6979, low `s`.
    fn sign_ecdsa(&self, prehash: &[u8; 32]) -> Result<Vec<u8>, SchemeError> {
        let mut key = SecretKey::from_slice(self.secret.expose()).map_err(|_| SchemeError)?;
        let signature = context().sign_ecdsa_recoverable(&Message::from_digest(*prehash), &key);
        key.non_secure_erase();
        let (recovery, compact) = signature.serialize_compact();
        let recovery = u8::try_from(recovery.to_i32()).map_err(|_| SchemeError)?;
        Ok([compact.as_slice(), &[recovery]].concat())
    }
}

fn context() -> &'static Secp256k1<SignOnly> {
    static CONTEXT: std::sync::OnceLock<Secp256k1<SignOnly>> = std::sync::OnceLock::new();
    CONTEXT.get_or_init(Secp256k1::signing_only)
}
