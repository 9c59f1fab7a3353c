//! Kaia's keystore, version 4: the keys of one account, flat or by role. The account's address
//! need not follow from a key.
//! <https://kips.kaia.io/KIPs/kip-3>

use kms_secret::Password;
use serde::Deserialize;

use crate::{
    Contents,
    body::{self, Body, MacKind, damaged},
    error::ImportError,
    target::{Found, Target},
};

/// Three roles of ten keys.
const KEYS_MAX: usize = 30;

#[derive(Deserialize)]
struct File {
    address: Option<String>,
    keyring: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Key(Body),
    Role(Vec<Body>),
}

pub(crate) fn open(
    text: &str,
    target: &Target<'_>,
    password: &Password,
) -> Result<Contents, ImportError> {
    let file: File = body::read(text)?;
    let bodies: Vec<_> = file
        .keyring
        .iter()
        .flat_map(|entry| match entry {
            Entry::Key(body) => std::slice::from_ref(body),
            Entry::Role(bodies) => bodies.as_slice(),
        })
        .collect();
    if bodies.len() > KEYS_MAX {
        return Err(damaged("it has more than 30 keys"));
    }
    let address = file.address.as_deref().filter(|address| !address.is_empty());
    if bodies.len() > 1 && address.is_some() && !target.wishes.ignore_file_address {
        return Err(ImportError::refused(
            "the file describes an account with several keys, but a wallet needs an account whose \
             address follows from its only key. --ignore-file-address imports each key under the \
             address that follows from it",
        ));
    }
    let named: Vec<_> = address.into_iter().collect();
    let mut found: Vec<Found> = Vec::with_capacity(bodies.len());
    for body in bodies {
        let key = target.key_of_bytes(&body.open(password, MacKind::Keccak256)?, &named)?;
        // A key may have several roles.
        if found.iter().all(|known| known.address != key.address) {
            found.push(key);
        }
    }
    Ok(found.into())
}
