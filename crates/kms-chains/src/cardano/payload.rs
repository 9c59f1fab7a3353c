//! The payload: Rosetta's operations, inputs and outputs and nothing else.
//! <https://docs.cloud.coinbase.com/rosetta/docs/models#operation>

use std::collections::{BTreeMap, HashSet};

use kms_core::{Amount, ChainOptions, DecodeError, Network, ResolveError};
use serde_json::Value;

use super::{
    CARDANO,
    address::Address,
    body::{Asset, NAME_MAX_BYTES, Outpoint, Output, POLICY_BYTES},
};
use crate::codec::{
    hex,
    json::{self, Json, Object},
    members,
};

/// More inputs and outputs than fit into a transaction.
const OPERATIONS_MAX: usize = 1_000;
/// The node's notation for an empty name.
const EMPTY_NAME: &str = "\\x";

#[derive(Debug)]
pub(super) struct Payload {
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<Output>,
    /// The inputs' total minus the outputs' total.
    pub(super) fee: u64,
    /// The operations in the form that the node gets.
    pub(super) operations: Value,
}

#[derive(Debug)]
pub(super) struct Input {
    pub(super) outpoint: Outpoint,
    pub(super) address: Address,
    lovelace: u64,
}

/// # Errors
/// When the text is not a list of such operations, or they cannot be a transaction.
pub(super) fn read(
    network: Network,
    text: &str,
    options: &ChainOptions,
) -> Result<Payload, DecodeError> {
    let payload = json::parse(text)?;
    let list =
        payload.as_list().ok_or_else(|| DecodeError::field("operations", "is not a list"))?;
    if list.len() > OPERATIONS_MAX {
        return Err(DecodeError::TooLarge);
    }
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for (place, operation) in list.iter().enumerate() {
        let operation = Operation::new(network, place, operation)?;
        match operation.text("type")? {
            "input" => inputs.push(operation.input()?),
            "output" => outputs.push(operation.output()?),
            _ => return Err(DecodeError::Unsupported("operations other than transfers".into())),
        }
    }
    members::check_all_read_in_list(&payload, &CARDANO, options)?;
    check_inputs(&inputs)?;
    if outputs.is_empty() {
        return Err(DecodeError::Missing("output"));
    }
    let fee = fee(&inputs, &outputs)?;
    // The text was read already, and strictly: only a number beyond any range fails here.
    let operations = serde_json::from_str(text)
        .map_err(|_| DecodeError::field("operations", "has a number out of range"))?;
    Ok(Payload { inputs, outputs, fee, operations })
}

fn check_inputs(inputs: &[Input]) -> Result<(), DecodeError> {
    if inputs.is_empty() {
        return Err(DecodeError::Missing("input"));
    }
    let mut seen = HashSet::new();
    match inputs.iter().find(|input| !seen.insert(&input.outpoint)) {
        Some(twice) => Err(DecodeError::Duplicate(twice.outpoint.to_string())),
        None => Ok(()),
    }
}

fn fee(inputs: &[Input], outputs: &[Output]) -> Result<u64, DecodeError> {
    let add = |sum: u64, amount: u64| sum.checked_add(amount);
    let spent = inputs.iter().map(|input| input.lovelace).try_fold(0, add);
    let paid = outputs.iter().map(|output| output.lovelace).try_fold(0, add);
    let out_of_range = || DecodeError::field("operations", "move more than the total supply");
    let (spent, paid) = spent.zip(paid).ok_or_else(out_of_range)?;
    spent.checked_sub(paid).ok_or_else(|| {
        let (inputs, outputs) = (Amount::from_base_units(spent), Amount::from_base_units(paid));
        let overspent = ResolveError::Overspent { inputs, outputs };
        DecodeError::field("operations", overspent.to_string())
    })
}

/// One operation, with its position for error messages.
struct Operation<'a> {
    network: Network,
    place: usize,
    object: &'a Object,
}

impl<'a> Operation<'a> {
    fn new(network: Network, place: usize, json: &'a Json) -> Result<Self, DecodeError> {
        let object = json.as_object().ok_or(DecodeError::NotAnObject)?;
        Ok(Self { network, place, object })
    }

