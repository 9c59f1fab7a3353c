//! From payload to complete transaction: what is missing is asked for, in the original's order.

use std::borrow::Cow;

use alloy_primitives::Address;
use kms_core::{
    Answer, ChainOptions, DecodeError, DecodeInput, Draft, KeyRef, Network, NodeCall, Query,
    ResolveError, Unsigned,
};
use ruint::aliases::U256;
use serde_json::{Value, json};

use super::{
    Dialect, EstimateCall, Evm, GasPriceSource, NonceSource, address_of, answers,
    celo::CeloFields,
    finish::{Complete, Pricing},
    gas::Costs,
    klaytn,
    payload::Fields,
};
use crate::codec::{
    hex,
    json::{self, Object},
    members, quantity,
};

const GWEI: u64 = 1_000_000_000;
/// Polygon's validators take nothing cheaper, in gwei.
const GAS_STATION_LEAST_GWEI: u64 = 30;
const GAS_STATION: NodeCall = NodeCall::External {
    default_base: "https://gasstation.polygon.technology",
    path: Cow::Borrowed("/v2"),
    body: None,
};
/// The margin that is added to Celo's estimates.
const CELO_GAS_MARGIN: u64 = 100_000;
/// The tip of a transaction that names none: 2.5 gwei.
const DEFAULT_PRIORITY_FEE: u64 = 2_500_000_000;

#[derive(Debug)]
pub(super) struct EvmDraft {
    pub(super) row: &'static Evm,
    pub(super) network: Network,
    pub(super) options: ChainOptions,
    pub(super) key: KeyRef,
    pub(super) fields: Fields,
    pub(super) special: Special,
    pub(super) pricing: Pricing,
    is_withdrawal: bool,
    /// Filled in as answers come.
    pub(super) sender: Option<Address>,
    estimated: Option<u64>,
    nonce: Option<u64>,
    gas_price: Option<U256>,
    pub(super) base_fee: Option<U256>,
    pub(super) chain_id: Option<u64>,
    asked: Option<Question>,
}

/// The part that only one dialect has.
#[derive(Debug)]
pub(super) enum Special {
    None,
    Klaytn(klaytn::Type),
    Celo(CeloFields),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Question {
    Sender,
    GasLimit,
    Nonce,
    GasPrice,
    BaseFee,
    ChainId,
}

impl EvmDraft {
    pub(super) fn new(row: &'static Evm, input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let object = json::parse_object(&pending.payload)?;
        let (special, fields) = read_dialect(row, &object, options)?;
        let pricing = match &special {
            Special::Klaytn(klaytn::Type::Klaytn { .. }) => Pricing::GasPrice,
            Special::Klaytn(klaytn::Type::Ethereum) => Pricing::read(row, None, &fields)?,
            Special::Celo(celo) => {
                Pricing::read(row, celo.ethereum_type(read_type(&object)?)?, &fields)?
            }
            Special::None => Pricing::read(row, read_type(&object)?, &fields)?,
        };
        members::check_all_read(&object, row, options)?;
        let chain_id = fields.chain_id;
        if let Some(found) = chain_id {
            row.check_chain_id(pending.network, options, found)?;
        }
        let draft = Self {
            row,
            network: pending.network,
            options: options.clone(),
            key: signers.account_key(pending)?,
            nonce: given_nonce(row, &fields, pending.withdrawal.is_some())?,
            gas_price: given_price(row, &fields, pending.withdrawal.is_some()),
            fields,
            special,
            pricing,
            is_withdrawal: pending.withdrawal.is_some() && row.spec.withdrawals,
            sender: None,
            estimated: None,
            base_fee: None,
            chain_id,
            asked: None,
        };
        draft.check_gas()?;
        Ok(draft)
    }

    /// Refuses what no network takes before anybody is asked: no answer makes up for it.
    fn check_gas(&self) -> Result<(), DecodeError> {
        if let Special::Klaytn(klaytn::Type::Klaytn { .. }) = self.special {
            return Ok(()); // Klaytn's own types have prices of their own.
        }
        let fields = &self.fields;
        let costs = Costs {
            data: fields.data.as_ref().map_or(&[], |data| data.as_ref()),
            is_creation: fields.to.is_none(),
            access_list: fields.access_list.as_ref(),
        };
        self.row.gas_rules.check(costs, self.own_gas()?)
    }

