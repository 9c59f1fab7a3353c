//! Signatures by a key, in its own scheme and no other.

use bitcoin::secp256k1::{self, Message, SecretKey};
use curve25519_dalek::Scalar;
use ed25519_dalek::{
    VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use kms_core::{KeySignature, PublicKey, Scheme, SigningMessage};
use kms_secret::{ExtendedPrivateKey, PrivateKey, with_wiped_stack};
use sha2::Sha512;
use thiserror::Error;

use crate::{
    ecdsa,
    key::{Material, SigningKey, context},
    schnorr,
};

/// The stack space that a signature uses, at most.
const STACK_BYTES: usize = 16 << 10;

/// The key does not sign such a message.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the key does not sign in this scheme")]
pub struct SchemeError;

impl SigningKey {
    /// # Errors
    /// When the key's scheme is another, or does not sign such a message.
    pub fn sign(
        &self,
        scheme: Scheme,
        message: &SigningMessage,
    ) -> Result<KeySignature, SchemeError> {
        if scheme != self.scheme() {
            return Err(SchemeError);
        }
        let bytes = with_wiped_stack::<STACK_BYTES, _>(|| self.sign_message(message))?;
        Ok(KeySignature { public_key: self.public_key().clone(), bytes })
    }

    fn sign_message(&self, message: &SigningMessage) -> Result<Vec<u8>, SchemeError> {
        match (self.material(), message) {
            (Material::Secp256k1 { secret, .. }, SigningMessage::Prehash(prehash)) => {
                self.sign_prehash(secret, prehash)
            }
            (
                Material::Ed25519 { expanded: key, .. } | Material::Extended(key),
                SigningMessage::Whole(message),
            ) => sign_expanded(key, self.public_key(), message).ok_or(SchemeError),
            _ => Err(SchemeError),
        }
    }

    fn sign_prehash(
        &self,
        secret: &PrivateKey,
        prehash: &[u8; 32],
    ) -> Result<Vec<u8>, SchemeError> {
        let signature = match self.scheme() {
            Scheme::EcdsaSecp256k1 => return sign_ecdsa(secret, prehash),
            Scheme::EcdsaSecp256k1AnyS => ecdsa::sign(secret.expose(), prehash),
            Scheme::SchnorrBitcoinCash => {
                let public = secp256k1::PublicKey::from_slice(self.public_key().as_bytes());
                let public = public.map_err(|_| SchemeError)?.serialize();
                schnorr::sign(secret.expose(), &public, prehash)
            }
            _ => None,
        };
        signature.map(|bytes| bytes.to_vec()).ok_or(SchemeError)
    }
}

/// With the left half as the scalar and the right half as what nonces are made of; several times
/// as fast as the library that derives such keys.
fn sign_expanded(
    secret: &ExtendedPrivateKey,
    public: &PublicKey,
    message: &[u8],
) -> Option<Vec<u8>> {
    let (scalar, rest) = secret.expose().split_first_chunk::<32>()?;
    // The library wipes it when it goes.
    let key = ExpandedSecretKey {
        scalar: Scalar::from_bytes_mod_order(*scalar),
        hash_prefix: rest.try_into().ok()?,
    };
    let verifying = VerifyingKey::from_bytes(public.as_bytes().try_into().ok()?).ok()?;
    Some(raw_sign::<Sha512>(&key, message, &verifying).to_bytes().to_vec())
}

/// `r || s || recovery id`; RFC 6979, low `s`.
fn sign_ecdsa(secret: &PrivateKey, prehash: &[u8; 32]) -> Result<Vec<u8>, SchemeError> {
    let mut key = SecretKey::from_slice(secret.expose()).map_err(|_| SchemeError)?;
    let signature = context().sign_ecdsa_recoverable(&Message::from_digest(*prehash), &key);
    key.non_secure_erase();
    let (recovery, compact) = signature.serialize_compact();
    let recovery = u8::try_from(recovery.to_i32()).map_err(|_| SchemeError)?;
    Ok([compact.as_slice(), &[recovery]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::extended;

    /// Also for halves that no derivation yields: all bits set but the highest.
    #[test]
    fn extended_keys_sign_as_the_library_that_derives_them() {
        for (number, top) in [(1, 0x40), (7, 0x5f), (0xff, 0x7f), (0xa5, 0x21)] {
            let mut bytes = [number; 64];
            bytes[31] = top;
            let secret = || ExtendedPrivateKey::init_with(|own| own.copy_from_slice(&bytes));
            let key = SigningKey::extended(secret());
            for message in [b"".as_slice(), b"message", &[7; 300]] {
                let theirs = extended(&secret()).sign::<()>(message).as_ref().to_vec();
                let whole = SigningMessage::Whole(message.to_vec());
                let own = key.sign(Scheme::Ed25519Extended, &whole).unwrap();
                assert_eq!(own.bytes, theirs, "{number} {top} {message:?}");
            }
        }
    }
}
