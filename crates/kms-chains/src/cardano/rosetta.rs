//! Requests to the API's Rosetta node, and its answers.
//! <https://docs.cloud.coinbase.com/rosetta/docs/construction-api-overview>

use kms_core::{ByNetwork, Network, NodeCall, ResolveError};
use serde_json::{Map, Value, json};

use super::{
    body::{Body, TRANSACTION_MAX_BYTES},
    cbor::{self, Reader},
};
use crate::codec::hex;

/// Slots, which last a second, that the node is asked to give the transaction.
const RELATIVE_TTL: u64 = 1_000;
const NODE: ByNetwork<&str> = ByNetwork {
    mainnet: "/v3/blockchain/node/cardano-mainnet",
    testnet: "/v3/blockchain/node/cardano-preprod",
};
const NAME: ByNetwork<&str> = ByNetwork { mainnet: "mainnet", testnet: "preprod" };
/// The transaction twice in hexadecimal, and as much again for what the node keeps beside it.
const ANSWER_MAX_CHARS: usize = 8 * TRANSACTION_MAX_BYTES;

const PREPROCESS: &str = "construction/preprocess";
const METADATA: &str = "construction/metadata";
const PAYLOADS: &str = "construction/payloads";

pub(super) fn preprocess(network: Network, operations: &Value) -> NodeCall {
    let mut body = Map::new();
    body.insert("operations".into(), operations.clone());
    body.insert("metadata".into(), json!({ "relative_ttl": RELATIVE_TTL }));
    call(network, PREPROCESS, body)
}

pub(super) fn metadata(network: Network, preprocessed: &Map<String, Value>) -> NodeCall {
    call(network, METADATA, preprocessed.clone())
}

pub(super) fn payloads(
    network: Network,
    operations: &Value,
    metadata: &Map<String, Value>,
) -> NodeCall {
    let mut body = metadata.clone();
    body.insert("operations".into(), operations.clone());
    call(network, PAYLOADS, body)
}

fn call(network: Network, resource: &str, mut body: Map<String, Value>) -> NodeCall {
    let identifier = json!({ "blockchain": "cardano", "network": NAME.on(network) });
    body.insert("network_identifier".into(), identifier);
    NodeCall::Proxy {
        path: NODE.on(network),
        resource: format!("/{resource}"),
        body: Some(Value::Object(body)),
    }
}

/// The options for [`metadata`].
///
/// # Errors
/// When the answer has no options.
pub(super) fn read_preprocess(answer: Value) -> Result<Map<String, Value>, ResolveError> {
    match answer {
        Value::Object(members) if members.get("options").is_some_and(Value::is_object) => {
            Ok(members)
        }
        _ => Err(ResolveError::UnexpectedAnswer(PREPROCESS, "it has no options".into())),
    }
}

/// The metadata for [`payloads`], and the last slot in which the transaction is valid.
///
/// # Errors
/// When the answer does not name that slot.
pub(super) fn read_metadata(answer: Value) -> Result<(Map<String, Value>, u64), ResolveError> {
    let slot = match answer.pointer("/metadata/ttl") {
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()
        }
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    // The TTL must lie in the future: beyond the relative TTL that was requested.
    match (answer, slot.filter(|slot| *slot > RELATIVE_TTL)) {
        (Value::Object(members), Some(slot)) => Ok((members, slot)),
        _ => Err(ResolveError::UnexpectedAnswer(METADATA, "its ttl is not in the future".into())),
    }
}

/// The transaction that the node built, and what it wants signed by whom.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) bytes: Vec<u8>,
    pub(super) body: Body,
    /// The node's data beside the transaction, which it gets back unchanged.
    pub(super) beside: Vec<u8>,
    pub(super) asked: Vec<Asked>,
}

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) address: String,
    pub(super) hash: Vec<u8>,
}

impl Built {
    /// # Errors
    /// When the answer is not of the node's form, or its transaction is not a plain payment.
    pub(super) fn read(network: Network, answer: &Value) -> Result<Self, ResolveError> {
        let unexpected =
            |problem: &'static str| ResolveError::UnexpectedAnswer(PAYLOADS, problem.into());
        let digits = answer.get("unsigned_transaction").and_then(Value::as_str);
        let digits = digits.filter(|digits| digits.len() <= ANSWER_MAX_CHARS);
        let whole = digits.and_then(hex::decode);
        let whole = whole.ok_or_else(|| unexpected("it has no unsigned transaction"))?;
        let parts = unwrap(&whole);
        let (bytes, beside) = parts
            .ok_or_else(|| unexpected("its transaction does not have the expected wrapping"))?;
        let body = Some(&bytes).filter(|bytes| bytes.len() <= TRANSACTION_MAX_BYTES);
        let body = body.and_then(|bytes| Body::read(network, bytes));
        let body = body.ok_or_else(|| unexpected("its transaction does more than pay"))?;
        let asked = answer.get("payloads").and_then(Value::as_array);
        let asked = asked.and_then(|list| list.iter().map(Asked::read).collect());
        let asked =
            asked.ok_or_else(|| unexpected("its payloads are not valid signing payloads"))?;
        Ok(Self { bytes, body, beside: beside.to_vec(), asked })
    }
}

impl Asked {
    fn read(payload: &Value) -> Option<Self> {
        let kind = payload.get("signature_type");
        let address = payload.pointer("/account_identifier/address")?.as_str()?;
        let hash = hex::decode(payload.get("hex_bytes")?.as_str()?)?;
        let is_good = kind.is_none_or(|kind| kind == "ed25519");
        is_good.then(|| Self { address: address.to_owned(), hash })
    }
}

/// A list of the transaction in hexadecimal and of operations that the node keeps.
pub(super) fn unwrap(whole: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut reader = Reader::new(whole);
    (reader.list()? == 2).then_some(())?;
    let transaction = hex::decode(reader.text()?)?;
    let beside = reader.rest();
    let is_named = reader.map()? == 1 && reader.text()? == "operations" && reader.is_list();
    is_named.then(|| reader.skip()).flatten()?;
    reader.is_at_end().then_some((transaction, beside))
}

/// The same list with the signed transaction in it.
pub(super) fn wrap(transaction: &[u8], beside: &[u8]) -> String {
    let mut out = Vec::new();
    cbor::write_list(&mut out, 2);
    cbor::write_text(&mut out, &hex::encode(transaction));
    out.extend(beside);
    hex::encode(&out)
}
