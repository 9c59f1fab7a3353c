//! The id is the first half of SHA-512 over a prefix and the signed transaction.
//! <https://xrpl.org/docs/concepts/transactions/transaction-hashes>

use data_encoding::HEXUPPER;
use kms_core::{RawTransaction, TxidError};
use sha2::{Digest as _, Sha512};

use crate::codec::hex;

const PREFIX: &[u8] = b"TXN\0";
const ID_BYTES: usize = 32;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let blob = hex::decode(raw.as_str()).filter(|blob| !blob.is_empty()).ok_or(TxidError)?;
    let hash = Sha512::digest([PREFIX, &blob].concat());
    let (id, _) = hash.split_at_checked(ID_BYTES).ok_or(TxidError)?;
    Ok(HEXUPPER.encode(id))
}
