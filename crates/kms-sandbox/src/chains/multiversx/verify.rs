//! MultiversX: JSON as it is signed, with the signature behind it.

use alloy_primitives::{U256, hex};
use bech32::{Bech32, Hrp};
use cryptoxide::{
    ed25519,
    hashing::{blake2b_256, keccak256},
};
use data_encoding::BASE64;
use kms_core::Network;
use serde::{Deserialize, Serialize};

use crate::verify::{
    Case, Nonce, Rejection, Valid,
    edwards::{self, Key},
    json::{self, Coins, Quantity},
    require_equal,
};

const DECIMALS: u32 = 18;
/// The protocol's limit.
const GAS_MAX: u64 = 600_000_000;
const HRP: Hrp = Hrp::parse_unchecked("erd");

/// The members in the order in which they are signed.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Signed {
    nonce: u64,
    value: String,
    receiver: String,
    sender: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_username: Option<String>,
    gas_price: u64,
    gas_limit: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(rename = "chainID")]
    chain_id: String,
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guardian: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relayer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guardian_signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relayer_signature: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    to: String,
    value: Coins,
    data: String,
    sender_username: Option<String>,
    receiver_username: Option<String>,
    options: Quantity,
    guardian: Option<String>,
    relayer: Option<String>,
    guardian_signature: Option<String>,
    relayer_signature: Option<String>,
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let (mut signed, signature) = read(case.raw)?;
    let payload: Payload = json::read(case.sample.payload())?;
    let others = [signed.guardian_signature.take(), signed.relayer_signature.take()];
    let sender = key_of(&signed.sender)?;
    let receiver = key_of(&signed.receiver)?;
    let message = serde_json::to_string(&signed);
    let message = message.map_err(|_| Rejection::Malformed("it is not JSON"))?.into_bytes();
    let is_by_hash = signed.options.is_some_and(|options| options & 1 != 0);
    let message = if is_by_hash { keccak256(&message).to_vec() } else { message };
    edwards::check(case, &sender, spell, (&message, &signature))?;
    let others = check_others(&signed, others, &payload, &message)?;
    require_equal("receiver", &signed.receiver, &payload.to, |text| (*text).clone())?;
    let value = payload
        .value
        .units(DECIMALS)
        .ok_or_else(|| Rejection::Payload(String::from("value is not an amount of 18 decimals")))?;
    require_equal("value", &signed.value, &value.to_string(), |text| (*text).clone())?;
    let data = signed.data.as_deref().map(|text| BASE64.decode(text.as_bytes())).transpose();
    let data = data.map_err(|_| Rejection::Malformed("data is not base64"))?.unwrap_or_default();
    require_equal("data", data.as_slice(), payload.data.as_bytes(), |data| {
        crate::verify::hex(data)
    })?;
    check_chain(case, &signed.chain_id)?;
    if signed.gas_limit > GAS_MAX {
        return Err(Rejection::Malformed("gasLimit is above what the protocol allows"));
    }
    let txid = crate::verify::hex(blake2b_256(&to_protobuf(
        &signed,
        value,
        [&receiver, &sender],
        &data,
        (&signature, &others),
    )));
    let Signed { sender: account, nonce: value, .. } = signed;
    let uses = vec![format!("egld {account} {value}")];
    Ok(Valid { txid, uses, nonce: Some(Nonce { account, value, is_given: false }) })
}

fn read(raw: &str) -> Result<(Signed, [u8; 64]), Rejection> {
    let other = || Rejection::Malformed("it is not the JSON that is signed and a signature");
    let mut signed: Signed = serde_json::from_str(raw).map_err(|_| other())?;
    if serde_json::to_string(&signed).ok().as_deref() != Some(raw) {
        return Err(Rejection::Malformed("its members are not written as they are signed"));
    }
    let digits = signed.signature.take().ok_or_else(other)?;
    let signature = hex::decode(&digits).ok().filter(|bytes| crate::verify::hex(bytes) == digits);
    let signature = signature.and_then(|bytes| bytes.try_into().ok());
    Ok((signed, signature.ok_or_else(other)?))
}

