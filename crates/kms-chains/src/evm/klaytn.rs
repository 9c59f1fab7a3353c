//! Klaytn's own transaction types, signed as their sender.
//! <https://docs.klaytn.foundation/docs/learn/transactions/>

use alloy_primitives::{Address, B256, Bytes, Signature, U256, keccak256};
use alloy_rlp::{Encodable, Header};
use kms_core::DecodeError;

use super::{
    payload::{self, Fields},
    transaction::{Call, eip155_v},
};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

/// Members that a transaction without a type cannot have.
const NOT_LEGACY: &[&str] = &[
    "key",
    "legacyKey",
    "publicKey",
    "multisig",
    "roleTransactionKey",
    "roleAccountUpdateKey",
    "roleFeePayerKey",
    "failKey",
    "codeFormat",
    "humanReadable",
    "feePayer",
    "feeRatio",
    "feePayerSignatures",
];

/// The fields that the types share, and those that distinguish them.
#[derive(Clone, Debug)]
pub(super) struct KlaytnTransaction {
    kind: Kind,
    fee: FeeDelegation,
    chain_id: u64,
    nonce: u64,
    gas_price: u128,
    gas: u64,
    from: Address,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    ValueTransfer { to: Address, value: U256 },
    ValueTransferMemo { to: Address, value: U256, memo: Bytes },
    Execution { to: Address, value: U256, input: Bytes },
    Deploy { value: U256, code: Bytes },
    Cancel,
    AccountUpdate { key: Bytes },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum FeeDelegation {
    SenderPays,
    Delegated,
    /// The fee payer's share, in per cent.
    DelegatedWithRatio(u8),
}

/// A payload's `type`, read.
#[derive(Clone, Debug)]
pub(super) enum Type {
    /// One of Ethereum's, told apart by the fields.
    Ethereum,
    Klaytn {
        kind: Kind,
        fee: FeeDelegation,
    },
}

/// The fields that a draft fills in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) gas_price: u128,
    pub(super) gas: u64,
    pub(super) from: Address,
}

impl Type {
    /// # Errors
    /// When the type is not known, or its fields are not those it has.
    pub(super) fn read(
        object: &Object,
        fields: &Fields,
        allow_account_changes: bool,
    ) -> Result<Self, DecodeError> {
        let name = match object.get("type") {
            None => "LEGACY",
            Some(Json::Text(name)) => name,
            Some(_) => return Err(DecodeError::field("type", "is not the name of a type")),
        };
        if matches!(name, "LEGACY" | "TxTypeEthereumAccessList" | "TxTypeEthereumDynamicFee") {
            payload::refuse(object, NOT_LEGACY)?;
            return Ok(Self::Ethereum);
        }
        payload::refuse(object, &["feePayer", "feePayerSignatures"])?;
        if fields.is_dynamic_fee() || fields.access_list.is_some() {
            return Err(DecodeError::field("type", "has no EIP-1559 or EIP-2930 fields"));
        }
        let (name, fee) = read_fee_delegation(name, object)?;
        Ok(Self::Klaytn { kind: Kind::read(name, object, fields, allow_account_changes)?, fee })
    }
}

fn read_fee_delegation<'a>(
    name: &'a str,
    object: &Object,
) -> Result<(&'a str, FeeDelegation), DecodeError> {
    let Some(name) = name.strip_prefix("FEE_DELEGATED_") else {
        payload::refuse(object, &["feeRatio"])?;
        return Ok((name, FeeDelegation::SenderPays));
    };
    let Some(name) = name.strip_suffix("_WITH_RATIO") else {
        payload::refuse(object, &["feeRatio"])?;
        return Ok((name, FeeDelegation::Delegated));
    };
    let ratio = object.get("feeRatio").ok_or(DecodeError::Missing("feeRatio"))?;
    match u8::try_from(quantity::read_u64("feeRatio", ratio)?) {
        Ok(ratio @ 1..=99) => Ok((name, FeeDelegation::DelegatedWithRatio(ratio))),
        _ => Err(DecodeError::field("feeRatio", "is not between 1 and 99")),
    }
}

