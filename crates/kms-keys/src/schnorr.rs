//! Bitcoin Cash's Schnorr signatures of 2019, which no crate has.
//! <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>

use crypto_bigint::{JacobiSymbol, Odd, U256};
use k256::{Scalar, elliptic_curve::ops::Reduce as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::nonce::{Nonce, scalar};

const FIELD_MODULUS: Odd<U256> =
    Odd::<U256>::from_be_hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");

/// Sixteen bytes that keep these nonces apart from ECDSA's over the same message.
const NONCE_DATA: &[u8; 16] = b"Schnorr+SHA256  ";

/// `r || s` over a 32-byte message, or `None` for a secret that is not a key. `public` is the key's
/// short form.
pub(crate) fn sign(secret: &[u8; 32], public: &[u8; 33], message: &[u8; 32]) -> Option<[u8; 64]> {
    let key = scalar(secret)?;
    let nonce = Nonce::new(secret, message, NONCE_DATA)?;
    let signed = Zeroizing::new(if is_square(&nonce.y) { *nonce.scalar } else { -*nonce.scalar });
    let s = *signed + challenge(&nonce.x, public, message) * *key;
    let mut signature = [0_u8; 64];
    signature.get_mut(..32)?.copy_from_slice(&nonce.x);
    signature.get_mut(32..)?.copy_from_slice(&s.to_bytes());
    Some(signature)
}

/// Returns true if a coordinate of a point has a square root in the field. The signature contains
/// all of the point except the sign, which reveals nothing about the nonce, so that the running
/// time may vary.
fn is_square(coordinate: &[u8; 32]) -> bool {
    U256::from_be_slice(coordinate).jacobi_symbol_vartime(&FIELD_MODULUS) == JacobiSymbol::One
}

fn challenge(r: &[u8], public: &[u8], message: &[u8; 32]) -> Scalar {
    let hash: [u8; 32] =
        Sha256::new().chain_update(r).chain_update(public).chain_update(message).finalize().into();
    Scalar::reduce(&U256::from_be_slice(&hash))
}
