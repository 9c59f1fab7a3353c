//! Cardano: the Icarus master key (CIP-3) and BIP32-Ed25519 in its second version.
//! <https://github.com/cardano-foundation/CIPs/blob/master/CIP-0003/Icarus.md>

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ed25519_bip32::{DerivationScheme::V2, XPRV_SIZE, XPUB_SIZE, XPrv, XPub};
use kms_core::AddressIndex;
use kms_secret::{ExtendedPrivateKey, Mnemonic};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::{account::DeriveError, mnemonic};

const ROUNDS: u32 = 4096;
const HARDENED: u32 = 0x8000_0000;

/// The account at `m/1852'/1815'/0'/0'`; the hardened last step is the original's.
pub(crate) fn account(phrase: &Mnemonic) -> Result<XPrv, DeriveError> {
    let entropy = mnemonic::entropy(phrase).map_err(DeriveError::Phrase)?;
    let mut master = Zeroizing::new([0; XPRV_SIZE]);
    pbkdf2_hmac::<Sha512>(b"", &entropy, ROUNDS, master.as_mut_slice());
    let master = XPrv::normalize_bytes_force3rd(*master);
    let path = [1852, 1815, 0, 0].map(|number: u32| number | HARDENED);
    Ok(path.into_iter().fold(master, |node, number| node.derive(V2, number)))
}

pub(crate) fn private_key(account: &XPrv, index: AddressIndex) -> ExtendedPrivateKey {
    let node = account.derive(V2, index.get());
    ExtendedPrivateKey::init_with(|secret| secret.copy_from_slice(node.extended_secret_key_slice()))
}

/// Key and chain code in hexadecimal.
pub(crate) fn extended_public_key(account: &XPrv) -> String {
    let bytes: [u8; XPUB_SIZE] = account.public().into();
    HEXLOWER.encode(&bytes)
}

pub(crate) fn public_key_at(extended: &str, index: AddressIndex) -> Result<Vec<u8>, DeriveError> {
    let bytes = HEXLOWER_PERMISSIVE.decode(extended.as_bytes());
    let bytes: [u8; XPUB_SIZE] =
        bytes.ok().and_then(|bytes| bytes.try_into().ok()).ok_or(DeriveError::ExtendedKey)?;
    let child = XPub::from_bytes(bytes).derive(V2, index.get()).map_err(|_| DeriveError::NoKey)?;
    Ok(child.public_key_slice().to_vec())
}
