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

/// Leads a transaction with dynamic fees.
const DYNAMIC: u8 = 0x51;

/// The price of gas as a payload asks for it.
#[derive(Clone, Copy, Debug)]
enum Price {
    Coefficient(U256),
    /// The tip, and the most that gas may cost with it.
    Dynamic(U256, U256),
}

impl Price {
    fn of_gas(self) -> U256 {
        let base = U256::from(BASE_GAS_PRICE);
        match self {
            Self::Coefficient(coef) => base + base * coef / U256::from(255),
            Self::Dynamic(_, most) => most,
        }
    }
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let bytes = hex(signed.raw);
    let (kind, bytes) = match bytes.strip_prefix(&[DYNAMIC]) {
        Some(bytes) => (vec![DYNAMIC], bytes),
        None => (Vec::new(), bytes.as_slice()),
    };
    let whole = Rlp::read(bytes);
    let (signature, fields) = whole.items().split_last().expect("fields");
    let (price, [expiration, clauses, gas, nonce, reserved]) = match fields {
        [_, _, expiration, clauses, coef, gas, _, nonce, reserved] if kind.is_empty() => {
            (Price::Coefficient(coef.number()), [expiration, clauses, gas, nonce, reserved])
        }
        [_, _, expiration, clauses, tip, most, gas, _, nonce, reserved] => (
            Price::Dynamic(tip.number(), most.number()),
            [expiration, clauses, gas, nonce, reserved],
        ),
        _ => unreachable!("another number of fields"),
    };
    let signed = [kind, Rlp::List(fields.to_vec()).encode()].concat();
    let hash = Blake2b::<U32>::digest(signed);
    let (parity, words) = signature.bytes().split_last().expect("a signature");
    let sender = address_of(&recover(B256::from_slice(&hash), words, *parity));
    let told = [nonce, expiration].map(Rlp::number);
    let features: Vec<_> = reserved.items().iter().map(Rlp::number).collect();
    let data = clauses.items().iter().map(|clause| clause.items()[2].bytes());
    let mut said = Said {
        beside: beside(told, price, &features, data),
        moved: Vec::new(),
        allowed: Vec::new(),
        fee: (Asset::Token { contract: prefixed(VTHO) }, price.of_gas() * gas.number()),
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

fn beside<'a>(
    told: [U256; 2],
    price: Price,
    features: &[U256],
    data: impl Iterator<Item = &'a [u8]>,
) -> String {
    format!(
        "nonce, expiration {told:?}, {price:?}, features {features:?}, data {:?}",
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
    let price = prop_oneof![
        any::<u8>().prop_map(|coef| Price::Coefficient(U256::from(coef))),
        (any::<u32>(), any::<u32>()).prop_map(|(tip, more)| {
            let [tip, more] = [tip, more].map(U256::from);
            Price::Dynamic(tip, tip + more)
        }),
    ];
    (clauses, any::<u64>(), price, any::<u32>(), any::<bool>())
        .prop_map(|(clauses, nonce, price, expiration, is_sponsored)| {
            let json: Vec<_> = clauses.iter().map(|(json, ..)| json.clone()).collect();
            let mut payload = json!({
                "clauses": json, "nonce": format!("{nonce:#x}"), "expiration": expiration,
            });
            match price {
                Price::Coefficient(coef) => payload["gasPriceCoef"] = json!(coef.to::<u8>()),
                Price::Dynamic(tip, most) => {
                    payload["maxPriorityFeePerGas"] = json!(tip.to_string());
                    payload["maxFeePerGas"] = json!(most.to_string());
                }
            }
            let features = if is_sponsored { vec![U256::from(1)] } else { Vec::new() };
            if is_sponsored {
                payload["reserved"] = json!({ "features": 1 });
            }
            let told = [U256::from(nonce), U256::from(expiration)];
            let data = clauses.iter().map(|(.., data)| data.as_slice());
            let mut asked = Asked {
                beside: beside(told, price, &features, data),
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
