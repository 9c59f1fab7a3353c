//! A payment with a note, and an asset, as the old SDK writes them.

use data_encoding::BASE64;
use kms_core::Network;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha512_256};

use crate::samples::{SampleError, SampleRequest, digest};

/// One and a half ALGO, in millionths.
const AMOUNT: u64 = 1_500_000;
/// Of USDC on the main network.
const ASSET: u64 = 31_566_704;
const ROUND: u64 = 32_783_223;

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let own = request.public_key.as_bytes();
    if own.len() != 32 {
        return Err(SampleError::Key(request.chain));
    }
    let (id, hash) = match request.network {
        Network::Mainnet => ("mainnet-v1.0", "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="),
        Network::Testnet => ("testnet-v1.0", "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI="),
    };
    let transaction = |kind: &str| {
        json!({
            "name": "Transaction",
            "tag": { "type": "Buffer", "data": b"TX" },
            "from": address(own),
            "to": address(&digest("ALGO recipient")),
            "amount": AMOUNT,
            "note": typed_array(b"invoice 17"),
            "type": kind,
            "flatFee": true,
            "genesisHash": {
                "type": "Buffer",
                "data": BASE64.decode(hash.as_bytes()).unwrap_or_default(),
            },
            "fee": 1000,
            "firstRound": ROUND,
            "lastRound": ROUND + 1000,
            "genesisID": id,
            "appArgs": [],
            "lease": {},
        })
    };
    let mut of_asset = transaction("axfer");
    if let Some(members) = of_asset.as_object_mut() {
        members.insert(String::from("assetIndex"), json!(ASSET));
    }
    Ok(vec![transaction("pay").to_string(), of_asset.to_string()])
}

fn address(key: &[u8]) -> Value {
    let hash = Sha512_256::digest(key);
    let checksum = hash.last_chunk::<4>().copied().unwrap_or_default();
    json!({ "publicKey": typed_array(key), "checksum": typed_array(&checksum) })
}

/// Writes a typed array as `JSON.stringify` does.
fn typed_array(bytes: &[u8]) -> Value {
    let members = bytes.iter().enumerate().map(|(place, byte)| (place.to_string(), json!(byte)));
    Value::Object(members.collect::<Map<_, _>>())
}
