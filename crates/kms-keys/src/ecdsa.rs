//! ECDSA over secp256k1 with the nonce of RFC 6979, `s` left as it comes. The library for all
//! other signatures makes `s` low.

use crypto_bigint::U256;
use k256::{
    ProjectivePoint, Scalar,
    elliptic_curve::{PrimeField as _, ops::Reduce as _, sec1::ToSec1Point as _},
};
use rfc6979::KGenerator;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::schnorr::ORDER;

/// `r || s`, or `None` for a secret that is no key.
pub(crate) fn sign(secret: &[u8; 32], prehash: &[u8; 32]) -> Option<[u8; 64]> {
    let key = Zeroizing::new(Option::<Scalar>::from(Scalar::from_repr((*secret).into()))?);
    let message = Scalar::reduce(&U256::from_be_slice(prehash));
    let mut nonce = Zeroizing::new([0_u8; 32]);
    KGenerator::<Sha256, _>::new(secret, &message.to_repr(), &[], &ORDER)
        .fill_next_k(nonce.as_mut());
    let nonce = Zeroizing::new(Scalar::reduce(&U256::from_be_slice(nonce.as_ref())));
    let point = (ProjectivePoint::GENERATOR * *nonce).to_affine().to_sec1_point(false);
    let r = Scalar::reduce(&U256::from_be_slice(point.as_bytes().get(1..33)?));
    let inverse = Zeroizing::new(Option::<Scalar>::from(nonce.invert())?);
    let s = *inverse * (message + r * *key);
    if bool::from(r.is_zero()) || bool::from(s.is_zero()) {
        return None;
    }
    let mut signature = [0_u8; 64];
    signature.get_mut(..32)?.copy_from_slice(&r.to_repr());
    signature.get_mut(32..)?.copy_from_slice(&s.to_repr());
    Some(signature)
}

#[cfg(test)]
mod tests {
    use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};

    use super::*;

    /// `s` or its negative is what the other library makes, and both verify.
    #[test]
    fn signatures_are_the_other_librarys_up_to_the_sign_of_s() {
        let key = k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let verifying: &VerifyingKey = key.verifying_key();
        let mut high = 0;
        for number in 0..32_u8 {
            let own = Signature::from_slice(&sign(&[7; 32], &[number; 32]).unwrap()).unwrap();
            verifying.verify_prehash(&[number; 32], &own).unwrap();
            high += usize::from(own.normalize_s() != own);
        }
        assert!((1..32).contains(&high), "{high} of 32 are high");
    }
}