impl Kind {
    fn read(
        name: &str,
        object: &Object,
        fields: &Fields,
        allow_account_changes: bool,
    ) -> Result<Self, DecodeError> {
        let to = || fields.to.ok_or(DecodeError::Missing("to"));
        let value = || fields.value.units.ok_or(DecodeError::Missing("value"));
        let data = || fields.data.clone().ok_or(DecodeError::Missing("data"));
        match name {
            "VALUE_TRANSFER" => {
                payload::refuse(object, &["data", "input"])?;
                Ok(Self::ValueTransfer { to: to()?, value: value()? })
            }
            "VALUE_TRANSFER_MEMO" => {
                Ok(Self::ValueTransferMemo { to: to()?, value: value()?, memo: data()? })
            }
            "SMART_CONTRACT_EXECUTION" => {
                Ok(Self::Execution { to: to()?, value: fields.value.or_zero(), input: data()? })
            }
            "SMART_CONTRACT_DEPLOY" => {
                payload::refuse(object, &["to"])?;
                refuse_truthy(object, &["humanReadable", "codeFormat"])?;
                Ok(Self::Deploy { value: fields.value.or_zero(), code: data()? })
            }
            "CANCEL" => {
                payload::refuse(object, &["to", "value", "data", "input"])?;
                Ok(Self::Cancel)
            }
            "ACCOUNT_UPDATE" if allow_account_changes => {
                payload::refuse(object, &["to", "value", "data", "input"])?;
                Ok(Self::AccountUpdate { key: read_account_key(object)? })
            }
            "ACCOUNT_UPDATE" => Err(DecodeError::AccountChange("account updates")),
            _ => Err(DecodeError::field("type", format!("`{name}` is unknown"))),
        }
    }

    const fn type_byte(&self) -> u8 {
        match self {
            Self::ValueTransfer { .. } => 0x08,
            Self::ValueTransferMemo { .. } => 0x10,
            Self::AccountUpdate { .. } => 0x20,
            Self::Deploy { .. } => 0x28,
            Self::Execution { .. } => 0x30,
            Self::Cancel => 0x38,
        }
    }
}

fn refuse_truthy(object: &Object, names: &[&'static str]) -> Result<(), DecodeError> {
    let truthy = |name: &&&'static str| match object.get(name) {
        Some(Json::Text(text)) => !matches!(text.as_str(), "" | "0x0" | "0x" | "EVM"),
        Some(value) => !value.is_falsy(),
        None => false,
    };
    match names.iter().find(truthy) {
        Some(name) => Err(DecodeError::field(*name, "must be the default")),
        None => Ok(()),
    }
}

/// The encoded account key of an update: a new public key, or none that can ever sign.
/// <https://docs.klaytn.foundation/docs/learn/accounts/#account-key>
fn read_account_key(object: &Object) -> Result<Bytes, DecodeError> {
    const LEGACY: [u8; 2] = [0x01, 0xc0];
    const FAIL: [u8; 2] = [0x03, 0xc0];
    const PUBLIC: u8 = 0x02;
    payload::refuse(
        object,
        &["key", "multisig", "roleTransactionKey", "roleAccountUpdateKey", "roleFeePayerKey"],
    )?;
    let is_true = |name| object.get(name) == Some(&Json::Bool(true));
    match (object.get("publicKey"), is_true("legacyKey"), is_true("failKey")) {
        (None, true, false) => Ok(Bytes::from_static(&LEGACY)),
        (None, false, true) => Ok(Bytes::from_static(&FAIL)),
        (Some(key), false, false) => {
            let key = key.as_text().and_then(compress).ok_or_else(|| {
                DecodeError::field("publicKey", "is not a public key of secp256k1")
            })?;
            let mut encoded = vec![PUBLIC];
            key.as_slice().encode(&mut encoded);
            Ok(encoded.into())
        }
        _ => Err(DecodeError::Missing("publicKey, legacyKey or failKey")),
    }
}

fn compress(text: &str) -> Option<[u8; 33]> {
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text))?;
    let key = match bytes.len() {
        64 => bitcoin::secp256k1::PublicKey::from_slice(&[&[0x04], bytes.as_slice()].concat()),
        _ => bitcoin::secp256k1::PublicKey::from_slice(&bytes),
    };
    key.ok().map(|key| key.serialize())
}

