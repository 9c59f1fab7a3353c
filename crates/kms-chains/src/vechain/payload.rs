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
    pub(super) fees: Fees,
    /// True if another account pays the fee, with a signature of its own (VIP-191).
    pub(super) is_sponsored: bool,
    pub(super) depends_on: Option<[u8; 32]>,
    /// Given to the node for its estimate, which then replaces it.
    pub(super) gas: Option<u64>,
    pub(super) gas_price: Option<U256>,
}

/// The price of gas, in the two ways of the network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fees {
    /// The network's base price, and up to as much again: 255 of the coefficient double it.
    Legacy { gas_price_coef: u8 },
    /// The tip for the block's maker, and the most that a unit of gas may cost with it (VIP-251).
    Dynamic { most_priority: U256, most: U256 },
}

impl Fees {
    fn read(object: &Object) -> Result<Self, DecodeError> {
        let dynamic = |name| match object.get(name).filter(|value| !is_blank(value)) {
            None => Ok(None),
            Some(value) => quantity::read(name, value).map(Some),
        };
        let (most, most_priority) = match (dynamic(MOST)?, dynamic(MOST_PRIORITY)?) {
            (None, None) => {
                let coef = read_bits(object, "gasPriceCoef", 8)?;
                let gas_price_coef = coef.and_then(|coef| u8::try_from(coef).ok()).unwrap_or(0);
                return Ok(Self::Legacy { gas_price_coef });
            }
            (None, Some(_)) => return Err(DecodeError::Missing(MOST)),
            (Some(_), None) => return Err(DecodeError::Missing(MOST_PRIORITY)),
            (Some(most), Some(most_priority)) => (most, most_priority),
        };
        let legacy = ["gasPriceCoef", "gasPrice"];
        if let Some(name) = legacy.into_iter().find(|name| object.get(name).is_some()) {
            let problem = "cannot be used together with `maxFeePerGas`";
            return Err(DecodeError::field(name, problem));
        }
        if most_priority > most {
            return Err(DecodeError::field(MOST_PRIORITY, "is above `maxFeePerGas`"));
        }
        Ok(Self::Dynamic { most_priority, most })
    }
}

const MOST: &str = "maxFeePerGas";
const MOST_PRIORITY: &str = "maxPriorityFeePerGas";
/// The only feature that a transaction can have: another account pays its fee (VIP-191).
const SPONSORED: U256 = U256::ONE;

/// Reads whether another account pays the fee. The network takes no other feature, and nothing in
/// the slots behind them. <https://github.com/vechain/thor/blob/master/tx/transaction.go>
fn read_reserved(object: &Object) -> Result<bool, DecodeError> {
    let Some(value) = object.get("reserved").filter(|value| !is_blank(value)) else {
        return Ok(false);
    };
    let reserved = value.as_object();
    let reserved = reserved.ok_or_else(|| DecodeError::field("reserved", "is not an object"))?;
    let is_empty = |value: &Json| value.as_list().is_some_and(<[Json]>::is_empty);
    if reserved.get("unused").is_some_and(|unused| !is_blank(unused) && !is_empty(unused)) {
        let problem = "is not empty, and no network takes that";
        return Err(DecodeError::field("reserved.unused", problem));
    }
    let features = reserved.get("features").filter(|value| !is_blank(value));
    match features.map(|value| quantity::read("reserved.features", value)).transpose()? {
        None | Some(U256::ZERO) => Ok(false),
        Some(SPONSORED) => Ok(true),
        Some(_) => Err(DecodeError::field(
            "reserved.features",
            "is neither 0 nor 1, and no network knows another feature",
        )),
    }
}

fn is_blank(value: &Json) -> bool {
    value.as_text() == Some("")
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
        fees: Fees::read(&object)?,
        is_sponsored: read_reserved(&object)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(members: &str) -> Result<Payload, String> {
        let text = format!(r#"{{"to":"0x{}","value":"1"{members}}}"#, "11".repeat(20));
        read(&text, &ChainOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn fees_are_of_one_kind() {
        let dynamic = r#","maxFeePerGas":"0x10","maxPriorityFeePerGas":2"#;
        let fees = Fees::Dynamic { most_priority: U256::from(2), most: U256::from(16) };
        assert_eq!(ask(dynamic).unwrap().fees, fees);
        assert_eq!(ask("").unwrap().fees, Fees::Legacy { gas_price_coef: 0 });
        for (members, problem) in [
            (format!(r#"{dynamic},"gasPriceCoef":0"#), "`gasPriceCoef`: cannot be used together"),
            (format!(r#"{dynamic},"gasPrice":"1""#), "`gasPrice`: cannot be used together"),
            (String::from(r#","maxFeePerGas":1"#), "`maxPriorityFeePerGas` is missing"),
            (String::from(r#","maxPriorityFeePerGas":1"#), "`maxFeePerGas` is missing"),
            (
                String::from(r#","maxFeePerGas":1,"maxPriorityFeePerGas":2"#),
                "`maxPriorityFeePerGas`: is above",
            ),
            (
                String::from(r#","maxFeePerGas":-1,"maxPriorityFeePerGas":0"#),
                "`maxFeePerGas`: is negative",
            ),
        ] {
            let error = ask(&members).unwrap_err();
            assert!(error.contains(problem), "{members}: {error}");
        }
    }

    #[test]
    fn a_sponsor_is_the_only_feature() {
        for (members, is_sponsored) in [
            ("", false),
            (r#","reserved":null"#, false),
            (r#","reserved":{}"#, false),
            (r#","reserved":{"features":0,"unused":[]}"#, false),
            (r#","reserved":{"features":1}"#, true),
            (r#","reserved":{"features":"0x1","unused":null}"#, true),
        ] {
            assert_eq!(ask(members).unwrap().is_sponsored, is_sponsored, "{members}");
        }
        for (members, problem) in [
            (r#","reserved":1"#, "`reserved`: is not an object"),
            (r#","reserved":{"features":2}"#, "`reserved.features`: is neither 0 nor 1"),
            (r#","reserved":{"features":3}"#, "`reserved.features`: is neither 0 nor 1"),
            (r#","reserved":{"features":true}"#, "`reserved.features`: is not a number"),
            (r#","reserved":{"unused":["0x01"]}"#, "`reserved.unused`: is not empty"),
            (r#","reserved":{"unused":{"0":1}}"#, "`reserved.unused`: is not empty"),
            (r#","reserved":{"features":1,"gasPayer":"0x"}"#, "`reserved.gasPayer`"),
        ] {
            let error = ask(members).unwrap_err();
            assert!(error.contains(problem), "{members}: {error}");
        }
    }
}
