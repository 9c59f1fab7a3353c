//! The effects of a transaction: its value, and the function that its data names.
//! <https://docs.multiversx.com/developers/built-in-functions/>

use kms_core::{Amount, Asset, Effects, Fee, Network, ResolveError, Transfer, Unexplained};
use ruint::aliases::U256;
use sha3::{Digest as _, Keccak256};

use super::{
    MULTIVERSX,
    address::{self, KEY_BYTES},
    transaction::Transaction,
};
use crate::codec::{hex, note};

type Key = [u8; KEY_BYTES];

/// The receiver of a transaction that creates a contract.
const NOBODY: Key = [0; KEY_BYTES];
/// Contracts have addresses that begin with eight zeros; data without arguments calls them too.
/// <https://docs.multiversx.com/developers/sc-calls-format/>
const CONTRACT: [u8; 8] = [0; 8];
/// Functions of the protocol that need no arguments.
const BUILT_IN: [&str; 4] =
    ["ClaimDeveloperRewards", "GuardAccount", "MigrateDataTrie", "UnGuardAccount"];
/// The name that a transfer of several tokens has for the chain's coin.
const COIN: &str = "EGLD-000000";

pub(super) fn of(transaction: &Transaction, network: Network) -> Result<Effects, ResolveError> {
    let fee = Amount::from_base_units(transaction.gas_limit).checked_mul(transaction.gas_price);
    let fee = Fee::native(fee.ok_or(ResolveError::Overflow)?);
    let mut effects = Effects::new(MULTIVERSX.spec.id, network, fee);
    effects.add_payer(address::spell(&transaction.sender));
    let call = Call::read(&transaction.data);
    let created = new_contract(transaction, &call);
    if !transaction.value.is_zero() {
        let to = created.unwrap_or(transaction.receiver);
        let amount = Amount::from_u256(transaction.value);
        effects.add_transfer(transfer(transaction, to, Asset::Native, amount));
    }
    if let Some(contract) = created {
        let what = Unexplained::new("a new contract").by_contract(address::spell(&contract));
        effects.add_unexplained(what);
        add_addresses(&mut effects, "an argument of a new contract", &contract, &call.arguments);
    } else if let Some(tokens) = Tokens::read(&call, transaction) {
        tokens.add_to(&mut effects, transaction);
    } else if is_call(transaction) {
        add_call(&mut effects, transaction, &call);
    } else {
        effects.tag_transfers(note::spell(transaction.data.as_bytes()).as_deref());
    }
    Ok(effects)
}

/// A function and its arguments, which are in hexadecimal.
struct Call<'a> {
    function: &'a str,
    arguments: Vec<&'a str>,
}

impl<'a> Call<'a> {
    fn read(data: &'a str) -> Self {
        let mut parts = data.split('@');
        Self { function: parts.next().unwrap_or_default(), arguments: parts.collect() }
    }
}

/// Tokens that a function of the protocol moves, and the call of the receiver behind them.
struct Tokens<'a> {
    to: Key,
    moved: Vec<(Asset, Amount)>,
    /// A function of the receiver and its arguments.
    call: &'a [&'a str],
}

impl<'a> Tokens<'a> {
    /// <https://docs.multiversx.com/tokens/fungible-tokens/#transfers>. The transfers that name
    /// their receiver are sent to oneself.
    fn read(call: &'a Call<'a>, transaction: &Transaction) -> Option<Self> {
        let is_to_self = transaction.receiver == transaction.sender;
        match (call.function, call.arguments.as_slice()) {
            ("ESDTTransfer", [name, amount, call @ ..]) => {
                let moved = vec![(Asset::Token { contract: token(name)? }, number(amount)?)];
                Some(Self { to: transaction.receiver, moved, call })
            }
            ("ESDTNFTTransfer", [name, id, amount, to, call @ ..]) if is_to_self => {
                let asset = Asset::Item { contract: token(name)?, id: number(id)? };
                let moved = vec![(asset, number(amount)?)];
                Some(Self { to: hex::decode_array(to)?, moved, call })
            }
            ("MultiESDTNFTTransfer", [to, count, rest @ ..]) if is_to_self => {
                let count = usize::from_str_radix(count, 16).ok()?.checked_mul(3)?;
                let (tokens, call) = rest.split_at_checked(count)?;
                let moved = tokens.chunks_exact(3).map(|token| match token {
                    [name, id, amount] => Some((kind(name, id)?, number(amount)?)),
                    _ => None,
                });
                Some(Self {
                    to: hex::decode_array(to)?,
                    moved: moved.collect::<Option<_>>()?,
                    call,
                })
            }
            _ => None,
        }
    }

    fn add_to(self, effects: &mut Effects, transaction: &Transaction) {
        for (asset, amount) in self.moved {
            effects.add_transfer(transfer(transaction, self.to, asset, amount));
        }
        let [_, arguments @ ..] = self.call else { return };
        effects.add_unexplained(Unexplained::call(address::spell(&self.to)));
        add_addresses(effects, "an argument of the call", &self.to, arguments);
    }
}

