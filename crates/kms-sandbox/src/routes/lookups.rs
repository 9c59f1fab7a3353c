//! The routes that a daemon asks before it signs: nonces, gas, prices, chain ids.

mod bnb;
mod cardano;
mod flow;
mod full_node;
mod multiversx;
mod solana;
mod vechain;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Answer, ApiError, read_json},
    faults::Fault,
    nodes::{self, BASE_FEE, NODES, Node},
    server::Shared,
    verify::{account_of, tell_evm},
};

/// JSON-RPC's own error codes.
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
/// geth's for whatever else there is.
const SERVER_ERROR: i32 = -32000;

/// Payments of a chain after which a daemon knows what a usual fee is.
const USUAL_AFTER: usize = 6;
/// The factor of a price spike.
const SPIKE: u64 = 1000;
/// Blocks on top of whatever was accepted.
const DEPTH: u64 = 10_000;

/// The number of the block that nodes say is the latest.
const BLOCK: u64 = 21_732_850;

/// The API's proxies of nodes, and what is not the API's: Polygon's gas station, the nodes of
/// VeChain and of the Beacon Chain.
pub(super) fn proxies() -> Router<Shared> {
    let routes = cardano::routes()
        .merge(flow::node())
        .merge(full_node::own())
        .route("/v2", get(gas_station))
        .route(solana::PATH, post(solana::rpc))
        .route("/v3/egld/node/{key}/network/config", get(multiversx::config))
        .route("/v3/egld/node/{key}/address/{address}/nonce", get(multiversx::nonce))
        .route("/v3/egld/node/{key}/transaction/cost", post(multiversx::cost))
        .route("/api/v1/node-info", get(bnb::node_info))
        .route("/api/v1/account/{address}", get(bnb::account))
        .route("/accounts/{account}", post(vechain::simulate))
        .route("/blocks/{revision}", get(vechain::block));
    NODES.iter().fold(routes, |routes, node| {
        let rpc = move |State(shared), body| rpc(shared, node, body);
        routes.route(&format!("{}/{{key}}", node.path), post(rpc))
    })
}

pub(super) fn resources() -> Router<Shared> {
    let routes = flow::resources()
        .merge(full_node::resources())
        .route("/v3/blockchain/fee/ETH", get(fee))
        .route("/v3/bnb/account/{address}", get(bnb::account));
    let routes = NODES.iter().fold(routes, |routes, node| {
        let Some(chain) = kms_chains::find(node.chain.as_str()) else { return routes };
        let show = move |State(shared), Path(hash)| transaction(shared, node, hash);
        routes.route(&format!("/v3/{}/transaction/{{hash}}", chain.spec().api_path), get(show))
    });
    let counts = NODES.iter().filter_map(|node| Some((node, node.count_path?)));
    counts.fold(routes, |routes, (node, path)| {
        let count = move |State(shared), Path(address)| count(shared, node, address);
        routes.route(&format!("{path}/{{address}}"), get(count))
    })
}

/// The transaction that was broadcast, whether or not it was what was requested.
async fn transaction(shared: Shared, node: &'static Node, hash: String) -> answer::Result {
    let raw = shared.ledger().raw_of(node.chain, &hash);
    let told = raw.and_then(|raw| tell_evm(&raw));
    told.map(Answer::ok).ok_or_else(super::kms::unknown)
}

async fn count(shared: Shared, node: &'static Node, address: String) -> answer::Result {
    let account =
        account_of(&address).ok_or_else(|| ApiError::invalid("address is not an address"))?;
    Ok(Answer::ok(json!(shared.ledger().next_nonce(node.chain, &account))))
}

/// Prices in wei, as the API recommends them.
async fn fee(State(shared): State<Shared>) -> answer::Result {
    let node = nodes::find(kms_core::ChainId::new("ETH"));
    let price = node.map_or(0, |node| gas_price(&shared, node));
    Ok(Answer::ok(json!({
        "fast": price.saturating_mul(2).to_string(),
        "medium": price.to_string(),
        "slow": price.div_ceil(2).to_string(),
        "baseFee": BASE_FEE.to_string(),
        "time": "2026-01-01T00:00:00.000Z",
        "block": BLOCK,
    })))
}

/// Prices in gwei. <https://docs.polygon.technology/tools/gas/polygon-gas-station>
async fn gas_station() -> answer::Result {
    Ok(Answer::ok(json!({
        "safeLow": { "maxPriorityFee": 30.1, "maxFee": 30.2 },
        "standard": { "maxPriorityFee": 31.2, "maxFee": 31.5 },
        "fast": { "maxPriorityFee": 33, "maxFee": 34.28 },
        "estimatedBaseFee": 0.000_000_015,
        "blockTime": 2,
        "blockNumber": BLOCK,
    })))
}

