//! The routes that receive signed transactions and verify them.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use kms_core::ChainId;
use serde::Deserialize;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::{
    answer::{self, Answer, ApiError, read_json},
    chains::{self, Coin},
    faults::Fault,
    ledger::{Refused, Settled},
    offer::Sample,
    server::Shared,
    verify::{self, Case},
};

pub(super) fn routes() -> Router<Shared> {
    let routes = Router::new().route("/v3/offchain/withdrawal/broadcast", post(withdrawal));
    chains::all().fold(routes, |routes, (_, coin)| {
        let path = format!("/v3/{}/broadcast", coin.path);
        let on_chain = move |State(shared), body| on_chain(shared, coin, body);
        routes.route(&path, post(on_chain))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnChain {
    tx_data: String,
    signature_id: Option<String>,
    /// On Flow: an API key's reservation that is no longer needed.
    proposal_key: Option<u64>,
}

async fn on_chain(shared: Shared, coin: &'static Coin, body: Bytes) -> answer::Result {
    let OnChain { tx_data, signature_id, proposal_key } = read_json(&body)?;
    if signature_id.is_none() && proposal_key.is_some() {
        return Ok(Answer::ok(json!({ "txId": tx_data })));
    }
    let id = signature_id.ok_or_else(|| {
        ApiError::invalid(
            "signatureId is missing: it is the id of the pending \
                                          transaction",
        )
    })?;
    let sample = find(&shared, coin.id, &id)?;
    if sample.withdrawal().is_some() {
        return Err(ApiError::invalid(
            "this transaction settles a withdrawal: broadcast it with \
             /v3/offchain/withdrawal/broadcast",
        ));
    }
    let txid = judge(&shared, sample, id, tx_data).await?;
    Ok(Answer::ok(json!({ "txId": txid })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Withdrawal {
    currency: String,
    signature_id: String,
    withdrawal_id: String,
    tx_data: String,
}

async fn withdrawal(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let Withdrawal { currency, signature_id, withdrawal_id, tx_data } = read_json(&body)?;
    let (_, coin) = chains::find(&currency)
        .ok_or_else(|| ApiError::invalid("currency is not the code of a chain"))?;
    let sample = find(&shared, coin.id, &signature_id)?;
    if sample.withdrawal() != Some(withdrawal_id.as_str()) {
        return Err(ApiError::invalid("withdrawalId is not that of the pending transaction"));
    }
    let txid = judge(&shared, sample, signature_id, tx_data).await?;
    Ok(Answer::ok(json!({ "txId": txid, "completed": true })))
}

fn find(shared: &Shared, chain: ChainId, id: &str) -> Result<Arc<Sample>, ApiError> {
    let ledger = shared.ledger();
    let entry = ledger.find(id).ok_or_else(ApiError::unknown)?;
    if entry.told.chain == chain {
        Ok(Arc::clone(&entry.sample))
    } else {
        Err(ApiError::invalid(format!(
            "the pending transaction is for {}, not {chain}",
            entry.told.chain
        )))
    }
}

/// Checking signatures takes time, so it is done off the threads that answer.
async fn judge(
    shared: &Shared,
    sample: Arc<Sample>,
    id: String,
    raw: String,
) -> Result<String, ApiError> {
    let (coin, known) = (sample.coin(), sample.chain().already_known);
    let raw = shared.ledger().submitted(coin.id, &raw).map_or(raw.clone(), str::to_owned);
    let judged = spawn_blocking(move || {
        let verdict = verify::verify(&Case { sample: &sample, raw: &raw });
        (raw, verdict)
    });
    let (raw, verdict) = judged.await.map_err(|_| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "sandbox.failed", "the verifier stopped")
    })?;
    let settled = shared.ledger().settle(&id, raw, verdict);
    let failed = |problem: String| {
        let code = format!("{}.broadcast.failed", coin.path);
        let message = format!("unable to broadcast transaction: {problem}");
        ApiError::new(StatusCode::FORBIDDEN, code, message)
    };
    match settled {
        Ok(Settled { is_repeat: true, .. })
            if !known.is_empty() && shared.faults().strikes(Fault::AlreadyKnown) =>
        {
            let words = known.get(shared.faults().choose(known.len()));
            Err(failed(words.copied().unwrap_or_default().to_owned()))
        }
        Ok(Settled { txid, .. }) => Ok(txid),
        Err(Refused::Unknown) => Err(ApiError::unknown()),
        Err(refused) => Err(failed(refused.to_string())),
    }
}
