//! XRPL's family seeds, and the keys they lead to.
//! <https://xrpl.org/docs/concepts/accounts/cryptographic-keys>

use bitcoin::secp256k1::{PublicKey, Scalar, Secp256k1, SecretKey};
use bs58::Alphabet;
use kms_core::KeySpec;
use kms_secret::{FamilySeed, PrivateKey, SecretText};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::KeyTextError;
use crate::key::SigningKey;

const ED25519: [u8; 3] = [0x01, 0xe1, 0x4b];
const SECP256K1: [u8; 1] = [0x21];
const SEED_BYTES: usize = 16;

/// The algorithm that makes an account of a family seed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SeedAlgorithm {
    /// Ed25519, as `sEd…` says it.
    Ed25519,
    /// ECDSA over secp256k1, as any other `s…` says it.
    Secp256k1,
}

impl SeedAlgorithm {
    /// The algorithm that the seed's own spelling asks for.
    ///
    /// # Errors
    /// When the text is not a family seed.
    pub fn of(text: &SecretText) -> Result<Self, KeyTextError> {
        Ok(decode(text.expose())?.1)
    }

    /// The key that this algorithm makes from a seed, whichever the seed's prefix indicates.
    /// Libraries of XRPL have disagreed about plain `s…`, so that one seed can lead to two
    /// accounts.
    ///
    /// # Errors
    /// When the text is not a family seed.
    pub fn key(self, spec: &KeySpec, text: &SecretText) -> Result<SigningKey, KeyTextError> {
        let (seed, _) = decode(text.expose())?;
        match self {
            Self::Ed25519 => Ok(ed25519_key(seed)),
            Self::Secp256k1 => secp256k1_key(spec, seed),
        }
    }
}

pub(super) fn read(spec: &KeySpec, text: &str) -> Result<SigningKey, KeyTextError> {
    match decode(text)? {
        (seed, SeedAlgorithm::Ed25519) => Ok(ed25519_key(seed)),
        (seed, SeedAlgorithm::Secp256k1) => secp256k1_key(spec, seed),
    }
}

fn decode(text: &str) -> Result<(FamilySeed, SeedAlgorithm), KeyTextError> {
    let bytes = bs58::decode(text).with_alphabet(Alphabet::RIPPLE).with_check(None).into_vec();
    let bytes = Zeroizing::new(bytes.map_err(|error| match error {
        bs58::decode::Error::InvalidChecksum { .. } => KeyTextError::Checksum,
        _ => KeyTextError::NotFamilySeed,
    })?);
    let seed = |prefix: &[u8]| {
        let seed = bytes.strip_prefix(prefix).filter(|seed| seed.len() == SEED_BYTES)?;
        Some(FamilySeed::init_with(|own| own.copy_from_slice(seed)))
    };
    match (seed(&ED25519), seed(&SECP256K1)) {
        (Some(seed), _) => Ok((seed, SeedAlgorithm::Ed25519)),
        (None, Some(seed)) => Ok((seed, SeedAlgorithm::Secp256k1)),
        (None, None) => Err(KeyTextError::NotFamilySeed),
    }
}

pub(super) fn write(seed: &FamilySeed, is_ed25519: bool) -> SecretText {
    let prefix: &[u8] = if is_ed25519 { &ED25519 } else { &SECP256K1 };
    let bytes = Zeroizing::new([prefix, seed.expose()].concat());
    let text = bs58::encode(bytes.as_slice()).with_alphabet(Alphabet::RIPPLE).with_check();
    SecretText::new(text.into_string())
}

/// The seed's hash is the key.
pub(crate) fn ed25519_key(seed: FamilySeed) -> SigningKey {
    let secret = half_of_hash(&[seed.expose()]);
    SigningKey::ed25519(secret).of_seed(seed)
}

/// Account 0 of the family: its root key, shifted by a key made of the root's public key.
fn secp256k1_key(spec: &KeySpec, seed: FamilySeed) -> Result<SigningKey, KeyTextError> {
    let root = first_key(&[seed.expose()])?;
    let public = PublicKey::from_secret_key(&Secp256k1::signing_only(), &root).serialize();
    let shift = first_key(&[&public, &[0; 4]])?;
    let key = root.add_tweak(&Scalar::from(shift)).map_err(|_| KeyTextError::OutOfRange)?;
    let bytes = Zeroizing::new(key.secret_bytes());
    let secret = PrivateKey::init_with(|own| own.copy_from_slice(bytes.as_slice()));
    Ok(SigningKey::secp256k1(spec, secret, true)?.of_seed(seed))
}

/// The first hash of the parts and a counter that is a key.
fn first_key(parts: &[&[u8]]) -> Result<SecretKey, KeyTextError> {
    (0..=u8::MAX)
        .find_map(|counter| {
            let counter = u32::from(counter).to_be_bytes();
            let hash = half_of_hash(&[parts, &[counter.as_slice()]].concat());
            SecretKey::from_slice(hash.expose()).ok()
        })
        .ok_or(KeyTextError::OutOfRange)
}

fn half_of_hash(parts: &[&[u8]]) -> PrivateKey {
    let mut hasher = Sha512::new();
    parts.iter().for_each(|part| hasher.update(part));
    let hash = Zeroizing::new(<[u8; 64]>::from(hasher.finalize()));
    PrivateKey::init_with(|own| own.copy_from_slice(hash.split_at(32).0))
}
