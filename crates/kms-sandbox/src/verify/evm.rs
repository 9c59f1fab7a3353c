//! Ethereum and its descendants.

mod decode;
mod payload;

use alloy_primitives::{U256, hex::encode_prefixed};
use serde_json::{Value, json};

use self::{
    decode::{Decoded, Price},
    payload::Payload,
};
use super::{
    Case, Nonce, Rejection, Valid,
    account::{Account, account_of_key, check_signer},
    require_equal,
};
use crate::nodes::{self, Node};

/// Times the node's price.
const UNUSUAL: u64 = 100;

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let sample = case.sample;
    let chain = sample.chain().spec().id;
    let node = nodes::find(chain).ok_or(Rejection::NoVerifier(chain))?;
    let payload = Payload::read(chain, sample.payload())?;
    let decoded = Decoded::read(case.raw)?;
    let sender = account_of_key(&decoded.sender);
    check_sender(case, &payload, sender)?;
    check_form(&payload, &decoded)?;
    check_chain_id(case, node, &payload, &decoded)?;
    check_content(&payload, &decoded, sender)?;
    check_price(&payload, &decoded)?;
    check_usual(node, &payload, &decoded)?;
    let gas_is_estimated = node.replaces_gas || sample.withdrawal().is_some();
    if let Some(gas) = payload.gas(gas_is_estimated) {
        require_equal("gas", U256::from(decoded.gas), gas, U256::to_string)?;
    }
    let is_given = check_nonce(&payload, &decoded)?;
    let account = alloy_primitives::hex::encode(sender);
    Ok(Valid {
        txid: encode_prefixed(decoded.hash),
        uses: vec![format!("nonce {} of {account} on chain {}", decoded.nonce, decoded.chain_id)],
        nonce: Some(Nonce { account, value: decoded.nonce, is_given }),
    })
}

/// A transaction in the API's form (`EthTx` and the like): what was broadcast, not what was
/// requested. `None` for bytes of another chain.
pub(crate) fn tell(raw: &str) -> Option<Value> {
    let decoded = Decoded::read(raw).ok()?;
    let Decoded { content, .. } = &decoded;
    let price = match decoded.price {
        Price::Single(price) => price,
        Price::Dynamic { most, .. } => most,
    };
    Some(json!({
        "transactionHash": encode_prefixed(decoded.hash),
        "from": encode_prefixed(account_of_key(&decoded.sender)),
        "to": content.to.map(encode_prefixed),
        "value": content.value.to_string(),
        "input": encode_prefixed(&content.data),
        "nonce": decoded.nonce,
        "gas": decoded.gas,
        "gasPrice": price.to_string(),
        "status": true,
        "blockNumber": 1,
    }))
}

/// The 40 digits of an address in lower case, from any spelling a chain of the family has.
pub(crate) fn account_of(address: &str) -> Option<String> {
    read_account(address).map(alloy_primitives::hex::encode)
}

pub(super) fn read_account(address: &str) -> Option<Account> {
    if let Some(icap) = address.strip_prefix("XE") {
        return read_icap(icap);
    }
    let prefixes = ["0x", "0X", "xdc"];
    let digits = prefixes.iter().find_map(|prefix| address.strip_prefix(prefix));
    let digits = digits.unwrap_or(address);
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    plain.then(|| alloy_primitives::hex::decode_to_array(digits).ok()).flatten()
}

/// Two check digits, which are the daemon's to check, and the address in base 36.
/// <https://github.com/ethereum/wiki/wiki/Inter-exchange-Client-Address-Protocol-(ICAP)>
fn read_icap(icap: &str) -> Option<Account> {
    let (_, digits) = icap.split_at_checked(2)?;
    let plain = digits.len() <= 31 && digits.bytes().all(|digit| digit.is_ascii_alphanumeric());
    let units = U256::from_str_radix(digits, 36).ok().filter(|_| plain)?;
    let fits = units.bit_len() <= 160;
    fits.then(|| alloy_primitives::Address::from_word(units.into()).into_array())
}

