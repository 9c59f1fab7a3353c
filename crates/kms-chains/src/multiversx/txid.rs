//! The id is a hash of the transaction as the chain's nodes keep it, in protocol buffers,
//! signatures and all.
//! <https://github.com/multiversx/mx-chain-core-go/blob/main/data/transaction/transaction.proto>

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use data_encoding::BASE64;
use kms_core::{RawTransaction, TxidError};
use ruint::aliases::U256;
use serde_json::{Map, Value};

use super::address;
use crate::codec::{
    hex,
    protobuf::{put_nonempty, put_number},
};

type Members = Map<String, Value>;

/// The way in which a member of the JSON is stored.
#[derive(Clone, Copy)]
enum Kind {
    Number,
    /// In base units, in decimal.
    Value,
    Address,
    Text,
    Base64,
    Hex,
}

/// Members in the order of their numbers, which begin with one.
const FIELDS: [(&str, Kind); 17] = [
    ("nonce", Kind::Number),
    ("value", Kind::Value),
    ("receiver", Kind::Address),
    ("receiverUsername", Kind::Base64),
    ("sender", Kind::Address),
    ("senderUsername", Kind::Base64),
    ("gasPrice", Kind::Number),
    ("gasLimit", Kind::Number),
    ("data", Kind::Base64),
    ("chainID", Kind::Text),
    ("version", Kind::Number),
    ("signature", Kind::Hex),
    ("options", Kind::Number),
    ("guardian", Kind::Address),
    ("guardianSignature", Kind::Hex),
    ("relayer", Kind::Address),
    ("relayerSignature", Kind::Hex),
];
const NEEDED: [&str; 9] = [
    "nonce",
    "value",
    "receiver",
    "sender",
    "gasPrice",
    "gasLimit",
    "chainID",
    "version",
    "signature",
];
/// The members of further signers and their signatures.
const COSIGNERS: [(&str, &str); 2] =
    [("guardian", "guardianSignature"), ("relayer", "relayerSignature")];

/// `None` where a guardian or a relayer has to sign yet.
pub(super) fn of(raw: &RawTransaction) -> Result<Option<String>, TxidError> {
    let members: Members = serde_json::from_str(raw.as_str()).map_err(|_| TxidError)?;
    let is_known = |name: &String| FIELDS.iter().any(|(field, _)| field == name);
    let is_whole = NEEDED.iter().all(|name| members.contains_key(*name));
    if !is_whole || !members.keys().all(is_known) {
        return Err(TxidError);
    }
    let has = |name: &str| members.get(name).is_some_and(|value| value != "");
    if !has("signature") || COSIGNERS.iter().any(|(who, with)| has(who) && !has(with)) {
        return Ok(None);
    }
    let bytes = encode(&members).ok_or(TxidError)?;
    Ok(Some(hex::encode(&Blake2b::<U32>::digest(bytes))))
}

fn encode(members: &Members) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for ((name, kind), field) in FIELDS.iter().zip(1_u64..) {
        let Some(value) = members.get(*name) else { continue };
        let text = value.as_str();
        let bytes = match kind {
            Kind::Number => {
                put_number(field, value.as_u64()?, &mut out);
                continue;
            }
            Kind::Value => magnitude(text?)?,
            Kind::Address => address::read(text?)?.to_vec(),
            Kind::Text => text?.as_bytes().to_vec(),
            Kind::Base64 => BASE64.decode(text?.as_bytes()).ok()?,
            Kind::Hex => hex::decode(text?)?,
        };
        put_nonempty(field, &bytes, &mut out);
    }
    Some(out)
}

/// A sign, which is zero, and the number without leading zeros; zero itself has one.
fn magnitude(text: &str) -> Option<Vec<u8>> {
    let value = U256::from_str_radix(text, 10).ok().filter(|_| !text.is_empty())?;
    let digits = value.to_be_bytes_trimmed_vec();
    Some(if digits.is_empty() { vec![0, 0] } else { [&[0], digits.as_slice()].concat() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(more: &str) -> RawTransaction {
        let sender = address::spell(&[1; 32]);
        RawTransaction::from_text(format!(
            r#"{{"nonce":7,"value":"1","receiver":"{sender}","sender":"{sender}",
                "gasPrice":1,"gasLimit":1,"chainID":"1","version":2,"signature":"ab"{more}}}"#
        ))
    }

    #[test]
    fn what_a_guardian_or_a_relayer_has_to_sign_yet_has_no_id_yet() {
        assert!(of(&signed("")).unwrap().is_some());
        let other = address::spell(&[2; 32]);
        for who in ["guardian", "relayer"] {
            let asked = format!(r#","{who}":"{other}""#);
            assert_eq!(of(&signed(&asked)).unwrap(), None, "{who}");
            let empty = format!(r#"{asked},"{who}Signature":"""#);
            assert_eq!(of(&signed(&empty)).unwrap(), None, "{who}");
            let given = format!(r#"{asked},"{who}Signature":"cd""#);
            assert!(of(&signed(&given)).unwrap().is_some(), "{who}");
        }
    }

    #[test]
    fn a_member_that_is_not_known_or_not_of_its_kind_leaves_no_id() {
        for more in [r#","fee":1"#, r#","options":"2""#, r#","data":"no base64""#] {
            assert!(of(&signed(more)).is_err(), "{more}");
        }
    }
}
