//! Celo's own type of transaction, CIP-64: its fee is paid in a token. All others are Ethereum's: the
//! legacy form with more members than Ethereum's is a deprecated type on every Celo network since
//! its layer 2.
//! <https://github.com/celo-org/celo-proposals/blob/master/CIPs/cip-0064.md>,
//! <https://specs.celo.org/tx_types.html>

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy_rlp::Encodable;
use kms_core::DecodeError;
use ruint::aliases::U256 as Units;

use super::{
    Dialect,
    klaytn::list,
    payload::{self, Falsy, Fields, Given},
    transaction::Call,
};
use crate::codec::{
    hex,
    json::{Json, Object},
};

const TYPE: u8 = 0x7b;

/// The name that the API's models have for the chain's own coin as the currency of a fee.
const OWN_COIN: &str = "CELO";

/// The dollar token of each network, whose gas price the original never lets fall below a floor.
const DOLLARS: [&str; 2] =
    ["0x765de816845861e75a25fca122bb6898b8b1282a", "0x874069fa1eb16d44d622f2e0ca25eea172369bc1"];
/// In wei of the dollar token.
const DOLLAR_GAS_PRICE_LOW: u64 = 500_000_000;
const DOLLAR_GAS_PRICE: u64 = 1_000_000_000;

/// The fields that only Celo has.
#[derive(Clone, Debug, Default)]
pub(super) struct CeloFields {
    pub(super) fee_currency: Option<Address>,
    has_floor: bool,
}

/// A transaction whose fee is paid in a token.
#[derive(Clone, Debug)]
pub(super) struct Cip64 {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    /// The tip and the most that a unit of gas may cost, in base units of the fee currency.
    pub(super) max_priority_fee: u128,
    pub(super) max_fee: u128,
    pub(super) to: Option<Address>,
    pub(super) value: U256,
    pub(super) data: Bytes,
    pub(super) access_list: AccessList,
    pub(super) fee_currency: Address,
}

impl CeloFields {
    /// # Errors
    /// When a member is not what it should be.
    pub(super) fn read(object: &Object) -> Result<(Self, Fields), DecodeError> {
        for name in
            ["value", "nonce", "gasLimit", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"]
        {
            refuse_decimal_text(name, object)?;
        }
        refuse_loose_hex(object)?;
        // Members of the family that Celo's library does not know.
        payload::refuse(object, &["gas", "input"])?;
        let mut fields = Fields::read(object, Dialect::Celo, "0x")?;
        // Only the text "0" is sent along to the node that estimates.
        match fields.gas_limit.falsy {
            Falsy::ZeroText => {
                fields.gas_limit = Given { falsy: Falsy::Zero, ..fields.gas_limit };
            }
            _ => drop(fields.as_call.remove("gasLimit")),
        }
        refuse_gateway(object)?;
        let text = object.get("feeCurrency").and_then(Json::as_text).unwrap_or_default();
        let celo =
            Self { fee_currency: read_currency(object)?, has_floor: DOLLARS.contains(&text) };
        Ok((celo, fields))
    }

    /// The payload's type as Ethereum has it: none where a fee currency makes it CIP-64.
    ///
    /// # Errors
    /// When the type and the fee currency do not go together.
    pub(super) fn ethereum_type(&self, kind: Option<u64>) -> Result<Option<u64>, DecodeError> {
        let is_own = kind == Some(u64::from(TYPE));
        match (self.fee_currency, kind) {
            (Some(_), Some(_)) if !is_own => {
                Err(DecodeError::field("type", "has no `feeCurrency`: only 0x7b (CIP-64) has"))
            }
            (None, Some(_)) if is_own => Err(DecodeError::Missing("feeCurrency")),
            (Some(_), _) => Ok(None),
            (None, kind) => Ok(kind),
        }
    }

    /// The node's price, but not below the floor of the currency.
    pub(super) fn at_least_floor(&self, price: Units) -> Units {
        if self.has_floor && price <= Units::from(DOLLAR_GAS_PRICE_LOW) {
            Units::from(DOLLAR_GAS_PRICE)
        } else {
            price
        }
    }
}

/// Numbers are JSON integers or `0x` text here; only a gas limit of zero may be decimal text.
fn refuse_decimal_text(name: &'static str, object: &Object) -> Result<(), DecodeError> {
    match object.get(name).and_then(Json::as_text) {
        Some(text) if text.is_empty() || text.starts_with("0x") => Ok(()),
        Some("0") if name == "gasLimit" => Ok(()),
        Some(_) => Err(DecodeError::field(name, "is neither a JSON number nor 0x text")),
        None => Ok(()),
    }
}

/// No form that is still taken has room for a gateway's fee.
fn refuse_gateway(object: &Object) -> Result<(), DecodeError> {
    for name in ["gatewayFeeRecipient", "gatewayFee"] {
        let is_given = object.get(name).is_some_and(|value| {
            !value.is_falsy() && !matches!(value.as_text(), Some("0" | "0x" | "0x0" | "0x00"))
        });
        if is_given {
            let problem =
                "names a gateway, which Celo knows no more since its layer 2; leave it out";
            return Err(DecodeError::field(name, problem));
        }
    }
    Ok(())
}

fn refuse_loose_hex(object: &Object) -> Result<(), DecodeError> {
    match object.get("data").and_then(Json::as_text) {
        None | Some("") => Ok(()),
        Some(text) if text.starts_with("0x") && text.len() % 2 == 0 => Ok(()),
        Some(_) => {
            Err(DecodeError::field("data", "is not 0x followed by an even number of digits"))
        }
    }
}

fn read_currency(object: &Object) -> Result<Option<Address>, DecodeError> {
    let value = object.get("feeCurrency").filter(|value| !value.is_falsy());
    let token = value.filter(|value| value.as_text() != Some(OWN_COIN));
    token.map(|token| payload::read_address("feeCurrency", token, "0x")).transpose()
}

impl Cip64 {
    pub(super) fn signing_hash(&self) -> B256 {
        keccak256([&[TYPE], list(&self.fields()).as_slice()].concat())
    }

    pub(super) fn encode(&self, signature: Signature) -> Vec<u8> {
        let mut fields = self.fields();
        signature.v().encode(&mut fields);
        signature.r().encode(&mut fields);
        signature.s().encode(&mut fields);
        [&[TYPE], list(&fields).as_slice()].concat()
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.chain_id.encode(&mut out);
        self.nonce.encode(&mut out);
        self.max_priority_fee.encode(&mut out);
        self.max_fee.encode(&mut out);
        self.gas_limit.encode(&mut out);
        match self.to {
            Some(to) => to.encode(&mut out),
            None => Bytes::new().encode(&mut out),
        }
        self.value.encode(&mut out);
        self.data.encode(&mut out);
        self.access_list.encode(&mut out);
        self.fee_currency.encode(&mut out);
        out
    }

    pub(super) const fn call(&self) -> Call<'_> {
        Call {
            to: self.to,
            value: self.value,
            data: &self.data,
            nonce: self.nonce,
            gas_limit: self.gas_limit,
            max_gas_price: self.max_fee,
        }
    }

    pub(super) fn fee_currency(&self) -> String {
        hex::encode_prefixed(self.fee_currency.as_slice())
    }
}
