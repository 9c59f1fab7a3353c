//! The wire form: fields of protocol buffers behind prefixes that name types.
//! <https://docs.bnbchain.org/docs/beaconchain/develop/api-reference/encoding>

use super::payload::{Coin, Payload, Share};

const TRANSFER: [u8; 4] = [0x2a, 0x2c, 0x87, 0xfa];
const TRANSACTION: [u8; 4] = [0xf0, 0x62, 0x5d, 0xee];
const SECP256K1_KEY: [u8; 4] = [0xeb, 0x5a, 0xe9, 0x87];
const KEY_BYTES: u8 = 33;

/// A signature with what it was made for.
pub(super) struct Signed<'a> {
    pub(super) public_key: &'a [u8; 33],
    pub(super) signature: &'a [u8],
    pub(super) account_number: u64,
    pub(super) sequence: u64,
}

/// The transaction as it is broadcast, its length first.
pub(super) fn transaction(payload: &Payload, signed: &Signed<'_>) -> Vec<u8> {
    let mut message = TRANSFER.to_vec();
    payload.inputs.iter().for_each(|input| bytes(&mut message, 1, &share(input)));
    payload.outputs.iter().for_each(|output| bytes(&mut message, 2, &share(output)));
    let mut transaction = TRANSACTION.to_vec();
    bytes(&mut transaction, 1, &message);
    bytes(&mut transaction, 2, &signature(signed));
    if !payload.memo.is_empty() {
        bytes(&mut transaction, 3, payload.memo.as_bytes());
    }
    let mut out = Vec::new();
    varint(&mut out, length(&transaction));
    out.extend(transaction);
    out
}

fn share(share: &Share) -> Vec<u8> {
    let mut out = Vec::new();
    bytes(&mut out, 1, &share.address);
    share.coins.iter().for_each(|one| bytes(&mut out, 2, &coin(one)));
    out
}

fn coin(coin: &Coin) -> Vec<u8> {
    let mut out = Vec::new();
    bytes(&mut out, 1, coin.denomination.as_bytes());
    number(&mut out, 2, coin.amount);
    out
}

fn signature(signed: &Signed<'_>) -> Vec<u8> {
    let key = [&SECP256K1_KEY[..], &[KEY_BYTES], signed.public_key].concat();
    let mut out = Vec::new();
    bytes(&mut out, 1, &key);
    bytes(&mut out, 2, signed.signature);
    number(&mut out, 3, signed.account_number);
    number(&mut out, 4, signed.sequence);
    out
}

/// A field of wire type 2.
fn bytes(out: &mut Vec<u8>, field: u8, content: &[u8]) {
    out.push((field << 3) | 2);
    varint(out, length(content));
    out.extend_from_slice(content);
}

/// A field of wire type 0; zero is left out.
fn number(out: &mut Vec<u8>, field: u8, number: u64) {
    if number != 0 {
        out.push(field << 3);
        varint(out, number);
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn length(content: &[u8]) -> u64 {
    u64::try_from(content.len()).unwrap_or(u64::MAX)
}
