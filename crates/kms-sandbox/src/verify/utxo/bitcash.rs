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
    match is_valid(signature, &digest, &key) {
        true => Ok(key),
        false => Err(InputProblem::Signature),
    }
}

/// The key that an input shows beside its signature.
pub(super) fn key_of(input: &TxIn) -> Result<PublicKey, InputProblem> {
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
    let compressed = key.to_sec1_point(true);
    let challenge: [u8; 32] = Sha256::new()
        .chain_update(r)
        .chain_update(compressed.as_bytes())
        .chain_update(digest)
        .finalize()
        .into();
    let e = <Scalar as Reduce<FieldBytes>>::reduce(&challenge.into());
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

/// Euler's criterion.
fn is_square(y: U256) -> bool {
    let half = (FIELD - U256::from(1)) >> 1_usize;
    y.pow_mod(half, FIELD) == U256::from(1)
}