    fn error(&self, path: &str, problem: &'static str) -> DecodeError {
        DecodeError::field(format!("operations[{}].{path}", self.place), problem)
    }

    /// The member at the end of a path of names.
    fn find(&self, path: &str) -> Option<&'a Json> {
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut parents = parents.split('.').filter(|name| !name.is_empty());
        let parent = parents
            .try_fold(self.object, |object, name| object.get(name).and_then(Json::as_object));
        parent?.get(name)
    }

    fn text(&self, path: &str) -> Result<&'a str, DecodeError> {
        let text = self.find(path).and_then(Json::as_text);
        text.ok_or_else(|| self.error(path, "is not text"))
    }

    fn address(&self) -> Result<Address, DecodeError> {
        const PATH: &str = "account.address";
        let address = Address::read(self.network, self.text(PATH)?);
        address.ok_or_else(|| self.error(PATH, "is not an address of this network"))
    }

    /// The amount after the sign, which is a minus for inputs.
    fn lovelace(&self, sign: &str) -> Result<u64, DecodeError> {
        const PATH: &str = "amount.value";
        let decimals = match self.find("amount.currency.decimals") {
            Some(Json::Number(literal)) => literal.as_str(),
            _ => "",
        };
        if (self.text("amount.currency.symbol")?, decimals) != ("ADA", "6") {
            return Err(self.error("amount.currency", "is not ADA with 6 decimals"));
        }
        let units = self.text(PATH)?.strip_prefix(sign).and_then(read_units);
        units.ok_or_else(|| self.error(PATH, "is not an amount in base units"))
    }

    fn input(&self) -> Result<Input, DecodeError> {
        const PATH: &str = "coin_change.coin_identifier.identifier";
        // The ledger checks what the input holds besides ADA.
        self.find("metadata.tokenBundle").inspect(|bundle| bundle.mark_read());
        let outpoint = Outpoint::read(self.text(PATH)?);
        Ok(Input {
            outpoint: outpoint.ok_or_else(|| self.error(PATH, "is not a hash and an index"))?,
            address: self.address()?,
            lovelace: self.lovelace("-")?,
        })
    }

    fn output(&self) -> Result<Output, DecodeError> {
        Ok(Output {
            address: self.address()?,
            lovelace: self.lovelace("")?,
            assets: self.assets()?,
        })
    }

    fn assets(&self) -> Result<BTreeMap<Asset, u64>, DecodeError> {
        const PATH: &str = "metadata.tokenBundle";
        let mut assets = BTreeMap::new();
        let Some(bundle) = self.find(PATH) else { return Ok(assets) };
        let bad = || self.error(PATH, "is not a list of tokens by policy");
        for policy in bundle.as_list().ok_or_else(bad)? {
            let policy = policy.as_object().ok_or_else(bad)?;
            let id = policy.get("policyId").and_then(Json::as_text);
            let id = id.and_then(hex::decode_array::<POLICY_BYTES>).ok_or_else(bad)?;
            let tokens = policy.get("tokens").and_then(Json::as_list).ok_or_else(bad)?;
            for token in tokens {
                let (name, units) = read_token(token).ok_or_else(bad)?;
                let asset = Asset { policy: id, name };
                if assets.insert(asset, units).is_some() {
                    return Err(self.error(PATH, "names a token twice"));
                }
            }
        }
        Ok(assets)
    }
}

fn read_token(token: &Json) -> Option<(Vec<u8>, u64)> {
    let token = token.as_object()?;
    let currency = token.get("currency")?.as_object()?;
    let symbol = currency.get("symbol")?.as_text()?;
    let name = hex::decode(if symbol == EMPTY_NAME { "" } else { symbol })?;
    let units = token.get("value")?.as_text().and_then(read_units)?;
    (name.len() <= NAME_MAX_BYTES).then_some((name, units))
}

/// Digits of a number from one on.
fn read_units(text: &str) -> Option<u64> {
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|units| are_digits && *units > 0)
}
