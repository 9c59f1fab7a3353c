//! ECDSA over secp256k1 with the nonce of RFC 6979, `s` left as it comes. The library for all
//! other signatures makes `s` low.

use crypto_bigint::U256;
use k256::{Scalar, elliptic_curve::ops::Reduce as _};
use zeroize::Zeroizing;

use crate::nonce::{Nonce, scalar};

/// `r || s`, or `None` for a secret that is not a key.
pub(crate) fn sign(secret: &[u8; 32], prehash: &[u8; 32]) -> Option<[u8; 64]> {
    let key = scalar(secret)?;
    let message = Scalar::reduce(&U256::from_be_slice(prehash));
    let nonce = Nonce::new(secret, &message.to_bytes().into(), &[])?;
    let r = Scalar::reduce(&U256::from_be_slice(&nonce.x));
    let inverse = Zeroizing::new(Option::<Scalar>::from(nonce.scalar.invert())?);
    let s = *inverse * (message + r * *key);
    if bool::from(r.is_zero()) || bool::from(s.is_zero()) {
        return None;
    }
    let mut signature = [0_u8; 64];
    signature.get_mut(..32)?.copy_from_slice(&r.to_bytes());
    signature.get_mut(32..)?.copy_from_slice(&s.to_bytes());
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
            // The other library takes the low form only.
            verifying.verify_prehash(&[number; 32], &own.normalize_s()).unwrap();
            high += usize::from(own.normalize_s() != own);
        }
        assert!((1..32).contains(&high), "{high} of 32 are high");
    }
}
