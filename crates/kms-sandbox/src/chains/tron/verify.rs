//! TRON: the JSON that was offered, with a signature over the hash of its bytes.

use k256::ecdsa::{RecoveryId, VerifyingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::verify::{
    Case, Rejection, Valid,
    account::{self, Account, account_of_key, check_signer},
    require_equal,
};

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let malformed = |problem| move || Rejection::Malformed(problem);
    let mut raw: Value =
        serde_json::from_str(case.raw).map_err(|_| Rejection::Malformed("it is not JSON"))?;
    let object = raw.as_object_mut().ok_or_else(malformed("it is not an object"))?;
    let signature = object.remove("signature").ok_or(Rejection::Signature("it is missing"))?;
    let mut payload: Value = serde_json::from_str(case.sample.payload())
        .map_err(|error| Rejection::Payload(error.to_string()))?;
    if let Some(payload) = payload.as_object_mut() {
        payload.remove("signature");
    }
    require_equal("the transaction", &raw, &payload, |value| value.to_string())?;
    let bytes = raw.get("raw_data_hex").and_then(Value::as_str);
    let bytes = bytes.and_then(|digits| alloy_primitives::hex::decode(digits).ok());
    let txid = Sha256::digest(bytes.ok_or_else(malformed("it has no raw_data_hex"))?);
    let stated = raw.get("txID").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let txid_text = alloy_primitives::hex::encode(txid);
    require_equal("txID", stated, txid_text.clone(), String::clone)?;
    let signer = account_of_key(&recover(&signature, &txid)?);
    check_signer(case, signer, read_account)?;
    Ok(Valid { uses: vec![format!("tron {txid_text}")], txid: txid_text, nonce: None })
}

fn recover(signature: &Value, hash: &[u8]) -> Result<VerifyingKey, Rejection> {
    let one = match signature.as_array().map(Vec::as_slice) {
        Some([Value::String(one)]) => alloy_primitives::hex::decode(one).ok(),
        _ => None,
    };
    let bytes = one.ok_or(Rejection::Signature("it is not one signature in hexadecimal"))?;
    let (v, r_and_s) = bytes.split_last().ok_or(Rejection::Signature("it is empty"))?;
    account::recover(r_and_s, v.checked_sub(27).and_then(RecoveryId::from_byte), hash)
}

/// The 20 bytes behind the version byte of an address.
fn read_account(address: &str) -> Option<Account> {
    let bytes = bs58::decode(address).with_check(Some(0x41)).into_vec().ok()?;
    bytes.get(1..)?.try_into().ok()
}
