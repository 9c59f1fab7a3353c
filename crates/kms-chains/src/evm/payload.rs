//! The payload of web3's chains and of Klaytn: an object in the form of a `TransactionConfig`.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes};
use kms_core::DecodeError;
use ruint::aliases::U256;
use serde_json::{Map, Value, json};

use super::{Dialect, address};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

/// Members that override what is signed, or claim that it is signed already.
const REFUSED: &[&str] = &[
    "common",
    "chain",
    "hardfork",
    "v",
    "r",
    "s",
    "signatures",
    "rawTransaction",
    "senderRawTransaction",
    "blobVersionedHashes",
    "blobs",
    "maxFeePerBlobGas",
    "authorizationList",
];

/// The content of a payload, before anything is filled in.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) value: Given,
    pub(super) data: Option<Bytes>,
    pub(super) nonce: Given,
    pub(super) gas: Given,
    pub(super) gas_limit: Given,
    pub(super) gas_price: Given,
    pub(super) max_fee: Given,
    pub(super) max_priority_fee: Given,
    pub(super) chain_id: Option<u64>,
    pub(super) access_list: Option<AccessList>,
    /// Members as a node's call object spells them.
    pub(super) as_call: Map<String, Value>,
}

/// A number as JavaScript sees it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Given {
    /// `None` when absent, `null`, `false` or empty text.
    pub(super) units: Option<U256>,
    /// True if JavaScript takes it for false: as `units` is `None`, and for the number zero.
    pub(super) falsy: Falsy,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Falsy {
    #[default]
    Missing,
    /// `false` or empty text.
    Empty,
    /// The number zero.
    Zero,
    /// Text that the original takes for a zero price: `"0"` and `"0x0"`.
    ZeroText,
    No,
}

impl Given {
    fn read(field: &'static str, object: &Object) -> Result<Self, DecodeError> {
        let falsy = match object.get(field) {
            None => return Ok(Self::default()),
            Some(Json::Bool(false)) => Falsy::Empty,
            Some(Json::Text(text)) if text.trim().is_empty() => Falsy::Empty,
            Some(Json::Text(text)) if matches!(text.as_str(), "0" | "0x0") => Falsy::ZeroText,
            Some(number @ Json::Number(_)) if number.is_falsy() => Falsy::Zero,
            Some(_) => Falsy::No,
        };
        let units = match (falsy, object.get(field)) {
            (Falsy::Missing | Falsy::Empty, _) | (_, None) => None,
            (_, Some(value)) => Some(quantity::read(field, value)?),
        };
        Ok(Self { units, falsy })
    }

    pub(super) fn is_missing(self) -> bool {
        self.falsy == Falsy::Missing
    }

    pub(super) fn is_falsy(self) -> bool {
        matches!(self.falsy, Falsy::Missing | Falsy::Empty | Falsy::Zero)
    }

    /// Returns true if a gas price counts as not given.
    pub(super) fn is_no_price(self) -> bool {
        self.falsy != Falsy::No
    }

    pub(super) fn or_zero(self) -> U256 {
        self.units.unwrap_or(U256::ZERO)
    }

    pub(super) fn as_u64(self, field: &'static str) -> Result<Option<u64>, DecodeError> {
        let narrow = |units: U256| {
            u64::try_from(units).map_err(|_| DecodeError::field(field, "is 2^64 or more"))
        };
        self.units.map(narrow).transpose()
    }
}

