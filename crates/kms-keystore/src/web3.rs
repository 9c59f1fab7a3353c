//! Ethereum's keystore files: one private key under a password, version 3.
//! <https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/>

use aes::Aes128;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::Hmac;
use kms_secret::{Password, SecretText};
use serde::Deserialize;
use sha2::Sha256;
use sha3::{Digest as _, Keccak256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

const VERSION: u64 = 3;
const DERIVED_BYTES: usize = 32;
const KEY_BYTES: usize = 32;
/// A gibibyte, as for the wallet store: a hostile file must not exhaust the machine.
const SCRYPT_BYTES_MAX: u64 = 1 << 30;
const SCRYPT_P_MAX: u32 = 16;
const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;

/// Why a keystore file gives no key. Repeats nothing of it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum Web3Error {
    #[error("it is no keystore file of version 3 with aes-128-ctr and scrypt or pbkdf2")]
    Unsupported,
    #[error("its key derivation is outside what is safe")]
    KdfOutOfRange,
    #[error("wrong password (or the file is damaged)")]
    WrongPassword,
}

#[derive(Deserialize)]
struct File {
    version: u64,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Deserialize)]
struct Crypto {
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

/// Whether a file calls itself one.
pub fn is_web3(file: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Marks {
        #[serde(alias = "Crypto")]
        crypto: Option<serde::de::IgnoredAny>,
        version: Option<serde::de::IgnoredAny>,
    }
    let marks = serde_json::from_slice::<Marks>(file);
    marks.is_ok_and(|marks| marks.crypto.is_some() && marks.version.is_some())
}

/// The private key of a keystore file, in 64 hexadecimal digits. The password is taken as it is,
/// as geth does.
///
/// # Errors
/// When the file is none, or the password is wrong.
pub fn open_web3(file: &[u8], password: &Password) -> Result<SecretText, Web3Error> {
    let file: File = serde_json::from_slice(file).map_err(|_| Web3Error::Unsupported)?;
    let crypto = file.crypto;
    if file.version != VERSION || crypto.cipher != "aes-128-ctr" {
        return Err(Web3Error::Unsupported);
    }
    let ciphertext = bytes(&crypto.ciphertext)?;
    let iv: [u8; 16] =
        bytes(&crypto.cipherparams.iv)?.try_into().map_err(|_| Web3Error::Unsupported)?;
    if ciphertext.len() != KEY_BYTES {
        return Err(Web3Error::Unsupported);
    }
    let derived = crypto.kdf.derive(password)?;
    let (cipher_key, mac_key) = derived.split_at(DERIVED_BYTES / 2);
    let mac = Keccak256::new().chain_update(mac_key).chain_update(&ciphertext).finalize();
    if !bool::from(mac.as_slice().ct_eq(&bytes(&crypto.mac)?)) {
        return Err(Web3Error::WrongPassword);
    }
    let mut key = Zeroizing::new(ciphertext);
    let cipher = ctr::Ctr128BE::<Aes128>::new_from_slices(cipher_key, &iv);
    cipher.map_err(|_| Web3Error::Unsupported)?.apply_keystream(&mut key);
    Ok(SecretText::new(HEXLOWER_PERMISSIVE.encode(&key)))
}

impl Kdf {
    fn derive(&self, password: &Password) -> Result<Zeroizing<[u8; DERIVED_BYTES]>, Web3Error> {
        let password = password.expose().as_bytes();
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
                let params = params.ok_or(Web3Error::KdfOutOfRange)?;
                scrypt::scrypt(password, &bytes(salt)?, &params, derived.as_mut_slice())
                    .map_err(|_| Web3Error::KdfOutOfRange)?;
            }
            Self::Pbkdf2 { c, prf, dklen, salt } => {
                if prf != "hmac-sha256" {
                    return Err(Web3Error::Unsupported);
                }
                if !(1..=PBKDF2_ROUNDS_MAX).contains(c) || *dklen != DERIVED_BYTES {
                    return Err(Web3Error::KdfOutOfRange);
                }
                let salt = bytes(salt)?;
                pbkdf2::pbkdf2::<Hmac<Sha256>>(password, &salt, *c, derived.as_mut_slice())
                    .map_err(|_| Web3Error::KdfOutOfRange)?;
            }
        }
        Ok(derived)
    }
}

fn bytes(digits: &str) -> Result<Vec<u8>, Web3Error> {
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| Web3Error::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification: password and key are the same in both.
    const PBKDF2: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
    const SCRYPT: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},"mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
    const KEY: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    fn open(file: &str, password: &str) -> Result<String, Web3Error> {
        let opened = open_web3(file.as_bytes(), &Password::new(password.to_owned()))?;
        Ok(opened.expose().to_owned())
    }

    #[test]
    fn the_examples_of_the_specification_open() {
        for file in [PBKDF2, SCRYPT] {
            assert!(is_web3(file.as_bytes()));
            assert_eq!(open(file, "testpassword").unwrap(), KEY);
            assert_eq!(open(file, "testpasswore"), Err(Web3Error::WrongPassword));
        }
    }

    #[test]
    fn hostile_files_are_refused_before_they_cost_anything() {
        for (from, to, error) in [
            ("\"n\":262144", "\"n\":1073741824", Web3Error::KdfOutOfRange),
            ("\"n\":262144", "\"n\":18446744073709551615", Web3Error::KdfOutOfRange),
            ("\"n\":262144", "\"n\":262143", Web3Error::KdfOutOfRange),
            ("\"n\":262144", "\"n\":0", Web3Error::KdfOutOfRange),
            ("\"p\":8", "\"p\":4000000000", Web3Error::KdfOutOfRange),
            ("\"p\":8", "\"p\":0", Web3Error::KdfOutOfRange),
            ("\"r\":1", "\"r\":0", Web3Error::KdfOutOfRange),
            ("\"dklen\":32", "\"dklen\":16", Web3Error::KdfOutOfRange),
            ("\"scrypt\"", "\"bcrypt\"", Web3Error::Unsupported),
            ("\"version\":3", "\"version\":1", Web3Error::Unsupported),
            ("aes-128-ctr", "aes-128-cbc", Web3Error::Unsupported),
            ("83dbcc02", "83dbcc", Web3Error::Unsupported),
            ("d172bf74", "d172bf", Web3Error::Unsupported),
            ("2103ac29", "zz03ac29", Web3Error::Unsupported),
        ] {
            assert_eq!(open(&SCRYPT.replace(from, to), "testpassword"), Err(error), "{to}");
        }
        for (from, to, error) in [
            ("\"c\":262144", "\"c\":4000000000", Web3Error::KdfOutOfRange),
            ("\"c\":262144", "\"c\":0", Web3Error::KdfOutOfRange),
            ("hmac-sha256", "hmac-sha1", Web3Error::Unsupported),
        ] {
            assert_eq!(open(&PBKDF2.replace(from, to), "testpassword"), Err(error), "{to}");
        }
        for none in ["", "{}", "[]", "null", "{\"version\":3}"] {
            assert_eq!(open(none, "x"), Err(Web3Error::Unsupported));
            assert!(!is_web3(none.as_bytes()));
        }
    }
}
