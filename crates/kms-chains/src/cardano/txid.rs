//! The id is the hash of the body, byte for byte as in the transaction.
//! <https://github.com/IntersectMBO/cardano-ledger/blob/master/eras/conway/impl/cddl-files/conway.cddl>

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use kms_core::{RawTransaction, TxidError};

use super::{cbor::Reader, rosetta};
use crate::codec::hex;

/// Body, witnesses, validity, further data.
const PARTS: usize = 4;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let whole = hex::decode(raw.as_str()).ok_or(TxidError)?;
    let (transaction, _) = rosetta::unwrap(&whole).ok_or(TxidError)?;
    let body = body(&transaction).ok_or(TxidError)?;
    Ok(hex::encode(&Blake2b::<U32>::digest(body)))
}

fn body(transaction: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(transaction);
    (reader.list()? == PARTS).then_some(())?;
    let from_body = reader.rest();
    reader.is_map().then(|| reader.skip()).flatten()?;
    let body = from_body.get(..from_body.len().checked_sub(reader.rest().len())?)?;
    (1..PARTS).try_for_each(|_| reader.skip())?;
    reader.is_at_end().then_some(body)
}