/// The kind of a token among several: those without a number are fungible.
fn kind(name: &str, id: &str) -> Option<Asset> {
    let (contract, id) = (token(name)?, number(id)?);
    Some(match id == Amount::ZERO {
        true if contract == COIN => Asset::Native,
        true => Asset::Token { contract },
        false => Asset::Item { contract, id },
    })
}

fn token(digits: &str) -> Option<String> {
    String::from_utf8(hex::decode(digits)?).ok()
}

fn number(digits: &str) -> Option<Amount> {
    let number = U256::from_str_radix(digits, 16).ok().filter(|_| !digits.is_empty());
    number.map(Amount::from_u256)
}

fn transfer(transaction: &Transaction, to: Key, asset: Asset, amount: Amount) -> Transfer {
    let to_self = to == transaction.sender;
    Transfer { asset, to: address::spell(&to), amount, to_self, tag: None }
}

/// The address of the contract that the transaction creates.
/// <https://docs.multiversx.com/developers/smart-contracts/>
fn new_contract(transaction: &Transaction, call: &Call<'_>) -> Option<Key> {
    let machine: [u8; 2] = hex::decode_array(call.arguments.first()?)?;
    if transaction.receiver != NOBODY {
        return None;
    }
    let nonce = transaction.nonce.to_le_bytes();
    let hash = Keccak256::digest([transaction.sender.as_slice(), &nonce].concat());
    let parts = [&CONTRACT[..], &machine, hash.get(10..30)?, transaction.sender.get(30..)?];
    parts.concat().try_into().ok()
}

/// Data is a note where it is neither for a contract nor for the protocol itself, which acts on
/// functions of its own by their names alone.
fn is_call(transaction: &Transaction) -> bool {
    let data = transaction.data.as_str();
    let is_to_contract = transaction.receiver.starts_with(&CONTRACT);
    let is_to_self = transaction.receiver == transaction.sender;
    let is_for_somebody = !data.is_empty() && (is_to_contract || is_to_self);
    is_for_somebody || data.contains('@') || BUILT_IN.contains(&data)
}

/// A call that is not told. Tokens are managed by the protocol's own contract, whose functions
/// name the token first: roles, ownership, freezing.
fn add_call(effects: &mut Effects, transaction: &Transaction, call: &Call<'_>) {
    let contract = address::spell(&transaction.receiver);
    effects.add_unexplained(Unexplained::call(contract));
    let of_token =
        call.arguments.first().and_then(|name| token(name)).filter(|name| is_token(name));
    let what = match of_token {
        Some(token) => format!("an argument of {} for {token}", call.function),
        None => format!("an argument of {}", call.function),
    };
    add_addresses(effects, &what, &transaction.receiver, &call.arguments);
}

/// Identifiers of tokens are a ticker and six letters or digits.
/// <https://docs.multiversx.com/tokens/fungible-tokens/#parameters-format>
fn is_token(name: &str) -> bool {
    let is_part = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    name.split_once('-')
        .is_some_and(|(ticker, random)| is_part(ticker, 3..=10) && is_part(random, 6..=6))
}

/// Arguments that may be addresses, as bytes or as their text: who gets tokens, a role, a contract,
/// who is to guard.
fn add_addresses(effects: &mut Effects, what: &str, contract: &Key, arguments: &[&str]) {
    let of_text = |argument: &str| address::read(&token(argument)?);
    let key = |argument: &&str| hex::decode_array(argument).or_else(|| of_text(argument));
    for key in arguments.iter().filter_map(key) {
        let what = Unexplained::new(what).by_contract(address::spell(contract));
        effects.add_unexplained(what.for_receiver(address::spell(&key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses that sdk-core 15.4.0 computes.
    #[test]
    fn the_address_of_a_new_contract_follows_from_sender_and_nonce() {
        let sender = "erd1qyu5wthldzr8wx5c9ucg8kjagg0jfs53s8nr3zpz3hypefsdd8ssycr6th";
        for (nonce, expected) in [
            (0, "erd1qqqqqqqqqqqqqpgqak8zt22wl2ph4tswtyc39namqx6ysa2sd8ss4xmlj3"),
            (129, "erd1qqqqqqqqqqqqqpgqcw576lerdjhlxnnre4swxxwaxhsepd65d8ssn78y0l"),
            (u64::MAX, "erd1qqqqqqqqqqqqqpgq4zkv5vgezyc3eq5xmgujh2tcdlcgurhyd8ssmff57x"),
        ] {
            let transaction = Transaction {
                nonce,
                value: U256::ZERO,
                receiver: NOBODY,
                sender: address::read(sender).unwrap(),
                gas_price: 1,
                gas_limit: 1,
                data: String::from("0061736d@0500@0100"),
                chain_id: String::from("D"),
                version: 1,
                extension: super::super::extension::Extension::default(),
            };
            let created = new_contract(&transaction, &Call::read(&transaction.data));
            assert_eq!(created, address::read(expected));
        }
    }
}
