//! VeChain: clauses compared, the signer recovered from the hash of all fields.

use alloy_primitives::{
    U256,
    hex::{decode, encode_prefixed},
};
use blake2::{Blake2b, Digest as _, digest::consts::U32};
use k256::ecdsa::RecoveryId;
use kms_core::Network;
use serde::Deserialize;

use crate::chains::evm::verify::read_account;
use crate::verify::{
    Case, Rejection, Valid,
    account::{Account, account_of_key, check_signer, recover},
    json::{self, Quantity},
    require_equal,
    rlp::{self, Item},
};

/// Leads a transaction with dynamic fees.
const DYNAMIC_FEE: u8 = 0x51;
const EXPIRATION: u64 = 720;
/// The gas of any clause, and a block's limit.
const GAS: std::ops::RangeInclusive<u64> = 21_000..=40_000_000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    /// An address, or the number zero for the wallet's own.
    from: serde_json::Value,
    clauses: Option<Vec<Clause>>,
    chain_tag: Quantity,
    block_ref: Option<String>,
    expiration: Quantity,
    gas_price_coef: Quantity,
    max_fee_per_gas: Quantity,
    max_priority_fee_per_gas: Quantity,
    depends_on: Option<String>,
    nonce: Quantity,
    reserved: Option<Reserved>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reserved {
    features: Quantity,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Clause {
    to: Option<String>,
    value: Quantity,
    data: Option<String>,
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let payload: Payload = json::read(case.sample.payload())?;
    // The library would take a second prefix.
    let digits = case.raw.strip_prefix("0x").filter(|digits| !digits.starts_with("0x"));
    let bytes = digits.and_then(|digits| decode(digits).ok());
    let bytes = bytes.ok_or(Rejection::Malformed("it is not 0x and hexadecimal"))?;
    let (kind, list) = match bytes.split_first() {
        Some((&DYNAMIC_FEE, list)) => (&[DYNAMIC_FEE][..], list),
        _ => (&[][..], bytes.as_slice()),
    };
    let item = Item::read(list)?;
    let [fields @ .., signature] = item.list()? else {
        return Err(Rejection::Malformed("it is empty"));
    };
    let [tag, block, expiration, clauses, fees @ .., gas, depends, nonce, reserved] = fields else {
        return Err(Rejection::Malformed("it has too few fields"));
    };
    check_fees(&payload, kind, fees)?;
    let fields = rlp::list(&fields.iter().map(|field| field.encoded).collect::<Vec<_>>());
    let hash = blake(&[kind, &fields].concat());
    let signer = signer(signature.bytes()?, &hash)?;
    check_signer(case, signer, read_account)?;
    if let Some(from) = payload.from.as_str().and_then(read_account) {
        require_equal("from", signer, from, |account| encode_prefixed(account))?;
    }
    let single: Clause = json::read(case.sample.payload())?;
    check_clauses(payload.clauses.as_deref().unwrap_or(&[single]), clauses.list()?)?;
    let own_tag = match case.sample.expected().network {
        Network::Mainnet => 0x4a,
        Network::Testnet => 0x27,
    };
    require_number("chainTag", tag, payload.chain_tag, own_tag)?;
    require_number("expiration", expiration, payload.expiration, EXPIRATION)?;
    if let Quantity(Some(given)) = payload.nonce {
        require_equal("nonce", nonce.number()?, given, U256::to_string)?;
    }
    if let Some(given) = &payload.block_ref {
        let given = U256::from_str_radix(given.trim_start_matches("0x"), 16).unwrap_or_default();
        require_equal("blockRef", block.number()?, given, U256::to_string)?;
    }
    let depends_on = depends.optional_array::<32>()?.map(encode_prefixed);
    require_equal("dependsOn", depends_on.as_ref(), payload.depends_on.as_ref(), |id| {
        format!("{id:?}")
    })?;
    if !GAS.contains(&gas.small()?) {
        return Err(Rejection::Malformed("its gas is not valid on VeChain"));
    }
    check_features(&payload, reserved.list()?)?;
    let txid = encode_prefixed(blake(&[hash.as_slice(), &signer].concat()));
    Ok(Valid { uses: vec![format!("vet {txid}")], txid, nonce: None })
}

fn check_fees(payload: &Payload, kind: &[u8], fees: &[Item<'_>]) -> Result<(), Rejection> {
    let is_dynamic = payload.max_fee_per_gas.0.is_some();
    match fees {
        [coef] if kind.is_empty() && !is_dynamic => {
            require_number("gasPriceCoef", coef, payload.gas_price_coef, 0)
        }
        [tip, most] if !kind.is_empty() && is_dynamic => {
            require_number("maxPriorityFeePerGas", tip, payload.max_priority_fee_per_gas, 0)?;
            require_number("maxFeePerGas", most, payload.max_fee_per_gas, 0)
        }
        _ => Err(Rejection::Malformed("its fees are not those of its type or of the payload")),
    }
}

/// The one feature: another account pays the fee, and signs behind the sender.
fn check_features(payload: &Payload, found: &[Item<'_>]) -> Result<(), Rejection> {
    let asked = payload.reserved.as_ref().map_or(U256::ZERO, |asked| asked.features.or_zero());
    let found = match found {
        [] => U256::ZERO,
        [features] if !features.bytes()?.is_empty() => features.number()?,
        _ => return Err(Rejection::Malformed("its reserved field is not valid on VeChain")),
    };
    require_equal("reserved.features", found, asked, U256::to_string)
}

fn blake(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

fn signer(signature: &[u8], hash: &[u8]) -> Result<Account, Rejection> {
    let (recovery, r_and_s) =
        signature.split_last().ok_or(Rejection::Malformed("it is not signed"))?;
    recover(r_and_s, RecoveryId::from_byte(*recovery), hash).map(|key| account_of_key(&key))
}

/// A field that is as asked for, or else as it always is.
fn require_number(
    field: &'static str,
    found: &Item<'_>,
    asked: Quantity,
    usual: u64,
) -> Result<(), Rejection> {
    let expected = asked.0.unwrap_or(U256::from(usual));
    require_equal(field, found.number()?, expected, U256::to_string)
}

fn check_clauses(asked: &[Clause], found: &[Item<'_>]) -> Result<(), Rejection> {
    require_equal("clauses", found.len(), asked.len(), usize::to_string)?;
    for (found, asked) in found.iter().zip(asked) {
        let [to, value, data] = found.list()? else {
            return Err(Rejection::Malformed("a clause does not have three fields"));
        };
        let receiver = asked.to.as_deref().and_then(read_account);
        require_equal("to", to.optional_array()?, receiver, |account| format!("{account:?}"))?;
        require_equal("value", value.number()?, asked.value.or_zero(), U256::to_string)?;
        let asked = decode(asked.data.as_deref().unwrap_or_default())
            .map_err(|_| Rejection::Payload(String::from("data is not hexadecimal")))?;
        require_equal("data", data.bytes()?, asked.as_slice(), |data| encode_prefixed(data))?;
    }
    Ok(())
}
