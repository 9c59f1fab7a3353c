//! Ethereum and its descendants.

use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_eips::Decodable2718 as _;
use alloy_primitives::{Address, U256, keccak256};
use kms_core::Asset;

use super::{
    Said, calls, note,
    own_types::{Rlp, cip64, klaytn},
    road::Signed,
    tagged,
    wire::{hex, prefixed, recover},
};

/// The transaction type byte of CIP-64, and that before Ethereum's types on Klaytn.
const CIP64: u8 = 0x7b;
const KLAYTN_ENVELOPE: u8 = 0x78;

/// The fields that all types share.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) sender: Address,
    pub(super) nonce: u64,
    pub(super) to: Option<Address>,
    pub(super) value: U256,
    pub(super) data: Vec<u8>,
    /// The most that it costs.
    pub(super) fee: U256,
    pub(super) fee_currency: Option<Address>,
    pub(super) is_change_of_keys: bool,
    pub(super) memo: Vec<u8>,
}

/// The account of a key without its first byte.
pub(super) fn address_of(key: &[u8]) -> Address {
    Address::from_word(keccak256(key))
}

pub(super) fn spell(address: Address) -> String {
    prefixed(address.as_slice())
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let bytes = hex(signed.raw);
    let content = match (signed.case.chain.as_str(), bytes.as_slice()) {
        ("CELO", [CIP64, rest @ ..]) => cip64(Rlp::read(rest).items()),
        ("KLAY", [KLAYTN_ENVELOPE, rest @ ..]) => ethereum(rest),
        ("KLAY", [kind @ 0x08..0x78, rest @ ..]) => klaytn(*kind, Rlp::read(rest).items()),
        _ => ethereum(&bytes),
    };
    said(content)
}

fn ethereum(mut bytes: &[u8]) -> Content {
    let transaction = TxEnvelope::decode_2718(&mut bytes).expect("an envelope");
    assert!(bytes.is_empty(), "there is something behind the transaction");
    let signature = transaction.signature();
    let words = [signature.r(), signature.s()].map(|word| word.to_be_bytes::<32>()).concat();
    let key = recover(transaction.signature_hash(), &words, signature.v().into());
    let price = U256::from(transaction.max_fee_per_gas());
    Content {
        sender: address_of(&key),
        nonce: transaction.nonce(),
        to: transaction.to(),
        value: transaction.value(),
        data: transaction.input().to_vec(),
        fee: price * U256::from(transaction.gas_limit()),
        fee_currency: None,
        is_change_of_keys: false,
        memo: Vec::new(),
    }
}

pub(super) fn beside(nonce: u64, data: &[u8]) -> String {
    format!("nonce {nonce}, data {}", prefixed(data))
}

fn said(content: Content) -> Said {
    let Content { sender, nonce, to, value, data, fee, fee_currency, .. } = content;
    // A new contract gets what is sent along.
    let receiver = to.unwrap_or_else(|| sender.create(nonce));
    let call = match (to, data.is_empty()) {
        (Some(_), true) => calls::Call::default(),
        (Some(to), false) => calls::read(to, &data, spell),
        (None, _) => calls::Call { is_opaque: true, ..calls::Call::default() },
    };
    let tag = note(&content.memo);
    let native = |to, units| (Asset::Native, tagged(spell(to), tag.clone()), units);
    let moved = [native(receiver, value)].into_iter().chain(call.moved);
    let currency = |address| Asset::Token { contract: spell(address) };
    Said {
        beside: beside(nonce, &[data, content.memo].concat()),
        moved: moved.collect(),
        allowed: call.allowed,
        fee: (fee_currency.map_or(Asset::Native, currency), fee),
        is_opaque: call.is_opaque || content.is_change_of_keys,
        own: vec![spell(sender)],
    }
}
