//! Bitcoin Cash's Schnorr signatures of 2019, which no crate has.
//! <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>

use crypto_bigint::{U256, modular::ConstMontyForm};
use k256::{
    ProjectivePoint, Scalar,
    elliptic_curve::{PrimeField as _, ops::Reduce as _, sec1::ToSec1Point as _},
};
use rfc6979::KGenerator;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

crypto_bigint::const_monty_params!(
    FieldModulus,
    U256,
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F"
);
/// Half of the field's modulus, rounded down: Euler's exponent.
const EULER: U256 =
    U256::from_be_hex("7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7FFFFE17");
pub(crate) const ORDER: U256 =
    U256::from_be_hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");

/// Sixteen bytes that keep these nonces apart from ECDSA's over the same message.
const NONCE_DATA: &[u8; 16] = b"Schnorr+SHA256  ";

/// `r || s` over a 32-byte message, or `None` for a secret that is no key.
pub(crate) fn sign(secret: &[u8; 32], message: &[u8; 32]) -> Option<[u8; 64]> {
    let key = Zeroizing::new(Option::<Scalar>::from(Scalar::from_repr((*secret).into()))?);
    let mut nonce = Zeroizing::new([0_u8; 32]);
    KGenerator::<Sha256, _>::new(secret, message, NONCE_DATA, &ORDER).fill_next_k(nonce.as_mut());
    let nonce = Zeroizing::new(Scalar::reduce(&U256::from_be_slice(nonce.as_ref())));
    let point = (ProjectivePoint::GENERATOR * *nonce).to_affine().to_sec1_point(false);
    let (r, y) = (point.as_bytes().get(1..33)?, point.as_bytes().get(33..)?);
    let nonce = Zeroizing::new(if is_square(y) { *nonce } else { -*nonce });
    let public = (ProjectivePoint::GENERATOR * *key).to_affine().to_sec1_point(true);
    let s = *nonce + challenge(r, public.as_bytes(), message) * *key;
    let mut signature = [0_u8; 64];
    signature.get_mut(..32)?.copy_from_slice(r);
    signature.get_mut(32..)?.copy_from_slice(&s.to_repr());
    Some(signature)
}

/// Whether a coordinate has a square root in the field (Euler's criterion).
fn is_square(coordinate: &[u8]) -> bool {
    let form =
        ConstMontyForm::<FieldModulus, { U256::LIMBS }>::new(&U256::from_be_slice(coordinate));
    form.pow(&EULER).retrieve() == U256::ONE
}

fn challenge(r: &[u8], public: &[u8], message: &[u8; 32]) -> Scalar {
    let hash: [u8; 32] =
        Sha256::new().chain_update(r).chain_update(public).chain_update(message).finalize().into();
    Scalar::reduce(&U256::from_be_slice(&hash))
}
