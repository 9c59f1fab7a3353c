//! The original's `wallet.dat`, which is read and never written: base64 of `Salted__`, a salt
//! and AES-256-CBC under a key of one MD5 pass, over a JSON object of wallets. Nothing in it is
//! authenticated, so all that can be told is whether the content makes sense. No error repeats
//! any of it.

use aes::Aes256;
use cbc::cipher::{
    BlockModeDecrypt as _, KeyIvInit as _,
    block_padding::{NoPadding, Pkcs7},
};
use data_encoding::BASE64;
use kms_core::SignatureId;
use kms_secret::Password;
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::{StoreError, record::WalletRecord};

const MAGIC: &[u8] = b"Salted__";
const SALT_BYTES: usize = 8;
const KEY_BYTES: usize = 32;
const IV_BYTES: usize = 16;

/// The problem with a file that is not the original's.
pub(crate) const NOT_LEGACY: &str = "it is not in the original's format, or truncated";

/// The wallets, newest first, as the file holds them.
///
/// # Errors
/// When the file is not one of the original's, or the password is wrong.
pub(crate) fn open(file: &[u8], password: &Password) -> Result<Vec<WalletRecord>, LegacyError> {
    let text = file.trim_ascii_end();
    let bytes = BASE64.decode(text).map_err(|_| LegacyError::NotLegacy)?;
    let sealed = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(SALT_BYTES));
    let (salt, ciphertext) = sealed.ok_or(LegacyError::NotLegacy)?;
    if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(16) {
        return Err(LegacyError::NotLegacy);
    }
    let (key, iv) = derive(password, salt)?;
    // CBC garbles what was changed and the block behind it: a first block that makes sense tells
    // a damaged file from a wrong password.
    let is_opened = starts_an_object(&key, &iv, ciphertext);
    let read = decrypt(&key, &iv, ciphertext).and_then(|plaintext| read(&plaintext));
    read.map_err(|error| match (error, is_opened) {
        (LegacyError::WrongPassword, true) => LegacyError::Garbled,
        (error, _) => error,
    })
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LegacyError {
    NotLegacy,
    WrongPassword,
    Garbled,
}

impl LegacyError {
    pub(crate) fn at(self, path: &std::path::Path) -> StoreError {
        let problem = match self {
            Self::WrongPassword => return StoreError::WrongPassword,
            Self::NotLegacy => NOT_LEGACY,
            Self::Garbled => "the password fits, but it is truncated or damaged",
        };
        StoreError::NotAStore { path: path.to_owned(), problem }
    }
}

type Key = Zeroizing<[u8; KEY_BYTES]>;
type Iv = Zeroizing<[u8; IV_BYTES]>;

fn decrypt(key: &Key, iv: &Iv, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, LegacyError> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let cipher = cbc::Decryptor::<Aes256>::new((&**key).into(), (&**iv).into());
    let length =
        cipher.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| LegacyError::WrongPassword)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// Returns true if the first block opens to the beginning of a list of wallets: `{"`, and printable
/// ASCII behind it. Under a wrong key the odds of that are 2⁻³⁶.
fn starts_an_object(key: &Key, iv: &Iv, ciphertext: &[u8]) -> bool {
    let Some(first) = ciphertext.get(..IV_BYTES) else { return false };
    let mut block = Zeroizing::new(first.to_vec());
    let cipher = cbc::Decryptor::<Aes256>::new((&**key).into(), (&**iv).into());
    let opened = cipher.decrypt_padded::<NoPadding>(&mut block);
    opened.is_ok_and(|block| {
        block.strip_prefix(b"{\"").is_some_and(|rest| rest.iter().all(|&byte| is_printable(byte)))
    })
}

const fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn derive(password: &Password, salt: &[u8]) -> Result<(Key, Iv), LegacyError> {
    let mut derived = Zeroizing::new(Vec::with_capacity(64));
    let mut block = Zeroizing::new([0_u8; 16]);
    while derived.len() < KEY_BYTES.saturating_add(IV_BYTES) {
        let mut hasher = Md5::new();
        if !derived.is_empty() {
            hasher.update(block.as_slice());
        }
        hasher.update(password.expose().as_bytes());
        hasher.update(salt);
        block.copy_from_slice(&hasher.finalize());
        derived.extend_from_slice(block.as_slice());
    }
    let (key, iv) = derived.split_at_checked(KEY_BYTES).ok_or(LegacyError::NotLegacy)?;
    let (mut own_key, mut own_iv) = (Key::default(), Iv::default());
    own_key.copy_from_slice(key);
    own_iv.copy_from_slice(iv);
    Ok((own_key, own_iv))
}

/// The wallets of what the original's `export` printed, as it holds them.
///
/// # Errors
/// When the text is not an export.
pub fn read_export(text: &[u8], path: &std::path::Path) -> Result<Vec<WalletRecord>, StoreError> {
    let problem = "it is not the output of `export`";
    read(text).map_err(|_| StoreError::NotAStore { path: path.to_owned(), problem })
}

/// A wrong password may leave valid padding by chance; it then leaves no UTF-8 and no JSON.
fn read(plaintext: &[u8]) -> Result<Vec<WalletRecord>, LegacyError> {
    let text = std::str::from_utf8(plaintext).map_err(|_| LegacyError::WrongPassword)?;
    let members = kms_json::members(text).map_err(|_| LegacyError::WrongPassword)?;
    let mut records: Vec<WalletRecord> = Vec::with_capacity(members.len());
    let mut places = std::collections::HashMap::new();
    for (id, entry) in members {
        let id = SignatureId::parse(&id).map_err(|_| LegacyError::Garbled)?;
        let record = WalletRecord::from_json(id.clone(), entry).ok_or(LegacyError::Garbled)?;
        // As JSON.parse does: the last one wins and keeps the first one's place.
        match places.get(&id).copied().and_then(|place: usize| records.get_mut(place)) {
            Some(own) => *own = record,
            None => {
                places.insert(id, records.len());
                records.push(record);
            }
        }
    }
    Ok(records)
}
