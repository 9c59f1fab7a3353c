//! The id is the hash of the transaction without its signature: of `raw_data_hex`, whatever `txID`
//! says. <https://developers.tron.network/docs/tron-protocol-transaction>

use kms_core::{RawTransaction, TxidError};
use sha2::{Digest as _, Sha256};

use crate::codec::{
    hex,
    json::{self, Object},
};

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let object = json::parse_object(raw.as_str()).map_err(|_| TxidError)?;
    let bytes = raw_data(&object).ok_or(TxidError)?;
    Ok(hex::encode(&Sha256::digest(bytes)))
}

fn raw_data(object: &Object) -> Option<Vec<u8>> {
    let bytes = hex::decode(object.get("raw_data_hex")?.as_text()?)?;
    (!bytes.is_empty()).then_some(bytes)
}
