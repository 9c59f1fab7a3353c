//! Flow: the API's accounts that propose and pay, and an access node.
//! <https://developers.flow.com/networks/access-onchain-data/access-http-api>

use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::hex;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use cryptoxide::hashing::sha3_256;
use k256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner as _};
use kms_core::ChainId;
use serde::Deserialize;
use serde_json::json;

use super::verify::Transaction;
use crate::{
    answer::{self, Answer, ApiError, read_json},
    server::Shared,
};

const FLOW: ChainId = ChainId::new("FLOW");

const PAYER: &str = "5dfe6b9e73be9941";
const PROPOSER: &str = "bebfc19c4602bb18";
const BLOCK: u64 = 185_402_715;
const KEYS: u64 = 256;

/// Every request for the proposer's keys gets another number, so that none is used twice.
static SEQUENCE: AtomicU64 = AtomicU64::new(1);

/// The routes that need an API key.
pub(super) fn keyed() -> Router<Shared> {
    Router::new()
        .route("/v3/flow/proposal/{isPayer}", get(proposal))
        .route("/v3/flow/sign", post(sign))
}

/// The access node.
pub(super) fn open() -> Router<Shared> {
    Router::new()
        .route("/v1/blocks", get(block))
        .route("/v1/accounts/{address}", get(account))
        .route("/v1/transactions", post(send))
        .route("/v1/transaction_results/{id}", get(result))
}

/// The key of proposer and payer.
fn key() -> Result<SigningKey, ApiError> {
    SigningKey::from_slice(&sha3_256(b"kms-sandbox: the API's key on Flow")).map_err(|_| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "sandbox.failed", "there is no key")
    })
}

async fn proposal(Path(is_payer): Path<String>) -> answer::Result {
    let address = match is_payer.as_str() {
        "true" => PAYER,
        "false" => PROPOSER,
        _ => return Err(ApiError::invalid("isPayer is neither true nor false")),
    };
    let key = SEQUENCE.fetch_add(1, Ordering::Relaxed) % KEYS;
    Ok(Answer::ok(json!({ "address": format!("0x{address}"), "keyId": key })))
}

#[derive(Deserialize)]
struct ToSign {
    data: String,
}

async fn sign(body: Bytes) -> answer::Result {
    let ToSign { data } = read_json(&body)?;
    let message = hex::decode(&data).ok();
    let message = message.filter(|bytes| bytes.starts_with(b"FLOW-V0.0-transaction"));
    let message =
        message.ok_or_else(|| ApiError::invalid("data is not a transaction's message"))?;
    let signature: Result<Signature, _> = key()?.sign_prehash(&sha3_256(&message));
    let signature = signature.map_err(|_| ApiError::invalid("data cannot be signed"))?;
    Ok(Answer::ok(json!({ "signature": hex::encode(signature.to_bytes()) })))
}

async fn block() -> answer::Result {
    let id = hex::encode(sha3_256(b"kms-sandbox: a block of Flow"));
    Ok(Answer::ok(json!([{
        "header": { "id": id, "height": BLOCK.to_string() },
        "payload": { "collection_guarantees": [], "block_seals": [] },
    }])))
}

async fn account(Path(address): Path<String>) -> answer::Result {
    if ![PAYER, PROPOSER].contains(&address.as_str()) {
        return Err(ApiError::invalid("the sandbox's node has only the API's accounts"));
    }
    let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed).to_string();
    let key = |index: u64| json!({ "index": index.to_string(), "sequence_number": sequence, "revoked": false });
    let keys: Vec<_> = (0..KEYS).map(key).collect();
    Ok(Answer::ok(json!({ "address": address, "balance": "100000000", "keys": keys })))
}

async fn send(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let raw = std::str::from_utf8(&body).map_err(|_| ApiError::invalid("it is not text"))?;
    let refused = |problem: String| ApiError::invalid(format!("invalid transaction: {problem}"));
    let transaction = Transaction::read(raw).map_err(|error| refused(error.to_string()))?;
    let checked = transaction.check_roles(key()?.verifying_key());
    checked.map_err(|error| refused(error.to_string()))?;
    let id = transaction.id().ok_or_else(|| refused(String::from("it has no id")))?;
    if shared.ledger().submit(FLOW, id.clone(), raw.to_owned()) {
        Ok(Answer::ok(json!({ "id": id })))
    } else {
        Err(refused(String::from("the sandbox is full: delete its transactions first")))
    }
}

async fn result(State(shared): State<Shared>, Path(id): Path<String>) -> answer::Result {
    let status = match shared.ledger().submitted(FLOW, &id) {
        Some(_) => "Sealed",
        None => "Unknown",
    };
    Ok(Answer::ok(json!({
        "status": status, "status_code": 0, "error_message": "", "events": [],
    })))
}
