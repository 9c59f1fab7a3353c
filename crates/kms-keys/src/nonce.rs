//! Nonces of RFC 6979 over secp256k1, and their points. The points are made by libsecp256k1, which
//! is several times as fast as the scalars' library.

use bitcoin::secp256k1::{PublicKey, SecretKey};
use crypto_bigint::U256;
use k256::{Scalar, elliptic_curve::PrimeField as _};
use rfc6979::KGenerator;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::key::context;

const ORDER: U256 =
    U256::from_be_hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");

pub(crate) struct Nonce {
    pub(crate) scalar: Zeroizing<Scalar>,
    /// Coordinates of the nonce's point.
    pub(crate) x: [u8; 32],
    pub(crate) y: [u8; 32],
}

impl Nonce {
    /// `data` keeps the nonces of one scheme apart from those of another over the same message.
    pub(crate) fn new(secret: &[u8; 32], message: &[u8; 32], data: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        KGenerator::<Sha256, _>::new(secret, message, data, &ORDER).fill_next_k(bytes.as_mut());
        let mut key = SecretKey::from_slice(bytes.as_ref()).ok()?;
        let point = PublicKey::from_secret_key(context(), &key).serialize_uncompressed();
        key.non_secure_erase();
        let (x, y) = point.get(1..)?.split_first_chunk::<32>()?;
        Some(Self { scalar: scalar(&bytes)?, x: *x, y: y.try_into().ok()? })
    }
}

/// `None` for bytes that are not a scalar.
pub(crate) fn scalar(bytes: &[u8; 32]) -> Option<Zeroizing<Scalar>> {
    Option::<Scalar>::from(Scalar::from_repr((*bytes).into())).map(Zeroizing::new)
}
