//! The content of an EVM payload.

use alloy_primitives::U256;
use k256::ecdsa::VerifyingKey;
use kms_core::ChainId;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{decode::AccessList, read_account};
use crate::verify::{
    Rejection,
    account::Account,
    json::{self, Quantity},
};

/// The type of a transaction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// Bound to a chain id (EIP-155).
    Legacy,
    /// EIP-2930.
    AccessList,
    /// EIP-1559.
    DynamicFee,
    EnvelopedAccessList,
    EnvelopedDynamicFee,
    Cip64,
    Klaytn {
        kind: KlaytnKind,
        delegation: u8,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KlaytnKind {
    ValueTransfer,
    Memo,
    AccountUpdate,
    Deploy,
    Execution,
    Cancel,
}

/// Klaytn's types: the kind, its name in payloads, its type byte when the sender pays.
const KLAYTN_KINDS: &[(KlaytnKind, &str, u8)] = &[
    (KlaytnKind::ValueTransfer, "VALUE_TRANSFER", 0x08),
    (KlaytnKind::Memo, "VALUE_TRANSFER_MEMO", 0x10),
    (KlaytnKind::AccountUpdate, "ACCOUNT_UPDATE", 0x20),
    (KlaytnKind::Deploy, "SMART_CONTRACT_DEPLOY", 0x28),
    (KlaytnKind::Execution, "SMART_CONTRACT_EXECUTION", 0x30),
    (KlaytnKind::Cancel, "CANCEL", 0x38),
];

impl KlaytnKind {
    /// The kind and who pays: the sender (0), another (1), or both by a ratio (2).
    pub(super) fn of_type_byte(byte: u8) -> Option<(Self, u8)> {
        let of = |base: u8| byte.checked_sub(base).filter(|delegation| *delegation <= 2);
        KLAYTN_KINDS.iter().find_map(|(kind, _, base)| Some((*kind, of(*base)?)))
    }

    fn of_name(name: &str) -> Option<(Self, u8)> {
        let (name, delegation) = match name.strip_prefix("FEE_DELEGATED_") {
            None => (name, 0),
            Some(name) => match name.strip_suffix("_WITH_RATIO") {
                None => (name, 1),
                Some(name) => (name, 2),
            },
        };
        let own = KLAYTN_KINDS.iter().find(|(_, own, _)| *own == name);
        own.map(|(kind, _, _)| (*kind, delegation))
    }
}

impl Form {
    /// The form of an Ethereum type that came in Klaytn's envelope.
    pub(super) const fn enveloped(self) -> Result<Self, Rejection> {
        match self {
            Self::AccessList => Ok(Self::EnvelopedAccessList),
            Self::DynamicFee => Ok(Self::EnvelopedDynamicFee),
            _ => Err(Rejection::Malformed("its envelope holds no Ethereum type")),
        }
    }

    pub(super) const fn is_klaytn(self) -> bool {
        matches!(self, Self::Klaytn { .. })
    }
}

#[derive(Debug)]
pub(super) struct Payload {
    dialect: Dialect,
    wire: Wire,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dialect {
    Web3,
    Celo,
    Klaytn,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Wire {
    /// An address, or the number zero for the wallet's own.
    from: Option<Box<RawValue>>,
    to: Option<String>,
    value: Quantity,
    data: Option<String>,
    input: Option<String>,
    nonce: Quantity,
    gas: Quantity,
    gas_limit: Quantity,
    gas_price: Quantity,
    max_fee_per_gas: Quantity,
    max_priority_fee_per_gas: Quantity,
    chain_id: Quantity,
    /// A number, or on Klaytn a name.
    r#type: Option<Box<RawValue>>,
    access_list: Option<Vec<AccessEntry>>,
    fee_currency: Option<String>,
    fee_ratio: Quantity,
    public_key: Option<String>,
    legacy_key: Option<bool>,
    fail_key: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AccessEntry {
    Named {
        address: String,
        #[serde(rename = "storageKeys")]
        keys: Vec<String>,
    },
    Pair(String, Vec<String>),
}

impl Payload {
    pub(super) fn read(chain: ChainId, payload: &str) -> Result<Self, Rejection> {
        let dialect = match chain.as_str() {
            "CELO" => Dialect::Celo,
            "KLAY" => Dialect::Klaytn,
            _ => Dialect::Web3,
        };
        Ok(Self { dialect, wire: json::read(payload)? })
    }

    pub(super) fn form(&self) -> Result<Form, Rejection> {
        let kind = match &self.wire.r#type {
            None => None,
            Some(raw) if raw.get().starts_with('"') => {
                let name: String = json::read(raw.get())?;
                if let Some((kind, delegation)) = KlaytnKind::of_name(&name) {
                    return Ok(Form::Klaytn { kind, delegation });
                }
                // The other names of Klaytn are of Ethereum's types, told apart by their fields.
                match self.dialect {
                    Dialect::Klaytn => None,
                    Dialect::Web3 | Dialect::Celo => json::read::<Quantity>(raw.get())?.0,
                }
            }
            Some(raw) => json::read::<Quantity>(raw.get())?.0,
        };
        let wire = &self.wire;
        let fees = [wire.max_fee_per_gas, wire.max_priority_fee_per_gas];
        let is_dynamic = kind == Some(U256::from(2)) || fees.iter().any(|fee| fee.0.is_some());
        let has_list = kind == Some(U256::from(1)) || wire.access_list.is_some();
        Ok(match (self.dialect, is_dynamic, has_list) {
            (Dialect::Celo, ..) if self.fee_currency()?.is_some() => Form::Cip64,
            (Dialect::Klaytn, true, _) => Form::EnvelopedDynamicFee,
            (_, true, _) => Form::DynamicFee,
            (Dialect::Klaytn, false, true) => Form::EnvelopedAccessList,
            (_, false, true) => Form::AccessList,
            (_, false, false) => Form::Legacy,
        })
    }

    pub(super) fn from(&self) -> Result<Option<Account>, Rejection> {
        match &self.wire.from {
            Some(raw) if raw.get().starts_with('"') => {
                account("from", Some(&json::read::<String>(raw.get())?))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn to(&self) -> Result<Option<Account>, Rejection> {
        account("to", self.wire.to.as_deref())
    }

    pub(super) fn value(&self) -> U256 {
        self.wire.value.or_zero()
    }

    /// The data, or for an account update the encoded key.
    pub(super) fn data(&self) -> Result<Vec<u8>, Rejection> {
        if let Form::Klaytn { kind: KlaytnKind::AccountUpdate, .. } = self.form()? {
            return self.account_key();
        }
        let text = self.wire.data.as_ref().or(self.wire.input.as_ref());
        let digits = text.map_or("", String::as_str);
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        let even =
            if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("0{digits}") };
        alloy_primitives::hex::decode(even)
            .map_err(|_| Rejection::Payload(String::from("`data` is not hexadecimal")))
    }

    /// <https://docs.klaytn.foundation/docs/learn/accounts/#account-key>
    fn account_key(&self) -> Result<Vec<u8>, Rejection> {
        let unknown = || Rejection::Payload(String::from("it names no account key"));
        match (&self.wire.public_key, self.wire.legacy_key, self.wire.fail_key) {
            (Some(key), _, _) => {
                let bytes = alloy_primitives::hex::decode(key).map_err(|_| unknown())?;
                let bytes = if bytes.len() == 64 { [vec![4], bytes].concat() } else { bytes };
                let key = VerifyingKey::from_sec1_bytes(&bytes).map_err(|_| unknown())?;
                let point = key.to_sec1_point(true);
                Ok([&[0x02, 0xa1], point.as_bytes()].concat())
            }
            (None, Some(true), _) => Ok(vec![0x01, 0xc0]),
            (None, _, Some(true)) => Ok(vec![0x03, 0xc0]),
            (None, _, _) => Err(unknown()),
        }
    }

    pub(super) fn nonce(&self) -> Option<U256> {
        self.wire.nonce.0
    }

    /// The gas limit that must be signed, if the payload decides it. Klaytn's library knows `gas`
    /// only; in the others `gasLimit` wins.
    pub(super) fn gas(&self, is_estimated: bool) -> Option<U256> {
        let gas = self.wire.gas.not_zero().filter(|_| !is_estimated);
        match self.dialect {
            Dialect::Klaytn => gas,
            Dialect::Web3 | Dialect::Celo => self.wire.gas_limit.not_zero().or(gas),
        }
    }

    /// A price of zero counts as none.
    pub(super) fn gas_price(&self) -> Option<U256> {
        self.wire.gas_price.not_zero()
    }

    pub(super) fn max_fee(&self) -> Option<U256> {
        self.wire.max_fee_per_gas.0
    }

    pub(super) fn tip(&self) -> Option<U256> {
        self.wire.max_priority_fee_per_gas.0
    }

    pub(super) fn chain_id(&self) -> Result<Option<u64>, Rejection> {
        let narrow = |id: U256| {
            u64::try_from(id)
                .map_err(|_| Rejection::Payload(String::from("`chainId` is too large")))
        };
        self.wire.chain_id.0.map(narrow).transpose()
    }

    pub(super) fn access_list(&self) -> Result<AccessList, Rejection> {
        let bad = || Rejection::Payload(String::from("`accessList` is not a list of addresses"));
        let entry = |entry: &AccessEntry| {
            let (AccessEntry::Named { address, keys } | AccessEntry::Pair(address, keys)) = entry;
            let key = |key: &String| alloy_primitives::hex::decode_to_array(key).map_err(|_| bad());
            let keys = keys.iter().map(key).collect::<Result<_, _>>()?;
            Ok((read_account(address).ok_or_else(bad)?, keys))
        };
        self.wire.access_list.iter().flatten().map(entry).collect()
    }

    pub(super) fn fee_currency(&self) -> Result<Option<Account>, Rejection> {
        self.celo_account("feeCurrency", self.wire.fee_currency.as_deref())
    }

    /// A fee payer's share in per cent.
    pub(super) fn fee_ratio(&self) -> Result<Option<u64>, Rejection> {
        match self.form()? {
            Form::Klaytn { delegation: 2, .. } => {
                Ok(self.wire.fee_ratio.0.and_then(|ratio| u64::try_from(ratio).ok()))
            }
            _ => Ok(None),
        }
    }

    fn celo_account(&self, field: &str, text: Option<&str>) -> Result<Option<Account>, Rejection> {
        match self.dialect {
            Dialect::Celo => account(field, text),
            Dialect::Web3 | Dialect::Klaytn => Ok(None),
        }
    }
}

fn account(field: &str, text: Option<&str>) -> Result<Option<Account>, Rejection> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => match read_account(text) {
            Some(account) => Ok(Some(account)),
            None => Err(Rejection::Payload(format!("`{field}` is not an address of 20 bytes"))),
        },
    }
}
