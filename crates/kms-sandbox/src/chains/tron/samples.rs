//! A transfer of TRX as a full node builds it.

use alloy_primitives::{hex, keccak256};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::samples::{SampleError, SampleRequest, digest};

/// Twelve and a half TRX, in sun.
const AMOUNT: u64 = 12_500_000;
/// Milliseconds since 1970; the sandbox lets nothing expire.
const TIMESTAMP: u64 = 1_790_000_000_000;
const EXPIRATION: u64 = TIMESTAMP + 60_000;

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let Some((0x04, point)) = request.public_key.as_bytes().split_first() else {
        return Err(SampleError::Key(request.chain));
    };
    let owner = address(keccak256(point).as_slice());
    let recipient = address(&digest("TRON recipient"));
    let block = digest("TRON block");
    let (reference, hash) = (slice(&block, 0, 2), slice(&block, 8, 16));
    let transfer = [
        tagged(0x0a, &owner),
        tagged(0x12, &recipient),
        [&[0x18], varint(AMOUNT).as_slice()].concat(),
    ]
    .concat();
    let url = "type.googleapis.com/protocol.TransferContract";
    let any = [tagged(0x0a, url.as_bytes()), tagged(0x12, &transfer)].concat();
    let contract = [vec![0x08, 0x01], tagged(0x12, &any)].concat();
    let raw = [
        tagged(0x0a, reference),
        tagged(0x22, hash),
        [&[0x40], varint(EXPIRATION).as_slice()].concat(),
        tagged(0x5a, &contract),
        [&[0x70], varint(TIMESTAMP).as_slice()].concat(),
    ]
    .concat();
    let value = json!({
        "owner_address": hex::encode(owner), "to_address": hex::encode(recipient), "amount": AMOUNT,
    });
    let payload = json!({
        "visible": false,
        "txID": hex::encode(Sha256::digest(&raw)),
        "raw_data": {
            "contract": [{ "parameter": { "value": value, "type_url": url }, "type": "TransferContract" }],
            "ref_block_bytes": hex::encode(reference),
            "ref_block_hash": hex::encode(hash),
            "expiration": EXPIRATION,
            "timestamp": TIMESTAMP,
        },
        "raw_data_hex": hex::encode(&raw),
    });
    Ok(vec![payload.to_string()])
}

/// The last 20 bytes behind the version byte.
fn address(hash: &[u8]) -> Vec<u8> {
    [&[0x41], slice(hash, 12, 32)].concat()
}

fn slice(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}

/// A protobuf field of bytes shorter than 16 KiB.
fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let length = varint(u64::try_from(bytes.len()).unwrap_or(0));
    [&[tag], length.as_slice(), bytes].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}
