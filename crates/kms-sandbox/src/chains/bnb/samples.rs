//! A transfer with a memo, as the Beacon Chain's SDK writes it.

use bech32::{Bech32, Hrp};
use bitcoin::{CompressedPublicKey, hashes::Hash as _};
use kms_core::Network;
use serde_json::{Value, json};

use crate::samples::{SampleError, SampleRequest, digest};

/// Of eight decimals.
const AMOUNT: u64 = 12_500_000;

pub(super) fn payloads(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let key = bitcoin::secp256k1::PublicKey::from_slice(request.public_key.as_bytes());
    let key = key.map_err(|_| SampleError::Key(request.chain))?;
    let own = CompressedPublicKey(key).pubkey_hash().to_byte_array();
    let recipient = digest("BNB recipient");
    let recipient = recipient.get(..20).unwrap_or_default();
    let hrp = match request.network {
        Network::Mainnet => Hrp::parse_unchecked("bnb"),
        Network::Testnet => Hrp::parse_unchecked("tbnb"),
    };
    let encoded = |hash: &[u8]| -> Value {
        json!({
            "address": { "type": "Buffer", "data": hash },
            "coins": [{ "denom": "BNB", "amount": AMOUNT }],
        })
    };
    let signed = |hash: &[u8]| {
        json!({
            "address": bech32::encode::<Bech32>(hrp, hash).unwrap_or_default(),
            "coins": [{ "amount": AMOUNT, "denom": "BNB" }],
        })
    };
    let payload = json!({
        "msg": {
            "inputs": [encoded(&own)],
            "outputs": [encoded(recipient)],
            "aminoPrefix": "2A2C87FA",
        },
        "signMsg": { "inputs": [signed(&own)], "outputs": [signed(recipient)] },
        "memo": "107438221",
    });
    Ok(vec![payload.to_string()])
}