/// Compares the members that name other signers, and checks their signatures.
fn check_others(
    signed: &Signed,
    signatures: [Option<String>; 2],
    payload: &Payload,
    message: &[u8],
) -> Result<[Vec<u8>; 2], Rejection> {
    let spelled = |text: &Option<&str>| text.unwrap_or("nothing").to_owned();
    let [guardian, relayer] = signatures;
    for (field, found, asked) in [
        ("senderUsername", &signed.sender_username, &payload.sender_username),
        ("receiverUsername", &signed.receiver_username, &payload.receiver_username),
        ("guardian", &signed.guardian, &payload.guardian),
        ("relayer", &signed.relayer, &payload.relayer),
        ("guardianSignature", &guardian, &payload.guardian_signature),
        ("relayerSignature", &relayer, &payload.relayer_signature),
    ] {
        let asked = asked.as_deref().filter(|text| !text.is_empty());
        require_equal(field, found.as_deref(), asked, spelled)?;
    }
    let options = signed.options.map(U256::from);
    require_equal("options", options, payload.options.not_zero(), |options| {
        format!("{options:?}")
    })?;
    let mut checked = [Vec::new(), Vec::new()];
    let all = [(&signed.guardian, guardian), (&signed.relayer, relayer)];
    for ((account, signature), checked) in all.into_iter().zip(&mut checked) {
        let (Some(account), Some(digits)) = (account, signature) else { continue };
        let bytes = hex::decode(&digits).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        let bytes = bytes.ok_or(Rejection::Malformed("a signature is not 64 bytes"))?;
        if !ed25519::verify(message, &key_of(account)?, &bytes) {
            return Err(Rejection::Signature("a guardian's or a relayer's is not valid"));
        }
        *checked = bytes.to_vec();
    }
    Ok(checked)
}

fn check_chain(case: &Case<'_>, chain_id: &str) -> Result<(), Rejection> {
    let known: &[&str] = match case.sample.expected().network {
        Network::Mainnet => &["1"],
        Network::Testnet => &["D", "T"],
    };
    if known.contains(&chain_id) {
        Ok(())
    } else {
        Err(Rejection::Differs {
            field: String::from("chainID"),
            found: chain_id.to_owned(),
            expected: known.join(" or "),
        })
    }
}

fn key_of(address: &str) -> Result<Key, Rejection> {
    let malformed = Rejection::Malformed("an address does not belong to this chain");
    let read = bech32::decode(address).ok().filter(|(hrp, _)| *hrp == HRP);
    let key = read.and_then(|(_, key)| Key::try_from(key).ok()).ok_or(malformed.clone())?;
    if spell(&key) == address { Ok(key) } else { Err(malformed) }
}

fn spell(key: &Key) -> String {
    bech32::encode::<Bech32>(HRP, key).unwrap_or_default()
}

/// The bytes whose hash is the transaction's id.
/// <https://github.com/multiversx/mx-chain-core-go/blob/main/data/transaction/transaction.proto>
fn to_protobuf(
    signed: &Signed,
    value: U256,
    [receiver, sender]: [&Key; 2],
    data: &[u8],
    (signature, [guardian, relayer]): (&[u8; 64], &[Vec<u8>; 2]),
) -> Vec<u8> {
    let mut out = Vec::new();
    let value = value.to_be_bytes_trimmed_vec();
    // The byte in front says that the number is not negative; zero has a byte of its own.
    let value = if value.is_empty() { vec![0, 0] } else { [&[0], value.as_slice()].concat() };
    put_number(&mut out, 1, signed.nonce);
    put_bytes(&mut out, 2, &value);
    let name = |name: &Option<String>| {
        name.as_ref().and_then(|name| BASE64.decode(name.as_bytes()).ok()).unwrap_or_default()
    };
    let key = |address: &Option<String>| {
        address.as_ref().and_then(|address| key_of(address).ok()).map_or(Vec::new(), Vec::from)
    };
    put_bytes(&mut out, 3, receiver);
    put_bytes(&mut out, 4, &name(&signed.receiver_username));
    put_bytes(&mut out, 5, sender);
    put_bytes(&mut out, 6, &name(&signed.sender_username));
    put_number(&mut out, 7, signed.gas_price);
    put_number(&mut out, 8, signed.gas_limit);
    put_bytes(&mut out, 9, data);
    put_bytes(&mut out, 10, signed.chain_id.as_bytes());
    put_number(&mut out, 11, signed.version.into());
    put_bytes(&mut out, 12, signature);
    put_number(&mut out, 13, signed.options.unwrap_or(0).into());
    put_bytes(&mut out, 14, &key(&signed.guardian));
    put_bytes(&mut out, 15, guardian);
    put_bytes(&mut out, 16, &key(&signed.relayer));
    put_bytes(&mut out, 17, relayer);
    out
}

fn put_number(out: &mut Vec<u8>, field: u8, number: u64) {
    if number != 0 {
        out.push(field << 3);
        put_varint(out, number);
    }
}

fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_varint(out, u64::from(field) << 3 | 2);
        put_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        out.extend_from_slice(bytes);
    }
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
