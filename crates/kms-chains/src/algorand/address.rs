//! Addresses: base32 of a public key and the end of its SHA-512/256.
//! <https://developer.algorand.org/docs/get-details/accounts/#transformation-public-key-to-algorand-address>

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha512_256};

pub(super) const KEY_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

pub(super) fn spell(key: &[u8; KEY_BYTES]) -> String {
    BASE32_NOPAD.encode(&[key.as_slice(), &checksum(key)].concat())
}

pub(super) fn read(text: &str) -> Option<[u8; KEY_BYTES]> {
    let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok()?;
    let (key, own) = bytes.split_first_chunk::<KEY_BYTES>()?;
    (own == checksum(key)).then_some(*key)
}

pub(super) fn checksum(key: &[u8; KEY_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let hash = Sha512_256::digest(key);
    let mut checksum = [0; CHECKSUM_BYTES];
    if let Some(end) = hash.last_chunk::<CHECKSUM_BYTES>() {
        checksum = *end;
    }
    checksum
}
