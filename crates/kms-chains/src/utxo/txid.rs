//! Ids of the family: the hash of the transaction without its witnesses, its bytes reversed
//! (BIP-141). <https://developer.bitcoin.org/reference/transactions.html>

use bitcoin::{Transaction, consensus::encode::deserialize};
use kms_core::{RawTransaction, TxidError};

use crate::codec::hex;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let bytes = hex::decode(raw.as_str()).ok_or(TxidError)?;
    let transaction: Transaction = deserialize(&bytes).map_err(|_| TxidError)?;
    Ok(transaction.compute_txid().to_string())
}
