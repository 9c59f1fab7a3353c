//! A transfer of EGLD with a note, and one of a token.

use bech32::{Bech32, Hrp};
use serde_json::json;

use crate::samples::{SampleError, SampleRequest, digest};

const HRP: Hrp = Hrp::parse_unchecked("erd");
/// One and a half units of a token with six decimals, and its name, as the protocol writes them.
const TOKEN_TRANSFER: &str = "ESDTTransfer@555344432d633736663166@16e360";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let address = |key: &[u8]| match key.len() {
        32 => Ok(bech32::encode::<Bech32>(HRP, key).unwrap_or_default()),
        _ => Err(SampleError::Key(request.chain)),
    };
    let from = address(request.public_key.as_bytes())?;
    let to = address(&digest("EGLD recipient"))?;
    let transfer = json!({ "from": from, "to": to, "value": "0.25", "data": "invoice 17" });
    let of_tokens = json!({ "from": from, "to": to, "value": "0", "data": TOKEN_TRANSFER });
    Ok(vec![transfer.to_string(), of_tokens.to_string()])
}
