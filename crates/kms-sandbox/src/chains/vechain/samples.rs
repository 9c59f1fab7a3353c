//! Two clauses in one transaction: a transfer of VET and one of VTHO, its fee token.

use alloy_primitives::hex;
use serde_json::json;

use crate::samples::{SampleError, SampleRequest, digest};

/// A quarter of a VET, in base units.
const VALUE: &str = "0x3782dace9d90000";

/// ERC-20's `transfer(address,uint256)`, here of half a VTHO.
const TRANSFER: &str = "a9059cbb";
const TOKEN_VALUE: u64 = 500_000_000_000_000_000;
const VTHO: &str = "0x0000000000000000000000000000456e65726779";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    if request.public_key.as_bytes().len() != 65 {
        return Err(SampleError::Key(request.chain));
    }
    let recipient = digest("VET recipient");
    let (recipient, _) = recipient.split_at(20);
    let digits = hex::encode(recipient);
    let transfer = json!({ "to": format!("0x{digits}"), "value": VALUE });
    let token = json!({
        "to": VTHO,
        "data": format!("0x{TRANSFER}{digits:0>64}{TOKEN_VALUE:064x}"),
    });
    Ok(vec![transfer.to_string(), json!({ "clauses": [transfer, token] }).to_string()])
}
