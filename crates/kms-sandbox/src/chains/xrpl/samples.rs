//! A payment of XRP with a tag and a memo.

use bitcoin::hashes::{Hash as _, hash160};
use serde_json::json;

use crate::samples::{SampleError, SampleRequest, digest};

/// Twelve and a half XRP, in drops.
const DROPS: &str = "12500000";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let own = match request.public_key.as_bytes() {
        key if key.len() == 32 => [&[0xed], key].concat(),
        key if key.len() == 33 => key.to_vec(),
        _ => return Err(SampleError::Key(request.chain)),
    };
    let payment = json!({
        "TransactionType": "Payment",
        "Account": address(&own),
        "Destination": address(&digest("XRP recipient")),
        "DestinationTag": 107_438_221,
        "Amount": DROPS,
        "Fee": "12",
        "Sequence": 14_048_448,
        "LastLedgerSequence": 95_562_733,
        "Flags": 0,
        "Memos": [{ "Memo": { "MemoType": "746578742F706C61696E", "MemoData": "696E766F696365203137" } }],
    });
    Ok(vec![payment.to_string()])
}

fn address(key: &[u8]) -> String {
    let account = hash160::Hash::hash(key).to_byte_array();
    bs58::encode(account).with_alphabet(bs58::Alphabet::RIPPLE).with_check_version(0).into_string()
}
