//! The full nodes of Bitcoin and its descendants: they give the transactions that were offered
//! together with those that spend them.
//! <https://developer.bitcoin.org/reference/rpc/getrawtransaction.html>

use axum::{Router, body::Bytes, extract::State, routing::post};
use serde_json::Value;

use super::COINS;
use crate::{
    answer::{self, read_json},
    rpc::{INVALID_PARAMS, METHOD_NOT_FOUND, RpcRequest, RpcResult, respond},
    server::Shared,
};

/// Bitcoin Core's `RPC_INVALID_ADDRESS_OR_KEY`.
const UNKNOWN: i32 = -5;

/// The API's routes.
pub(super) fn keyed() -> Router<Shared> {
    COINS.iter().fold(Router::new(), |routes, coin| {
        routes.route(&format!("/v3/{}/node", coin.path), post(rpc))
    })
}

/// For a daemon that is configured to use the sandbox as its node.
pub(super) fn open() -> Router<Shared> {
    Router::new().route("/", post(rpc))
}

async fn rpc(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let request: RpcRequest = read_json(&body)?;
    let result = match request.method.as_deref() {
        Some("getrawtransaction") => raw_transaction(&shared, &request.params),
        _ => Err((METHOD_NOT_FOUND, "the sandbox's node does not know this method")),
    };
    respond(&request.id, result)
}

fn raw_transaction(shared: &Shared, params: &[Value]) -> RpcResult {
    let is_verbose = params.get(1).is_some_and(|verbose| {
        !matches!(verbose.as_u64(), Some(0)) && *verbose != Value::Bool(false)
    });
    if is_verbose {
        return Err((
            INVALID_PARAMS,
            "the sandbox's node returns transactions only in hexadecimal",
        ));
    }
    let txid = params.first().and_then(Value::as_str);
    let txid = txid.ok_or((INVALID_PARAMS, "the first parameter is not a transaction id"))?;
    let raw = shared.ledger().previous(txid);
    raw.map(Value::String).ok_or((
        UNKNOWN,
        "No such mempool or blockchain transaction; offer it in `previous` of the transaction that \
         spends it",
    ))
}
