//! Bitcoin Cash: its digest, and Schnorr signatures of 2019.

use alloy_primitives::{U256, uint};
use bitcoin::{PublicKey as Shown, Transaction, TxIn, consensus::serialize};
use k256::{
    FieldBytes, ProjectivePoint, Scalar,
    ecdsa::VerifyingKey,
    elliptic_curve::{PrimeField as _, group::Group as _, ops::Reduce, sec1::ToSec1Point as _},
};
use kms_core::PublicKey;
use sha2::{Digest as _, Sha256};

use super::{Spent, bitcoin::pushes};
use crate::verify::InputProblem;

/// ALL, with the bit that tells Bitcoin Cash from Bitcoin.
const ALL_FORKID: u8 = 0x41;

/// The prime of secp256k1's field (SEC 2, section 2.4.1).
const FIELD: U256 = uint!(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f_U256);

/// The key that input `place` shows, if its signature is valid for an output of that key's hash.
pub(super) fn shown_key(
    transaction: &Transaction,
    place: usize,
    spent: &Spent,
) -> Result<PublicKey, InputProblem> {
    let input = transaction.input.get(place).ok_or(InputProblem::Unsigned)?;
    let key = key_of(input)?;
    let signature = pushes(&input.script_sig)?.into_iter().next().unwrap_or_default();
    let signature = match signature.split_last() {
        Some((&ALL_FORKID, signature)) => signature,
        _ => return Err(InputProblem::HashType(ALL_FORKID)),
    };
    let signature: &[u8; 64] = signature.try_into().map_err(|_| InputProblem::Form)?;
    let digest = digest(transaction, input, &key, spent.amount)?;
    if is_valid(signature, &digest, &key) { Ok(key) } else { Err(InputProblem::Signature) }
}

/// The key that an input shows beside its signature.
fn key_of(input: &TxIn) -> Result<PublicKey, InputProblem> {
    if input.script_sig.is_empty() {
        return Err(InputProblem::Unsigned);
    }
    match pushes(&input.script_sig)?.as_slice() {
        [_, key] if Shown::from_slice(key).is_ok() => Ok(PublicKey::from_bytes(key.clone())),
        _ => Err(InputProblem::Unlock),
    }
}

/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/replay-protected-sighash.md>
fn digest(
    transaction: &Transaction,
    input: &TxIn,
    key: &PublicKey,
    amount: u64,
) -> Result<[u8; 32], InputProblem> {
    let key = Shown::from_slice(key.as_bytes()).map_err(|_| InputProblem::Unlock)?;
    let script = bitcoin::ScriptBuf::new_p2pkh(&key.pubkey_hash());
    let each = |part: fn(&TxIn) -> Vec<u8>| -> Vec<u8> {
        transaction.input.iter().flat_map(part).collect()
    };
    let prevouts = each(|input| serialize(&input.previous_output));
    let sequences = each(|input| input.sequence.0.to_le_bytes().to_vec());
    let outputs: Vec<u8> = transaction.output.iter().flat_map(serialize).collect();
    let preimage = [
        transaction.version.0.to_le_bytes().as_slice(),
        &twice(&prevouts),
        &twice(&sequences),
        &serialize(&input.previous_output),
        &serialize(&script),
        &amount.to_le_bytes(),
        &input.sequence.0.to_le_bytes(),
        &twice(&outputs),
        &transaction.lock_time.to_consensus_u32().to_le_bytes(),
        &u32::from(ALL_FORKID).to_le_bytes(),
    ]
    .concat();
    Ok(twice(&preimage))
}

