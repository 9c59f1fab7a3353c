//! From a recovery phrase to an account, and from an account to its keys.

use std::{fmt, str::FromStr as _};

use bip32::{ChildNumber, ExtendedKey, ExtendedPublicKey, XPrv};
use k256::elliptic_curve::sec1::ToSec1Point as _;
use kms_core::{AddressIndex, Derivation, KeySpec, Network, PublicKey};
use kms_secret::{Mnemonic, PrivateKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{mnemonic, signing_key::SigningKey};

/// Prefixes that the original's library reads as Bitcoin's mainnet, on any chain of Ethereum's
/// family.
const XPUB: [u8; 4] = [0x04, 0x88, 0xb2, 0x1e];

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DeriveError {
    #[error("no key can be derived at this path; use another index")]
    NoKey,
    #[error("the extended public key cannot be read")]
    ExtendedKey,
    #[error("the extended public key is one of another chain or network")]
    ExtendedKeyVersion,
}

/// The node of a derivation path whose children are an account's keys.
///
/// Making one stretches the phrase to a seed, which costs as much as many signatures; a key
/// costs one step from here.
pub struct Account {
    spec: KeySpec,
    network: Network,
    node: XPrv,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account")
    }
}

impl Account {
    /// # Errors
    /// When the path leads to no key, which happens for one phrase in 2¹²⁷.
    pub fn derive(
        spec: &KeySpec,
        network: Network,
        phrase: &Mnemonic,
    ) -> Result<Self, DeriveError> {
        let Derivation::Bip44 { coin_type, .. } = spec.derivation else {
            return Err(DeriveError::NoKey);
        };
        let seed = mnemonic::seed(phrase);
        let mut node = XPrv::new(seed.expose()).map_err(|_| DeriveError::NoKey)?;
        // m / 44' / coin' / 0' / 0
        let path = [(44, true), (*coin_type.on(network), true), (0, true), (0, false)];
        for (number, is_hardened) in path {
            let child = ChildNumber::new(number, is_hardened).map_err(|_| DeriveError::NoKey)?;
            node = node.derive_child(child).map_err(|_| DeriveError::NoKey)?;
        }
        Ok(Self { spec: *spec, network, node })
    }

    /// The extended public key in the chain's own spelling.
    pub fn extended_public_key(&self) -> Result<String, DeriveError> {
        let Derivation::Bip44 { version, .. } = self.spec.derivation else {
            return Err(DeriveError::NoKey);
        };
        let key = self.node.public_key();
        let attributes = key.attrs();
        // The library knows only four-letter prefixes; Litecoin's is spelled here.
        let bytes: Vec<u8> = version
            .on(self.network)
            .iter()
            .copied()
            .chain([attributes.depth])
            .chain(attributes.parent_fingerprint)
            .chain(attributes.child_number.to_bytes())
            .chain(attributes.chain_code)
            .chain(key.to_bytes())
            .collect();
        Ok(bs58::encode(bytes).with_check().into_string())
    }

    /// # Errors
    /// When there is no key at the index, which happens for one in 2¹²⁷.
    pub fn at(&self, index: AddressIndex) -> Result<SigningKey, DeriveError> {
        let child = ChildNumber::new(index.get(), false).map_err(|_| DeriveError::NoKey)?;
        let node = self.node.derive_child(child).map_err(|_| DeriveError::NoKey)?;
        let bytes = Zeroizing::new(node.private_key().to_bytes());
        let secret = PrivateKey::init_with(|secret| secret.copy_from_slice(bytes.as_ref()));
        SigningKey::new(&self.spec, secret, true).map_err(|_| DeriveError::NoKey)
    }
}

/// The public key at an index of an account of which only the extended public key is known.
///
/// # Errors
/// When the extended key is unreadable or is not one of this chain and network.
pub fn public_key_at(
    spec: &KeySpec,
    network: Network,
    extended: &str,
    index: AddressIndex,
) -> Result<PublicKey, DeriveError> {
    let Derivation::Bip44 { version, .. } = spec.derivation else {
        return Err(DeriveError::ExtendedKey);
    };
    let bytes = bs58::decode(extended).with_check(None).into_vec();
    let mut bytes = bytes.map_err(|_| DeriveError::ExtendedKey)?;
    let found: [u8; 4] =
        bytes.get(..4).and_then(|head| head.try_into().ok()).ok_or(DeriveError::ExtendedKey)?;
    if found != *version.on(network) {
        return Err(DeriveError::ExtendedKeyVersion);
    }
    // The library reads only prefixes it can print, and all of them mean the same key.
    if let Some(head) = bytes.get_mut(..4) {
        head.copy_from_slice(&XPUB);
    }
    let extended = bs58::encode(bytes).with_check().into_string();
    let extended = ExtendedKey::from_str(&extended).map_err(|_| DeriveError::ExtendedKey)?;
    let account = ExtendedPublicKey::<k256::PublicKey>::try_from(extended);
    let account = account.map_err(|_| DeriveError::ExtendedKey)?;
    let child = ChildNumber::new(index.get(), false).map_err(|_| DeriveError::NoKey)?;
    let key = account.derive_child(child).map_err(|_| DeriveError::NoKey)?;
    let compressed = crate::signing_key::is_compressed(spec);
    Ok(PublicKey::from_bytes(key.public_key().to_sec1_point(compressed).as_bytes().to_vec()))
}
