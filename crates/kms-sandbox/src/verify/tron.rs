//! TRON: the JSON that was offered, with a signature over the hash of its bytes.

use alloy_primitives::{hex::encode_prefixed, keccak256};
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Case, Rejection, Valid, require_equal, to_point};
use crate::offer::Signer;

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let malformed = |problem| move || Rejection::Malformed(problem);
    let mut raw: Value =
        serde_json::from_str(case.raw).map_err(|_| Rejection::Malformed("it is not JSON"))?;
    let object = raw.as_object_mut().ok_or_else(malformed("it is no object"))?;
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
    let signer = account(&recover(&signature, &txid)?);
    check_signer(case, signer)?;
    Ok(Valid { uses: vec![format!("tron {txid_text}")], txid: txid_text, nonce: None })
}

fn recover(signature: &Value, hash: &[u8]) -> Result<VerifyingKey, Rejection> {
    let one = match signature.as_array().map(Vec::as_slice) {
        Some([Value::String(one)]) => alloy_primitives::hex::decode(one).ok(),
        _ => None,
    };
    let bytes = one.ok_or(Rejection::Signature("it is not one signature in hexadecimal"))?;
    let (v, r_and_s) = bytes.split_last().ok_or(Rejection::Signature("it is empty"))?;
    let parsed = Signature::from_slice(r_and_s)
        .map_err(|_| Rejection::Signature("it is zero, or not below the order of the curve"))?;
    if parsed.normalize_s() != parsed {
        return Err(Rejection::Signature("its s is in the upper half"));
    }
    let recovery = v.checked_sub(27).and_then(RecoveryId::from_byte);
    let recovery = recovery.ok_or(Rejection::Signature("its last byte is none of 27 and 28"))?;
    VerifyingKey::recover_from_prehash(hash, &parsed, recovery)
        .map_err(|_| Rejection::Signature("no key could have made it"))
}

/// The 20 bytes behind the version byte of an address.
fn account(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_sec1_point(false);
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    let mut account = [0; 20];
    account.copy_from_slice(hash.as_slice().get(12..).unwrap_or(&[0; 20]));
    account
}

fn check_signer(case: &Case<'_>, found: [u8; 20]) -> Result<(), Rejection> {
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account chain has one signer"));
    };
    let expected = match expected {
        Signer::PublicKey(key) => to_point(key).map(|key| account(&key)),
        Signer::Address(address) => {
            let bytes = bs58::decode(address).with_check(Some(0x41)).into_vec().ok();
            bytes.and_then(|bytes| bytes.get(1..)?.try_into().ok())
        }
    };
    let expected = expected.ok_or(Rejection::Expected("it is no address or key of this chain"))?;
    match found == expected {
        true => Ok(()),
        false => Err(Rejection::OtherSigner {
            found: encode_prefixed(found),
            expected: encode_prefixed(expected),
        }),
    }
}
