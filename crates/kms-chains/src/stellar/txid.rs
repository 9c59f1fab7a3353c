//! The id is what is signed: the hash of network, kind of envelope and transaction. A fee bump has
//! a separate id, not that of the transaction in it.
//! <https://developers.stellar.org/docs/learn/fundamentals/transactions/signatures-multisig>

use kms_core::{RawTransaction, TxidError};
use sha2::{Digest as _, Sha256};

use super::envelope;
use crate::codec::hex;

pub(super) fn of(passphrase: &str, raw: &RawTransaction) -> Result<String, TxidError> {
    let envelope = envelope::read(raw.as_str()).map_err(|_| TxidError)?;
    let network_id = Sha256::digest(passphrase).into();
    let hash = envelope.hash(network_id).map_err(|_| TxidError)?;
    Ok(hex::encode(&hash))
}