#[derive(Deserialize)]
struct RpcRequest {
    #[serde(default)]
    id: Value,
    method: Option<String>,
    #[serde(default)]
    params: Vec<Value>,
}

type RpcResult = Result<Value, (i32, &'static str)>;

async fn rpc(shared: Shared, node: &'static Node, body: Bytes) -> answer::Result {
    let request: RpcRequest = read_json(&body)?;
    let result = match request.method.as_deref() {
        None => Err((INVALID_REQUEST, "the request names no method")),
        Some(method) => answer_rpc(&shared, node, method, &request.params),
    };
    respond(&request.id, result)
}

fn respond(id: &Value, result: RpcResult) -> answer::Result {
    let (name, value) = match result {
        Ok(result) => ("result", result),
        Err((code, message)) => ("error", json!({ "code": code, "message": message })),
    };
    Ok(Answer::ok(json!({ "jsonrpc": "2.0", "id": id, name: value })))
}

fn answer_rpc(shared: &Shared, node: &Node, method: &str, params: &[Value]) -> RpcResult {
    match method {
        "eth_chainId" | "klay_chainID" => {
            let network = shared.ledger().network(node.chain);
            Ok(hex(node.chain_id(network)))
        }
        "eth_gasPrice" | "klay_gasPrice" => Ok(hex(gas_price(shared, node))),
        "eth_estimateGas" | "klay_estimateGas" if shared.faults().strikes(Fault::DryWallet) => {
            Err((SERVER_ERROR, "insufficient funds for gas * price + value"))
        }
        "eth_estimateGas" | "klay_estimateGas" => estimate(params.first()).map(hex),
        "eth_blockNumber" | "klay_blockNumber" => Ok(hex(BLOCK)),
        "eth_getTransactionReceipt" | "klay_getTransactionReceipt" => {
            let hash = params.first().and_then(Value::as_str);
            let hash = hash.ok_or((INVALID_PARAMS, "the first parameter is not a hash"))?;
            Ok(receipt(shared, node, hash))
        }
        "eth_getTransactionCount" | "klay_getTransactionCount" => {
            let account = params.first().and_then(Value::as_str).and_then(account_of);
            let account =
                account.ok_or((INVALID_PARAMS, "the first parameter is not an address"))?;
            Ok(hex(shared.ledger().next_nonce(node.chain, &account)))
        }
        "eth_getBlockByNumber" => Ok(json!({
            "number": hex(BLOCK),
            "hash": format!("0x{}", "11".repeat(32)),
            "baseFeePerGas": hex(BASE_FEE),
            "transactions": [],
        })),
        _ => Err((METHOD_NOT_FOUND, "the sandbox's node does not know this method")),
    }
}

/// The gas price that the node quotes now, in base units.
fn gas_price(shared: &Shared, node: &Node) -> u64 {
    let paid = shared.ledger().accepted(node.chain);
    if paid >= USUAL_AFTER && shared.faults().strikes(Fault::SpikingFee) {
        return node.gas_price.saturating_mul(SPIKE);
    }
    node.gas_price
}

/// The receipt of an accepted transaction, deep in the chain; null if there is none, or if the node
/// forgets it.
fn receipt(shared: &Shared, node: &Node, hash: &str) -> Value {
    let is_there = shared.ledger().has_txid(node.chain, hash);
    if !is_there || shared.faults().strikes(Fault::Forgotten) {
        return Value::Null;
    }
    json!({ "transactionHash": hash, "blockNumber": hex(BLOCK - DEPTH), "status": "0x1" })
}

/// The least a call can cost, and as much again as a simple contract uses when it has data.
/// Ethereum Yellow Paper, appendix G, every byte counted as not zero.
fn estimate(call: Option<&Value>) -> Result<u64, (i32, &'static str)> {
    const TRANSFER: u64 = 21_000;
    const CREATION: u64 = 32_000;
    const BYTE: u64 = 16;
    const EXECUTION: u64 = 40_000;
    let call = call.and_then(Value::as_object);
    let call = call.ok_or((INVALID_PARAMS, "the first parameter is not a transaction"))?;
    let digits = ["data", "input"].iter().find_map(|name| call.get(*name)?.as_str());
    let bytes = digits.unwrap_or_default().trim_start_matches("0x").len().div_ceil(2);
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    let data = if bytes == 0 { 0 } else { bytes.saturating_mul(BYTE).saturating_add(EXECUTION) };
    let creation = if call.get("to").is_none_or(Value::is_null) { CREATION } else { 0 };
    Ok(TRANSFER.saturating_add(creation).saturating_add(data))
}

fn hex(number: u64) -> Value {
    Value::String(format!("{number:#x}"))
}
