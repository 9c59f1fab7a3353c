//! The sealed part that keystore files of many chains share: a secret under a key that a
//! password is stretched to.
//! <https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/>

use aes::{Aes128, Aes256};
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_secret::Password;
use serde::Deserialize;
use sha2::Sha256;
use sha3::{Digest as _, Keccak256, Keccak512};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::error::ImportError;

const DERIVED_BYTES: usize = 32;
/// Longer than any phrase.
const SECRET_BYTES_MAX: usize = 1024;
/// A gibibyte, as for the wallet store: a hostile file must not exhaust the machine.
const SCRYPT_BYTES_MAX: u64 = 1 << 30;
const SCRYPT_P_MAX: u32 = 16;
const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;

#[derive(Deserialize)]
pub(crate) struct Body {
    cipher: String,
    ciphertext: String,
    cipherparams: CipherParams,
    #[serde(flatten)]
    kdf: Kdf,
    mac: String,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
enum Kdf {
    Scrypt { n: u64, r: u32, p: u32, dklen: usize, salt: String },
    Pbkdf2 { c: u32, prf: String, dklen: usize, salt: String },
}

/// The code that tells a right password from a wrong one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MacKind {
    /// Ethereum's and Kaia's.
    Keccak256,
    /// MultiversX's.
    HmacSha256,
    /// BNB Beacon Chain's; its older tools took SHA-256.
    Keccak512OrSha256,
}

type Derived = Zeroizing<[u8; DERIVED_BYTES]>;

impl Body {
    /// The secret. The password is taken as it is, as geth does, and in its NFKC form if that
    /// is another, as ethers does.
    pub(crate) fn open(
        &self,
        password: &Password,
        mac: MacKind,
    ) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let typed = password.expose();
        match self.open_with(typed, mac) {
            Err(ImportError::WrongPassword) => {
                let normal = Zeroizing::new(typed.nfkc().collect::<String>());
                if *normal == *typed {
                    return Err(ImportError::WrongPassword);
                }
                self.open_with(&normal, mac)
            }
            other => other,
        }
    }

    fn open_with(&self, password: &str, mac: MacKind) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let is_long = match self.cipher.as_str() {
            "aes-128-ctr" => false,
            "aes-256-ctr" => true,
            _ => return Err(damaged("the cipher is neither aes-128-ctr nor aes-256-ctr")),
        };
        let ciphertext = bytes(&self.ciphertext)?;
        if ciphertext.is_empty() || ciphertext.len() > SECRET_BYTES_MAX {
            return Err(damaged("the ciphertext has an impossible length"));
        }
        let iv = bytes(&self.cipherparams.iv)?;
        let iv: [u8; 16] = iv.try_into().map_err(|_| damaged("the iv does not have 16 bytes"))?;
        let expected = bytes(&self.mac)?;
        let derived = self.kdf.derive(password)?;
        if !mac.fits(&derived, &ciphertext, &expected) {
            return Err(ImportError::WrongPassword);
        }
        let mut secret = Zeroizing::new(ciphertext);
        let problem = |_| damaged("the cipher's key has a wrong length");
        if is_long {
            let cipher = ctr::Ctr128BE::<Aes256>::new_from_slices(derived.as_slice(), &iv);
            cipher.map_err(problem)?.apply_keystream(&mut secret);
        } else {
            let key = derived.split_at(DERIVED_BYTES / 2).0;
            let cipher = ctr::Ctr128BE::<Aes128>::new_from_slices(key, &iv);
            cipher.map_err(problem)?.apply_keystream(&mut secret);
        }
        Ok(secret)
    }
}

impl MacKind {
    fn fits(self, derived: &Derived, ciphertext: &[u8], expected: &[u8]) -> bool {
        let key = derived.split_at(DERIVED_BYTES / 2).1;
        let own = match self {
            Self::Keccak256 => {
                Keccak256::new().chain_update(key).chain_update(ciphertext).finalize().to_vec()
            }
            Self::HmacSha256 => {
                let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
                mac.chain_update(ciphertext).finalize().into_bytes().to_vec()
            }
            Self::Keccak512OrSha256 if expected.len() == 32 => {
                Sha256::new().chain_update(key).chain_update(ciphertext).finalize().to_vec()
            }
            Self::Keccak512OrSha256 => {
                Keccak512::new().chain_update(key).chain_update(ciphertext).finalize().to_vec()
            }
        };
        own.ct_eq(expected).into()
    }
}

impl Kdf {
    fn derive(&self, password: &str) -> Result<Derived, ImportError> {
        let password = password.as_bytes();
        let mut derived = Zeroizing::new([0; DERIVED_BYTES]);
        match self {
            Self::Scrypt { n, r, p, dklen, salt } => {
                let memory =
                    n.checked_mul(u64::from(*r)).and_then(|blocks| blocks.checked_mul(128));
                let is_safe = memory.is_some_and(|bytes| bytes <= SCRYPT_BYTES_MAX)
                    && n.is_power_of_two()
                    && *p <= SCRYPT_P_MAX
                    && *dklen == DERIVED_BYTES;
                let params = is_safe.then(|| u8::try_from(n.ilog2()).ok()).flatten();
                let params = params.and_then(|log_n| scrypt::Params::new(log_n, *r, *p).ok());
                let params = params.ok_or(ImportError::KdfOutOfRange)?;
                scrypt::scrypt(password, &bytes(salt)?, &params, derived.as_mut_slice())
                    .map_err(|_| ImportError::KdfOutOfRange)?;
            }
            Self::Pbkdf2 { c, prf, dklen, salt } => {
                if prf != "hmac-sha256" {
                    return Err(damaged("the key derivation is not pbkdf2 with hmac-sha256"));
                }
                if !(1..=PBKDF2_ROUNDS_MAX).contains(c) || *dklen != DERIVED_BYTES {
                    return Err(ImportError::KdfOutOfRange);
                }
                let salt = bytes(salt)?;
                pbkdf2::pbkdf2::<Hmac<Sha256>>(password, &salt, *c, derived.as_mut_slice())
                    .map_err(|_| ImportError::KdfOutOfRange)?;
            }
        }
        Ok(derived)
    }
}

fn bytes(digits: &str) -> Result<Vec<u8>, ImportError> {
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let decoded = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
    decoded.map_err(|_| damaged("a member is not a string of hexadecimal digits"))
}

/// The members of a keystore file.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ImportError> {
    serde_json::from_str(text).map_err(|_| damaged("a member is missing"))
}

/// The phrase that a file contains. Its code has been checked, so the password is right.
pub(crate) fn phrase(secret: &[u8]) -> Result<&str, ImportError> {
    std::str::from_utf8(secret).map_err(|_| damaged("its phrase is not text"))
}

pub(crate) const fn damaged(problem: &'static str) -> ImportError {
    ImportError::Damaged { format: "a keystore file", problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_that_is_no_text_is_not_called_a_wrong_password() {
        assert!(matches!(phrase(b"\xff"), Err(ImportError::Damaged { .. })));
        assert_eq!(phrase(b"a b").unwrap(), "a b");
    }
}
