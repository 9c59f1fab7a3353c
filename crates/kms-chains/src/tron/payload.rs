//! The payload: a full node's transaction in JSON, with the bytes that it describes. Both must
//! agree, because the bytes are signed and people read the JSON.

use alloy_primitives::Address;
use kms_core::{ChainOptions, DecodeError};
use sha2::{Digest as _, Sha256};

use super::{
    TRON, address,
    contracts::{self, Contract, PERMISSION_UPDATE},
    protobuf::{encode, number, put_bytes, put_nonempty, put_number},
};
use crate::codec::{
    hex,
    json::{self, Json, Object},
    members,
};

const TYPE_URL: &str = "type.googleapis.com/protocol.";

/// A transaction whose JSON and bytes agree.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) object: Object,
    pub(super) txid: [u8; 32],
    pub(super) contract: &'static Contract,
    pub(super) owner: Address,
    /// The contract's own fields.
    pub(super) value: Object,
    /// The most that may be burned for energy, in sun.
    pub(super) fee_limit: u64,
    /// The note beside the contract.
    pub(super) memo: Vec<u8>,
}

const RAW_FIELDS: &[&str] = &[
    "contract",
    "ref_block_bytes",
    "ref_block_num",
    "ref_block_hash",
    "expiration",
    "data",
    "timestamp",
    "fee_limit",
];

/// # Errors
/// When JSON, bytes and id do not agree, or the transaction is signed already.
pub(super) fn read(payload: &str, options: &ChainOptions) -> Result<Payload, DecodeError> {
    let object = json::parse_object(payload)?;
    let signed = |value: &Json| !value.is_falsy();
    if object.get("signature").is_some_and(signed) {
        return Err(DecodeError::field("signature", "is already present"));
    }
    let raw = member(&object, "raw_data")?;
    if let Some(other) = raw.names().find(|name| !RAW_FIELDS.contains(name)) {
        return Err(DecodeError::field(format!("raw_data.{other}"), "is not signed"));
    }
    let (contract, value, bytes) = read_contract(raw)?;
    if contract.name == PERMISSION_UPDATE && !options.allow_account_changes {
        return Err(DecodeError::AccountChange("permission updates"));
    }
    let encoded = encode_raw(raw, &bytes)?;
    let stated = text(&object, "raw_data_hex")?;
    if hex::decode(stated).as_ref() != Some(&encoded) {
        return Err(DecodeError::field("raw_data_hex", "differs from `raw_data`"));
    }
    let txid: [u8; 32] = Sha256::digest(&encoded).into();
    if hex::decode(text(&object, "txID")?).as_deref() != Some(txid.as_slice()) {
        return Err(DecodeError::field("txID", "is not the hash of `raw_data_hex`"));
    }
    members::check_all_read(&object, &TRON, options)?;
    let owner = value.get("owner_address").and_then(Json::as_text).and_then(address::read);
    Ok(Payload {
        txid,
        contract,
        owner: owner.ok_or(DecodeError::Missing("owner_address"))?,
        memo: raw.get("data").and_then(Json::as_text).and_then(hex::decode).unwrap_or_default(),
        fee_limit: raw.get("fee_limit").map_or(Ok(0), |limit| number("fee_limit", limit))?,
        value,
        object,
    })
}

fn member<'a>(object: &'a Object, name: &'static str) -> Result<&'a Object, DecodeError> {
    object.get(name).and_then(Json::as_object).ok_or(DecodeError::Missing(name))
}

fn text<'a>(object: &'a Object, name: &'static str) -> Result<&'a str, DecodeError> {
    object.get(name).and_then(Json::as_text).ok_or(DecodeError::Missing(name))
}

/// The one contract: its type, its fields, and it encoded.
fn read_contract(raw: &Object) -> Result<(&'static Contract, Object, Vec<u8>), DecodeError> {
    let list = raw.get("contract").and_then(Json::as_list);
    let Some([one]) = list else {
        return Err(DecodeError::field("raw_data.contract", "is not a list of one contract"));
    };
    let one = one.as_object().ok_or(DecodeError::Missing("contract"))?;
    let name = text(one, "type")?;
    let contract = contracts::find(name)
        .ok_or_else(|| DecodeError::field("type", format!("`{name}` is unknown")))?;
    let parameter = member(one, "parameter")?;
    let value = member(parameter, "value")?;
    let type_url = format!("{TYPE_URL}{name}");
    if parameter.get("type_url").and_then(Json::as_text).is_some_and(|url| url != type_url) {
        return Err(DecodeError::field("type_url", "is for another contract than `type`"));
    }
    let mut any = Vec::new();
    put_bytes(1, type_url.as_bytes(), &mut any);
    put_nonempty(2, &encode(value, contract.fields)?, &mut any);
    let mut bytes = Vec::new();
    put_number(1, contract.number, &mut bytes);
    put_bytes(2, &any, &mut bytes);
    if let Some(permission) = one.get("Permission_id") {
        put_number(5, number("Permission_id", permission)?, &mut bytes);
    }
    Ok((contract, value.clone(), bytes))
}

fn encode_raw(raw: &Object, contract: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let bytes = |name: &'static str| match raw.get(name) {
        None => Ok(Vec::new()),
        Some(value) => value
            .as_text()
            .and_then(hex::decode)
            .ok_or_else(|| DecodeError::field(name, "is not hexadecimal")),
    };
    let units = |name: &'static str| raw.get(name).map_or(Ok(0), |value| number(name, value));
    let mut out = Vec::new();
    put_nonempty(1, &bytes("ref_block_bytes")?, &mut out);
    put_number(3, units("ref_block_num")?, &mut out);
    put_nonempty(4, &bytes("ref_block_hash")?, &mut out);
    put_number(8, units("expiration")?, &mut out);
    put_nonempty(10, &bytes("data")?, &mut out);
    put_bytes(11, contract, &mut out);
    put_number(14, units("timestamp")?, &mut out);
    put_number(18, units("fee_limit")?, &mut out);
    Ok(out)
}
