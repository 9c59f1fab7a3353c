//! MultiversX's gateway: the network's rules, nonces, what a transaction costs.
//! <https://docs.multiversx.com/sdk-and-tools/rest-api/rest-api>

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use kms_core::{ChainId, Network};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Answer, read_json},
    server::Shared,
};

const EGLD: ChainId = ChainId::new("EGLD");

const GAS_LEAST: u64 = 50_000;
const GAS_OF_BYTE: u64 = 1_500;
/// The additional gas for moving a token.
const GAS_OF_CALL: u64 = 200_000;

pub(super) fn open() -> Router<Shared> {
    Router::new()
        .route("/v3/egld/node/{key}/network/config", get(config))
        .route("/v3/egld/node/{key}/address/{address}/nonce", get(nonce))
        .route("/v3/egld/node/{key}/transaction/cost", post(cost))
}

async fn config(State(shared): State<Shared>) -> answer::Result {
    let chain_id = match shared.ledger().network(EGLD) {
        Network::Mainnet => "1",
        Network::Testnet => "D",
    };
    success(json!({ "config": {
        "erd_chain_id": chain_id,
        "erd_denomination": 18,
        "erd_gas_per_data_byte": GAS_OF_BYTE,
        "erd_max_gas_per_transaction": 600_000_000,
        "erd_min_gas_limit": GAS_LEAST,
        "erd_min_gas_price": 1_000_000_000,
        "erd_min_transaction_version": 1,
    } }))
}

async fn nonce(
    State(shared): State<Shared>,
    Path((_, address)): Path<(String, String)>,
) -> answer::Result {
    success(json!({ "nonce": shared.ledger().next_nonce(EGLD, &address) }))
}

#[derive(Deserialize)]
struct Call {
    /// In base64.
    #[serde(default)]
    data: String,
}

async fn cost(body: Bytes) -> answer::Result {
    let call: Call = read_json(&body)?;
    let bytes = data_encoding::BASE64.decode(call.data.as_bytes()).unwrap_or_default();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let call = if bytes.contains(&b'@') { GAS_OF_CALL } else { 0 };
    let units = GAS_LEAST.saturating_add(length.saturating_mul(GAS_OF_BYTE)).saturating_add(call);
    success(json!({ "txGasUnits": units, "returnMessage": "", "smartContractResults": null }))
}

fn success(data: Value) -> answer::Result {
    Ok(Answer::ok(json!({ "data": data, "error": "", "code": "successful" })))
}