fn check_sender(case: &Case<'_>, payload: &Payload, sender: Account) -> Result<(), Rejection> {
    check_signer(case, sender, read_account)?;
    match payload.from()? {
        Some(from) => require_equal("from", sender, from, |account| encode_prefixed(account)),
        None => Ok(()),
    }
}

fn check_form(payload: &Payload, decoded: &Decoded) -> Result<(), Rejection> {
    require_equal("the type", decoded.form, payload.form()?, |form| format!("{form:?}"))
}

fn check_chain_id(
    case: &Case<'_>,
    node: &Node,
    payload: &Payload,
    decoded: &Decoded,
) -> Result<(), Rejection> {
    let network = case.sample.expected().network;
    let expected = match payload.chain_id()? {
        Some(given) if node.is_own(network, given) => given,
        _ => node.chain_id(network),
    };
    require_equal("the chain id", decoded.chain_id, expected, u64::to_string)
}

fn check_content(payload: &Payload, decoded: &Decoded, sender: Account) -> Result<(), Rejection> {
    let show = |account: &Option<Account>| match account {
        Some(account) => encode_prefixed(account),
        None => String::from("absent"),
    };
    let content = &decoded.content;
    if decoded.form.is_klaytn() {
        require_equal("from", content.from, Some(sender), show)?;
        require_equal("the fee ratio", content.fee_ratio, payload.fee_ratio()?, |ratio| {
            format!("{ratio:?}")
        })?;
    }
    require_equal("to", content.to, payload.to()?, show)?;
    require_equal("value", content.value, payload.value(), U256::to_string)?;
    require_equal("data", content.data.clone(), payload.data()?, |data| encode_prefixed(data))?;
    require_equal("the access list", &content.access_list, &payload.access_list()?, |list| {
        format!("{} entries", list.len())
    })?;
    require_equal("feeCurrency", content.fee_currency, payload.fee_currency()?, show)
}

fn check_price(payload: &Payload, decoded: &Decoded) -> Result<(), Rejection> {
    let check = |field: &str, found: U256, given: Option<U256>| match given {
        Some(given) => require_equal(field, found, given, U256::to_string),
        None => Ok(()),
    };
    match decoded.price {
        Price::Single(price) => check("gasPrice", price, payload.gas_price()),
        Price::Dynamic { tip, most } => {
            // Celo's single price is both.
            check("maxPriorityFeePerGas", tip, payload.tip().or(payload.gas_price()))?;
            check("maxFeePerGas", most, payload.max_fee().or(payload.gas_price()))?;
            if tip > most {
                Err(Rejection::Malformed("the tip is more than the maximum fee"))
            } else {
                Ok(())
            }
        }
    }
}

/// A price that nobody asked for and that is a hundred times the usual one is a node's mistake
/// that was paid.
fn check_usual(node: &Node, payload: &Payload, decoded: &Decoded) -> Result<(), Rejection> {
    let (paid, given) = match decoded.price {
        Price::Single(price) => (price, payload.gas_price()),
        Price::Dynamic { most, .. } => (most, payload.max_fee().or(payload.gas_price())),
    };
    let most = U256::from(node.gas_price).saturating_mul(U256::from(UNUSUAL));
    if given.is_none() && paid > most {
        return Err(Rejection::Malformed("it pays a hundred times the usual gas price"));
    }
    Ok(())
}

/// Returns true if the nonce is the payload's. A nonce of zero there may count as none.
fn check_nonce(payload: &Payload, decoded: &Decoded) -> Result<bool, Rejection> {
    match payload.nonce() {
        Some(given) if !given.is_zero() => {
            require_equal("nonce", U256::from(decoded.nonce), given, U256::to_string)?;
            Ok(true)
        }
        Some(_) => Ok(decoded.nonce == 0),
        None => Ok(false),
    }
}
