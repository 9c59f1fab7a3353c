//! Ethereum, its descendants and VeChain: every call of a token contract that moves or lends, what
//! is not known, creation, and nothing at all.

use alloy_primitives::{Address, U256};
use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::Hostile;
use crate::effects::{
    calls::{bundle, call, word},
    evm::spell,
    payload,
    wire::prefixed,
};

const THIEF: Address = Address::repeat_byte(0x66);
const CONTRACT: Address = Address::repeat_byte(0x55);

/// Calls, and who must be told.
fn calls(own: Address) -> Vec<(&'static str, Vec<u8>, Address)> {
    let (thief, own, five) = (word(THIEF), word(own), U256::from(5));
    let one = U256::from(1);
    vec![
        ("transfer", call("transfer(address,uint256)", &[thief, five]), THIEF),
        ("transferFrom", call("transferFrom(address,address,uint256)", &[own, thief, five]), THIEF),
        ("approve", call("approve(address,uint256)", &[thief, five]), THIEF),
        ("increase", call("increaseAllowance(address,uint256)", &[thief, five]), THIEF),
        ("all items", call("setApprovalForAll(address,bool)", &[thief, one]), THIEF),
        ("an item", call("safeTransferFrom(address,address,uint256)", &[own, thief, five]), THIEF),
        ("an item to oneself", call("transfer(address,uint256)", &[own, five]), CONTRACT),
        ("approval of oneself", call("approve(address,uint256)", &[own, five]), CONTRACT),
        ("another permit", call("permit(address,address,uint256)", &[own, thief, five]), CONTRACT),
        ("no bundle", call("multicall(bytes[])", &[five]), CONTRACT),
        ("no selector", vec![1, 2], CONTRACT),
    ]
}

/// Permissions of newer standards, and transfers that tell the receiver.
fn permissions(own: Address) -> Vec<(&'static str, Vec<u8>, Address)> {
    let (thief, own, five, none) = (word(THIEF), word(own), U256::from(5), U256::ZERO);
    let (one, contract) = (U256::from(1), word(CONTRACT));
    let place = |words: u64| U256::from(32 * words);
    let seven = [own, thief, five, five, five, one, one];
    let eight = [own, thief, five, five, one, five, one, one];
    let single = [own, contract, five, five, none, thief, five, place(8), none];
    let all: Vec<(&'static str, Vec<U256>)> = vec![
        ("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", seven.to_vec()),
        ("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", eight.to_vec()),
        ("permit(address,uint256,uint256,bytes)", vec![thief, five, five, place(4), none]),
        ("decreaseAllowance(address,uint256)", vec![thief, five]),
        ("authorizeOperator(address)", vec![thief]),
        ("revokeOperator(address)", vec![thief]),
        ("send(address,uint256,bytes)", vec![thief, five, place(3), none]),
        (
            "operatorSend(address,address,uint256,bytes,bytes)",
            vec![own, thief, five, place(5), place(6), none, none],
        ),
        ("transferAndCall(address,uint256)", vec![thief, five]),
        ("transferAndCall(address,uint256,bytes)", vec![thief, five, place(3), none]),
        ("approveAndCall(address,uint256)", vec![thief, five]),
        ("approveAndCall(address,uint256,bytes)", vec![thief, five, place(3), none]),
        ("approve(address,address,uint160,uint48)", vec![contract, thief, five, five]),
        (
            "permit(address,((address,uint160,uint48,uint48),address,uint256),bytes)",
            single.to_vec(),
        ),
        ("transferFrom(address,address,uint160,address)", vec![own, thief, five, contract]),
    ];
    all.into_iter().map(|(name, words)| (name, call(name, &words), THIEF)).collect()
}