    fn next_question(&self) -> Option<Question> {
        let asks = [
            (Question::Sender, self.sender.is_none()),
            (Question::GasPrice, self.celo().is_some() && self.lacks_price()),
            (Question::GasLimit, self.estimated.is_none() && self.wants_estimate()),
            (Question::Nonce, self.nonce.is_none()),
            (Question::GasPrice, self.lacks_price()),
            (Question::ChainId, self.chain_id.is_none()),
            (
                Question::BaseFee,
                self.pricing.needs_base_fee(&self.fields) && self.base_fee.is_none(),
            ),
        ];
        asks.into_iter().find(|(_, missing)| *missing).map(|(question, _)| question)
    }

    fn lacks_price(&self) -> bool {
        self.pricing.is_single_price() && self.gas_price.is_none()
    }

    fn wants_estimate(&self) -> bool {
        let estimate = &self.row.estimate;
        let missing = match self.row.dialect {
            Dialect::Celo => self.fields.gas_limit.is_falsy(),
            Dialect::Web3 | Dialect::Klaytn => self.fields.gas.is_falsy(),
        };
        missing || estimate.always || (self.is_withdrawal && estimate.whole_for_withdrawals)
    }

    fn ask(&self, question: Question) -> Result<Query, ResolveError> {
        let sender = || self.sender.ok_or(ResolveError::Incomplete("sender"));
        Ok(match question {
            Question::Sender => Query::PublicKey(self.key.clone()),
            Question::GasLimit => {
                let call = self.estimate_call(sender()?)?;
                Query::Node(self.row.rpc(self.row.estimate.method, json!([call])))
            }
            Question::Nonce => Query::Node(match self.row.nonce {
                NonceSource::Api { path } => NodeCall::Api {
                    path: format!("{path}{}", sender()?.to_checksum(None)),
                    body: None,
                },
                NonceSource::Node { method, block } => {
                    let sender = match self.row.dialect {
                        Dialect::Web3 => sender()?.to_checksum(None),
                        Dialect::Klaytn | Dialect::Celo => {
                            hex::encode_prefixed(sender()?.as_slice())
                        }
                    };
                    self.row.rpc(method, json!([sender, block]))
                }
            }),
            Question::GasPrice => Query::Node(self.ask_price()?),
            Question::BaseFee => {
                Query::Node(self.row.rpc("eth_getBlockByNumber", json!(["latest", false])))
            }
            Question::ChainId => {
                let klaytn = self.row.dialect == Dialect::Klaytn;
                let method = if klaytn { "klay_chainID" } else { "eth_chainId" };
                Query::Node(self.row.rpc(method, json!([])))
            }
        })
    }

    fn ask_price(&self) -> Result<NodeCall, ResolveError> {
        match self.row.gas_price {
            GasPriceSource::Api { path } => Ok(NodeCall::Api { path: path.to_owned(), body: None }),
            GasPriceSource::GasStation => Ok(GAS_STATION),
            GasPriceSource::Node { method, .. } => {
                let currency = self.celo().and_then(|celo| celo.fee_currency);
                let currency = currency.map(|address| hex::encode_prefixed(address.as_slice()));
                Ok(self.row.rpc(method, json!(Vec::from_iter(currency))))
            }
            GasPriceSource::Fixed(_) => Err(ResolveError::Incomplete("gasPrice")),
        }
    }

    fn celo(&self) -> Option<&CeloFields> {
        match &self.special {
            Special::Celo(celo) => Some(celo),
            Special::None | Special::Klaytn(_) => None,
        }
    }

    fn estimate_call(&self, sender: Address) -> Result<Value, ResolveError> {
        let given = &self.fields.as_call;
        let mut call = match (self.row.dialect, self.row.estimate.call) {
            (Dialect::Celo, _) => self.pick(&["value", "to", "data"]),
            (_, EstimateCall::ToAndData) => self.pick(&["to", "data"]),
            (_, EstimateCall::Whole) => given.clone(),
        };
        if self.row.dialect == Dialect::Celo {
            if let Some(gas_limit) = given.get("gasLimit").filter(|gas_limit| !gas_limit.is_null())
            {
                call.insert("gas".into(), gas_limit.clone());
            }
            if let Some(gas_price) = self.gas_price {
                call.insert("gasPrice".into(), json!(format!("{gas_price:#x}")));
            }
        }
        call.insert("from".into(), json!(hex::encode_prefixed(sender.as_slice())));
        Ok(Value::Object(call))
    }

    fn pick(&self, names: &[&str]) -> serde_json::Map<String, Value> {
        let given = &self.fields.as_call;
        let member = |name: &&str| Some(((*name).to_owned(), given.get(*name)?.clone()));
        names.iter().filter_map(member).collect()
    }

