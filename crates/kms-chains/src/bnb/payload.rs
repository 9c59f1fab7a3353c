//! The payload: a transfer as the SDK encodes it, and once more as it is signed.

use kms_core::{ChainOptions, DecodeError, Network};
use serde_json::{Value, json};

use super::{
    BNB,
    address::{self, KeyHash},
};
use crate::codec::{
    json::{self, Json, Object},
    members, quantity,
};

const AMINO_PREFIX: &str = "2A2C87FA";
/// Entries of inputs, outputs or coins, at most.
const LIST_MAX: usize = 500;

#[derive(Debug)]
pub(super) struct Payload {
    pub(super) inputs: Vec<Share>,
    pub(super) outputs: Vec<Share>,
    pub(super) memo: String,
}

/// The amount that one address pays or receives.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) address: KeyHash,
    pub(super) coins: Vec<Coin>,
}

#[derive(Debug)]
pub(super) struct Coin {
    pub(super) denomination: String,
    /// In base units.
    pub(super) amount: u64,
}

/// # Errors
/// When a member is missing or is not what it should be, or the two forms differ.
pub(super) fn read(
    network: Network,
    text: &str,
    options: &ChainOptions,
) -> Result<Payload, DecodeError> {
    let object = json::parse_object(text)?;
    let message = member(&object, "msg")?;
    if message.get("aminoPrefix").and_then(Json::as_text) != Some(AMINO_PREFIX) {
        return Err(DecodeError::Unsupported("messages other than transfers".into()));
    }
    let memo = match object.get("memo") {
        None => String::new(),
        Some(Json::Text(memo)) => memo.clone(),
        Some(_) => return Err(DecodeError::field("memo", "is not text")),
    };
    let payload =
        Payload { inputs: shares(message, "inputs")?, outputs: shares(message, "outputs")?, memo };
    let signed = object.get("signMsg").ok_or(DecodeError::Missing("signMsg"))?;
    signed.mark_read();
    let signed: Value = serde_json::from_str(&signed.to_compact_text()).unwrap_or_default();
    if signed != payload.to_json(network) {
        return Err(DecodeError::field("signMsg", "differs from msg"));
    }
    members::check_all_read(&object, &BNB, options)?;
    Ok(payload)
}

fn member<'a>(object: &'a Object, name: &'static str) -> Result<&'a Object, DecodeError> {
    object.get(name).and_then(Json::as_object).ok_or(DecodeError::Missing(name))
}

fn list<'a>(object: &'a Object, name: &'static str) -> Result<&'a [Json], DecodeError> {
    let list = object.get(name).and_then(Json::as_list);
    let list = list.filter(|list| (1..=LIST_MAX).contains(&list.len()));
    list.ok_or_else(|| DecodeError::field(name, "is not a list of 1 to 500 entries"))
}

fn shares(message: &Object, name: &'static str) -> Result<Vec<Share>, DecodeError> {
    let share = |entry: &Json| {
        let entry = entry.as_object().ok_or_else(|| {
            DecodeError::field(
                name,
                "has an element that is not \
                                                                      an object",
            )
        })?;
        let address = member(entry, "address")?;
        Ok(Share { address: bytes(address)?, coins: coins(entry)? })
    };
    list(message, name)?.iter().map(share).collect()
}

/// A buffer of Node's: `{"type": "Buffer", "data": […]}`.
fn bytes(buffer: &Object) -> Result<KeyHash, DecodeError> {
    let byte = |value: &Json| match value {
        Json::Number(literal) => literal.parse().ok(),
        _ => None,
    };
    let is_buffer = buffer.get("type").is_none_or(|kind| kind.as_text() == Some("Buffer"));
    let data = buffer.get("data").and_then(Json::as_list).filter(|_| is_buffer);
    let data =
        data.and_then(|data| data.iter().take(LIST_MAX).map(byte).collect::<Option<Vec<u8>>>());
    let hash = data.and_then(|data| data.try_into().ok());
    hash.ok_or_else(|| DecodeError::field("address", "is not 20 bytes"))
}

fn coins(entry: &Object) -> Result<Vec<Coin>, DecodeError> {
    let coin = |coin: &Json| {
        let coin = coin.as_object().ok_or_else(|| {
            DecodeError::field(
                "coins",
                "has an element that is not \
                                                                        an object",
            )
        })?;
        let denomination = coin.get("denom").and_then(Json::as_text);
        let amount = coin.get("amount").filter(|amount| matches!(amount, Json::Number(_)));
        let amount = amount.ok_or_else(|| DecodeError::field("amount", "is not a number"))?;
        Ok(Coin {
            denomination: denomination.ok_or(DecodeError::Missing("denom"))?.to_owned(),
            amount: quantity::read_u64("amount", amount)?,
        })
    };
    list(entry, "coins")?.iter().map(coin).collect()
}

impl Payload {
    /// The signed JSON: addresses spelled out, members sorted.
    pub(super) fn to_json(&self, network: Network) -> Value {
        let coin = |coin: &Coin| json!({ "amount": coin.amount, "denom": coin.denomination });
        let share = |share: &Share| {
            json!({
                "address": address::spell(network, &share.address),
                "coins": share.coins.iter().map(coin).collect::<Vec<_>>(),
            })
        };
        json!({
            "inputs": self.inputs.iter().map(share).collect::<Vec<_>>(),
            "outputs": self.outputs.iter().map(share).collect::<Vec<_>>(),
        })
    }
}