/// Calls in bundles: by the contract for its caller, and by Multicall3 for itself.
fn bundles(own: Address) -> Vec<(&'static str, Vec<u8>, Address)> {
    let (thief, own, five) = (word(THIEF), word(own), U256::from(5));
    let (no, token) = (U256::ZERO, word(CONTRACT));
    let pay = call("transfer(address,uint256)", &[thief, five]);
    let take = call("transferFrom(address,address,uint256)", &[own, thief, five]);
    let alone = |data: &[u8]| vec![(Vec::new(), data.to_vec())];
    let inner = bundle("multicall(bytes[])", &[], &alone(&pay));
    let of = |words: &[U256], data: &[u8]| vec![(words.to_vec(), data.to_vec())];
    let (list, three) = ("(address,bytes)[]", "(address,bool,bytes)[]");
    let four = "aggregate3Value((address,bool,uint256,bytes)[])";
    let bundle_of = |name: &str, list: &str, before: &[U256], words: &[U256]| {
        bundle(&format!("{name}{list})"), before, &of(words, &take))
    };
    let all = vec![
        ("multicall", inner.clone()),
        ("multicall until", bundle("multicall(uint256,bytes[])", &[five], &alone(&take))),
        ("multicall after", bundle("multicall(bytes32,bytes[])", &[five], &alone(&pay))),
        ("multicall twice", bundle("multicall(bytes[])", &[], &alone(&inner))),
        ("aggregate", bundle_of("aggregate(", list, &[], &[token])),
        ("blockAndAggregate", bundle_of("blockAndAggregate(", list, &[], &[token])),
        ("tryAggregate", bundle_of("tryAggregate(bool,", list, &[no], &[token])),
        ("tryBlockAndAggregate", bundle_of("tryBlockAndAggregate(bool,", list, &[no], &[token])),
        ("aggregate3", bundle_of("aggregate3(", three, &[], &[token, no])),
        ("aggregate3Value", bundle(four, &[], &of(&[token, no, no], &take))),
        ("aggregate3Value with coins", bundle(four, &[], &of(&[thief, no, five], &[]))),
        (
            "aggregate of a multicall",
            bundle("aggregate((address,bytes)[])", &[], &of(&[token], &inner)),
        ),
    ];
    all.into_iter().map(|(what, data)| (what, data, THIEF)).collect()
}

fn all_calls(own: Address) -> Vec<(&'static str, Vec<u8>, Address)> {
    [calls(own), permissions(own), bundles(own)].concat()
}

fn without(base: &Value, name: &str) -> Value {
    let mut base = base.clone();
    base.as_object_mut().expect("an object").remove(name);
    base
}

/// Members are put into a payload; a dialect may spell numbers in its own way.
fn make(base: &Value, own: &str, one: &Value) -> Vec<Hostile> {
    let own_address: Address = own.parse().expect("an address");
    let with = |to: &str, data: &[u8], value: &Value| {
        let mut own = base.clone();
        own["to"] = json!(to);
        own["value"] = value.clone();
        if !data.is_empty() {
            own["data"] = json!(prefixed(data));
        }
        own
    };
    let (thief, contract) = (spell(THIEF), spell(CONTRACT));
    let none = json!("0x0");
    let mut all: Vec<_> = all_calls(own_address)
        .into_iter()
        .map(|(what, data, told)| {
            Hostile::told(what, &with(&contract, &data, &none), &[&spell(told)])
        })
        .collect();
    let mut creation = without(&with("", &[0x60, 0x80], one), "to");
    all.push(Hostile::told("creation with value", &creation, &[]));
    creation["value"] = none.clone();
    all.push(Hostile::told("creation", &creation, &[]));
    all.push(Hostile::told("payment", &with(&thief, &[], one), &[&thief]));
    all.push(Hostile::told("nothing to oneself", &with(own, &[], &none), &[]));
    all.push(Hostile::told("a call of oneself", &with(own, &[1, 2, 3, 4], one), &[]));
    all
}

pub(super) fn web3(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let mut all = make(&base, own, &json!("1"));
    let mut delegating = base.clone();
    delegating["authorizationList"] = json!([{ "chainId": 1, "address": own, "nonce": 0 }]);
    all.push(Hostile::refused("code for the account itself", &delegating));
    all
}

pub(super) fn celo(base: &SignCase, own: &str) -> Vec<Hostile> {
    make(&payload(base), own, &json!("0x1"))
}

pub(super) fn klaytn(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let mut all = make(&base, own, &json!("0x1"));
    for kind in [
        "ACCOUNT_UPDATE",
        "FEE_DELEGATED_ACCOUNT_UPDATE",
        "FEE_DELEGATED_ACCOUNT_UPDATE_WITH_RATIO",
    ] {
        let mut own = without(&without(&base, "to"), "value");
        own["type"] = json!(kind);
        own["publicKey"] = json!(format!(
            "0x02{}",
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        ));
        if kind.ends_with("RATIO") {
            own["feeRatio"] = json!(30);
        }
        all.push(Hostile::takes_over(kind, &own, &[]));
    }
    let mut cancel = without(&without(&base, "to"), "value");
    cancel["type"] = json!("CANCEL");
    all.push(Hostile::told("CANCEL", &cancel, &[]));
    all
}

pub(super) fn vechain(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let mut all = make(&base, own, &json!("1"));
    // Behind a payment to oneself, in another clause.
    for (what, data, told) in all_calls(own.parse().expect("an address")) {
        let mut clauses = without(&without(&base, "to"), "value");
        clauses["clauses"] = json!([
            { "to": own, "value": "1" },
            { "to": spell(CONTRACT), "value": "0", "data": prefixed(&data) },
        ]);
        all.push(Hostile::told(what, &clauses, &[&spell(told)]));
    }
    all
}
