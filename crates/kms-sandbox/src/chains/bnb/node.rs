//! The node of the Beacon Chain, which was shut down: its name, and the numbers of accounts.

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use kms_core::{ChainId, Network};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    answer::{self, Answer},
    server::Shared,
};

const BNB: ChainId = ChainId::new("BNB");

pub(super) fn keyed() -> Router<Shared> {
    Router::new().route("/v3/bnb/account/{address}", get(account))
}

pub(super) fn open() -> Router<Shared> {
    Router::new()
        .route("/api/v1/node-info", get(node_info))
        .route("/api/v1/account/{address}", get(account))
}

async fn node_info(State(shared): State<Shared>) -> answer::Result {
    let name = match shared.ledger().network(BNB) {
        Network::Mainnet => "Binance-Chain-Tigris",
        Network::Testnet => "Binance-Chain-Ganges",
    };
    Ok(Answer::ok(json!({ "node_info": { "network": name } })))
}

/// Every address has an account: its number follows from the address.
async fn account(State(shared): State<Shared>, Path(address): Path<String>) -> answer::Result {
    let [first, second, ..] = <[u8; 32]>::from(Sha256::digest(&address));
    Ok(Answer::ok(json!({
        "account_number": u16::from_be_bytes([first, second]),
        "address": address,
        "balances": [],
        "flags": 0,
        "public_key": null,
        "sequence": shared.ledger().next_nonce(BNB, &address),
    })))
}
