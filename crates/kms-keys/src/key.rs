//! A private key, its public key and the scheme it signs in: the ground of this crate. Signing,
//! derivation and spellings are in files of their own.

use std::fmt;

use bitcoin::secp256k1::{self, Secp256k1, SecretKey, SignOnly};
use ed25519_bip32::XPrv;
use ed25519_dalek::hazmat::ExpandedSecretKey;
use kms_core::{KeySpec, PublicKey, Scheme, SecretEncoding};
use kms_secret::{ExtendedPrivateKey, FamilySeed, PrivateKey};
use thiserror::Error;
use zeroize::Zeroizing;

/// A private key of a chain, with its public key at hand.
pub struct SigningKey {
    scheme: Scheme,
    material: Material,
    public: PublicKey,
}

pub(crate) enum Material {
    Secp256k1 {
        secret: PrivateKey,
        /// True if the public key is shown in its short form; part of how WIF spells the key.
        is_compressed: bool,
        /// The seed that the key was made from, where the chain stores that instead of the key.
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

/// Bytes that are not a private key: zero, or not below the order of the curve.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the bytes are not a private key of secp256k1")]
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
        let public = if is_compressed {
            public.serialize().to_vec()
        } else {
            public.serialize_uncompressed().to_vec()
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

    /// SEC 1 for secp256k1, 33 bytes where WIF or XRPL say so, 65 otherwise; 32 for ed25519.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) const fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub(crate) const fn material(&self) -> &Material {
        &self.material
    }
}

/// The library's own key. The chain code has no part in signing.
pub(crate) fn extended(secret: &ExtendedPrivateKey) -> XPrv {
    XPrv::from_extended_and_chaincode(secret.expose(), &[0; 32])
}

pub(crate) fn context() -> &'static Secp256k1<SignOnly> {
    static CONTEXT: std::sync::OnceLock<Secp256k1<SignOnly>> = std::sync::OnceLock::new();
    CONTEXT.get_or_init(Secp256k1::signing_only)
}
