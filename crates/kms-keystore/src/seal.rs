//! AES-256-GCM under a key of the store, and the keys made from the data key.

use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce, aead::AeadInOut as _};
use hmac::{Hmac, Mac as _};
use kms_secret::{SealingKey, with_wiped_stack};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;
/// The stack space that a cipher uses, at most.
const STACK_BYTES: usize = 32 << 10;
/// Plaintext is filled up to a multiple of this, so that its length tells little.
const BLOCK_BYTES: usize = 128;

/// Seals `plaintext`: nonce, ciphertext, tag. Nonces are random; at 2³² seals under one key the
/// odds of a repeat reach 2⁻³², which a store of a million wallets stays far below.
///
/// # Errors
/// When the operating system provides no randomness.
pub(crate) fn seal(key: &SealingKey, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0_u8; NONCE_BYTES];
    fill_random(&mut nonce)?;
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len().saturating_add(TAG_BYTES)));
    buffer.extend_from_slice(plaintext);
    let sealed = with_wiped_stack::<STACK_BYTES, _>(|| {
        let cipher = Aes256Gcm::new(key.expose().into());
        cipher.encrypt_in_place(&Nonce::from(nonce), aad, &mut *buffer)
    });
    sealed.map_err(|_| StoreError::Damaged("a record is too long to seal"))?;
    Ok([nonce.as_slice(), buffer.as_slice()].concat())
}

/// Opens what [`seal`] made, or `None` when key, associated data or content are others.
pub(crate) fn open(key: &SealingKey, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let opened = with_wiped_stack::<STACK_BYTES, _>(|| {
        let cipher = Aes256Gcm::new(key.expose().into());
        cipher.decrypt_in_place(&Nonce::from(nonce), aad, &mut *buffer)
    });
    opened.ok().map(|()| buffer)
}

/// Puts the length before the content and zeros behind it.
pub(crate) fn pad(content: &[u8]) -> Zeroizing<Vec<u8>> {
    let used = content.len().saturating_add(4);
    let whole = used.div_ceil(BLOCK_BYTES).saturating_mul(BLOCK_BYTES);
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    padded.extend_from_slice(content);
    padded.resize(whole, 0);
    padded
}

pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_at_checked(4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    rest.get(..usize::try_from(length).ok()?)
}

/// HMAC-SHA-256 of a label and parts under a key; each part is led by its length.
pub(crate) fn mac(key: &SealingKey, label: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    with_wiped_stack::<STACK_BYTES, _>(|| {
        // HMAC takes keys of any length, so this cannot fail for one of 32 bytes.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else { return [0; 32] };
        for part in [label].iter().chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    })
}

/// A key for one purpose, made from the data key.
pub(crate) fn subkey(data_key: &SealingKey, purpose: &[u8]) -> SealingKey {
    // The code is computed directly into the key.
    with_wiped_stack::<STACK_BYTES, _>(|| {
        let bytes = Zeroizing::new(mac(data_key, b"tatum-kms subkey", &[purpose]));
        SealingKey::init_with(|key| key.copy_from_slice(bytes.as_ref()))
    })
}

/// # Errors
/// When the operating system gives none.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|error| StoreError::Randomness(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_under_the_same_key_and_data() {
        let key = SealingKey::init_with(|bytes| bytes.fill(1));
        let other = SealingKey::init_with(|bytes| bytes.fill(2));
        let sealed = seal(&key, b"aad", b"content").unwrap();
        assert_eq!(open(&key, b"aad", &sealed).unwrap().as_slice(), b"content");
        assert!(open(&other, b"aad", &sealed).is_none());
        assert!(open(&key, b"other", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert!(open(&key, b"aad", &flipped).is_none(), "byte {place}");
            assert!(open(&key, b"aad", &sealed[..place]).is_none(), "length {place}");
        }
    }

    #[test]
    fn padding_hides_lengths_within_a_block() {
        assert_eq!(pad(b"a").len(), pad(&[0; 120]).len());
        assert_eq!(unpad(&pad(b"abc")), Some(b"abc".as_slice()));
        assert_eq!(unpad(&[0, 0, 0, 9, 1]), None);
    }
}