impl Fields {
    /// # Errors
    /// When a member is not what it should be, or must not be there.
    pub(super) fn read(
        object: &Object,
        dialect: Dialect,
        prefix: &str,
    ) -> Result<Self, DecodeError> {
        refuse(object, REFUSED)?;
        let mut fields = Self {
            from: read_from(object, prefix)?,
            to: read_to(object, prefix)?,
            value: Given::read("value", object)?,
            data: read_data(object)?,
            nonce: Given::read("nonce", object)?,
            gas: Given::read("gas", object)?,
            gas_limit: Given::read("gasLimit", object)?,
            gas_price: Given::read("gasPrice", object)?,
            max_fee: Given::read("maxFeePerGas", object)?,
            max_priority_fee: Given::read("maxPriorityFeePerGas", object)?,
            chain_id: read_chain_id(object, dialect)?,
            access_list: read_access_list(object, prefix)?,
            as_call: Map::new(),
        };
        fields.as_call = fields.call_object(object);
        Ok(fields)
    }

    /// Returns true if the payload says all that a fee follows from.
    pub(super) fn gives_gas_and_price(&self) -> bool {
        let is_given = |given: &Given| !given.is_missing() && !given.is_falsy();
        let prices = [&self.gas_price, &self.max_fee];
        [&self.gas, &self.gas_limit].into_iter().any(is_given) && prices.into_iter().any(is_given)
    }

    pub(super) fn is_dynamic_fee(&self) -> bool {
        !self.max_fee.is_missing() || !self.max_priority_fee.is_missing()
    }

    /// The members given, as web3 sends them to `eth_estimateGas`; the caller adds `from`.
    fn call_object(&self, object: &Object) -> Map<String, Value> {
        let mut call = Map::new();
        if let Some(to) = self.to {
            call.insert("to".into(), json!(hex::encode_prefixed(to.as_slice())));
        }
        let numbers = [
            ("value", self.value),
            (
                "gas",
                if self.gas.is_falsy() && !self.gas_limit.is_missing() {
                    self.gas_limit
                } else {
                    self.gas
                },
            ),
            ("gasLimit", self.gas_limit),
            ("gasPrice", self.gas_price),
            ("maxFeePerGas", self.max_fee),
            ("maxPriorityFeePerGas", self.max_priority_fee),
            ("nonce", self.nonce),
        ];
        for (name, number) in numbers {
            match (number.units, object.get_nullable(name)) {
                (Some(units), _) => call.insert(name.into(), json!(format!("{units:#x}"))),
                (None, Some(Json::Null)) => call.insert(name.into(), Value::Null),
                _ => None,
            };
        }
        if let Some(data) = &self.data {
            let given = object.get("data").or_else(|| object.get("input"));
            let empty = given.and_then(Json::as_text) == Some("");
            let data = if empty { String::new() } else { hex::encode_prefixed(data) };
            call.insert("data".into(), json!(data));
        }
        if let Some(kind) = object.get("type").and_then(|kind| quantity::read("type", kind).ok()) {
            call.insert("type".into(), json!(format!("{kind:#x}")));
        }
        match (self.chain_id, object.get("chainId")) {
            (Some(_), Some(Json::Text(text))) => call.insert("chainId".into(), json!(text)),
            (Some(chain_id), _) => call.insert("chainId".into(), json!(chain_id)),
            (None, _) => None,
        };
        if let Some(list) = &self.access_list {
            call.insert("accessList".into(), access_list_json(list));
        }
        call
    }
}

