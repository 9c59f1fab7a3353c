//! Accounts that are hashes of keys: who signed, and who should have.

use alloy_primitives::{hex::encode_prefixed, keccak256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use super::{Case, Rejection, to_point};
use crate::offer::Signer;

pub(crate) type Account = [u8; 20];

/// The last 20 bytes of the hash of a key's point.
pub(crate) fn account_of_key(key: &VerifyingKey) -> Account {
    let point = key.to_sec1_point(false);
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    let mut account = Account::default();
    account.copy_from_slice(hash.as_slice().get(12..).unwrap_or(&[0; 20]));
    account
}

/// The key that made a signature of `r` and `s` in its canonical form.
pub(crate) fn recover(
    r_and_s: &[u8],
    recovery: Option<RecoveryId>,
    hash: &[u8],
) -> Result<VerifyingKey, Rejection> {
    let parsed = Signature::from_slice(r_and_s)
        .map_err(|_| Rejection::Signature("it is zero, or not below the order of the curve"))?;
    if parsed.normalize_s() != parsed {
        return Err(Rejection::Signature("its s is in the upper half (EIP-2)"));
    }
    let recovery = recovery.ok_or(Rejection::Signature("its recovery id is out of range"))?;
    VerifyingKey::recover_from_prehash(hash, &parsed, recovery)
        .map_err(|_| Rejection::Signature("no key could have made it"))
}

/// `read` takes an address in the chain's own spelling.
pub(crate) fn check_signer(
    case: &Case<'_>,
    found: Account,
    read: fn(&str) -> Option<Account>,
) -> Result<(), Rejection> {
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account chain has one signer"));
    };
    let expected = match expected {
        Signer::PublicKey(key) => to_point(key).map(|key| account_of_key(&key)),
        Signer::Address(address) => read(address),
    };
    let expected =
        expected.ok_or(Rejection::Expected("it is not an address or key of this chain"))?;
    if found == expected {
        Ok(())
    } else {
        Err(Rejection::OtherSigner {
            found: encode_prefixed(found),
            expected: encode_prefixed(expected),
        })
    }
}
