//! Accounts that are keys of ed25519: who signed, and who should have.

use cryptoxide::ed25519;

use super::{Case, Rejection};
use crate::offer::Signer;

pub(crate) type Key = [u8; 32];

/// # Errors
/// When the signature does not fit, or another one than `spell` makes of the key was expected.
pub(crate) fn check(
    case: &Case<'_>,
    key: &Key,
    spell: fn(&Key) -> String,
    (message, signature): (&[u8], &[u8; 64]),
) -> Result<(), Rejection> {
    if !ed25519::verify(message, key, signature) {
        return Err(Rejection::Signature("it is not valid for the transaction and its sender"));
    }
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account chain has one signer"));
    };
    let expected = match expected {
        Signer::Address(address) => address.clone(),
        Signer::PublicKey(key) => match key.as_bytes().try_into() {
            Ok(key) => spell(key),
            Err(_) => super::hex(key.as_bytes()),
        },
    };
    let found = spell(key);
    if found == expected { Ok(()) } else { Err(Rejection::OtherSigner { found, expected }) }
}
