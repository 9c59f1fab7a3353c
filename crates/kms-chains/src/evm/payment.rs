//! The effects of paying or calling an account, in transactions that are signed here and in those
//! that the API shows: `GET /v3/{chain}/transaction/{hash}`, modelled on web3's transaction.

use alloy_primitives::{Address, U256};
use kms_core::{Amount, Asset, Effects, Fee, Network, NodeCall, Transfer};
use serde_json::Value;

use super::{
    Evm, address,
    calls::{self, ContractCall},
};
use crate::codec::hex;

/// Value in the chain's own coin.
pub(super) fn native(sender: Address, to: Address, amount: U256) -> Transfer {
    Transfer {
        asset: Asset::Native,
        to: calls::text(to),
        amount: Amount::from_u256(amount),
        to_self: to == sender,
        tag: None,
    }
}

/// Adds what the receiver gets, and what a call of it moves.
pub(super) fn add(effects: &mut Effects, sender: Address, to: Address, value: U256, data: &[u8]) {
    if !value.is_zero() {
        effects.add_transfer(native(sender, to, value));
    }
    if !data.is_empty() {
        ContractCall { contract: to, data, sender, spell: calls::text }.add_to(effects);
    }
}

pub(super) fn call(api_path: &str, hash: &str) -> NodeCall {
    NodeCall::Api { path: format!("/v3/{api_path}/transaction/{hash}"), body: None }
}

/// A transaction that made a contract is not read: its address rests on the nonce.
pub(super) fn read(row: &Evm, network: Network, hash: &str, answer: &Value) -> Option<Effects> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let own = text("transactionHash").or_else(|| text("hash"))?;
    if !own.eq_ignore_ascii_case(hash) {
        return None;
    }
    let account = |name| {
        let spelled = text(name)?;
        let digits = spelled.strip_prefix("xdc").unwrap_or(spelled);
        address::read(&digits.to_ascii_lowercase()).ok()
    };
    let value = U256::from_str_radix(text("value")?, 10).ok()?;
    let input = text("input")?;
    let data = hex::decode(input.strip_prefix("0x").unwrap_or(input))?;
    let mut effects = Effects::new(row.spec.id, network, Fee::native(Amount::ZERO));
    add(&mut effects, account("from")?, account("to")?, value, &data);
    Some(effects)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of the API's own client for `EthTx`, with a value.
    #[test]
    fn a_transaction_of_the_api_is_read_as_one_that_is_signed_here() {
        let hash = "0xe6e7340394958674cdf8606936d292f565e4ecc476aaa8b258ec8a141f7c75d7";
        let answer = json!({
            "from": "0x81B7E08F65Bdf5648606c89998A9CC8164397647",
            "to": "0x52908400098527886E0F7030069857D2E4169EE7",
            "transactionHash": hash, "input": "0x", "value": "100000", "gas": 21000, "nonce": 3,
        });
        let eth = crate::find("ETH").unwrap();
        let effects = eth.read_payment(Network::Testnet, hash, &answer).unwrap();
        let [paid] = effects.transfers() else { panic!("{effects:?}") };
        assert_eq!(paid.to, "0x52908400098527886e0f7030069857d2e4169ee7");
        assert_eq!((paid.amount, &paid.asset), (Amount::from_base_units(100_000), &Asset::Native));
        let other = hash.replace("0xe6", "0xe7");
        assert_eq!(eth.read_payment(Network::Testnet, &other, &answer), None);
    }
}
