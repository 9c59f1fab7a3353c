//! Transfers on Ethereum and its descendants, as the API's prepare functions write them: without
//! nonce and gas, so that the daemon has to ask.

use alloy_primitives::hex;
use kms_core::ChainId;
use serde_json::{Value, json};

use super::nodes;
use crate::samples::{SampleError, SampleRequest, digest};

/// A quarter of a coin, in wei.
const VALUE: u64 = 250_000_000_000_000_000;

/// Twelve and a half units of a token with six decimals.
const TOKEN_VALUE: u64 = 12_500_000;

/// ERC-20's `transfer(address,uint256)`.
const TRANSFER: &str = "a9059cbb";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let chain = request.chain;
    // 65 bytes are the serialization that this family's wallets have.
    if request.public_key.as_bytes().len() != 65 {
        return Err(SampleError::Key(chain));
    }
    let price = nodes::find(chain).map_or(0, |node| node.gas_price);
    let hexadecimal = json!(format!("{VALUE:#x}"));
    let to = account(chain, "recipient");
    let transfer = match chain.as_str() {
        "CELO" => json!({ "to": to, "value": hexadecimal }),
        "ETH" | "BSC" | "XDC" => transfer(&to, json!(VALUE.to_string()), json!(price.to_string())),
        _ => transfer(&to, hexadecimal, json!(format!("{price:#x}"))),
    };
    let token = (chain.as_str() == "ETH").then(|| {
        let recipient = account(chain, "recipient of tokens").split_off(2);
        json!({
            "from": 0,
            "to": account(chain, "token contract"),
            "value": "0",
            "data": format!("0x{TRANSFER}{recipient:0>64}{TOKEN_VALUE:064x}"),
            "gasPrice": price.to_string(),
        })
    });
    Ok([Some(transfer), token].into_iter().flatten().map(|payload| payload.to_string()).collect())
}

fn transfer(to: &str, value: Value, price: Value) -> Value {
    json!({ "from": 0, "to": to, "value": value, "gasPrice": price })
}

/// The address of nobody.
fn account(chain: ChainId, what: &str) -> String {
    let digest = digest(&format!("{chain} {what}"));
    let (account, _) = digest.split_at(20);
    hex::encode_prefixed(account)
}
