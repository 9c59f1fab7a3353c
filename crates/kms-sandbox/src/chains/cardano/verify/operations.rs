//! The content of a payload: Rosetta's operations, and their totals.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Deserialize;

/// The node's notation for an empty name.
const EMPTY_NAME: &str = "\\x";

/// One of Rosetta's operations.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    #[serde(rename = "type")]
    kind: String,
    account: Account,
    amount: Amount,
    coin_change: Option<CoinChange>,
    metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
struct Account {
    address: String,
}

#[derive(Debug, Deserialize)]
struct Amount {
    value: String,
}

#[derive(Debug, Deserialize)]
struct CoinChange {
    coin_identifier: CoinIdentifier,
}

#[derive(Debug, Deserialize)]
struct CoinIdentifier {
    identifier: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    token_bundle: Option<Vec<Policy>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    policy_id: String,
    tokens: Vec<Token>,
}

#[derive(Debug, Deserialize)]
struct Token {
    value: String,
    currency: Currency,
}

#[derive(Debug, Deserialize)]
struct Currency {
    symbol: String,
}

/// The totals of all operations.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) inputs: Vec<Outpoint>,
    /// The owners of the inputs, in order.
    pub(crate) owners: Vec<String>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) fee: u64,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Outpoint {
    pub(crate) transaction: [u8; 32],
    pub(crate) index: u64,
}

#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Output {
    pub(crate) address: Vec<u8>,
    pub(crate) lovelace: u64,
    pub(crate) tokens: Tokens,
}

/// Amounts by name by policy.
pub(crate) type Tokens = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, u64>>;

impl Asked {
    /// # Errors
    /// The part of the operations that is not a payment.
    pub(crate) fn read(operations: &[Operation]) -> Result<Self, &'static str> {
        let mut asked = Self::default();
        let (mut spent, mut paid) = (0_u64, 0_u64);
        let add = |sum: u64, amount| sum.checked_add(amount).ok_or("amounts are out of range");
        for operation in operations {
            let value = operation.amount.value.as_str();
            match operation.kind.as_str() {
                "input" => {
                    let coin = operation.coin_change.as_ref();
                    let coin = coin.and_then(|coin| read_coin(&coin.coin_identifier.identifier));
                    asked.inputs.push(coin.ok_or("an input names no output that it spends")?);
                    asked.owners.push(operation.account.address.clone());
                    let value = value.strip_prefix('-').and_then(read_amount);
                    spent = add(spent, value.ok_or("an input's amount is not negative")?)?;
                }
                "output" => {
                    let output = operation.read_output()?;
                    paid = add(paid, output.lovelace)?;
                    asked.outputs.push(output);
                }
                _ => return Err("an operation is neither input nor output"),
            }
        }
        asked.fee = spent.checked_sub(paid).ok_or("the outputs exceed the inputs")?;
        Ok(asked)
    }
}

impl Operation {
    fn read_output(&self) -> Result<Output, &'static str> {
        let mut tokens = Tokens::new();
        let bundle = self.metadata.as_ref().and_then(|metadata| metadata.token_bundle.as_ref());
        for policy in bundle.into_iter().flatten() {
            let id = HEXLOWER.decode(policy.policy_id.as_bytes());
            let id = id.ok().filter(|id| id.len() == 28).ok_or("a policy is not a hash")?;
            let amounts = tokens.entry(id).or_default();
            for token in &policy.tokens {
                let name = Some(token.currency.symbol.as_str()).filter(|name| *name != EMPTY_NAME);
                let name = HEXLOWER.decode(name.unwrap_or_default().as_bytes());
                let name = name.map_err(|_| "a token's name is not hexadecimal")?;
                let value = read_amount(&token.value).ok_or("a token's amount is not valid")?;
                if amounts.insert(name, value).is_some() {
                    return Err("a token appears twice");
                }
            }
        }
        let address = read_address(&self.account.address).ok_or("an output has no address")?;
        let lovelace = read_amount(&self.amount.value).ok_or("an output has no amount")?;
        Ok(Output { address, lovelace, tokens })
    }
}

fn read_amount(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn read_coin(text: &str) -> Option<Outpoint> {
    let (transaction, index) = text.split_once(':')?;
    let transaction = HEXLOWER.decode(transaction.as_bytes()).ok()?.try_into().ok()?;
    Some(Outpoint { transaction, index: read_amount(index)? })
}

/// Of any network and era.
fn read_address(text: &str) -> Option<Vec<u8>> {
    match bech32::decode(text) {
        Ok((hrp, bytes)) => hrp.as_str().starts_with("addr").then_some(bytes),
        Err(_) => bs58::decode(text).into_vec().ok().filter(|bytes| bytes.first() == Some(&0x82)),
    }
}
