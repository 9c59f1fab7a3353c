//! The id is the first signature, in base58.
//! <https://solana.com/docs/core/transactions#signatures>

use data_encoding::BASE64;
use kms_core::{RawTransaction, TxidError};

use super::message::split_transaction;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let bytes = BASE64.decode(raw.as_str().as_bytes()).map_err(|_| TxidError)?;
    let (signatures, _) = split_transaction(&bytes).ok_or(TxidError)?;
    Ok(bs58::encode(signatures.first().ok_or(TxidError)?).into_string())
}
