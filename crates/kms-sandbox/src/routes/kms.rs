//! Pending transactions, as the daemon asks for them and reports on them.

use std::collections::{HashMap, HashSet};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    answer::{self, Answer, ApiError, read_json},
    chains,
    faults::Fault,
    limits::{REPORTS_MAX, SIGNATURE_IDS_MAX},
    server::Shared,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v3/kms/pending/{chain}", post(pending))
        .route("/v3/kms/{id}", get(show).delete(delete))
        .route("/v3/kms/{id}/{txid}", put(complete))
        .route("/v3/tatum/kms/batch", post(report))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PendingQuery {
    signature_ids: Vec<String>,
}

async fn pending(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    body: Bytes,
) -> answer::Result {
    let (_, coin) = chains::find(&code).ok_or_else(|| {
        ApiError::invalid(format!(
            "chain must be one of the following values: {}",
            chains::known_codes()
        ))
    })?;
    let PendingQuery { signature_ids } = read_json(&body)?;
    if signature_ids.len() > SIGNATURE_IDS_MAX {
        return Err(ApiError::invalid(format!(
            "signatureIds must contain no more than {SIGNATURE_IDS_MAX} elements"
        )));
    }
    let wallets: HashSet<&str> = signature_ids.iter().map(String::as_str).collect();
    let with_failed = shared.faults().strikes(Fault::FailedListed);
    let found = shared.ledger().pending(coin.id, &wallets, with_failed);
    Ok(Answer::ok(Value::Array(found)))
}

async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> answer::Result {
    let ledger = shared.ledger();
    let entry = ledger.find(&id).ok_or_else(ApiError::unknown)?;
    let mut object = entry.sample.pending().clone();
    if let Some(txid) = &entry.told.txid {
        object.insert("txId".into(), Value::String(txid.clone()));
    }
    Ok(Answer::ok(Value::Object(object)))
}

async fn complete(
    State(shared): State<Shared>,
    Path((id, txid)): Path<(String, String)>,
) -> answer::Result {
    if shared.ledger().complete(&id, &txid) {
        Ok(Answer::NoContent)
    } else {
        Err(ApiError::unknown())
    }
}

async fn delete(State(shared): State<Shared>, Path(id): Path<String>) -> answer::Result {
    if shared.ledger().delete(&id) { Ok(Answer::NoContent) } else { Err(ApiError::unknown()) }
}

#[derive(Deserialize)]
struct Report {
    errors: Vec<ReportedError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportedError {
    signature_id: String,
    error: String,
}

/// Ids that are not known are passed over, as the report has no answer an id.
async fn report(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let Report { errors } = read_json(&body)?;
    if errors.len() > REPORTS_MAX {
        return Err(ApiError::invalid(format!(
            "errors must contain no more than {REPORTS_MAX} elements"
        )));
    }
    let errors: HashMap<_, _> =
        errors.into_iter().map(|one| (one.signature_id, one.error)).collect();
    shared.ledger().report(&errors);
    Ok(Answer::NoContent)
}
