//! A transfer of FLOW, and a script of the user's own.

use serde_json::{Value, json};

use crate::samples::{SampleError, SampleRequest, digest};

const SCRIPT: &str = "transaction(note: String, count: UInt64) {
    prepare(account: auth(Storage) &Account) {
        log(note)
        log(count)
    }
}
";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    if request.public_key.as_bytes().len() != 65 {
        return Err(SampleError::Key(request.chain));
    }
    let account = account(request.public_key.as_bytes());
    let transfer = json!({
        "account": account,
        "to": account_of("FLOW recipient"),
        "amount": "1.5",
        "currency": "FLOW",
    });
    let own = json!({
        "account": account,
        "transaction": SCRIPT,
        "args": [{ "type": "String", "value": "invoice 17" }, { "type": "UInt64", "value": "42" }],
    });
    let payload = |kind: u8, body: Value| {
        json!({ "type": kind, "apiManagedProposal": false, "body": body }).to_string()
    };
    Ok(vec![payload(2, transfer), payload(8, own)])
}

/// An address is given by the network, not made of a key: any eight bytes.
fn account(key: &[u8]) -> String {
    account_of(&alloy_primitives::hex::encode(key))
}

fn account_of(seed: &str) -> String {
    let digest = digest(seed);
    let bytes = digest.get(..8).unwrap_or_default();
    format!("0x{}", alloy_primitives::hex::encode(bytes))
}