    fn take(&mut self, question: Question, answer: Value) -> Result<(), ResolveError> {
        match question {
            Question::Sender => return Err(ResolveError::Incomplete("public key")),
            Question::GasLimit => {
                let gas = answers::read_u64(self.row.estimate.method, &answer)?;
                let margin = if self.row.dialect == Dialect::Celo { CELO_GAS_MARGIN } else { 0 };
                self.estimated = Some(gas.checked_add(margin).ok_or(ResolveError::Overflow)?);
            }
            Question::Nonce => self.nonce = Some(answers::read_u64("nonce", &answer)?),
            Question::GasPrice => self.gas_price = Some(self.read_price(&answer)?),
            Question::BaseFee => {
                let base_fee = answer.get("baseFeePerGas").ok_or_else(no_base_fee)?;
                self.base_fee = Some(answers::read("baseFeePerGas", base_fee)?);
            }
            Question::ChainId => {
                let found = answers::read_u64("chain id", &answer)?;
                self.chain_id =
                    Some(self.row.check_chain_id(self.network, &self.options, found)?);
            }
        }
        Ok(())
    }

    fn read_price(&self, answer: &Value) -> Result<U256, ResolveError> {
        match self.row.gas_price {
            GasPriceSource::Api { .. } => {
                let medium = answer.get("medium").unwrap_or(&Value::Null);
                answers::read("medium", medium)
            }
            GasPriceSource::GasStation => {
                let gwei = answer.pointer("/fast/maxFee").filter(|fee| !fee.is_null());
                let gwei = gwei.map_or(Ok(GAS_STATION_LEAST_GWEI), answers::read_ceiling)?;
                let wei = gwei.max(GAS_STATION_LEAST_GWEI).checked_mul(GWEI);
                wei.map(U256::from).ok_or(ResolveError::Overflow)
            }
            GasPriceSource::Node { method, most, .. } => {
                let price = answers::read(method, answer)?;
                let price = most.map_or(price, |most| price.min(U256::from(most)));
                Ok(self.celo().map_or(price, |celo| celo.at_least_floor(price)))
            }
            GasPriceSource::Fixed(price) => Ok(U256::from(price)),
        }
    }

    /// The payload's own limit, unless a node's estimate takes its place: `gasLimit` wins over
    /// `gas` and over any estimate, but Klaytn knows only `gas`.
    fn own_gas(&self) -> Result<Option<u64>, DecodeError> {
        let gas_limit = match self.row.dialect {
            Dialect::Klaytn => None,
            Dialect::Web3 | Dialect::Celo => self.fields.gas_limit.as_u64("gasLimit")?,
        };
        let gas_limit = gas_limit.filter(|gas| *gas != 0);
        let given = self.fields.gas.as_u64("gas")?;
        let estimate = &self.row.estimate;
        let replaces = estimate.replaces || (self.is_withdrawal && estimate.whole_for_withdrawals);
        let zero_stays = estimate.always && !estimate.replaces;
        let is_estimated = replaces || (self.fields.gas.is_falsy() && !zero_stays);
        Ok(gas_limit.or(given.filter(|_| !is_estimated)))
    }

    pub(super) fn resolved_gas(&self) -> Result<u64, ResolveError> {
        self.own_gas()?.or(self.estimated).ok_or(ResolveError::Incomplete("gas"))
    }

    pub(super) fn resolved_nonce(&self) -> Result<u64, ResolveError> {
        match self.nonce {
            Some(u64::MAX) => Err(DecodeError::field("nonce", "is 2^64-1 or more").into()),
            Some(nonce) => Ok(nonce),
            None => Err(ResolveError::Incomplete("nonce")),
        }
    }

    pub(super) fn resolved_gas_price(&self) -> Result<u128, ResolveError> {
        let price = self.gas_price.ok_or(ResolveError::Incomplete("gasPrice"))?;
        narrow("gasPrice", price)
    }

