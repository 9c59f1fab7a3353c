//! Solana's node: returns blockhashes, accepts transactions, and reports those that it accepted.
//! <https://solana.com/docs/rpc>

use axum::{Router, body::Bytes, extract::State, routing::post};
use kms_core::ChainId;
use serde_json::{Value, json};

use super::verify::read_submitted;
use crate::{
    answer::{self, read_json},
    faults::Fault,
    rpc::{INVALID_PARAMS, METHOD_NOT_FOUND, RpcRequest, RpcResult, respond},
    server::Shared,
    verify::Rejection,
};

const PATH: &str = "/v3/blockchain/node/SOL/{key}";

const SOL: ChainId = ChainId::new("SOL");

/// The node's own error codes.
/// <https://github.com/anza-xyz/agave/blob/master/rpc-client-api/src/custom_error.rs>
const SIMULATION_FAILED: i32 = -32002;
const SIGNATURE_FAILED: i32 = -32003;
const UNSUPPORTED_VERSION: i32 = -32015;

const SLOT: u64 = 231_735_012;
/// Blocks for which a blockhash counts.
const BLOCKS: u64 = 150;

pub(super) fn open() -> Router<Shared> {
    Router::new().route(PATH, post(rpc))
}

async fn rpc(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let request: RpcRequest = read_json(&body)?;
    let params = request.params.as_slice();
    let result = match request.method.as_deref() {
        Some("getLatestBlockhash") => latest_blockhash(),
        Some("sendTransaction") => send(&shared, params),
        Some("getTransaction") => transaction(&shared, params),
        Some("getSignatureStatuses") => statuses(&shared, params),
        _ => Err((METHOD_NOT_FOUND, "the sandbox's node does not know this method")),
    };
    respond(&request.id, result)
}

/// Another one each time, as on a chain that makes blocks faster than anybody asks.
fn latest_blockhash() -> RpcResult {
    let mut hash = [0; 32];
    getrandom::fill(&mut hash).map_err(|_| (INVALID_PARAMS, "no random bytes for a blockhash"))?;
    Ok(json!({
        "context": { "slot": SLOT },
        "value": {
            "blockhash": bs58::encode(hash).into_string(),
            "lastValidBlockHeight": SLOT.saturating_add(BLOCKS),
        },
    }))
}

fn send(shared: &Shared, params: &[Value]) -> RpcResult {
    let raw = params.first().and_then(Value::as_str);
    let raw = raw.ok_or((INVALID_PARAMS, "the first parameter is not a transaction"))?;
    if params.get(1).and_then(|options| options.get("encoding")) != Some(&json!("base64")) {
        return Err((INVALID_PARAMS, "the sandbox's node accepts only base64"));
    }
    let submitted = read_submitted(raw).map_err(|rejection| match rejection {
        Rejection::Signature(_) => (SIGNATURE_FAILED, "Transaction signature verification failure"),
        _ => (
            INVALID_PARAMS,
            "failed to deserialize solana_transaction::versioned::VersionedTransaction",
        ),
    })?;
    let mut ledger = shared.ledger();
    if ledger.submitted(SOL, &submitted.txid).is_some() {
        let problem = "Transaction simulation failed: This transaction has already been processed";
        return Err((SIMULATION_FAILED, problem));
    }
    if ledger.submit(SOL, submitted.txid.clone(), raw.to_owned()) {
        Ok(json!(submitted.txid))
    } else {
        Err((INVALID_PARAMS, "the sandbox is full: delete its transactions first"))
    }
}

fn transaction(shared: &Shared, params: &[Value]) -> RpcResult {
    let id = params.first().and_then(Value::as_str);
    let id = id.ok_or((INVALID_PARAMS, "the first parameter is not an id"))?;
    let Some(raw) = shared.ledger().submitted(SOL, id).map(str::to_owned) else {
        return Ok(Value::Null);
    };
    if shared.faults().strikes(Fault::Forgotten) {
        return Ok(Value::Null);
    }
    let version = params.get(1).and_then(|options| options.get("maxSupportedTransactionVersion"));
    let is_version_0 = read_submitted(&raw).is_ok_and(|submitted| submitted.is_version_0);
    if is_version_0 && version != Some(&json!(0)) {
        let problem = "Transaction version (0) is not supported by the requesting client";
        return Err((UNSUPPORTED_VERSION, problem));
    }
    Ok(json!({
        "slot": SLOT.saturating_add(3),
        "meta": { "err": null, "fee": 5000, "status": { "Ok": null } },
        "transaction": [raw, "base64"],
    }))
}

fn statuses(shared: &Shared, params: &[Value]) -> RpcResult {
    let ids = params.first().and_then(Value::as_array);
    let ids = ids.ok_or((INVALID_PARAMS, "the first parameter is not a list of ids"))?;
    let status = |id: &Value| {
        let is_there = shared.ledger().submitted(SOL, id.as_str().unwrap_or_default()).is_some();
        if !is_there || shared.faults().strikes(Fault::Forgotten) {
            return Value::Null;
        }
        json!({
            "slot": SLOT.saturating_add(3), "confirmations": null, "err": null,
            "status": { "Ok": null }, "confirmationStatus": "finalized",
        })
    };
    let value: Vec<_> = ids.iter().map(status).collect();
    Ok(json!({ "context": { "slot": SLOT.saturating_add(BLOCKS) }, "value": value }))
}
