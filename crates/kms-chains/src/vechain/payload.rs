//! The payload: an object in the form of thorify's transaction.

use alloy_primitives::{Address, Bytes};
use kms_core::{ChainOptions, DecodeError};
use ruint::aliases::U256;

use super::VECHAIN;
use crate::{
    codec::{
        hex,
        json::{self, Json, Object},
        members, quantity,
    },
    evm::payload::{read_data, read_from, read_to},
};

const EXPIRATION_BLOCKS: u32 = 720;

/// The content of a payload, before anything is filled in.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) from: Option<Address>,
    pub(super) clauses: Vec<Clause>,
    pub(super) nonce: Option<u64>,
    pub(super) chain_tag: Option<u8>,
    pub(super) block_ref: Option<[u8; 8]>,
    pub(super) expiration: u32,
    pub(super) gas_price_coef: u8,
    pub(super) depends_on: Option<[u8; 32]>,
    /// Given to the node for its estimate, which then replaces it.
    pub(super) gas: Option<u64>,
    pub(super) gas_price: Option<U256>,
}

/// One of the calls that a transaction makes, all of them or none.
#[derive(Debug)]
pub(super) struct Clause {
    /// `None` for a contract's creation.
    pub(super) to: Option<Address>,
    pub(super) value: Option<U256>,
    pub(super) data: Bytes,
}

impl Clause {
    fn read(object: &Object) -> Result<Self, DecodeError> {
        Ok(Self {
            to: read_to(object, "0x")?,
            value: truthy(object, "value")
                .map(|value| quantity::read("value", value))
                .transpose()?,
            data: read_data(object)?.unwrap_or_default(),
        })
    }
}

/// # Errors
/// When a member is not what it should be, or the transaction does nothing.
pub(super) fn read(text: &str, options: &ChainOptions) -> Result<Payload, DecodeError> {
    let object = json::parse_object(text)?;
    let number = |name: &'static str, bits: u32| read_bits(&object, name, bits);
    let payload = Payload {
        from: read_from(&object, "0x")?,
        clauses: read_clauses(&object)?,
        nonce: read_nonce(&object)?,
        chain_tag: number("chainTag", 8)?
            .filter(|tag| *tag != 0)
            .and_then(|tag| u8::try_from(tag).ok()),
        block_ref: read_bytes(&object, "blockRef")?,
        expiration: number("expiration", 32)?
            .and_then(|blocks| u32::try_from(blocks).ok())
            .unwrap_or(EXPIRATION_BLOCKS),
        gas_price_coef: number("gasPriceCoef", 8)?
            .and_then(|coef| u8::try_from(coef).ok())
            .unwrap_or(0),
        depends_on: read_bytes(&object, "dependsOn")?,
        gas: number("gas", 64)?,
        gas_price: truthy(&object, "gasPrice")
            .map(|price| quantity::read("gasPrice", price))
            .transpose()?,
    };
    members::check_all_read(&object, &VECHAIN, options)?;
    if payload.clauses.iter().any(|clause| clause.to.is_none() && clause.data.is_empty()) {
        return Err(DecodeError::Unsupported(
            "transactions without receiver and without contract code".into(),
        ));
    }
    Ok(payload)
}

fn read_clauses(object: &Object) -> Result<Vec<Clause>, DecodeError> {
    let Some(list) = object.get("clauses") else { return Ok(vec![Clause::read(object)?]) };
    let single = ["to", "value", "data", "input"].iter().find(|name| object.get(name).is_some());
    if let Some(name) = single {
        return Err(DecodeError::field(*name, "cannot be used together with `clauses`"));
    }
    let list = list.as_list().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| DecodeError::field("clauses", "is not a list of clauses"))?;
    let read = |clause: &Json| {
        let clause = clause.as_object();
        Clause::read(clause.ok_or_else(|| {
            DecodeError::field(
                "clauses",
                "has an element that is not an \
                                                                object",
            )
        })?)
    };
    list.iter().map(read).collect()
}

fn truthy<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object.get(name).filter(|value| !value.is_falsy())
}

fn read_bits(object: &Object, name: &'static str, bits: u32) -> Result<Option<u64>, DecodeError> {
    let value = object.get(name).filter(|value| value.as_text() != Some(""));
    let Some(value) = value else { return Ok(None) };
    let number = quantity::read(name, value)?;
    if number.bit_len() <= usize::try_from(bits).unwrap_or(0) {
        Ok(u64::try_from(number).ok())
    } else {
        Err(DecodeError::field(name, format!("does not fit {bits} bits")))
    }
}

/// Text of nothing counts as missing; the number zero is a nonce, as in the original.
fn read_nonce(object: &Object) -> Result<Option<u64>, DecodeError> {
    read_bits(object, "nonce", 64)
}

fn read_bytes<const LENGTH: usize>(
    object: &Object,
    name: &'static str,
) -> Result<Option<[u8; LENGTH]>, DecodeError> {
    let Some(value) = truthy(object, name) else { return Ok(None) };
    let digits = value.as_text().and_then(|text| text.strip_prefix("0x"));
    let bytes = digits.and_then(hex::decode_array);
    bytes.map(Some).ok_or_else(|| {
        DecodeError::field(name, format!("is not 0x followed by {LENGTH} bytes in hexadecimal"))
    })
}
