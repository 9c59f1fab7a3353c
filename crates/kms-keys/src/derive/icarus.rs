//! Cardano: the Icarus master key (CIP-3) and BIP32-Ed25519 in its second version.
//! <https://github.com/cardano-foundation/CIPs/blob/master/CIP-0003/Icarus.md>

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_bip32::{DerivationScheme::V2, XPRV_SIZE, XPUB_SIZE, XPrv, XPub};
use kms_core::AddressIndex;
use kms_secret::{ExtendedChainNode, ExtendedPrivateKey, Mnemonic};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::DeriveError;
use crate::mnemonic;

const ROUNDS: u32 = 4096;
const HARDENED: u32 = 0x8000_0000;

/// An extended private key and its chain code.
pub(crate) struct Node(ExtendedChainNode);

impl Node {
    /// The account at `m/1852'/1815'/0'/0'`; the hardened last step is the original's.
    pub(crate) fn account(phrase: &Mnemonic) -> Result<Self, DeriveError> {
        Self::at([1852, 1815, 0, 0].map(|number: u32| number | HARDENED), phrase)
    }

    /// The node at any path; hardened steps have their highest bit set.
    pub(crate) fn at(
        path: impl IntoIterator<Item = u32>,
        phrase: &Mnemonic,
    ) -> Result<Self, DeriveError> {
        let entropy = mnemonic::entropy(phrase).map_err(DeriveError::Phrase)?;
        let mut master = Zeroizing::new([0; XPRV_SIZE]);
        pbkdf2_hmac::<Sha512>(b"", &entropy, ROUNDS, master.as_mut_slice());
        let master = XPrv::normalize_bytes_force3rd(*master);
        let account = path.into_iter().fold(master, |node, number| node.derive(V2, number));
        Ok(Self(ExtendedChainNode::init_with(|own| own.copy_from_slice(account.as_ref()))))
    }

    pub(crate) fn private_key(
        &self,
        index: AddressIndex,
    ) -> Result<ExtendedPrivateKey, DeriveError> {
        let node = self.open().ok_or(DeriveError::NoKey)?.derive(V2, index.get());
        Ok(secret_of(&node))
    }

    /// The node's own key.
    pub(crate) fn to_private_key(&self) -> Result<ExtendedPrivateKey, DeriveError> {
        Ok(secret_of(&self.open().ok_or(DeriveError::NoKey)?))
    }

    /// Key and chain code in hexadecimal.
    pub(crate) fn extended_public_key(&self) -> Option<String> {
        let bytes: [u8; XPUB_SIZE] = self.open()?.public().into();
        Some(HEXLOWER.encode(&bytes))
    }

    /// The library's own node, which wipes itself.
    fn open(&self) -> Option<XPrv> {
        XPrv::from_slice_verified(self.0.expose()).ok()
    }
}

fn secret_of(node: &XPrv) -> ExtendedPrivateKey {
    let own = node.extended_secret_key_slice();
    ExtendedPrivateKey::init_with(|secret| secret.copy_from_slice(own))
}

pub(crate) fn public_key_at(extended: &str, index: AddressIndex) -> Result<Vec<u8>, DeriveError> {
    let bytes = HEXLOWER_PERMISSIVE.decode(extended.as_bytes());
    let bytes: [u8; XPUB_SIZE] =
        bytes.ok().and_then(|bytes| bytes.try_into().ok()).ok_or(DeriveError::ExtendedKey)?;
    let child = XPub::from_bytes(bytes).derive(V2, index.get()).map_err(|_| DeriveError::NoKey)?;
    Ok(child.public_key_slice().to_vec())
}
