//! The payload: receiver, value in EGLD, data as text.

use kms_core::{ChainOptions, DecodeError};
use ruint::aliases::U256;

use super::{
    MULTIVERSX,
    address::{self, KEY_BYTES},
    extension::Extension,
};
use crate::codec::{
    decimal,
    json::{self, Json},
    members, quantity,
};

#[derive(Debug)]
pub(super) struct Payload {
    pub(super) from: Option<[u8; KEY_BYTES]>,
    pub(super) to: [u8; KEY_BYTES],
    /// In base units.
    pub(super) value: U256,
    pub(super) data: String,
    /// The gas price that the payload offers.
    pub(super) gas_price: Option<u64>,
    pub(super) extension: Extension,
}

impl Payload {
    /// True where another key is put beside the account's own, or taken away.
    /// <https://docs.multiversx.com/developers/guard-accounts/>
    pub(super) fn changes_guardian(&self) -> bool {
        let function = self.data.split('@').next().unwrap_or_default();
        ["SetGuardian", "GuardAccount", "UnGuardAccount"].contains(&function)
    }
}

/// # Errors
/// When a member is missing or is not what it should be.
pub(super) fn read(text: &str, options: &ChainOptions) -> Result<Payload, DecodeError> {
    let object = json::parse_object(text)?;
    let address = |name: &'static str| {
        let value = object.get(name).filter(|value| !value.is_falsy());
        let read = |value: &Json| value.as_text().and_then(address::read);
        value.map(|value| read(value).ok_or_else(|| DecodeError::field(name, "is not an address")))
    };
    let value = object.get("value").map(|value| decimal::read(value, MULTIVERSX.spec.decimals));
    let value = value.transpose().map_err(|problem| DecodeError::field("value", problem))?;
    let data = match object.get("data") {
        None => String::new(),
        Some(Json::Text(text)) => text.clone(),
        Some(_) => return Err(DecodeError::field("data", "is not text")),
    };
    let gas_price = object.get("gasPrice").map(|price| quantity::read_u64("gasPrice", price));
    let payload = Payload {
        from: address("from").transpose()?,
        to: address("to").ok_or(DecodeError::Missing("to"))??,
        // A negative value counts as none, as in the original.
        value: value.flatten().unwrap_or_default(),
        data,
        gas_price: gas_price.transpose()?,
        extension: Extension::read(&object)?,
    };
    members::check_all_read(&object, &MULTIVERSX, options)?;
    Ok(payload)
}
