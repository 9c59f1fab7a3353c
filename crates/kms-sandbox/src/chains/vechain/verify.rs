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
    depends_on: Option<String>,
    nonce: Quantity,
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
    let item = Item::read(&bytes)?;
    let [fields @ .., signature] = item.list()? else {
        return Err(Rejection::Malformed("it is empty"));
    };
    let [tag, block, expiration, clauses, coef, gas, depends, nonce, reserved] = fields else {
        return Err(Rejection::Malformed("it does not have ten fields"));
    };
    let hash = blake(&rlp::list(&fields.iter().map(|field| field.encoded).collect::<Vec<_>>()));
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
    require_number("gasPriceCoef", coef, payload.gas_price_coef, 0)?;
    if let Quantity(Some(given)) = payload.nonce {
        require_equal("nonce", nonce.number()?, given, U256::to_string)?;
    }
    if let Some(given) = &payload.block_ref {
        let given = U256::from_str_radix(given.trim_start_matches("0x"), 16).unwrap_or_default();
        require_equal("blockRef", block.number()?, given, U256::to_string)?;
    }
    let depends_on = depends.optional_array::<32>()?.map(encode_prefixed);
    require_equal("dependsOn", depends_on, payload.depends_on, |id| format!("{id:?}"))?;
    if !GAS.contains(&gas.small()?) || !reserved.list()?.is_empty() {
        return Err(Rejection::Malformed("its gas or reserved field is not valid on VeChain"));
    }
    let txid = encode_prefixed(blake(&[hash.as_slice(), &signer].concat()));
    Ok(Valid { uses: vec![format!("vet {txid}")], txid, nonce: None })
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
