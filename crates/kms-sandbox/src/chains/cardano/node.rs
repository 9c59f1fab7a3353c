//! Cardano's node, which speaks Rosetta: builds a transaction of operations. As the open-source
//! server does, it wraps what it builds in a list with operations that it wants back.
//! <https://docs.cloud.coinbase.com/rosetta/docs/construction-api-overview>

use axum::{Router, body::Bytes, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::verify::{Asked, Operation, hash};
use crate::{
    answer::{self, Answer, ApiError, read_json},
    server::Shared,
};

/// The slot that the node says is the latest.
const SLOT: u64 = 152_735_012;
/// Rules of the chain: a byte's fee and a transaction's, in lovelace.
/// <https://cardano-course.gitbook.io/cardano-course/handbook/protocol-parameters-and-configuration-files/protocol-parameters>
const FEE_OF_BYTE: u64 = 44;
const FEE: u64 = 155_381;
/// A key and its signature, and what stands around all of them.
const WITNESS_BYTES: usize = 101;
const AROUND_BYTES: usize = 6;
/// Names and kinds of CBOR, shifted to their place in a head.
const NUMBER: u8 = 0;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const LIST: u8 = 4 << 5;
const MAP: u8 = 5 << 5;

pub(super) fn open() -> Router<Shared> {
    ["preprod", "mainnet"].into_iter().fold(Router::new(), |routes, network| {
        let at = |method: &str| {
            format!("/v3/blockchain/node/cardano-{network}/{{key}}/construction/{method}")
        };
        routes
            .route(&at("preprocess"), post(move |body| preprocess(network, body)))
            .route(&at("metadata"), post(move |body| metadata(network, body)))
            .route(&at("payloads"), post(move |body| payloads(network, body)))
    })
}

#[derive(Deserialize)]
struct Identifier {
    blockchain: String,
    network: String,
}

impl Identifier {
    fn check(&self, network: &str) -> Result<(), ApiError> {
        match (self.blockchain.as_str(), &self.network) {
            ("cardano", named) if named == network => Ok(()),
            _ => Err(ApiError::invalid("network_identifier names another network")),
        }
    }
}

#[derive(Deserialize)]
struct Preprocess {
    network_identifier: Identifier,
    operations: Vec<Operation>,
    metadata: Relative,
}

#[derive(Deserialize)]
struct Relative {
    relative_ttl: u64,
}

async fn preprocess(network: &'static str, body: Bytes) -> answer::Result {
    let request: Preprocess = read_json(&body)?;
    request.network_identifier.check(network)?;
    let asked = Asked::read(&request.operations).map_err(ApiError::invalid)?;
    let relative_ttl = request.metadata.relative_ttl;
    let signed = owners(&asked).len().saturating_mul(WITNESS_BYTES).saturating_add(AROUND_BYTES);
    let size = build(&asked, SLOT).len().saturating_add(signed);
    let options = json!({ "relative_ttl": relative_ttl, "transaction_size": size });
    Ok(Answer::ok(json!({ "options": options })))
}

#[derive(Deserialize)]
struct Metadata {
    network_identifier: Identifier,
    options: Options,
}

#[derive(Deserialize)]
struct Options {
    relative_ttl: u64,
    transaction_size: u64,
}

async fn metadata(network: &'static str, body: Bytes) -> answer::Result {
    let Metadata { network_identifier, options } = read_json(&body)?;
    network_identifier.check(network)?;
    let fee = options.transaction_size.saturating_mul(FEE_OF_BYTE).saturating_add(FEE);
    Ok(Answer::ok(json!({
        "metadata": {
            "ttl": SLOT.saturating_add(options.relative_ttl).to_string(),
            "protocol_parameters": {
                "coinsPerUtxoSize": "4310",
                "maxTxSize": 16_384,
                "maxValSize": 5_000,
                "keyDeposit": "2000000",
                "maxCollateralInputs": 3,
                "minFeeCoefficient": FEE_OF_BYTE,
                "minFeeConstant": FEE,
                "minPoolCost": "170000000",
                "poolDeposit": "500000000",
                "protocol": 9,
            },
        },
        "suggested_fee": [
            { "value": fee.to_string(), "currency": { "symbol": "ADA", "decimals": 6 } },
        ],
    })))
}

#[derive(Deserialize)]
struct Payloads {
    network_identifier: Identifier,
    operations: Vec<Operation>,
    metadata: Absolute,
}

#[derive(Deserialize)]
struct Absolute {
    ttl: String,
}

async fn payloads(network: &'static str, body: Bytes) -> answer::Result {
    let request: Payloads = read_json(&body)?;
    request.network_identifier.check(network)?;
    let asked = Asked::read(&request.operations).map_err(ApiError::invalid)?;
    let ttl = request.metadata.ttl.parse();
    let ttl = ttl.map_err(|_| ApiError::invalid("metadata.ttl is not a slot"))?;
    let transaction = build(&asked, ttl);
    let hash = alloy_primitives::hex::encode(hash(&transaction));
    let payload = |owner: &&String| {
        json!({
            "account_identifier": { "address": owner },
            "hex_bytes": hash,
            "signature_type": "ed25519",
        })
    };
    let payloads: Vec<Value> = owners(&asked).iter().map(payload).collect();
    Ok(Answer::ok(json!({ "unsigned_transaction": wrap(&transaction), "payloads": payloads })))
}

/// Everybody whose outputs are spent, once.
fn owners(asked: &Asked) -> Vec<&String> {
    let mut owners = Vec::new();
    for owner in &asked.owners {
        if !owners.contains(&owner) {
            owners.push(owner);
        }
    }
    owners
}

/// <https://github.com/IntersectMBO/cardano-ledger/blob/master/eras/babbage/impl/cddl-files/babbage.cddl>
fn build(asked: &Asked, ttl: u64) -> Vec<u8> {
    let mut out = Vec::new();
    head(&mut out, MAP, 4);
    head(&mut out, NUMBER, 0);
    head(&mut out, LIST, count(asked.inputs.len()));
    for input in &asked.inputs {
        head(&mut out, LIST, 2);
        bytes(&mut out, &input.transaction);
        head(&mut out, NUMBER, input.index);
    }
    head(&mut out, NUMBER, 1);
    head(&mut out, LIST, count(asked.outputs.len()));
    for output in &asked.outputs {
        head(&mut out, LIST, 2);
        bytes(&mut out, &output.address);
        if !output.tokens.is_empty() {
            head(&mut out, LIST, 2);
        }
        head(&mut out, NUMBER, output.lovelace);
        if !output.tokens.is_empty() {
            head(&mut out, MAP, count(output.tokens.len()));
        }
        for (policy, amounts) in &output.tokens {
            bytes(&mut out, policy);
            head(&mut out, MAP, count(amounts.len()));
            for (name, amount) in amounts {
                bytes(&mut out, name);
                head(&mut out, NUMBER, *amount);
            }
        }
    }
    head(&mut out, NUMBER, 2);
    head(&mut out, NUMBER, asked.fee);
    head(&mut out, NUMBER, 3);
    head(&mut out, NUMBER, ttl);
    out
}

fn wrap(transaction: &[u8]) -> String {
    let mut out = Vec::new();
    head(&mut out, LIST, 2);
    let digits = alloy_primitives::hex::encode(transaction);
    head(&mut out, TEXT, count(digits.len()));
    out.extend(digits.as_bytes());
    head(&mut out, MAP, 1);
    head(&mut out, TEXT, count("operations".len()));
    out.extend(b"operations");
    head(&mut out, LIST, 0);
    alloy_primitives::hex::encode(out)
}

fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, BYTES, count(bytes.len()));
    out.extend(bytes);
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn head(out: &mut Vec<u8>, kind: u8, number: u64) {
    if let Ok(number @ 0..=23) = u8::try_from(number) {
        out.push(kind | number);
    } else if let Ok(number) = u8::try_from(number) {
        out.extend([kind | 24, number]);
    } else if let Ok(number) = u16::try_from(number) {
        out.push(kind | 25);
        out.extend(number.to_be_bytes());
    } else if let Ok(number) = u32::try_from(number) {
        out.push(kind | 26);
        out.extend(number.to_be_bytes());
    } else {
        out.push(kind | 27);
        out.extend(number.to_be_bytes());
    }
}
