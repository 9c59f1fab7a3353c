//! Cardano's keys: the envelopes of cardano-cli, and bech32 (CIP-5).
//! <https://cips.cardano.org/cip/CIP-5>

use data_encoding::HEXLOWER_PERMISSIVE;
use kms_keys::SigningKey;
use kms_secret::SecretText;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Contents,
    error::ImportError,
    target::{Found, Target},
};

/// CBOR's head of a byte string of 32 bytes.
const SHORT: &str = "5820";
/// The same of 128 bytes: kL, kR, the public key and the chain code.
const LONG: &str = "5880";
const EXTENDED_BYTES: usize = 64;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(rename = "cborHex")]
    cbor: &'a str,
}

/// Reads a `.skey` file of a payment key.
pub(crate) fn read_envelope(text: &str, target: &Target<'_>) -> Result<Contents, ImportError> {
    let envelope: Envelope<'_> =
        serde_json::from_str(text).map_err(|_| damaged("`type` or `cborHex` is missing"))?;
    match envelope.kind {
        ""
        | "PaymentSigningKeyShelley_ed25519"
        | "PaymentExtendedSigningKeyShelley_ed25519_bip32" => (),
        kind if kind.contains("VerificationKey") => {
            return Err(ImportError::refused(
                "the envelope contains a verification key, which cannot sign; import the .skey \
                 file that belongs to it",
            ));
        }
        _ => {
            return Err(ImportError::refused(
                "the envelope contains a staking, voting or pool key; only payment keys can be \
                 wallets",
            ));
        }
    }
    Ok(vec![read_cbor(envelope.cbor, target)?].into())
}

fn read_cbor(cbor: &str, target: &Target<'_>) -> Result<Found, ImportError> {
    if let Some(digits) = cbor.strip_prefix(SHORT) {
        return target.key_of_bytes(&hex(digits)?, &[]);
    }
    let digits = cbor.strip_prefix(LONG);
    let bytes = hex(digits.ok_or(damaged("`cborHex` is neither 32 bytes nor 128"))?)?;
    let (key, rest) = bytes
        .split_at_checked(EXTENDED_BYTES)
        .filter(|(_, rest)| rest.len() == EXTENDED_BYTES)
        .ok_or(damaged("`cborHex` does not have the length that it states"))?;
    extended(key, rest.get(..32), target)
}

/// Reads a line: bech32, `cborHex`, or the 64 digits of a normal key. `None` for another text.
pub(crate) fn read_text(text: &str, target: &Target<'_>) -> Option<Result<Found, ImportError>> {
    let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
    match text.len() {
        64 if is_hex => Some(hex(text).and_then(|seed| target.key_of_bytes(&seed, &[]))),
        68 | 260 if is_hex => Some(read_cbor(text, target)),
        _ => read_bech32(text, target),
    }
}

/// Reads bech32. `None` for another text.
fn read_bech32(text: &str, target: &Target<'_>) -> Option<Result<Found, ImportError>> {
    let (hrp, bytes) = bech32::decode(text).ok()?;
    let bytes = Zeroizing::new(bytes);
    Some(match (hrp.to_lowercase().as_str(), bytes.len()) {
        ("addr_sk" | "ed25519_sk", 32) => target.key_of_bytes(&bytes, &[]),
        ("addr_xsk" | "ed25519e_sk" | "xprv", 64 | 96) => {
            extended(bytes.get(..EXTENDED_BYTES).unwrap_or_default(), None, target)
        }
        ("root_xsk" | "acct_xsk", _) => Err(ImportError::refused(
            "it is the key of a whole wallet or account, from which payment keys are derived; \
             derive the payment key with `cardano-address key child` and import that",
        )),
        _ => Err(ImportError::refused(
            "it is not a Cardano payment key; those begin with addr_sk1, addr_xsk1, ed25519_sk1, \
             ed25519e_sk1 or xprv1",
        )),
    })
}

/// Both halves of an extended key, as the chain's own spelling.
fn extended(key: &[u8], public: Option<&[u8]>, target: &Target<'_>) -> Result<Found, ImportError> {
    let text = SecretText::new(HEXLOWER_PERMISSIVE.encode(key));
    if let Some(public) = public {
        let own = SigningKey::parse(target.keys, target.network, &text)?;
        if own.public_key().as_bytes() != public {
            return Err(damaged("its public key does not belong to its private key"));
        }
    }
    target.key(text, &[])
}

fn hex(digits: &str) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map(Zeroizing::new);
    bytes.map_err(|_| damaged("`cborHex` is not a string of hexadecimal digits"))
}

const fn damaged(problem: &'static str) -> ImportError {
    ImportError::Damaged { format: "a key file of cardano-cli", problem }
}
