//! The sandbox's own routes for faults and for what must not happen whatever they are.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    routing::{get, put},
};
use serde_json::{Map, Value, json};

use crate::{
    answer::{self, Answer, read_json},
    faults::Faults,
    server::Shared,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sandbox/faults", put(set).get(show).delete(clear))
        .route("/sandbox/broadcasts", get(broadcasts))
}

async fn set(State(shared): State<Shared>, body: Bytes) -> answer::Result {
    let faults: Faults = read_json(&body)?;
    shared.faults().set(faults);
    Ok(Answer::NoContent)
}

async fn clear(State(shared): State<Shared>) -> answer::Result {
    shared.faults().clear();
    Ok(Answer::NoContent)
}

async fn show(State(shared): State<Shared>) -> answer::Result {
    let state = shared.faults();
    Ok(Answer::ok(json!({
        "faults": state.faults(),
        "requests": state.requests(),
        "counts": state.counts(),
    })))
}

async fn broadcasts(State(shared): State<Shared>) -> answer::Result {
    let ledger = shared.ledger();
    let log = ledger.broadcasts();
    let one = |(id, own): (&String, &crate::Broadcasts)| {
        let raws = own.raws.iter().map(|(raw, count)| json!({ "raw": raw, "count": count }));
        let raws: Vec<_> = raws.collect();
        (id.clone(), json!({ "chain": own.chain.as_str(), "raws": raws }))
    };
    let violations: Vec<_> = log.violations().iter().map(ToString::to_string).collect();
    let unclaimed = ledger.unclaimed();
    let unclaimed =
        unclaimed.iter().map(|(chain, txid)| json!({ "chain": chain.as_str(), "txId": txid }));
    Ok(Answer::ok(json!({
        "broadcasts": log.by_id().iter().map(one).collect::<Map<String, Value>>(),
        "uses": log.users(),
        "violations": violations,
        "unclaimed": unclaimed.collect::<Vec<_>>(),
    })))
}
