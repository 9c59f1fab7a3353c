//! A transfer with a memo, and, in a message of version 0, tokens at a price for their computing.

use data_encoding::HEXLOWER;
use serde_json::json;

use crate::samples::{SampleError, SampleRequest, digest};

/// A quarter of a SOL, in lamports.
const LAMPORTS: u64 = 250_000_000;
/// Of a token with nine decimals.
const TOKENS: u64 = 1_500_000_000;
const DECIMALS: u8 = 9;
/// Units of computing, and a price in millionths of a lamport.
const UNITS: u32 = 60_000;
const UNIT_PRICE: u64 = 20_000;

const MEMO: &str = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const COMPUTE_BUDGET: &str = "ComputeBudget111111111111111111111111111111";
/// The API's placeholder for a blockhash.
const PLACEHOLDER: &str = "7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let payer = request.public_key.as_bytes();
    if payer.len() != 32 {
        return Err(SampleError::Key(request.chain));
    }
    let lamports = [&[2, 0, 0, 0], LAMPORTS.to_le_bytes().as_slice()].concat();
    let transfer = message(
        &[1, 0, 2],
        &[payer, &digest("SOL recipient"), &[0; 32], &key(MEMO)],
        &[(2, &[0, 1], &lamports), (3, &[], b"sample of kms-sandbox")],
    );
    let units = [&[2], UNITS.to_le_bytes().as_slice()].concat();
    let price = [&[3], UNIT_PRICE.to_le_bytes().as_slice()].concat();
    let tokens = [&[12], TOKENS.to_le_bytes().as_slice(), &[DECIMALS]].concat();
    let of_tokens = message(
        &[1, 0, 3],
        &[
            payer,
            &digest("SOL token account"),
            &digest("SOL recipient's token account"),
            &key(COMPUTE_BUDGET),
            &key(TOKEN),
            &digest("SOL mint"),
        ],
        &[(3, &[], &units), (3, &[], &price), (4, &[1, 5, 2, 0], &tokens)],
    );
    let version_0 = [&[0x80], of_tokens.as_slice(), &[0]].concat();
    let payload = |bytes: Vec<u8>| json!({ "txData": HEXLOWER.encode(&bytes) }).to_string();
    Ok(vec![payload(transfer), payload(version_0)])
}

/// All counts and lengths here are below 128: one byte each.
fn message(header: &[u8; 3], keys: &[&[u8]], calls: &[(u8, &[u8], &[u8])]) -> Vec<u8> {
    let mut out = header.to_vec();
    out.push(count(keys.len()));
    keys.iter().for_each(|key| out.extend(*key));
    out.extend(key(PLACEHOLDER));
    out.push(count(calls.len()));
    for (program, accounts, data) in calls {
        out.push(*program);
        out.push(count(accounts.len()));
        out.extend(*accounts);
        out.push(count(data.len()));
        out.extend(*data);
    }
    out
}

fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

fn key(text: &str) -> Vec<u8> {
    bs58::decode(text).into_vec().unwrap_or_default()
}
