//! Single keys: made of randomness, of 32 bytes from elsewhere, or of Algorand's 25 words.

use kms_core::{Derivation, KeySpec, Scheme, SecretEncoding};
use kms_secret::{ExtendedPrivateKey, FamilySeed, Mnemonic, PrivateKey};
use rand_core::TryCryptoRng;
use sha2::{Digest as _, Sha512, Sha512_256};
use zeroize::Zeroizing;

use crate::{
    encoding::{self, KeyTextError},
    key::SigningKey,
    mnemonic::{MnemonicError, word_number},
};

const WORDS: usize = 25;
const BITS_A_WORD: u32 = 11;

/// A new key for a wallet without a phrase. `None` for a chain whose wallets have one.
///
/// # Errors
/// When the operating system provides no randomness.
pub fn generate_key<R: TryCryptoRng>(
    spec: &KeySpec,
    rng: &mut R,
) -> Result<Option<SigningKey>, R::Error> {
    match spec.derivation {
        Derivation::Single { .. } => random_key(spec, rng),
        _ => Ok(None),
    }
}

/// A new key that comes of no phrase. `None` where a key is more than random bytes: Cardano's.
///
/// # Errors
/// When the operating system provides no randomness.
pub fn random_key<R: TryCryptoRng>(
    spec: &KeySpec,
    rng: &mut R,
) -> Result<Option<SigningKey>, R::Error> {
    if spec.derivation == Derivation::Icarus {
        return Ok(None);
    }
    if spec.encoding == SecretEncoding::FamilySeed {
        let mut filled = Ok(());
        let seed = FamilySeed::init_with(|seed| filled = rng.try_fill_bytes(seed));
        return filled.map(|()| Some(encoding::key_of_family_seed(seed)));
    }
    loop {
        let mut filled = Ok(());
        let secret = PrivateKey::init_with(|secret| filled = rng.try_fill_bytes(secret));
        filled?;
        match spec.scheme {
            Scheme::Ed25519 => return Ok(Some(SigningKey::ed25519(secret))),
            // One in 2¹²⁷ is not a key.
            _ => {
                if let Ok(key) = SigningKey::secp256k1(spec, secret, true) {
                    return Ok(Some(key));
                }
            }
        }
    }
}

/// The key that 32 bytes are on a chain: a number of secp256k1, shown in the chain's usual form,
/// or a seed of ed25519. Where the chain writes extended keys, the seed is expanded (RFC 8032,
/// 5.1.5), which keeps its public key.
///
/// # Errors
/// When the bytes are not a key, or the chain writes family seeds, which are shorter.
pub fn key_of_bytes(spec: &KeySpec, secret: PrivateKey) -> Result<SigningKey, KeyTextError> {
    if spec.encoding == SecretEncoding::FamilySeed {
        return Err(KeyTextError::NotFamilySeed);
    }
    match spec.scheme {
        Scheme::Ed25519 => Ok(SigningKey::ed25519(secret)),
        Scheme::Ed25519Extended => Ok(SigningKey::extended(expand(&secret))),
        _ => Ok(SigningKey::secp256k1(spec, secret, true)?),
    }
}

fn expand(seed: &PrivateKey) -> ExtendedPrivateKey {
    let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed.expose())));
    ExtendedPrivateKey::init_with(|own| {
        *own = *hash;
        if let [first, .., last] = own.split_at_mut(32).0 {
            *first &= 0b1111_1000;
            *last = (*last & 0b0111_1111) | 0b0100_0000;
        }
    })
}

/// The key that Algorand's 25 words spell: 24 of 11 bits each, least significant first, and a
/// checksum.
/// <https://developer.algorand.org/docs/get-details/accounts/#transformation-private-key-to-25-word-mnemonic>
///
/// # Errors
/// When a word or the checksum is wrong.
pub fn key_of_words(phrase: &Mnemonic) -> Result<SigningKey, MnemonicError> {
    let words: Vec<&str> = phrase.expose().split_whitespace().collect();
    let [data @ .., checksum] = words.as_slice() else { return Err(MnemonicError::Empty) };
    if words.len() != WORDS {
        return Err(MnemonicError::NotAlgorandWords(words.len()));
    }
    let secret = PrivateKey::try_init_with(|secret| unpack(data, secret))?;
    let hash = Sha512_256::digest(secret.expose());
    let expected = match hash.as_slice() {
        [low, high, ..] => u16::from_le_bytes([*low, *high]) & 0x7ff,
        _ => return Err(MnemonicError::Checksum),
    };
    match word_number(checksum) {
        Some(number) if number == expected => Ok(SigningKey::ed25519(secret)),
        Some(_) => Err(MnemonicError::Checksum),
        None => Err(MnemonicError::UnknownWord(WORDS)),
    }
}

/// 24 words hold eight bits more than a key, which are zero.
fn unpack(words: &[&str], secret: &mut [u8; 32]) -> Result<(), MnemonicError> {
    let mut bits = Zeroizing::new(0_u32);
    let mut held = 0;
    let mut bytes = Zeroizing::new(Vec::with_capacity(33));
    for (place, word) in words.iter().enumerate() {
        let unknown = MnemonicError::UnknownWord(place.saturating_add(1));
        *bits |= u32::from(word_number(word).ok_or(unknown)?) << held;
        held += BITS_A_WORD;
        while held >= 8 {
            bytes.push((*bits & 0xff) as u8);
            *bits >>= 8;
            held -= 8;
        }
    }
    let Some((own, [0])) = bytes.split_first_chunk::<32>() else {
        return Err(MnemonicError::Checksum);
    };
    *secret = *own;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kms_core::{SigningMessage, WalletLayout};

    use super::*;

    /// A seed and its expansion are one key to whoever verifies, and sign alike (RFC 8032).
    #[test]
    fn a_seed_signs_the_same_in_its_expanded_form() {
        let spec = |scheme, encoding| KeySpec {
            scheme,
            derivation: Derivation::Icarus,
            encoding,
            layout: WalletLayout::AddressPrivateKey,
        };
        let message = SigningMessage::Whole(b"message".to_vec());
        for byte in [0, 7, 0xff] {
            let bytes = || PrivateKey::init_with(|own| own.fill(byte));
            let plain = spec(Scheme::Ed25519, SecretEncoding::BareHex);
            let plain = key_of_bytes(&plain, bytes()).unwrap();
            let long = spec(Scheme::Ed25519Extended, SecretEncoding::ExtendedHex);
            let expanded = key_of_bytes(&long, bytes()).unwrap();
            assert_eq!(plain.public_key(), expanded.public_key());
            assert_eq!(
                plain.sign(Scheme::Ed25519, &message).unwrap().bytes,
                expanded.sign(Scheme::Ed25519Extended, &message).unwrap().bytes
            );
            let text = expanded.to_text(&long, kms_core::Network::Mainnet);
            let read = SigningKey::parse(&long, kms_core::Network::Mainnet, &text).unwrap();
            assert_eq!(read.public_key(), plain.public_key());
        }
    }
}
