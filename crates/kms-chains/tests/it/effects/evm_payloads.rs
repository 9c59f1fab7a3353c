//! Payloads of Ethereum and its descendants.

use alloy_primitives::{Address, U256};
use bitcoin::secp256k1::{Secp256k1, SecretKey};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    Asked,
    calls::{self, Call},
    evm::{address_of, beside, spell},
    wire::{hex, prefixed, words},
};

/// The fields that all dialects share.
#[derive(Clone, Debug)]
struct Parts {
    to: Address,
    value: U256,
    data: Vec<u8>,
    call: Call,
    nonce: u64,
    gas: u64,
    price: u64,
    tip: u64,
    other: Address,
    /// Chooses among a dialect's types.
    kind: usize,
    /// The notation of numbers.
    is_hexadecimal: bool,
}

/// The account of a case's only wallet.
fn sender(base: &SignCase) -> Address {
    let wallet = base.wallets.values().next().expect("a wallet");
    let key = hex(wallet["privateKey"].as_str().expect("a key"));
    let key = SecretKey::from_slice(&key).expect("a key").public_key(&Secp256k1::new());
    address_of(&key.serialize_uncompressed()[1..])
}

fn parts(base: &SignCase) -> BoxedStrategy<Parts> {
    let own = sender(base);
    let to = prop_oneof![5 => any::<[u8; 20]>().prop_map(Address::from), 1 => Just(own)];
    let data = to.prop_flat_map(|to| {
        let memo = proptest::collection::vec(1_u8..=3, 1..40);
        let call = prop_oneof![
            2 => Just((Vec::new(), Call::default())),
            1 => memo.prop_map(|memo| (memo, Call { is_opaque: true, ..Call::default() })),
            4 => calls::make(to, spell),
        ];
        (Just(to), call)
    });
    let value = prop_oneof![2 => Just(U256::ZERO), 3 => words()];
    let gas = prop_oneof![8 => 60_000_u64..10_000_000, 1 => Just(0), 1 => Just(u64::MAX)];
    let price = prop_oneof![8 => 1_u64..50_000_000_000, 1 => Just(u64::MAX)];
    let others = (any::<[u8; 20]>(), 0_usize..16, any::<bool>());
    (data, value, 1_u64..100_000, gas, (price, 0_u64..1_000_000_000), others)
        .prop_map(|((to, (data, call)), value, nonce, gas, (price, tip), others)| {
            let (other, kind, is_hexadecimal) = others;
            let (other, price) = (Address::from(other), price.max(tip));
            Parts { to, value, data, call, nonce, gas, price, tip, other, kind, is_hexadecimal }
        })
        .boxed()
}

impl Parts {
    fn number(&self, number: U256) -> Value {
        if self.is_hexadecimal { json!(format!("{number:#x}")) } else { json!(number.to_string()) }
    }

    fn object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("to".into(), json!(spell(self.to)));
        object.insert("value".into(), self.number(self.value));
        object.insert("nonce".into(), json!(self.nonce));
        if !self.data.is_empty() {
            object.insert("data".into(), json!(prefixed(&self.data)));
        }
        object
    }

    fn asked(&self, object: Map<String, Value>, fee: Option<U256>) -> Asked {
        let native = (Asset::Native, spell(self.to), self.value);
        Asked {
            payload: Value::Object(object).to_string(),
            moved: [native].into_iter().chain(self.call.moved.clone()).collect(),
            allowed: self.call.allowed.clone(),
            fee,
            is_opaque: self.call.is_opaque,
            beside: beside(self.nonce, &self.data),
        }
    }

    fn fee(&self) -> Option<U256> {
        // A node's estimate stands in the place of none.
        (self.gas != 0).then(|| U256::from(self.gas) * U256::from(self.price))
    }

    /// Prices as the three types of Ethereum's have them.
    fn put_price(&self, object: &mut Map<String, Value>) {
        let list = json!([{ "address": spell(self.other), "storageKeys": [] }]);
        match self.kind % 3 {
            0 => drop(object.insert("gasPrice".into(), self.number(U256::from(self.price)))),
            1 => {
                object.insert("gasPrice".into(), self.number(U256::from(self.price)));
                object.insert("accessList".into(), list);
            }
            _ => {
                object.insert("maxFeePerGas".into(), self.number(U256::from(self.price)));
                object.insert("maxPriorityFeePerGas".into(), self.number(U256::from(self.tip)));
            }
        }
    }
}

pub(crate) fn web3(base: &SignCase) -> BoxedStrategy<Asked> {
    let own = sender(base);
    // Its node's estimate replaces the gas that is given.
    let is_replaced = base.chain == "XDC";
    parts(base)
        .prop_map(move |mut parts| {
            let mut object = parts.object();
            object.insert("gas".into(), parts.number(U256::from(parts.gas)));
            parts.put_price(&mut object);
            if parts.kind == 15 {
                // A contract is made, which gets the value.
                object.remove("to");
                object.insert("data".into(), json!("0x6080"));
                parts.data = vec![0x60, 0x80];
                parts.call = Call { is_opaque: true, ..Call::default() };
                parts.to = own.create(parts.nonce);
            }
            let fee = parts.fee().filter(|_| !is_replaced);
            parts.asked(object, fee)
        })
        .boxed()
}

pub(crate) fn klaytn(base: &SignCase) -> BoxedStrategy<Asked> {
    parts(base)
        .prop_map(|mut parts| {
            let mut object = parts.object();
            object.insert("gas".into(), parts.number(U256::from(parts.gas)));
            let (kind, payer) = (parts.kind % 4, parts.kind / 4 % 3);
            if kind == 0 {
                parts.put_price(&mut object);
                let name = match parts.kind % 3 {
                    0 => "LEGACY",
                    1 => "TxTypeEthereumAccessList",
                    _ => "TxTypeEthereumDynamicFee",
                };
                object.insert("type".into(), json!(name));
                let fee = parts.fee();
                return parts.asked(object, fee);
            }
            object.insert("gasPrice".into(), parts.number(U256::from(parts.price)));
            let name = match kind {
                1 => {
                    object.remove("data");
                    parts.data = Vec::new();
                    parts.call = Call::default();
                    "VALUE_TRANSFER"
                }
                2 => {
                    object.insert("data".into(), json!("0x6d656d6f"));
                    parts.data = b"memo".to_vec();
                    parts.call = Call::default();
                    "VALUE_TRANSFER_MEMO"
                }
                _ => "SMART_CONTRACT_EXECUTION",
            };
            let name = match payer {
                0 => name.to_owned(),
                1 => format!("FEE_DELEGATED_{name}"),
                _ => {
                    object.insert("feeRatio".into(), json!(30));
                    format!("FEE_DELEGATED_{name}_WITH_RATIO")
                }
            };
            object.insert("type".into(), json!(name));
            let fee = parts.fee();
            let mut asked = parts.asked(object, fee);
            if name.contains("MEMO") {
                asked.moved[0].1.push_str("#text:memo");
            }
            asked
        })
        .boxed()
}

pub(crate) fn celo(base: &SignCase) -> BoxedStrategy<Asked> {
    parts(base)
        .prop_map(|mut parts| {
            parts.is_hexadecimal = true;
            let mut object = parts.object();
            object.insert("chainId".into(), json!(44_787));
            object.insert("gasLimit".into(), parts.number(U256::from(parts.gas)));
            if parts.kind / 3 % 2 == 1 {
                object.insert("feeCurrency".into(), json!(spell(parts.other)));
            }
            parts.put_price(&mut object);
            parts.asked(object, parts.fee().filter(|fee| !fee.is_zero()))
        })
        .boxed()
}
