//! Celo's own transactions: the legacy form with a fee currency, and CIP-64.
//! <https://github.com/celo-org/celo-proposals/blob/master/CIPs/cip-0064.md>

use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy_rlp::Encodable;
use kms_core::DecodeError;
use ruint::aliases::U256 as Units;

use super::{
    Dialect,
    klaytn::list,
    payload::{self, Falsy, Fields, Given},
    transaction::{Call, eip155_v},
};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

/// The transaction type byte of CIP-64.
const CIP64: u8 = 0x7b;

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
    gateway_fee_recipient: Option<Address>,
    gateway_fee: Units,
}

#[derive(Clone, Debug)]
pub(super) struct CeloTransaction {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    pub(super) price: Price,
    pub(super) to: Option<Address>,
    pub(super) value: U256,
    pub(super) data: Bytes,
    pub(super) celo: CeloFields,
}

/// The price of a unit of gas, in base units of the fee currency.
#[derive(Clone, Debug)]
pub(super) enum Price {
    /// The form before Celo became a layer 2, with gateway fields.
    Legacy(u128),
    Cip64 {
        max_fee: u128,
        max_priority_fee: u128,
        access_list: AccessList,
    },
}

impl CeloFields {
    /// # Errors
    /// When a member is not what it should be.
    pub(super) fn read(object: &Object) -> Result<(Self, Fields), DecodeError> {
        for name in [
            "value",
            "nonce",
            "gasLimit",
            "gasPrice",
            "gatewayFee",
            "maxFeePerGas",
            "maxPriorityFeePerGas",
        ] {
            refuse_decimal_text(name, object)?;
        }
        refuse_loose_hex(object)?;
        // Members of the family that Celo's library does not know.
        payload::refuse(object, &["gas", "input", "type"])?;
        let mut fields = Fields::read(object, Dialect::Celo)?;
        // Only the text "0" is sent along to the node that estimates.
        match fields.gas_limit.falsy {
            Falsy::ZeroText => {
                fields.gas_limit = Given { falsy: Falsy::Zero, ..fields.gas_limit };
            }
            _ => drop(fields.as_call.remove("gasLimit")),
        }
        let currency = read_optional("feeCurrency", object)?;
        let text = object.get("feeCurrency").and_then(Json::as_text).unwrap_or_default();
        let fee = object.get("gatewayFee").filter(|fee| !fee.is_falsy());
        let celo = Self {
            fee_currency: currency,
            has_floor: DOLLARS.contains(&text),
            gateway_fee_recipient: read_optional("gatewayFeeRecipient", object)?,
            gateway_fee: fee.map_or(Ok(Units::ZERO), |fee| quantity::read("gatewayFee", fee))?,
        };
        Ok((celo, fields))
    }

    /// The node's price, but not below the floor of the currency.
    pub(super) fn at_least_floor(&self, price: Units) -> Units {
        if self.has_floor && price <= Units::from(DOLLAR_GAS_PRICE_LOW) {
            Units::from(DOLLAR_GAS_PRICE)
        } else {
            price
        }
    }

    pub(super) fn has_gateway(&self) -> bool {
        self.gateway_fee_recipient.is_some() || !self.gateway_fee.is_zero()
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

fn refuse_loose_hex(object: &Object) -> Result<(), DecodeError> {
    match object.get("data").and_then(Json::as_text) {
        None | Some("") => Ok(()),
        Some(text) if text.starts_with("0x") && text.len() % 2 == 0 => Ok(()),
        Some(_) => {
            Err(DecodeError::field("data", "is not 0x followed by an even number of digits"))
        }
    }
}

fn read_optional(field: &'static str, object: &Object) -> Result<Option<Address>, DecodeError> {
    let value = object.get(field).filter(|value| !value.is_falsy());
    value.map(|value| payload::read_address(field, value)).transpose()
}

impl CeloTransaction {
    pub(super) fn signing_hash(&self) -> B256 {
        let mut fields = self.fields();
        match self.price {
            Price::Legacy(_) => {
                self.chain_id.encode(&mut fields);
                0_u8.encode(&mut fields);
                0_u8.encode(&mut fields);
                keccak256(list(&fields))
            }
            Price::Cip64 { .. } => keccak256([&[CIP64], list(&fields).as_slice()].concat()),
        }
    }

    pub(super) fn encode(&self, signature: Signature) -> Vec<u8> {
        let mut fields = self.fields();
        let typed = match self.price {
            Price::Legacy(_) => {
                eip155_v(&signature, self.chain_id).encode(&mut fields);
                None
            }
            Price::Cip64 { .. } => {
                signature.v().encode(&mut fields);
                Some(CIP64)
            }
        };
        signature.r().encode(&mut fields);
        signature.s().encode(&mut fields);
        typed.into_iter().chain(list(&fields)).collect()
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.price {
            Price::Legacy(gas_price) => {
                self.nonce.encode(&mut out);
                gas_price.encode(&mut out);
                self.gas_limit.encode(&mut out);
                optional(self.celo.fee_currency, &mut out);
                optional(self.celo.gateway_fee_recipient, &mut out);
                self.celo.gateway_fee.encode(&mut out);
                optional(self.to, &mut out);
                self.value.encode(&mut out);
                self.data.encode(&mut out);
            }
            Price::Cip64 { max_fee, max_priority_fee, access_list } => {
                self.chain_id.encode(&mut out);
                self.nonce.encode(&mut out);
                max_priority_fee.encode(&mut out);
                max_fee.encode(&mut out);
                self.gas_limit.encode(&mut out);
                optional(self.to, &mut out);
                self.value.encode(&mut out);
                self.data.encode(&mut out);
                access_list.encode(&mut out);
                optional(self.celo.fee_currency, &mut out);
            }
        }
        out
    }

    pub(super) fn call(&self) -> Call<'_> {
        let max_gas_price = match self.price {
            Price::Legacy(gas_price) => gas_price,
            Price::Cip64 { max_fee, .. } => max_fee,
        };
        Call {
            to: self.to,
            value: self.value,
            data: &self.data,
            nonce: self.nonce,
            gas_limit: self.gas_limit,
            max_gas_price,
        }
    }

    /// The gateway's share on top of the fee, if a gateway is named.
    pub(super) fn gateway(&self) -> Option<(Address, U256)> {
        let recipient = self.celo.gateway_fee_recipient?;
        Some((recipient, self.celo.gateway_fee))
    }

    pub(super) fn fee_currency(&self) -> Option<String> {
        self.celo.fee_currency.map(|address| hex::encode_prefixed(address.as_slice()))
    }
}

fn optional(address: Option<Address>, out: &mut Vec<u8>) {
    match address {
        Some(address) => address.encode(out),
        None => Bytes::new().encode(out),
    }
}
