//! VeChain: an RLP list with clauses. <https://github.com/vechain/thor/blob/master/tx/transaction.go>

use alloy_primitives::{Address, B256, U256, keccak256};
use blake2::{Blake2b, Digest as _, digest::consts::U32};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Asked, Said,
    calls::{self, Call},
    evm::{address_of, spell},
    own_types::{Rlp, number},
    road::Signed,
    wire::{hex, prefixed, recover, words},
};

/// The contract of the token for fees, named in ASCII.
const VTHO: &[u8; 20] = b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0Energy";
const BASE_GAS_PRICE: u64 = 1_000_000_000_000_000;

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let whole = Rlp::read(&hex(signed.raw));
    let (signature, fields) = whole.items().split_last().expect("fields");
    let [_, _, expiration, clauses, coef, gas, _, nonce, _] = fields else {
        unreachable!("nine fields")
    };
    let hash = Blake2b::<U32>::digest(Rlp::List(fields.to_vec()).encode());
    let (parity, words) = signature.bytes().split_last().expect("a signature");
    let sender = address_of(&recover(B256::from_slice(&hash), words, *parity));
    let base = U256::from(BASE_GAS_PRICE);
    let price = base + base * coef.number() / U256::from(255);
    let told = [nonce, coef, expiration].map(Rlp::number);
    let mut said = Said {
        beside: beside(told, clauses.items().iter().map(|clause| clause.items()[2].bytes())),
        moved: Vec::new(),
        allowed: Vec::new(),
        fee: (Asset::Token { contract: prefixed(VTHO) }, price * gas.number()),
        is_opaque: false,
        own: vec![spell(sender)],
    };
    for (place, clause) in (0..).zip(clauses.items()) {
        let [to, value, data] = clause.items() else { unreachable!("three fields") };
        let call = match (to.address(), data.bytes()) {
            (Some(_), []) => Call::default(),
            (Some(to), data) => calls::read(to, data, spell),
            (None, _) => Call { is_opaque: true, ..Call::default() },
        };
        let receiver = to.address().unwrap_or_else(|| new_contract(&hash, sender, place));
        let receiver = spell(receiver);
        said.moved.push((Asset::Native, receiver, value.number()));
        said.moved.extend(call.moved);
        said.allowed.extend(call.allowed);
        said.is_opaque |= call.is_opaque;
    }
    said
}

/// The hash of the transaction's id, the clause's place, and how many it made before.
fn new_contract(hash: &[u8], sender: Address, place: u64) -> Address {
    let id = Blake2b::<U32>::digest([hash, sender.as_slice()].concat());
    let parts = vec![Rlp::Bytes(id.to_vec()), number(place), number(0)];
    Address::from_word(keccak256(Rlp::List(parts).encode()))
}

fn beside<'a>(told: [U256; 3], data: impl Iterator<Item = &'a [u8]>) -> String {
    format!(
        "nonce, coefficient, expiration {told:?}, data {:?}",
        data.map(prefixed).collect::<Vec<_>>()
    )
}

/// A clause in JSON, its value, and what it asks for.
type Clause = (Value, (Asset, String, U256), Call, Vec<u8>);

fn clause() -> BoxedStrategy<Clause> {
    let call = any::<[u8; 20]>().prop_flat_map(|to| {
        let to = Address::from(to);
        let none = Just((Vec::new(), Call::default()));
        let new = Just((vec![0x60, 0x80], Call { is_opaque: true, ..Call::default() }));
        prop_oneof![
            2 => (Just(Some(to)), none),
            3 => (Just(Some(to)), calls::make(to, spell)),
            1 => (Just(None), new),
        ]
    });
    (call, words())
        .prop_map(|((to, (data, call)), value)| {
            // The address of a new contract comes from the whole transaction.
            let value = if to.is_some() { value } else { U256::ZERO };
            let json = json!({
                "to": to.map(spell), "value": value.to_string(), "data": prefixed(&data)
            });
            (json, (Asset::Native, to.map(spell).unwrap_or_default(), value), call, data)
        })
        .boxed()
}

pub(crate) fn make(_: &SignCase) -> BoxedStrategy<Asked> {
    let clauses = proptest::collection::vec(clause(), 1..4);
    (clauses, any::<u64>(), any::<u8>(), any::<u32>())
        .prop_map(|(clauses, nonce, coef, expiration)| {
            let json: Vec<_> = clauses.iter().map(|(json, ..)| json.clone()).collect();
            let payload = json!({
                "clauses": json, "nonce": format!("{nonce:#x}"), "gasPriceCoef": coef,
                "expiration": expiration,
            });
            let told = [U256::from(nonce), U256::from(coef), U256::from(expiration)];
            let data = clauses.iter().map(|(.., data)| data.as_slice());
            let mut asked = Asked {
                beside: beside(told, data),
                payload: payload.to_string(),
                moved: Vec::new(),
                allowed: Vec::new(),
                fee: None,
                is_opaque: false,
            };
            for (_, native, call, _) in clauses {
                asked.moved.push(native);
                asked.moved.extend(call.moved);
                asked.allowed.extend(call.allowed);
                asked.is_opaque |= call.is_opaque;
            }
            asked
        })
        .boxed()
}
