//! How the outside world spells private keys. Errors never repeat what was read.

mod family_seed;
mod hex;
mod keypair;
mod klaytn;
mod stellar;
mod wif;

use kms_core::{KeySpec, Network, SecretEncoding};
use kms_secret::SecretText;
use thiserror::Error;

use crate::signing_key::{Material, NoKeyError, SigningKey};

pub use family_seed::SeedAlgorithm;
pub(crate) use family_seed::ed25519_key as key_of_family_seed;

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum KeyTextError {
    #[error("a private key of this chain is 64 hexadecimal digits, with or without 0x")]
    NotHex,
    #[error("a private key of this chain is up to 64 hexadecimal digits, without 0x")]
    NotMinimalHex,
    #[error("a private key of this chain is 128 hexadecimal digits, an extended key of ed25519")]
    NotExtendedHex,
    #[error("a private key of this chain is in wallet import format (WIF)")]
    NotWif,
    #[error("a secret of this chain is a family seed: s and letters of XRPL's base58")]
    NotFamilySeed,
    #[error("a secret of this chain is a seed: S and 55 letters of base32")]
    NotStellarSeed,
    #[error("a private key of this chain is base58 or hexadecimal of a seed and its public key")]
    NotSolanaKeypair,
    #[error("a secret of this chain is base32 of a seed and its public key, 103 letters")]
    NotAlgorandKey,
    #[error("the checksum of the private key is wrong; one of its letters is not the right one")]
    Checksum,
    #[error("the private key is one of another chain or network")]
    Version,
    #[error("the wallet key names another address than its private key has")]
    WalletKeyAddress,
    #[error("the private key is not below the order of its curve, or zero")]
    OutOfRange,
}

impl From<NoKeyError> for KeyTextError {
    fn from(_: NoKeyError) -> Self {
        Self::OutOfRange
    }
}

pub(crate) fn read(
    spec: &KeySpec,
    network: Network,
    text: &SecretText,
) -> Result<SigningKey, KeyTextError> {
    let text = text.expose();
    match spec.encoding {
        SecretEncoding::PrefixedHex | SecretEncoding::BareHex => hex::read_key(spec, text),
        SecretEncoding::MinimalHex => hex::read_minimal(spec, text),
        SecretEncoding::ExtendedHex => hex::read_extended(text),
        SecretEncoding::KlaytnWalletKey => klaytn::read(spec, text),
        SecretEncoding::Wif { read, bare_hex, .. } => {
            wif::read(spec, text, read.on(network), bare_hex)
        }
        SecretEncoding::FamilySeed => family_seed::read(spec, text),
        SecretEncoding::StellarSeed => stellar::read(text),
        SecretEncoding::SolanaKeypair => keypair::read_solana(text),
        SecretEncoding::AlgorandKey => keypair::read_algorand(text),
    }
}

pub(crate) fn write(spec: &KeySpec, network: Network, material: &Material) -> SecretText {
    match material {
        Material::Secp256k1 { seed: Some(seed), .. } => family_seed::write(seed, false),
        Material::Ed25519 { seed: Some(seed), .. } => family_seed::write(seed, true),
        Material::Extended(secret) => SecretText::new(hex::write(secret.expose())),
        Material::Ed25519 { secret, .. } => {
            let key = ed25519_dalek::SigningKey::from_bytes(secret.expose());
            match spec.encoding {
                SecretEncoding::StellarSeed => stellar::write(&key),
                SecretEncoding::SolanaKeypair => keypair::write_solana(&key),
                SecretEncoding::AlgorandKey => keypair::write_algorand(&key),
                _ => SecretText::new(hex::write(key.as_bytes())),
            }
        }
        Material::Secp256k1 { secret, is_compressed, .. } => match spec.encoding {
            SecretEncoding::Wif { written, .. } => {
                wif::write(*written.on(network), secret, *is_compressed)
            }
            SecretEncoding::PrefixedHex | SecretEncoding::KlaytnWalletKey => {
                let digits = SecretText::new(hex::write(secret.expose()));
                SecretText::new(format!("0x{}", digits.expose()))
            }
            SecretEncoding::MinimalHex => {
                let digits = SecretText::new(hex::write(secret.expose()));
                SecretText::new(digits.expose().trim_start_matches('0').to_owned())
            }
            _ => SecretText::new(hex::write(secret.expose())),
        },
    }
}
