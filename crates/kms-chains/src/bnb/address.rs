//! Addresses: the hash of a public key in bech32.

use bech32::{Bech32, Hrp};
use kms_core::{AddressError, ByNetwork, Network, PublicKey};

const HASH_BYTES: usize = 20;
const HRP: ByNetwork<Hrp> =
    ByNetwork { mainnet: Hrp::parse_unchecked("bnb"), testnet: Hrp::parse_unchecked("tbnb") };

/// RIPEMD-160 of SHA-256 of a public key in its short form.
pub(super) type KeyHash = [u8; HASH_BYTES];

/// The key in its short form, and its hash.
pub(super) fn of_key(key: &PublicKey) -> Result<([u8; 33], KeyHash), AddressError> {
    let key =
        bitcoin::secp256k1::PublicKey::from_slice(key.as_bytes()).map_err(|_| AddressError)?;
    let key = bitcoin::CompressedPublicKey(key);
    Ok((key.to_bytes(), *AsRef::<KeyHash>::as_ref(&key.pubkey_hash())))
}

pub(super) fn read(network: Network, text: &str) -> Option<KeyHash> {
    let (hrp, hash) = bech32::decode(text).ok()?;
    let hash = hash.try_into().ok()?;
    let is_same = text.eq_ignore_ascii_case(&spell(network, &hash));
    (hrp == *HRP.on(network) && is_same).then_some(hash)
}

pub(super) fn spell(network: Network, hash: &KeyHash) -> String {
    // 20 bytes are never too long for bech32.
    bech32::encode::<Bech32>(*HRP.on(network), hash).unwrap_or_default()
}
