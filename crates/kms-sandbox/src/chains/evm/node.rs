//! The API's nodes of the family: nonces, gas, prices, chain ids; and Polygon's gas station, which
//! is not the API's.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    COINS,
    nodes::{self, BASE_FEE, NODES, Node},
    verify::{account_of, tell},
};
use crate::{
    answer::{self, Answer, ApiError, read_json},
    faults::Fault,
    rpc::{INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RpcRequest, RpcResult, respond},
    server::Shared,
};

/// The code of geth for whatever else there is.
const SERVER_ERROR: i32 = -32000;

/// Payments of a chain after which a daemon knows what a usual fee is.
const USUAL_AFTER: usize = 6;
/// The factor of a price spike.
const SPIKE: u64 = 1000;
/// Blocks on top of whatever was accepted.
const DEPTH: u64 = 10_000;

/// The number of the block that nodes say is the latest.
const BLOCK: u64 = 21_732_850;

/// The routes that need no API key in a header.
pub(super) fn open() -> Router<Shared> {
    let routes = Router::new().route("/v2", get(gas_station));
    NODES.iter().fold(routes, |routes, node| {
        let rpc = move |State(shared), body| rpc(shared, node, body);
        routes.route(&format!("{}/{{key}}", node.path), post(rpc))
    })
}

pub(super) fn keyed() -> Router<Shared> {
    let routes = Router::new().route("/v3/blockchain/fee/ETH", get(fee));
    let nodes = COINS.iter().filter_map(|coin| Some((coin, nodes::find(coin.id)?)));
    nodes.fold(routes, |routes, (coin, node)| {
        let show = move |State(shared), Path(hash)| transaction(shared, node, hash);
        let routes = routes.route(&format!("/v3/{}/transaction/{{hash}}", coin.path), get(show));
        let Some(path) = node.count_path else { return routes };
        let count = move |State(shared), Path(address)| count(shared, node, address);
        routes.route(&format!("{path}/{{address}}"), get(count))
    })
}

/// The transaction that was broadcast, whether or not it was what was requested.
async fn transaction(shared: Shared, node: &'static Node, hash: String) -> answer::Result {
    let raw = shared.ledger().raw_of(node.chain, &hash);
    let told = raw.and_then(|raw| tell(&raw));
    told.map(Answer::ok).ok_or_else(ApiError::unknown)
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

async fn rpc(shared: Shared, node: &'static Node, body: Bytes) -> answer::Result {
    let request: RpcRequest = read_json(&body)?;
    let result = match request.method.as_deref() {
        None => Err((INVALID_REQUEST, "the request names no method")),
        Some(method) => answer_rpc(&shared, node, method, &request.params),
    };
    respond(&request.id, result)
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
