//! Text forms of private keys, as other tools write them. Errors never repeat the input.

mod error;
mod family_seed;
mod hex;
mod keypair;
mod klaytn;
mod stellar;
mod wif;

use kms_core::{KeySpec, Network, SecretEncoding};
use kms_secret::SecretText;

use crate::key::{Material, SigningKey};

pub use error::KeyTextError;
pub use family_seed::SeedAlgorithm;
pub(crate) use family_seed::ed25519_key as key_of_family_seed;

impl SigningKey {
    /// Reads a key in one of the chain's spellings.
    ///
    /// # Errors
    /// When the text is not a valid key. The error does not repeat it.
    pub fn parse(
        spec: &KeySpec,
        network: Network,
        text: &SecretText,
    ) -> Result<Self, KeyTextError> {
        read(spec, network, text)
    }

    /// Writes the key in the chain's own spelling.
    pub fn to_text(&self, spec: &KeySpec, network: Network) -> SecretText {
        write(spec, network, self.material())
    }
}

fn read(spec: &KeySpec, network: Network, text: &SecretText) -> Result<SigningKey, KeyTextError> {
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

fn write(spec: &KeySpec, network: Network, material: &Material) -> SecretText {
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