impl KlaytnTransaction {
    pub(super) fn new(kind: Kind, fee: FeeDelegation, filled: Filled) -> Self {
        let Filled { chain_id, nonce, gas_price, gas, from } = filled;
        Self { kind, fee, chain_id, nonce, gas_price, gas, from }
    }

    fn type_byte(&self) -> u8 {
        let offset = match self.fee {
            FeeDelegation::SenderPays => 0,
            FeeDelegation::Delegated => 1,
            FeeDelegation::DelegatedWithRatio(_) => 2,
        };
        self.kind.type_byte().saturating_add(offset)
    }

    pub(super) fn signing_hash(&self) -> B256 {
        let mut inner = vec![self.type_byte()];
        inner.extend(self.fields());
        let mut outer = Vec::new();
        list(&inner).as_slice().encode(&mut outer);
        self.chain_id.encode(&mut outer);
        0_u8.encode(&mut outer);
        0_u8.encode(&mut outer);
        keccak256(list(&outer))
    }

    pub(super) fn encode(&self, signature: Signature) -> Vec<u8> {
        let mut body = self.fields();
        let mut own = Vec::new();
        eip155_v(&signature, self.chain_id).encode(&mut own);
        signature.r().encode(&mut own);
        signature.s().encode(&mut own);
        body.extend(list(&list(&own)));
        if !matches!(self.fee, FeeDelegation::SenderPays) {
            // The fee payer fills these in: an address of zeros and one empty signature.
            Address::ZERO.encode(&mut body);
            let mut empty = Vec::new();
            1_u8.encode(&mut empty);
            0_u8.encode(&mut empty);
            0_u8.encode(&mut empty);
            body.extend(list(&list(&empty)));
        }
        let mut bytes = vec![self.type_byte()];
        bytes.extend(list(&body));
        bytes
    }

    /// The fields in order, encoded one after the other.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.nonce.encode(&mut out);
        self.gas_price.encode(&mut out);
        self.gas.encode(&mut out);
        match &self.kind {
            Kind::ValueTransfer { to, value } => {
                self.transfer(to, value, &mut out);
            }
            Kind::ValueTransferMemo { to, value, memo: data }
            | Kind::Execution { to, value, input: data } => {
                self.transfer(to, value, &mut out);
                data.encode(&mut out);
            }
            Kind::Deploy { value, code } => {
                Bytes::new().encode(&mut out);
                value.encode(&mut out);
                self.from.encode(&mut out);
                code.encode(&mut out);
                false.encode(&mut out);
            }
            Kind::Cancel => self.from.encode(&mut out),
            Kind::AccountUpdate { key } => {
                self.from.encode(&mut out);
                key.encode(&mut out);
            }
        }
        if let FeeDelegation::DelegatedWithRatio(ratio) = self.fee {
            ratio.encode(&mut out);
        }
        if let Kind::Deploy { .. } = self.kind {
            0_u8.encode(&mut out); // code format: EVM
        }
        out
    }

    fn transfer(&self, to: &Address, value: &U256, out: &mut Vec<u8>) {
        to.encode(out);
        value.encode(out);
        self.from.encode(out);
    }

    /// The note of a transfer for its receiver.
    pub(super) const fn memo(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::ValueTransferMemo { memo, .. } => Some(memo),
            _ => None,
        }
    }

    pub(super) fn call(&self) -> Call<'_> {
        static NOTHING: Bytes = Bytes::new();
        let (to, value, data) = match &self.kind {
            Kind::ValueTransfer { to, value } => (Some(*to), *value, &NOTHING),
            Kind::ValueTransferMemo { to, value, .. } => (Some(*to), *value, &NOTHING),
            Kind::Execution { to, value, input } => (Some(*to), *value, input),
            Kind::Deploy { value, code } => (None, *value, code),
            Kind::Cancel => (Some(self.from), U256::ZERO, &NOTHING),
            Kind::AccountUpdate { key } => (Some(self.from), U256::ZERO, key),
        };
        Call {
            to,
            value,
            data,
            nonce: self.nonce,
            gas_limit: self.gas,
            max_gas_price: self.gas_price,
        }
    }
}

/// Puts encoded items into a list.
pub(crate) fn list(items: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(items.len().saturating_add(9));
    Header { list: true, payload_length: items.len() }.encode(&mut bytes);
    bytes.extend_from_slice(items);
    bytes
}