fn twice(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// `R = s·G − e·P` has to have `r` as its x and a square as its y.
/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>
fn is_valid(signature: &[u8; 64], digest: &[u8; 32], key: &PublicKey) -> bool {
    point_of(signature, digest, key).is_some_and(|(r, x, y)| r == x && is_square(y))
}

/// The `r` of the signature, and the coordinates of the point it should be of.
fn point_of(
    signature: &[u8; 64],
    digest: &[u8; 32],
    key: &PublicKey,
) -> Option<(U256, U256, U256)> {
    let (r, s) = signature.split_first_chunk::<32>()?;
    let s: [u8; 32] = s.try_into().ok()?;
    let s = Option::<Scalar>::from(Scalar::from_repr(s.into()))?;
    let key = VerifyingKey::from_sec1_bytes(key.as_bytes()).ok()?;
    let e = challenge(r, &key, digest);
    let point = ProjectivePoint::GENERATOR * s - ProjectivePoint::from(*key.as_affine()) * e;
    if bool::from(point.is_identity()) {
        return None;
    }
    let encoded = point.to_affine().to_sec1_point(false);
    let (_, coordinates) = encoded.as_bytes().split_first()?;
    let (x, y) = coordinates.split_at_checked(32)?;
    let r = U256::from_be_bytes(*r);
    (r < FIELD).then_some((r, U256::try_from_be_slice(x)?, U256::try_from_be_slice(y)?))
}

fn challenge(r: &[u8; 32], key: &VerifyingKey, digest: &[u8; 32]) -> Scalar {
    let key = key.to_sec1_point(true);
    let hash = Sha256::new().chain_update(r).chain_update(key.as_bytes()).chain_update(digest);
    let hash: [u8; 32] = hash.finalize().into();
    <Scalar as Reduce<FieldBytes>>::reduce(&hash.into())
}

/// Euler's criterion.
fn is_square(y: U256) -> bool {
    let half = (FIELD - U256::from(1)) >> 1_usize;
    y.pow_mod(half, FIELD) == U256::from(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, message and signature; from the specification's test vectors.
    const VALID: &[[&str; 3]] = &[
        [
            "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "787a848e71043d280c50470e8e1532b2dd5d20ee912a45dbdd2bd1dfbf187ef6\
             7031a98831859dc34dffeedda86831842ccd0079e1f92af177f7f22cc1dced05",
        ],
        [
            "02dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659",
            "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89",
            "2a298dacae57395a15d0795ddbfd1dcb564da82b0f269bc70a74f8220429ba1d\
             1e51a22ccec35599b8f266912281f8365ffc2d035a230434a1a64dc59f7013fd",
        ],
    ];

    fn bytes<const LENGTH: usize>(digits: &str) -> [u8; LENGTH] {
        alloy_primitives::hex::decode_to_array(digits).unwrap()
    }

    fn verifies(key: &str, message: &str, signature: &[u8; 64]) -> bool {
        is_valid(signature, &bytes(message), &PublicKey::from_bytes(bytes::<33>(key).to_vec()))
    }

    #[test]
    fn signatures_of_the_specification_are_valid() {
        for [key, message, signature] in VALID {
            assert!(verifies(key, message, &bytes(signature)));
        }
    }

    #[test]
    fn neighbours_of_a_valid_signature_are_not() {
        let [[key, message, signature], [other_key, other_message, _]] = VALID else { panic!() };
        let signature: [u8; 64] = bytes(signature);
        assert!(!verifies(other_key, message, &signature));
        assert!(!verifies(key, other_message, &signature));
        for place in 0..64 {
            let mut altered = signature;
            altered[place] ^= 1;
            assert!(!verifies(key, message, &altered), "byte {place}");
        }
        let mut huge = signature;
        huge[..32].fill(0xff);
        assert!(!verifies(key, message, &huge), "r is above the field");
        let mut huge = signature;
        huge[32..].fill(0xff);
        assert!(!verifies(key, message, &huge), "s is above the order");
    }

    /// The first key of the specification is that of the secret one, so that `2·e − s` signs for
    /// the same x with the other y.
    #[test]
    fn a_point_whose_y_is_no_square_is_refused() {
        let [[key, message, signature], _] = VALID else { panic!() };
        let (key, message) = (bytes::<33>(key), bytes(message));
        let mut signature: [u8; 64] = bytes(signature);
        let point = VerifyingKey::from_sec1_bytes(&key).unwrap();
        let e = challenge(&bytes(&VALID[0][2][..64]), &point, &message);
        let s: [u8; 32] = signature[32..].try_into().unwrap();
        let other = e + e - Scalar::from_repr(s.into()).unwrap();
        signature[32..].copy_from_slice(&other.to_repr());
        let key = PublicKey::from_bytes(key.to_vec());
        let (r, x, y) = point_of(&signature, &message, &key).unwrap();
        assert!(r == x && !is_square(y));
        assert!(!is_valid(&signature, &message, &key));
    }

    #[test]
    fn squares_are_told_from_others() {
        // −1 is not a square in fields of size 3 mod 4.
        assert!(is_square(U256::from(1)) && is_square(U256::from(4)));
        assert!(!is_square(FIELD - U256::from(1)) && !is_square(U256::ZERO));
    }
}