    /// The tip and the most a unit of gas may cost, as web3 fills them in.
    pub(super) fn resolved_fees(&self) -> Result<(u128, u128), ResolveError> {
        let tip = self.fields.max_priority_fee.units.unwrap_or(U256::from(DEFAULT_PRIORITY_FEE));
        let max_fee = match (self.fields.max_fee.units, self.base_fee) {
            (Some(max_fee), _) => max_fee,
            (None, Some(base_fee)) => {
                let doubled = base_fee.checked_mul(U256::from(2));
                let sum = doubled.and_then(|doubled| doubled.checked_add(tip));
                sum.ok_or(ResolveError::Overflow)?
            }
            (None, None) => return Err(ResolveError::Incomplete("maxFeePerGas")),
        };
        if tip > max_fee {
            Err(DecodeError::field("maxFeePerGas", "cannot be less than maxPriorityFeePerGas")
                .into())
        } else {
            Ok((narrow("maxPriorityFeePerGas", tip)?, narrow("maxFeePerGas", max_fee)?))
        }
    }
}

/// A fee of 2¹²⁸ wei or more is not meant as a fee.
fn narrow(field: &'static str, units: U256) -> Result<u128, ResolveError> {
    u128::try_from(units).map_err(|_| DecodeError::field(field, "is absurdly high").into())
}

fn no_base_fee() -> ResolveError {
    ResolveError::UnexpectedAnswer(
        "eth_getBlockByNumber",
        "the network has no base fee and does not support EIP-1559 transactions".into(),
    )
}

fn read_dialect(
    row: &Evm,
    object: &Object,
    options: &ChainOptions,
) -> Result<(Special, Fields), DecodeError> {
    match row.dialect {
        Dialect::Web3 => {
            Ok((Special::None, Fields::read(object, row.dialect, row.address_prefix)?))
        }
        Dialect::Klaytn => {
            let fields = Fields::read(object, row.dialect, row.address_prefix)?;
            let kind = klaytn::Type::read(object, &fields, options.allow_account_changes)?;
            Ok((Special::Klaytn(kind), fields))
        }
        Dialect::Celo => {
            let (celo, fields) = CeloFields::read(object)?;
            Ok((Special::Celo(celo), fields))
        }
    }
}

/// The payload's nonce, or `None` where the original's falsiness check would ignore it.
fn given_nonce(
    row: &Evm,
    fields: &Fields,
    is_withdrawal: bool,
) -> Result<Option<u64>, DecodeError> {
    let nonce = fields.nonce;
    let zero_is_missing = match row.nonce {
        NonceSource::Api { .. } => !is_formatted(row, fields, is_withdrawal),
        NonceSource::Node { .. } => row.dialect == Dialect::Celo,
    };
    if nonce.is_missing() || (nonce.is_falsy() && zero_is_missing) {
        return Ok(None);
    }
    nonce.as_u64("nonce").map(|units| Some(units.unwrap_or(0)))
}

/// Returns true if the original's library has rewritten the payload's numbers by the time it looks
/// at them: it does so when it sends the whole of it to the node.
fn is_formatted(row: &Evm, fields: &Fields, is_withdrawal: bool) -> bool {
    let estimate = &row.estimate;
    estimate.call == EstimateCall::Whole
        && (estimate.always
            || fields.gas.is_falsy()
            || (is_withdrawal && estimate.whole_for_withdrawals))
}

fn given_price(row: &Evm, fields: &Fields, is_withdrawal: bool) -> Option<U256> {
    let price = fields.gas_price;
    let given = match row.gas_price {
        GasPriceSource::Node { keeps_zero: true, .. } => !price.is_missing(),
        _ if row.dialect == Dialect::Celo => !price.is_falsy(),
        _ if is_formatted(row, fields, is_withdrawal) => !price.or_zero().is_zero(),
        _ => !price.is_no_price(),
    };
    match (given, row.gas_price) {
        (true, _) => Some(price.or_zero()),
        (false, GasPriceSource::Fixed(price)) => Some(U256::from(price)),
        (false, _) => None,
    }
}

impl Draft for EvmDraft {
    fn next_query(&mut self) -> Option<Query> {
        let question = self.next_question()?;
        self.asked = Some(question);
        // A question that cannot be put is found missing by `finish`.
        self.ask(question).ok()
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        let question = self.asked.take().ok_or(ResolveError::Incomplete("question"))?;
        match answer {
            Answer::PublicKey(key) => {
                let sender = address_of(&key).map_err(|_| {
                    ResolveError::UnexpectedAnswer("public key", "is not a secp256k1 key".into())
                })?;
                self.check_from(sender)?;
                self.sender = Some(sender);
                Ok(())
            }
            Answer::Node(value) => self.take(question, value),
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        Complete::new(*self).map(|complete| Box::new(complete) as Box<dyn Unsigned>)
    }
}

impl EvmDraft {
    fn check_from(&self, sender: Address) -> Result<(), ResolveError> {
        match self.fields.from {
            Some(from) if from != sender => Err(ResolveError::NotOurs {
                found: from.to_checksum(None),
                expected: sender.to_checksum(None),
            }),
            _ => Ok(()),
        }
    }
}

/// Reads a payload's `type` where it is a number.
fn read_type(object: &Object) -> Result<Option<u64>, DecodeError> {
    object.get("type").map(|kind| quantity::read_u64("type", kind)).transpose()
}
