//! Two outputs of the wallet's own address are spent: a payment, and the change; then the same
//! with a native token.

use kms_core::Network;
use serde_json::{Value, json};

use super::verify::address_of;
use crate::samples::{SampleError, SampleRequest, digest};

/// In lovelace.
const SPENT: [u64; 2] = [12_000_000, 5_000_000];
const PAID: u64 = 7_500_000;
const CHANGE: u64 = 9_300_000;
/// Of a token that the first output spent has.
const TOKENS: u64 = 1_000;
const TOKENS_PAID: u64 = 250;

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let key = request.public_key.as_bytes();
    if key.len() != 32 {
        return Err(SampleError::Key(request.chain));
    }
    let own = address_of(request.network, key);
    let recipient = address_of(request.network, &digest("ADA recipient"));
    let payload = |name: &str, with_tokens: bool| {
        let bundle = |amount: i128| {
            let amount = Some(amount).filter(|_| with_tokens);
            amount.map_or_else(|| json!({}), |amount| json!({ "tokenBundle": [tokens(amount)] }))
        };
        let (all, paid) = (i128::from(TOKENS), i128::from(TOKENS_PAID));
        let [first, second] = SPENT;
        json!([
            input(request.network, name, 0, &own, first, bundle(-all)),
            input(request.network, name, 1, &own, second, json!({})),
            output(2, &recipient, PAID, bundle(paid)),
            output(3, &own, CHANGE, bundle(all.saturating_sub(paid))),
        ])
        .to_string()
    };
    Ok(vec![payload("coins", false), payload("tokens", true)])
}

fn input(
    network: Network,
    name: &str,
    place: u64,
    address: &str,
    lovelace: u64,
    metadata: Value,
) -> Value {
    let spent = digest(&format!("ADA {network} {name} {place} of {address}"));
    let identifier = format!("{}:{place}", alloy_primitives::hex::encode(spent));
    let mut operation = operation(place, "input", address, &format!("-{lovelace}"), metadata);
    let spent = json!({
        "coin_identifier": { "identifier": identifier },
        "coin_action": "coin_created",
    });
    if let Some(members) = operation.as_object_mut() {
        members.insert("coin_change".into(), spent);
    }
    operation
}

fn output(place: u64, address: &str, lovelace: u64, metadata: Value) -> Value {
    operation(place, "output", address, &lovelace.to_string(), metadata)
}

fn operation(place: u64, kind: &str, address: &str, value: &str, metadata: Value) -> Value {
    json!({
        "operation_identifier": { "index": place, "network_index": 0 },
        "related_operations": [],
        "type": kind,
        "status": "success",
        "account": { "address": address, "metadata": {} },
        "amount": { "value": value, "currency": { "symbol": "ADA", "decimals": 6 } },
        "metadata": metadata,
    })
}

fn tokens(amount: i128) -> Value {
    let [policy, name] = ["ADA policy", "ADA token"].map(|seed| {
        let hash = digest(seed);
        alloy_primitives::hex::encode(hash.get(..28).unwrap_or_default())
    });
    let currency = json!({ "symbol": name, "decimals": 0 });
    json!({ "policyId": policy, "tokens": [{ "value": amount.to_string(), "currency": currency }] })
}
