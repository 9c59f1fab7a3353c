//! The XRP Ledger: a blob that says what the JSON said, and the signature of its key.

mod blob;
mod content;
#[cfg(test)]
mod tests;

use alloy_primitives::hex;
use bitcoin::hashes::{Hash as _, hash160};
use cryptoxide::ed25519;
use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use sha2::{Digest as _, Sha512};

use self::blob::{Field, Value};
use super::{Case, Rejection, Valid, json, to_point};
use crate::offer::Signer;

/// Go before what is signed, and what is hashed to the id: `STX` and `TXN`, each with a zero.
const SIGNED: &[u8] = b"STX\0";
const IDENTIFIED: &[u8] = b"TXN\0";
/// Of a key of ed25519.
const ED25519: u8 = 0xed;

type Account = [u8; 20];

const MALFORMED: Rejection = Rejection::Malformed("it is not a transaction in canonical form");

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let is_upper = case.raw.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
    let bytes = hex::decode(case.raw).ok().filter(|_| is_upper);
    let bytes = bytes.ok_or(Rejection::Malformed("it is not upper-case hexadecimal"))?;
    let fields = blob::read(&bytes).ok_or(MALFORMED)?;
    let key = bytes_of(&fields, "SigningPubKey").ok_or(MALFORMED)?;
    check_signer(case, key)?;
    check_signature(&fields, key)?;
    let asked: serde_json::Map<_, _> = json::read(case.sample.payload())?;
    if let Some((field, found)) = content::difference(&fields, &asked) {
        let expected =
            asked.get(&field).map_or_else(|| String::from("nothing"), ToString::to_string);
        return Err(Rejection::Differs { field, found, expected });
    }
    let account = bytes_of(&fields, "Account").ok_or(MALFORMED)?;
    let signer = bytes_of(&fields, "Delegate").unwrap_or(account);
    if signer != account_of(key) {
        let found = spell(&account_of(key));
        let signer = signer.try_into().map_err(|_| MALFORMED)?;
        return Err(Rejection::OtherSigner { found, expected: spell(&signer) });
    }
    let number = |name| bytes_of(&fields, name).map(super::hex);
    let used = number("TicketSequence").or_else(|| number("Sequence")).ok_or(MALFORMED)?;
    let uses = vec![format!("xrp {} {used}", super::hex(account))];
    let txid = super::hex(half(&[IDENTIFIED, &bytes].concat())).to_uppercase();
    Ok(Valid { txid, uses, nonce: None })
}

fn bytes_of<'a>(fields: &[Field<'a>], name: &str) -> Option<&'a [u8]> {
    fields.iter().find(|field| field.definition.name == name).and_then(|field| match field.value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    })
}

fn check_signer(case: &Case<'_>, key: &[u8]) -> Result<(), Rejection> {
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account has one signer here"));
    };
    let (account, expected) = match expected {
        Signer::Address(address) => (read_address(address), address.clone()),
        Signer::PublicKey(own) => {
            let account = match (own.as_bytes().len(), to_point(own)) {
                (32, _) => Some(account_of(&[&[ED25519], own.as_bytes()].concat())),
                (_, Some(point)) => Some(account_of(point.to_sec1_point(true).as_bytes())),
                (_, None) => None,
            };
            (account, account.map_or_else(String::new, |account| spell(&account)))
        }
    };
    match account.ok_or(Rejection::Expected("it is not an address or key of this chain"))? {
        account if account == account_of(key) => Ok(()),
        _ => Err(Rejection::OtherSigner { found: spell(&account_of(key)), expected }),
    }
}

fn check_signature(fields: &[Field<'_>], key: &[u8]) -> Result<(), Rejection> {
    let signed = fields.iter().filter(|field| field.definition.is_signed());
    let signed: Vec<_> = signed.map(|field| field.encoded).collect();
    let message = [SIGNED, &signed.concat()].concat();
    let signature =
        bytes_of(fields, "TxnSignature").ok_or(Rejection::Signature("it is missing"))?;
    let is_valid = match key.split_first() {
        Some((&ED25519, key)) => match (key.try_into(), signature.try_into()) {
            (Ok(key), Ok(signature)) => ed25519::verify(&message, key, signature),
            _ => false,
        },
        _ => verify_ecdsa(key, signature, &half(&message)),
    };
    if is_valid {
        Ok(())
    } else {
        Err(Rejection::Signature("it is not valid for the transaction and its key"))
    }
}

/// In DER with a low `s`, as the ledger wants it.
fn verify_ecdsa(key: &[u8], signature: &[u8], hash: &[u8; 32]) -> bool {
    let read = Signature::from_der(signature).ok().filter(|own| own.normalize_s() == *own);
    let (Ok(key), Some(own)) = (VerifyingKey::from_sec1_bytes(key), read) else { return false };
    own.to_der().as_bytes() == signature && key.verify_prehash(hash, &own).is_ok()
}

/// The first half of SHA-512.
fn half(bytes: &[u8]) -> [u8; 32] {
    Sha512::digest(bytes).first_chunk().copied().unwrap_or_default()
}

fn account_of(key: &[u8]) -> Account {
    hash160::Hash::hash(key).to_byte_array()
}

fn spell(account: &Account) -> String {
    bs58::encode(account).with_alphabet(bs58::Alphabet::RIPPLE).with_check_version(0).into_string()
}

/// An account, in either form but without a tag.
fn read_address(address: &str) -> Option<Account> {
    match read_tagged(address)? {
        (account, None) => Some(account),
        (_, Some(_)) => None,
    }
}

/// An account, and the tag in an address that begins with `X`, or `T` for the test networks.
fn read_tagged(address: &str) -> Option<(Account, Option<u32>)> {
    const PLAIN: &[u8] = &[0];
    const TAGGED: [&[u8]; 2] = [&[0x05, 0x44], &[0x04, 0x93]];
    let bytes = bs58::decode(address).with_alphabet(bs58::Alphabet::RIPPLE).with_check(None);
    let bytes = bytes.into_vec().ok()?;
    if let Some(account) = bytes.strip_prefix(PLAIN) {
        return Some((account.try_into().ok()?, None));
    }
    let rest = TAGGED.iter().find_map(|version| bytes.strip_prefix(*version))?;
    let (account, tag) = rest.split_first_chunk()?;
    match tag.split_first_chunk::<5>()? {
        ([0, 0, 0, 0, 0], [0, 0, 0, 0]) => Some((*account, None)),
        ([1, tag @ ..], [0, 0, 0, 0]) => Some((*account, Some(u32::from_le_bytes(*tag)))),
        _ => None,
    }
}