/// # Errors
/// When one of `names` is there.
pub(crate) fn refuse(object: &Object, names: &[&'static str]) -> Result<(), DecodeError> {
    match names.iter().find(|name| object.get(name).is_some()) {
        Some(name) => Err(DecodeError::field(*name, "must not be present")),
        None => Ok(()),
    }
}

/// The prepare functions of the API write the number zero for "the wallet's own account".
pub(crate) fn read_from(object: &Object, prefix: &str) -> Result<Option<Address>, DecodeError> {
    match object.get("from") {
        Some(value) if !value.is_falsy() => read_address("from", value, prefix).map(Some),
        _ => Ok(None),
    }
}

pub(crate) fn read_to(object: &Object, prefix: &str) -> Result<Option<Address>, DecodeError> {
    match object.get("to") {
        None => Ok(None),
        Some(Json::Text(text)) if text.is_empty() => Ok(None),
        Some(value) => read_address("to", value, prefix).map(Some),
    }
}

/// Reads an address with `0x`, with the chain's own prefix, or without any.
pub(crate) fn read_address(
    field: &'static str,
    value: &Json,
    prefix: &str,
) -> Result<Address, DecodeError> {
    let text = value.as_text().ok_or_else(|| DecodeError::field(field, "is not text"))?;
    address::read_prefixed(text, prefix).map_err(|problem| DecodeError::field(field, problem))
}

pub(crate) fn read_data(object: &Object) -> Result<Option<Bytes>, DecodeError> {
    let (field, value) = match (object.get("data"), object.get("input")) {
        (Some(_), Some(_)) => {
            return Err(DecodeError::field("input", "cannot be used together with `data`"));
        }
        (Some(data), None) => ("data", data),
        (None, Some(input)) => ("input", input),
        (None, None) => return Ok(None),
    };
    let text = value.as_text().ok_or_else(|| DecodeError::field(field, "is not text"))?;
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let even = if digits.len() % 2 == 0 { digits.to_owned() } else { format!("0{digits}") };
    let bytes = hex::decode(&even);
    bytes
        .map(|bytes| Some(Bytes::from(bytes)))
        .ok_or_else(|| DecodeError::field(field, "is not hexadecimal"))
}

/// Reads a chain id. In a string it is decimal; Klaytn's library accepts `0x` strings too.
fn read_chain_id(object: &Object, dialect: Dialect) -> Result<Option<u64>, DecodeError> {
    match object.get("chainId") {
        None => Ok(None),
        Some(Json::Text(text))
            if dialect != Dialect::Klaytn && !text.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Err(DecodeError::field("chainId", "is not a decimal number"))
        }
        Some(value) => quantity::read_u64("chainId", value).map(Some),
    }
}

fn read_access_list(object: &Object, prefix: &str) -> Result<Option<AccessList>, DecodeError> {
    let problem = |problem: &'static str| DecodeError::field("accessList", problem);
    let Some(value) = object.get("accessList") else { return Ok(None) };
    let items = value.as_list().ok_or_else(|| problem("is not a list"))?;
    let read = |item: &Json| {
        let (address, keys) = match (item.as_object(), item.as_list()) {
            (Some(item), _) => (item.get("address"), item.get("storageKeys")),
            (None, Some([address, keys])) => (Some(address), Some(keys)),
            _ => (None, None),
        };
        let address = address.and_then(|address| read_listed(address, prefix));
        let keys = keys.and_then(Json::as_list).map(|keys| keys.iter().map(fixed_bytes::<32>));
        let storage_keys: Option<Vec<_>> = keys.and_then(Iterator::collect);
        match (address, storage_keys) {
            (Some(address), Some(keys)) => Ok(AccessListItem {
                address,
                storage_keys: keys.into_iter().map(B256::from).collect(),
            }),
            _ => Err(problem("has an entry that is not an address with its storage keys")),
        }
    };
    let items: Vec<_> = items.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Some(AccessList(items)))
}

/// A listed account's case is no checksum.
fn read_listed(value: &Json, prefix: &str) -> Option<Address> {
    address::read_prefixed(&value.as_text()?.to_ascii_lowercase(), prefix).ok()
}

fn fixed_bytes<const LENGTH: usize>(value: &Json) -> Option<[u8; LENGTH]> {
    let text = value.as_text()?;
    hex::decode_array(text.strip_prefix("0x").unwrap_or(text))
}

fn access_list_json(list: &AccessList) -> Value {
    let item = |item: &AccessListItem| {
        let keys: Vec<_> =
            item.storage_keys.iter().map(|key| hex::encode_prefixed(key.as_slice())).collect();
        json!({ "address": hex::encode_prefixed(item.address.as_slice()), "storageKeys": keys })
    };
    Value::Array(list.iter().map(item).collect())
}
