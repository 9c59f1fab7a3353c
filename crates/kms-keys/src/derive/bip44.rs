//! BIP-32 over secp256k1, at the paths of BIP-44.

use std::str::FromStr as _;

use bip32::{ChildNumber, ExtendedKey, ExtendedKeyAttrs, ExtendedPublicKey, Prefix, XPrv};
use k256::elliptic_curve::sec1::ToSec1Point as _;
use kms_core::{AddressIndex, XPUB};
use kms_secret::{PrivateKey, Seed};
use zeroize::{Zeroize as _, Zeroizing};

use super::DeriveError;

/// A private key, and what its extended public key shows besides: where it is in the tree, and
/// the chain code.
pub(crate) struct Node {
    secret: PrivateKey,
    attributes: ExtendedKeyAttrs,
}

impl Node {
    /// The account at `m/44'/coin'/0'/0`.
    pub(crate) fn account(coin_type: u32, seed: &Seed) -> Result<Self, DeriveError> {
        Self::at([(44, true), (coin_type, true), (0, true), (0, false)], seed)
    }

    /// The node at any path, whose steps are a number and whether it is hardened.
    pub(crate) fn at(
        path: impl IntoIterator<Item = (u32, bool)>,
        seed: &Seed,
    ) -> Result<Self, DeriveError> {
        let mut node = XPrv::new(seed.expose()).map_err(|_| DeriveError::NoKey)?;
        for (number, is_hardened) in path {
            let child = ChildNumber::new(number, is_hardened).map_err(|_| DeriveError::NoKey)?;
            node = node.derive_child(child).map_err(|_| DeriveError::NoKey)?;
        }
        Ok(Self { secret: secret_of(&node), attributes: node.attrs().clone() })
    }

    pub(crate) fn private_key(&self, index: AddressIndex) -> Result<PrivateKey, DeriveError> {
        let node = self.open().ok_or(DeriveError::NoKey)?;
        let child = node.derive_child(child(index)?).map_err(|_| DeriveError::NoKey)?;
        Ok(secret_of(&child))
    }

    /// The node's own key.
    pub(crate) fn into_private_key(self) -> PrivateKey {
        self.secret
    }

    /// The extended public key under the chain's own prefix.
    pub(crate) fn extended_public_key(&self, version: [u8; 4]) -> Option<String> {
        let key = self.open()?.public_key();
        let attributes = key.attrs();
        // The library knows only four-letter prefixes; Litecoin's is spelled here.
        let bytes: Vec<u8> = version
            .into_iter()
            .chain([attributes.depth])
            .chain(attributes.parent_fingerprint)
            .chain(attributes.child_number.to_bytes())
            .chain(attributes.chain_code)
            .chain(key.to_bytes())
            .collect();
        Some(bs58::encode(bytes).with_check().into_string())
    }

    /// The library's own node, which wipes itself.
    fn open(&self) -> Option<XPrv> {
        let (prefix, attrs) = (Prefix::XPRV, self.attributes.clone());
        let mut key = ExtendedKey { prefix, attrs, key_bytes: [0; 33] };
        key.key_bytes.get_mut(1..)?.copy_from_slice(self.secret.expose());
        let node = XPrv::try_from(key.clone()).ok();
        key.key_bytes.zeroize();
        node
    }
}

fn secret_of(node: &XPrv) -> PrivateKey {
    let bytes = Zeroizing::new(node.private_key().to_bytes());
    PrivateKey::init_with(|secret| secret.copy_from_slice(bytes.as_ref()))
}

pub(crate) fn public_key_at(
    extended: &str,
    version: [u8; 4],
    index: AddressIndex,
    is_compressed: bool,
) -> Result<Vec<u8>, DeriveError> {
    let bytes = bs58::decode(extended).with_check(None).into_vec();
    let mut bytes = bytes.map_err(|_| DeriveError::ExtendedKey)?;
    let head = bytes.get_mut(..4).ok_or(DeriveError::ExtendedKey)?;
    if *head != version {
        return Err(DeriveError::ExtendedKeyVersion);
    }
    // The library reads only prefixes it can print, and all of them mean the same key.
    head.copy_from_slice(&XPUB);
    let extended = bs58::encode(bytes).with_check().into_string();
    let extended = ExtendedKey::from_str(&extended).map_err(|_| DeriveError::ExtendedKey)?;
    let account = ExtendedPublicKey::<k256::PublicKey>::try_from(extended);
    let account = account.map_err(|_| DeriveError::ExtendedKey)?;
    let key = account.derive_child(child(index)?).map_err(|_| DeriveError::NoKey)?;
    Ok(key.public_key().to_sec1_point(is_compressed).as_bytes().to_vec())
}

fn child(index: AddressIndex) -> Result<ChildNumber, DeriveError> {
    ChildNumber::new(index.get(), false).map_err(|_| DeriveError::NoKey)
}
