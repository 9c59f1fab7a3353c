//! Keystore files of one private key: version 3, of Ethereum and its descendants, and version 1 of
//! BNB Beacon Chain, which encrypts the same content in another way.

use kms_core::{KeySpec, Scheme};
use kms_secret::{Password, PrivateKey};
use serde::{Deserialize, de::IgnoredAny};
use zeroize::Zeroizing;

use crate::{
    Contents,
    body::{self, Body, MacKind, damaged},
    error::ImportError,
    target::Target,
};

const KEY_BYTES: usize = 32;

#[derive(Deserialize)]
struct File {
    #[serde(alias = "Crypto")]
    crypto: Body,
    address: Option<String>,
    #[serde(rename = "x-ethers")]
    ethers: Option<Ethers>,
}

/// ethers' own part, of a wallet that was made from a phrase.
#[derive(Deserialize)]
struct Ethers {
    #[serde(rename = "mnemonicCiphertext")]
    phrase: Option<IgnoredAny>,
    path: Option<String>,
}

/// Opens a file of version 3. A key with zeros in front may be written without them, as old
/// versions of geth did.
pub(crate) fn open(
    text: &str,
    target: &Target<'_>,
    password: &Password,
) -> Result<Contents, ImportError> {
    refuse_other_curves(target.keys, "a version 3 keystore file")?;
    let file: File = body::read(text)?;
    let secret = file.crypto.open(password, MacKind::Keccak256)?;
    let key = padded(&secret)?;
    let named: Vec<_> =
        file.address.as_deref().filter(|named| !named.is_empty()).into_iter().collect();
    let found = target.key_of_bytes(key.expose(), &named)?;
    let mut contents = Contents::from(vec![found]);
    if let Some(ethers) = file.ethers.filter(|ethers| ethers.phrase.is_some()) {
        contents.left.push(format!(
            "the file also contains the recovery phrase from which the key is derived, at {}; only \
             the key is imported, not the phrase's other accounts. ethers' \
             Wallet.fromEncryptedJson shows the phrase as wallet.mnemonic.phrase",
            ethers.path.as_deref().filter(|path| is_path(path)).unwrap_or("(none)")
        ));
    }
    Ok(contents)
}

/// Opens BNB Beacon Chain's file.
pub(crate) fn open_beacon(
    text: &str,
    target: &Target<'_>,
    password: &Password,
) -> Result<Contents, ImportError> {
    let file: File = body::read(text)?;
    let secret = file.crypto.open(password, MacKind::Keccak512OrSha256)?;
    Ok(vec![target.key_of_bytes(&secret, &[])?].into())
}

pub(crate) fn refuse_other_curves(keys: &KeySpec, format: &str) -> Result<(), ImportError> {
    match keys.scheme {
        Scheme::Ed25519 | Scheme::Ed25519Extended => Err(ImportError::Refused(
            format!("{format} contains a secp256k1 key, but this chain's keys are ed25519").into(),
        )),
        _ => Ok(()),
    }
}

fn padded(secret: &Zeroizing<Vec<u8>>) -> Result<PrivateKey, ImportError> {
    let missing = KEY_BYTES.checked_sub(secret.len());
    let missing = missing.ok_or(damaged("its key has more than 32 bytes"))?;
    Ok(PrivateKey::init_with(|own| {
        own.split_at_mut(missing).1.copy_from_slice(secret);
    }))
}

pub(crate) fn is_path(path: &str) -> bool {
    path.len() <= 64 && path.bytes().all(|byte| byte.is_ascii_digit() || b"m/'hH".contains(&byte))
}
