//! Ids of the family: the Keccak-256 hash of the bytes, in all but Klaytn's own types.
//! <https://docs.kaia.io/learn/transactions/>

use alloy_primitives::keccak256;
use alloy_rlp::Header;
use kms_core::{RawTransaction, TxidError};

use super::{Dialect, transaction::KLAYTN_ENVELOPE};
use crate::codec::hex;

/// First bytes of transactions with a type (EIP-2718); others begin with a list.
const TYPES: std::ops::RangeInclusive<u8> = 0..=0x7f;
/// The first byte of Klaytn's own transactions: a kind, and in the last bits who pays the fee.
const KLAYTN_TYPES: std::ops::Range<u8> = 0x08..KLAYTN_ENVELOPE;
const WHO_PAYS: u8 = 0b111;

/// `None` if the fee payer's signature is part of what is hashed.
pub(super) fn of(dialect: Dialect, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
    let bytes = raw.as_str().strip_prefix("0x").and_then(hex::decode).ok_or(TxidError)?;
    let hashed = match (dialect, bytes.as_slice()) {
        // Klaytn counts its envelope around Ethereum's types as no part of them.
        (Dialect::Klaytn, [KLAYTN_ENVELOPE, inner @ ..]) => inner,
        (_, bytes) => bytes,
    };
    let (first, list) = match hashed.split_first() {
        Some((first, rest)) if TYPES.contains(first) => (Some(first), rest),
        _ => (None, hashed),
    };
    if !is_one_list(list) {
        return Err(TxidError);
    }
    let is_paid_by_another = dialect == Dialect::Klaytn
        && first.is_some_and(|first| KLAYTN_TYPES.contains(first) && first & WHO_PAYS != 0);
    Ok((!is_paid_by_another).then(|| hex::encode_prefixed(keccak256(hashed).as_slice())))
}

fn is_one_list(mut bytes: &[u8]) -> bool {
    Header::decode(&mut bytes)
        .is_ok_and(|header| header.list && header.payload_length == bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(dialect: Dialect, raw: &str) -> Result<Option<String>, TxidError> {
        of(dialect, &RawTransaction::from_text(raw.to_owned()))
    }

    #[test]
    fn who_pays_for_another_signs_what_is_hashed() {
        for (first, is_known) in [("08", true), ("09", false), ("0a", false), ("31", false)] {
            let told = id(Dialect::Klaytn, &format!("0x{first}c0"));
            assert_eq!(told.unwrap().is_some(), is_known, "{first}");
        }
        assert!(id(Dialect::Web3, "0x09c0").unwrap().is_some(), "it is Klaytn's rule");
    }

    #[test]
    fn what_is_no_transaction_has_no_id() {
        for bad in ["", "0x", "c0", "0xc", "0xc1", "0xc000", "0x80", "0x02", "0x0280", "0x7802"] {
            for dialect in [Dialect::Web3, Dialect::Celo, Dialect::Klaytn] {
                assert!(id(dialect, bad).is_err(), "{bad}");
            }
        }
    }
}
