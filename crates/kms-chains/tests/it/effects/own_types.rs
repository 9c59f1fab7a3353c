//! RLP item by item, and the types of transactions that only Celo and Klaytn have.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_rlp::Header;

use super::{
    evm::{Content, address_of},
    wire::recover,
};

#[derive(Clone, Debug)]
pub(super) enum Rlp {
    Bytes(Vec<u8>),
    List(Vec<Self>),
}

impl Rlp {
    /// The one item that the bytes are.
    pub(super) fn read(mut bytes: &[u8]) -> Self {
        let item = Self::take(&mut bytes);
        assert!(bytes.is_empty(), "there is something behind the item");
        item
    }

    fn take(bytes: &mut &[u8]) -> Self {
        let header = Header::decode(bytes).expect("an item");
        let (mut own, rest) = bytes.split_at(header.payload_length);
        *bytes = rest;
        if !header.list {
            return Self::Bytes(own.to_vec());
        }
        let mut items = Vec::new();
        while !own.is_empty() {
            items.push(Self::take(&mut own));
        }
        Self::List(items)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => alloy_rlp::encode(bytes.as_slice()),
            Self::List(items) => {
                let inner: Vec<u8> = items.iter().flat_map(Self::encode).collect();
                let mut out = Vec::new();
                Header { list: true, payload_length: inner.len() }.encode(&mut out);
                out.extend(inner);
                out
            }
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Bytes(_) => unreachable!("bytes where a list should be"),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::List(_) => unreachable!("a list where bytes should be"),
        }
    }

    pub(super) fn number(&self) -> U256 {
        U256::from_be_slice(self.bytes())
    }

    pub(super) fn address(&self) -> Option<Address> {
        (!self.bytes().is_empty()).then(|| Address::from_slice(self.bytes()))
    }
}

pub(super) fn number(number: u64) -> Rlp {
    Rlp::Bytes(U256::from(number).to_be_bytes_trimmed_vec())
}

/// The signer of what a list of items hashes to.
fn signer(prehash: B256, r: &Rlp, s: &Rlp, parity: u8) -> Address {
    let words = [r, s].map(|word| word.number().to_be_bytes::<32>()).concat();
    address_of(&recover(prehash, &words, parity))
}

/// EIP-155: the chain's id stands in the place of the signature.
fn chain_and_parity(v: &Rlp) -> (u64, u8) {
    let v = u64::try_from(v.number()).expect("a small number") - 35;
    (v / 2, u8::from(v % 2 == 1))
}

/// <https://github.com/celo-org/celo-proposals/blob/master/CIPs/cip-0064.md>
pub(super) fn cip64(items: &[Rlp]) -> Content {
    let [_, nonce, _, price, gas, to, value, data, _, currency, parity, r, s] = items else {
        unreachable!("{} items", items.len())
    };
    let parity = u8::try_from(parity.number()).expect("a parity");
    let signed = Rlp::List(items[..10].to_vec()).encode();
    let prehash = keccak256([&[0x7b], signed.as_slice()].concat());
    Content {
        sender: signer(prehash, r, s, parity),
        nonce: u64::try_from(nonce.number()).expect("a nonce"),
        to: to.address(),
        value: value.number(),
        data: data.bytes().to_vec(),
        fee: price.number() * gas.number(),
        fee_currency: currency.address(),
        is_change_of_keys: false,
        memo: Vec::new(),
    }
}

/// <https://docs.klaytn.foundation/docs/learn/transactions/>: the last bits of the type say who
/// pays the fee.
pub(super) fn klaytn(kind: u8, items: &[Rlp]) -> Content {
    let base = match kind {
        0x08..=0x0a => 0x08,
        0x10..=0x12 => 0x10,
        0x28..=0x2a => 0x28,
        0x30..=0x32 => 0x30,
        0x38..=0x3a => 0x38,
        0x20..=0x22 => 0x20,
        _ => unreachable!("type {kind}"),
    };
    // What is signed ends before the signatures: nonce, price, gas, and the type's own fields.
    let own = match base {
        0x08 => 3,
        0x10 | 0x30 => 4,
        0x28 => 6,
        0x38 => 1,
        _ => 2,
    };
    let fields = 3 + own + usize::from(kind - base == 2);
    let (fields, rest) = items.split_at(fields);
    let [signatures, ..] = rest else { unreachable!("no signatures") };
    let [signature] = signatures.items() else { unreachable!("not one signature") };
    let [v, r, s] = signature.items() else { unreachable!("no signature") };
    let (chain_id, parity) = chain_and_parity(v);
    let inner = Rlp::List([&[Rlp::Bytes(vec![kind])], fields].concat()).encode();
    let outer = Rlp::List(vec![Rlp::Bytes(inner), number(chain_id), number(0), number(0)]);
    let sender = signer(keccak256(outer.encode()), r, s, parity);
    let nonce = u64::try_from(fields[0].number()).expect("a nonce");
    let (to, value, from, data) = match (base, &fields[3..]) {
        (0x08 | 0x10, [to, value, from, ..]) => (to.address(), value.number(), from, Vec::new()),
        (0x30 | 0x28, [to, value, from, data, ..]) => {
            (to.address(), value.number(), from, data.bytes().to_vec())
        }
        (_, [from, ..]) => (Some(sender), U256::ZERO, from, Vec::new()),
        _ => unreachable!("too few fields"),
    };
    assert_eq!(from.address(), Some(sender), "the sender is another than who signs");
    Content {
        sender,
        nonce,
        to,
        value,
        data,
        fee: fields[1].number() * fields[2].number(),
        fee_currency: None,
        is_change_of_keys: base == 0x20,
        // A memo is no call.
        memo: if base == 0x10 { fields[6].bytes().to_vec() } else { Vec::new() },
    }
}
