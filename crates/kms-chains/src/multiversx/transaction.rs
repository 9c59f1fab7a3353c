//! The complete transaction: JSON in one order of members, without white space.
//! <https://docs.multiversx.com/developers/signing-transactions/signing-transactions>

use data_encoding::BASE64;
use kms_core::{
    Amount, Asset, Claim, Effects, Fee, KeyRef, KeySignature, Network, Permit, RawTransaction,
    ResolveError, Scheme, SignError, SigningMessage, SigningRequest, Transfer, Unexplained,
    Unsigned,
};
use ruint::aliases::U256;
use serde_json::{Map, Value};
use sha3::{Digest as _, Keccak256};

use super::{
    MULTIVERSX,
    address::{self, KEY_BYTES},
    extension::{Cosigner, Extension},
};
use crate::codec::{hex, note};

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
        let effects = effects(&transaction, network)?;
        Ok(Self { transaction, key, effects })
    }
}

fn effects(transaction: &Transaction, network: Network) -> Result<Effects, ResolveError> {
    let fee = Amount::from_base_units(transaction.gas_limit).checked_mul(transaction.gas_price);
    let fee = Fee::native(fee.ok_or(ResolveError::Overflow)?);
    let mut effects = Effects::new(MULTIVERSX.spec.id, network, fee);
    effects.add_payer(address::spell(&transaction.sender));
    let receiver = address::spell(&transaction.receiver);
    if !transaction.value.is_zero() {
        effects.add_transfer(Transfer {
            asset: Asset::Native,
            to: receiver.clone(),
            amount: Amount::from_u256(transaction.value),
            to_self: transaction.receiver == transaction.sender,
            tag: None,
        });
    }
    match token_transfer(transaction) {
        Some(transfer) => effects.add_transfer(transfer),
        None if is_call(transaction) => {
            effects.add_unexplained(Unexplained::call(receiver));
            for address in addresses_in(&transaction.data) {
                let what = Unexplained::new("an argument of the call");
                effects.add_unexplained(what.for_receiver(address::spell(&address)));
            }
        }
        None => effects.tag_transfers(note::spell(transaction.data.as_bytes()).as_deref()),
    }
    Ok(effects)
}

/// Arguments that may be addresses: who gets tokens of several kinds, who is to guard.
fn addresses_in(data: &str) -> impl Iterator<Item = [u8; KEY_BYTES]> {
    data.split('@').skip(1).filter_map(hex::decode_array)
}

/// Data is a note where it is neither for a contract nor for the protocol itself, which acts on
/// functions of its own by their names alone.
fn is_call(transaction: &Transaction) -> bool {
    let data = transaction.data.as_str();
    data.contains('@')
        || calls_contract(transaction)
        || BUILT_IN.contains(&data)
        || (!data.is_empty() && transaction.receiver == transaction.sender)
}

/// Functions of the protocol that need no arguments.
/// <https://docs.multiversx.com/developers/built-in-functions/>
const BUILT_IN: [&str; 4] =
    ["ClaimDeveloperRewards", "GuardAccount", "MigrateDataTrie", "UnGuardAccount"];

/// Contracts have addresses that begin with eight zeros; data without arguments calls them too.
/// <https://docs.multiversx.com/developers/sc-calls-format/>
fn calls_contract(transaction: &Transaction) -> bool {
    const CONTRACT: [u8; 8] = [0; 8];
    !transaction.data.is_empty() && transaction.receiver.starts_with(&CONTRACT)
}

/// `ESDTTransfer@token@amount`, and `ESDTNFTTransfer@token@nonce@amount@receiver`, which is sent
/// to oneself. A call of a contract behind them is not told.
/// <https://docs.multiversx.com/tokens/fungible-tokens/#transfers>
fn token_transfer(transaction: &Transaction) -> Option<Transfer> {
    let parts: Vec<_> = transaction.data.split('@').collect();
    let number = |digits: &str| {
        let number = U256::from_str_radix(digits, 16).ok().filter(|_| !digits.is_empty());
        number.map(Amount::from_u256)
    };
    let token = |digits: &str| String::from_utf8(hex::decode(digits)?).ok();
    let (asset, amount, receiver) = match parts.as_slice() {
        ["ESDTTransfer", name, amount] => {
            (Asset::Token { contract: token(name)? }, amount, transaction.receiver)
        }
        ["ESDTNFTTransfer", name, nonce, amount, receiver] => {
            let asset = Asset::Item { contract: token(name)?, id: number(nonce)? };
            (asset, amount, hex::decode_array(receiver)?)
        }
        _ => return None,
    };
    Some(Transfer {
        asset,
        to: address::spell(&receiver),
        amount: number(amount)?,
        to_self: receiver == transaction.sender,
        tag: None,
    })
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
