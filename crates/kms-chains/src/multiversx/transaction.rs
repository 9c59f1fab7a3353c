//! The complete transaction: JSON in one order of members, without white space.
//! <https://docs.multiversx.com/developers/signing-transactions/signing-transactions>

use data_encoding::BASE64;
use kms_core::{
    Claim, Effects, KeyRef, KeySignature, Network, Permit, RawTransaction, ResolveError, Scheme,
    SignError, SigningMessage, SigningRequest, Unsigned,
};
use ruint::aliases::U256;
use serde_json::{Map, Value};
use sha3::{Digest as _, Keccak256};

use super::{
    address::{self, KEY_BYTES},
    effects,
    extension::{Cosigner, Extension},
};
use crate::codec::hex;

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) nonce: u64,
    /// In base units.
    pub(super) value: U256,
    pub(super) receiver: [u8; KEY_BYTES],
    pub(super) sender: [u8; KEY_BYTES],
    pub(super) gas_price: u64,
    pub(super) gas_limit: u64,
    pub(super) data: String,
    pub(super) chain_id: String,
    pub(super) version: u64,
    pub(super) extension: Extension,
}

impl Transaction {
    /// The members in the order in which they are signed.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let data = (!self.data.is_empty()).then(|| BASE64.encode(self.data.as_bytes()));
        let Extension { sender_name, receiver_name, options, guardian, relayer, .. } =
            &self.extension;
        let name = |name: &Option<String>| name.as_deref().map(Value::from);
        let key = |one: &Option<Cosigner>| Some(Value::from(address::spell(&one.as_ref()?.key)));
        let members = [
            ("nonce", Some(Value::from(self.nonce))),
            ("value", Some(Value::from(self.value.to_string()))),
            ("receiver", Some(Value::from(address::spell(&self.receiver)))),
            ("sender", Some(Value::from(address::spell(&self.sender)))),
            ("senderUsername", name(sender_name)),
            ("receiverUsername", name(receiver_name)),
            ("gasPrice", Some(Value::from(self.gas_price))),
            ("gasLimit", Some(Value::from(self.gas_limit))),
            ("data", data.map(Value::from)),
            ("chainID", Some(Value::from(self.chain_id.as_str()))),
            ("version", Some(Value::from(self.version))),
            ("options", (*options != 0).then(|| Value::from(*options))),
            ("guardian", key(guardian)),
            ("relayer", key(relayer)),
        ];
        let there = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        members.into_iter().filter_map(there).collect()
    }

    /// The message that the sender and all others sign.
    fn message(&self) -> Vec<u8> {
        let text = Value::Object(self.to_json()).to_string().into_bytes();
        if self.extension.is_signed_by_hash() { Keccak256::digest(text).to_vec() } else { text }
    }
}

#[derive(Debug)]
pub(super) struct Complete {
    transaction: Transaction,
    key: KeyRef,
    effects: Effects,
}

impl Complete {
    pub(super) fn new(
        transaction: Transaction,
        key: KeyRef,
        network: Network,
    ) -> Result<Self, ResolveError> {
        transaction.extension.check_signatures(&transaction.message())?;
        let effects = effects::of(&transaction, network)?;
        Ok(Self { transaction, key, effects })
    }
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        let Transaction { chain_id, sender, nonce, .. } = &self.transaction;
        vec![Claim::Nonce {
            scope: format!("egld:{chain_id}"),
            account: address::spell(sender),
            number: *nonce,
        }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Whole(self.transaction.message());
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::Ed25519, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let mut signed = self.transaction.to_json();
        let Extension { guardian, relayer, .. } = &self.transaction.extension;
        let given = |one: &Option<Cosigner>| one.as_ref()?.signature.map(|bytes| bytes.to_vec());
        for (name, signature) in [
            ("signature", Some(signature.bytes.clone())),
            ("guardianSignature", given(guardian)),
            ("relayerSignature", given(relayer)),
        ] {
            let Some(signature) = signature else { continue };
            signed.insert(name.to_owned(), Value::from(hex::encode(&signature)));
        }
        Ok(RawTransaction::from_text(Value::Object(signed).to_string()))
    }
}
