//! The id is a hash of what is signed, in base32.
//! <https://developer.algorand.org/docs/get-details/transactions/#transaction-id>

use data_encoding::BASE32_NOPAD;
use kms_core::{RawTransaction, TxidError};
use sha2::{Digest as _, Sha512_256};

use crate::codec::hex;

/// Leads what is signed.
const PREFIX: &[u8] = b"TX";
/// The last member of a signed transaction, in the order of their names.
const TRANSACTION: &[u8] = b"txn";
/// Marks of msgpack: a map of up to 15 members, a text of up to 31 bytes, up to 255 bytes.
const MAP: u8 = 0x80;
const TEXT: u8 = 0xa0;
const BYTES: u8 = 0xc4;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let bytes = hex::decode(raw.as_str()).ok_or(TxidError)?;
    let transaction = transaction(&bytes).ok_or(TxidError)?;
    Ok(spell(&[PREFIX, transaction].concat()))
}

/// The id of the transaction with this message to be signed.
pub(super) fn spell(message: &[u8]) -> String {
    BASE32_NOPAD.encode(&Sha512_256::digest(message))
}

/// Returns the transaction, after the members before it, which hold bytes.
fn transaction(signed: &[u8]) -> Option<&[u8]> {
    let (mark, mut rest) = signed.split_first()?;
    let members = mark.checked_sub(MAP).filter(|members| *members < 16)?;
    for _ in 1..members {
        rest = text(rest)?.1;
        let (mark, behind) = rest.split_first()?;
        let (length, behind) = behind.split_first().filter(|_| *mark == BYTES)?;
        rest = behind.get(usize::from(*length)..)?;
    }
    let (name, transaction) = text(rest)?;
    let is_map = transaction.first().is_some_and(|mark| mark & 0xf0 == MAP || *mark == 0xde);
    (name == TRANSACTION && is_map).then_some(transaction)
}

fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mark, rest) = bytes.split_first()?;
    let length = mark.checked_sub(TEXT).filter(|length| *length < 32)?;
    rest.split_at_checked(length.into())
}
