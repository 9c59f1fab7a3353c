//! The id is the hash of the bytes as they are broadcast, their length and all.
//! <https://github.com/tendermint/tendermint/blob/v0.32.3/types/tx.go>

use data_encoding::HEXUPPER;
use kms_core::{RawTransaction, TxidError};
use sha2::{Digest as _, Sha256};

use crate::codec::hex;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let bytes = hex::decode(raw.as_str()).filter(|bytes| !bytes.is_empty()).ok_or(TxidError)?;
    Ok(HEXUPPER.encode(&Sha256::digest(bytes)))
}
