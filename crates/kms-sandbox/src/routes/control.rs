//! The sandbox's own routes: what to offer, and what became of it.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    answer::{self, Answer, ApiError},
    ledger::{self, TransactionState},
    offer::{OfferError, Sample},
    server::Shared,
};

const HELP: &str = "\
The sandbox of tatum-kms: an embedded Tatum API. Nothing here reaches a blockchain.

Point the daemon here:
  TATUM_API_URL=http://127.0.0.1:<port>
  TATUM_KMS_NODE_URL_MATIC=http://127.0.0.1:<port>
  TATUM_API_KEY=<anything>

Offer a transaction, and name the expected signers:
  POST /sandbox/transactions
  {\"pending\": {\"chain\": \"ETH\", \"hashes\": [\"<signatureId>\"], \"index\": 0,
               \"serializedTransaction\": \"{\\\"to\\\": \\\"0x...\\\", \\\"value\\\": \\\"1\\\"}\"},
   \"expect\": {\"network\": \"testnet\", \"signers\": [{\"address\": \"0x...\"}]}}

Show its state (pending, broadcast, verified, rejected, failed):
  GET /sandbox/transactions
  GET /sandbox/transactions/<id>

Give the daemon a four-eye endpoint, which approves offered transactions and denies all others:
  --externalUrl http://127.0.0.1:<port>/sandbox/four-eyes

Inject faults, in per mille of the requests, and show their effects:
  PUT /sandbox/faults
  {\"seed\": 1, \"perMille\": {\"lostAnswer\": 50, \"errorBefore\": 20}, \"hangMs\": 2000}
  GET /sandbox/faults
  GET /sandbox/broadcasts
  DELETE /sandbox/faults

Delete all transactions:
  DELETE /sandbox/transactions
";

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(|| async { Answer::Text(HELP) }))
        .route("/sandbox/transactions", post(offer).get(list).delete(clear))
        .route("/sandbox/transactions/{id}", get(show))
        .route("/sandbox/four-eyes/{id}", get(approve).post(approve))
}

/// A four-eye endpoint that approves what was offered here, and nothing else.
async fn approve(State(shared): State<Shared>, Path(id): Path<String>) -> answer::Result {
    match shared.ledger().find(&id) {
        Some(_) => Ok(Answer::Json(StatusCode::OK, json!({ "approved": true }))),
        None => Err(ApiError::unknown()),
    }
}

async fn offer(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let sample = Sample::from_json(&body).map_err(|error| refuse(&error))?;
    let mut ledger = shared.ledger();
    let id = ledger.offer(sample).map_err(|error| refuse(&error))?;
    let entry = ledger.find(id.as_str()).ok_or_else(ApiError::unknown)?;
    Ok(Answer::Json(StatusCode::CREATED, tell(&entry.told)))
}

fn refuse(error: &OfferError) -> ApiError {
    let (status, code) = match error {
        OfferError::Json(_)
        | OfferError::Missing(_)
        | OfferError::Field { .. }
        | OfferError::NoSigner => (StatusCode::BAD_REQUEST, "validation.failed"),
        OfferError::Duplicate(_) => (StatusCode::CONFLICT, "tx.exists"),
        OfferError::Full => (StatusCode::INSUFFICIENT_STORAGE, "sandbox.full"),
        OfferError::Random(_) => (StatusCode::INTERNAL_SERVER_ERROR, "sandbox.failed"),
    };
    ApiError::new(status, code, error.to_string())
}

async fn list(State(shared): State<Shared>) -> answer::Result {
    let states = shared.ledger().states();
    Ok(Answer::ok(json!({ "transactions": states.iter().map(tell).collect::<Vec<_>>() })))
}

async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> answer::Result {
    let ledger = shared.ledger();
    let entry = ledger.find(&id).ok_or_else(ApiError::unknown)?;
    Ok(Answer::ok(tell(&entry.told)))
}

async fn clear(State(shared): State<Shared>) -> answer::Result {
    shared.ledger().clear();
    Ok(Answer::NoContent)
}

fn tell(told: &TransactionState) -> Value {
    let (state, reason) = match &told.state {
        ledger::State::Pending => ("pending", None),
        ledger::State::Broadcast => ("broadcast", None),
        ledger::State::Verified => ("verified", None),
        ledger::State::Rejected(reason) => ("rejected", Some(reason)),
        ledger::State::Failed(reason) => ("failed", Some(reason)),
    };
    json!({
        "id": told.id.as_str(),
        "chain": told.chain.as_str(),
        "state": state,
        "reason": reason,
        "txId": told.txid,
        "raw": told.raw,
        "reports": told.reports,
    })
}
