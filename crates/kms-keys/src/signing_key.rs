//! A private key that signs in its own scheme and no other.

use std::fmt;

use bitcoin::secp256k1::{self, Message, Secp256k1, SecretKey, SignOnly};
use curve25519_dalek::Scalar;
use ed25519_bip32::XPrv;
use ed25519_dalek::{
    VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use kms_core::{
    AddressIndex, KeySignature, KeySpec, Network, PublicKey, Scheme, SecretEncoding, SigningMessage,
};
use kms_secret::{
    ExtendedPrivateKey, FamilySeed, Mnemonic, PrivateKey, SecretText, with_wiped_stack,
};
use sha2::Sha512;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    account::{Account, DeriveError},
    ecdsa, encoding,
    encoding::KeyTextError,
    schnorr,
};

/// What a signature uses of the stack, at most.
const STACK_BYTES: usize = 16 << 10;

/// A private key of a chain, with its public key at hand.
pub struct SigningKey {
    scheme: Scheme,
    material: Material,
    public: PublicKey,
}

pub(crate) enum Material {
    Secp256k1 {
        secret: PrivateKey,
        /// Whether the public key is shown in its short form; part of how WIF spells the key.
        is_compressed: bool,
        /// What the key was made of, where the chain writes that down in its place.
        seed: Option<FamilySeed>,
    },
    Ed25519 {
        secret: PrivateKey,
        /// Scalar and nonce key, which the secret is hashed to.
        expanded: ExtendedPrivateKey,
        seed: Option<FamilySeed>,
    },
    Extended(ExtendedPrivateKey),
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

/// Chains with WIF keys or family seeds show the public key in its short form, unless a WIF says
/// otherwise; the others hash the long form, so it is kept.
pub(crate) const fn is_compressed(spec: &KeySpec) -> bool {
    matches!(spec.encoding, SecretEncoding::Wif { .. } | SecretEncoding::FamilySeed)
}

impl SigningKey {
    pub(crate) fn secp256k1(
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
            scheme: match spec.scheme {
                Scheme::EcdsaSecp256k1AnyS | Scheme::SchnorrBitcoinCash => spec.scheme,
                _ => Scheme::EcdsaSecp256k1,
            },
            material: Material::Secp256k1 { secret, is_compressed, seed: None },
            public: PublicKey::from_bytes(public),
        })
    }

    pub(crate) fn ed25519(secret: PrivateKey) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(secret.expose()).verifying_key();
        let expanded = ExtendedPrivateKey::init_with(|expanded| {
            let key = ExpandedSecretKey::from(secret.expose());
            let (scalar, nonce_key) = expanded.split_at_mut(32);
            scalar.copy_from_slice(Zeroizing::new(key.scalar.to_bytes()).as_slice());
            nonce_key.copy_from_slice(&key.hash_prefix);
        });
        Self {
            scheme: Scheme::Ed25519,
            public: PublicKey::from_bytes(public.as_bytes().to_vec()),
            material: Material::Ed25519 { secret, expanded, seed: None },
        }
    }

    pub(crate) fn extended(secret: ExtendedPrivateKey) -> Self {
        let public = extended(&secret).public();
        Self {
            scheme: Scheme::Ed25519Extended,
            public: PublicKey::from_bytes(public.public_key_slice().to_vec()),
            material: Material::Extended(secret),
        }
    }

    /// The same key, written as the seed it was made of.
    pub(crate) fn of_seed(mut self, own: FamilySeed) -> Self {
        match &mut self.material {
            Material::Secp256k1 { seed, .. } | Material::Ed25519 { seed, .. } => *seed = Some(own),
            Material::Extended(_) => (),
        }
        self
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
        encoding::read(spec, network, text)
    }

    /// The key in the chain's own spelling.
    pub fn to_text(&self, spec: &KeySpec, network: Network) -> SecretText {
        encoding::write(spec, network, &self.material)
    }

    /// SEC 1 for secp256k1, 33 bytes where WIF or XRPL say so, 65 otherwise; 32 for ed25519.
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
        if scheme != self.scheme {
            return Err(SchemeError);
        }
        let bytes = with_wiped_stack::<STACK_BYTES, _>(|| self.sign_message(message))?;
        Ok(KeySignature { public_key: self.public.clone(), bytes })
    }

    fn sign_message(&self, message: &SigningMessage) -> Result<Vec<u8>, SchemeError> {
        match (&self.material, message) {
            (Material::Secp256k1 { secret, .. }, SigningMessage::Prehash(prehash)) => {
                self.sign_prehash(secret, prehash)
            }
            (
                Material::Ed25519 { expanded: key, .. } | Material::Extended(key),
                SigningMessage::Whole(message),
            ) => sign_expanded(key, &self.public, message).ok_or(SchemeError),
            _ => Err(SchemeError),
        }
    }

    fn sign_prehash(
        &self,
        secret: &PrivateKey,
        prehash: &[u8; 32],
    ) -> Result<Vec<u8>, SchemeError> {
        let signature = match self.scheme {
            Scheme::EcdsaSecp256k1 => return sign_ecdsa(secret, prehash),
            Scheme::EcdsaSecp256k1AnyS => ecdsa::sign(secret.expose(), prehash),
            Scheme::SchnorrBitcoinCash => {
                let public = secp256k1::PublicKey::from_slice(self.public.as_bytes());
                let public = public.map_err(|_| SchemeError)?.serialize();
                schnorr::sign(secret.expose(), &public, prehash)
            }
            _ => None,
        };
        signature.map(|bytes| bytes.to_vec()).ok_or(SchemeError)
    }
}

/// The library's own key. The chain code has no part in signing.
fn extended(secret: &ExtendedPrivateKey) -> XPrv {
    XPrv::from_extended_and_chaincode(secret.expose(), &[0; 32])
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

pub(crate) fn context() -> &'static Secp256k1<SignOnly> {
    static CONTEXT: std::sync::OnceLock<Secp256k1<SignOnly>> = std::sync::OnceLock::new();
    CONTEXT.get_or_init(Secp256k1::signing_only)
}

#[cfg(test)]
mod tests {
    use super::*;

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
