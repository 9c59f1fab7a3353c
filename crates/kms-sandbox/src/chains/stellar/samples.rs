//! A payment of lumens with a memo.

use data_encoding::BASE64;

use crate::samples::{SampleError, SampleRequest, digest};

/// Twelve and a half lumens, in their 10⁷th parts.
const STROOPS: u64 = 125_000_000;
const FEE: u32 = 100;
const SEQUENCE: u64 = 193_274_612_318_212;
/// Valid until then, in seconds since 1970.
const DEADLINE: u64 = 2_000_000_000;
/// A memo of a length that needs no XDR padding.
const MEMO: &[u8; 12] = b"invoice 17ab";

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let own = request.public_key.as_bytes();
    if own.len() != 32 {
        return Err(SampleError::Key(request.chain));
    }
    let number = |number: u32| number.to_be_bytes();
    let key = |key: &[u8]| [number(0).as_slice(), key].concat();
    // Envelope type, source, fee, sequence, time bounds, memo, one operation, no extension, no
    // signature.
    let envelope = [
        number(2).as_slice(),
        &key(own),
        &number(FEE),
        &SEQUENCE.to_be_bytes(),
        &number(1),
        &0_u64.to_be_bytes(),
        &DEADLINE.to_be_bytes(),
        &number(1),
        &number(12),
        MEMO,
        &number(1),
        &number(0),
        &number(1),
        &key(&digest("XLM recipient")),
        &number(0),
        &STROOPS.to_be_bytes(),
        &number(0),
        &number(0),
    ]
    .concat();
    Ok(vec![BASE64.encode(&envelope)])
}
