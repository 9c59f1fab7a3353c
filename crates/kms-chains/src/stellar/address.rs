//! Addresses: `G…`, base32 of a version byte, a public key and a CRC-16, as the SDK spells them.

use std::str::FromStr as _;

use stellar_xdr::{AccountId, ContractId, MuxedAccount, PublicKey, ScAddress, Uint256};

pub(super) const KEY_BYTES: usize = 32;

pub(super) fn spell(key: &[u8; KEY_BYTES]) -> String {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(*key))).to_string()
}

/// The key of an account, whatever number for bookkeeping stands beside it.
pub(super) const fn key_of(account: &MuxedAccount) -> [u8; KEY_BYTES] {
    match account {
        MuxedAccount::Ed25519(Uint256(key)) => *key,
        MuxedAccount::MuxedEd25519(muxed) => muxed.ed25519.0,
    }
}

pub(super) const fn key_of_id(account: &AccountId) -> [u8; KEY_BYTES] {
    let AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key))) = account;
    *key
}

/// The account of `G…` or of `M…`, as `G…`; a contract stays `C…`.
pub(super) fn canonical(text: &str) -> Option<String> {
    let key = MuxedAccount::from_str(text).ok().map(|account| key_of(&account));
    key.map(|key| spell(&key)).or_else(|| match ScAddress::from_str(text).ok()? {
        ScAddress::Contract(ContractId(_)) => Some(text.to_owned()),
        _ => None,
    })
}
