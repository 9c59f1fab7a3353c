//! TRON: every contract that pays, lends, votes or hands over.

use alloy_primitives::{Address, U256};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use serde_json::{Map, Value, json};

use super::Hostile;
use crate::effects::{
    calls::{Call, call, word},
    payload,
    tron::{Contract, spell_bytes, transaction},
    wire::{digits, hex, put_bytes, put_number},
};

const THIEF: [u8; 21] = [0x41; 21];

/// A field of a contract: its name, its number, what it holds.
enum Holds {
    Bytes(Vec<u8>),
    Number(u64),
    /// A message, in JSON and in bytes.
    Message(Value, Vec<u8>),
}

use Holds::{Bytes, Message, Number};

type Field = (&'static str, u64, Holds);

fn payload_of(name: &'static str, number: u64, fields: &[Field]) -> String {
    let (mut value, mut bytes) = (Map::new(), Vec::new());
    for (name, place, holds) in fields {
        let spelled = match holds {
            Bytes(own) => {
                put_bytes(&mut bytes, *place, own);
                json!(digits(own))
            }
            Number(own) => {
                put_number(&mut bytes, *place, *own);
                json!(own)
            }
            Message(json, own) => {
                put_bytes(&mut bytes, *place, own);
                json.clone()
            }
        };
        value.insert((*name).to_owned(), spelled);
    }
    let contract = Contract {
        name,
        number,
        value: Value::Object(value),
        bytes,
        moved: (Asset::Native, String::new(), U256::ZERO),
        call: Call::default(),
        data: Vec::new(),
    };
    transaction(&contract, &[], 1_000_000, false)
}

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let value = payload(base)["raw_data"]["contract"][0]["parameter"]["value"].clone();
    let owner = hex(value["owner_address"].as_str().expect("an owner"));
    assert_eq!(spell_bytes(&owner), own);
    [contracts(&owner), triggers(&owner)].concat()
}

fn contracts(owner: &[u8]) -> Vec<Hostile> {
    let own = |place| ("owner_address", place, Bytes(owner.to_vec()));
    let thief = |name, place| (name, place, Bytes(THIEF.to_vec()));
    let mut vote = Vec::new();
    put_bytes(&mut vote, 1, &THIEF);
    put_number(&mut vote, 2, 5);
    let vote_json = json!([{ "vote_address": digits(&THIEF), "vote_count": 5 }]);
    let told = [
        ("TransferContract", 1, vec![own(1), thief("to_address", 2), ("amount", 3, Number(9))]),
        ("AccountCreateContract", 0, vec![own(1), thief("account_address", 2)]),
        ("VoteWitnessContract", 4, vec![own(1), ("votes", 2, Message(vote_json, vote))]),
        (
            "ParticipateAssetIssueContract",
            9,
            vec![
                own(1),
                thief("to_address", 2),
                ("asset_name", 3, Bytes(b"1002000".to_vec())),
                ("amount", 4, Number(9)),
            ],
        ),
        (
            "FreezeBalanceContract",
            11,
            vec![
                own(1),
                ("frozen_balance", 2, Number(9)),
                ("frozen_duration", 3, Number(3)),
                thief("receiver_address", 15),
            ],
        ),
        (
            "DelegateResourceContract",
            57,
            vec![own(1), ("balance", 3, Number(9)), thief("receiver_address", 4)],
        ),
        ("ClearABIContract", 48, vec![own(1), thief("contract_address", 2)]),
    ];
    let untold = [
        ("FreezeBalanceV2Contract", 54, vec![own(1), ("frozen_balance", 2, Number(9))]),
        ("UnfreezeBalanceV2Contract", 55, vec![own(1), ("unfreeze_balance", 2, Number(9))]),
        ("WitnessCreateContract", 5, vec![own(1), ("url", 2, Bytes(b"x".to_vec()))]),
        ("UpdateBrokerageContract", 49, vec![own(1), ("brokerage", 2, Number(9))]),
        (
            "ExchangeTransactionContract",
            44,
            vec![
                own(1),
                ("exchange_id", 2, Number(1)),
                ("token_id", 3, Bytes(b"_".to_vec())),
                ("quant", 4, Number(9)),
                ("expected", 5, Number(1)),
            ],
        ),
    ];
    let name = spell_bytes(&THIEF);
    let told = told.into_iter().map(|one| (one, vec![name.as_str()]));
    let all = told.chain(untold.into_iter().map(|one| (one, Vec::new())));
    let mut all: Vec<_> = all
        .map(|((kind, number, fields), told)| {
            Hostile::told(kind, &payload_of(kind, number, &fields), &told)
        })
        .collect();
    all.extend(taken_back(owner));
    all.push(Hostile::takes_over("permissions", &permissions(owner), &[&name]));
    all
}

/// Resources that somebody else had until now.
fn taken_back(owner: &[u8]) -> Vec<Hostile> {
    let own = || ("owner_address", 1, Bytes(owner.to_vec()));
    let thief = |place| ("receiver_address", place, Bytes(THIEF.to_vec()));
    let name = spell_bytes(&THIEF);
    let all = [
        ("UnDelegateResourceContract", 58, [own(), ("balance", 3, Number(9)), thief(4)]),
        ("UnfreezeBalanceContract", 12, [own(), ("resource", 10, Number(1)), thief(15)]),
    ];
    let told = all.into_iter().map(|(kind, number, fields)| {
        Hostile::told(kind, &payload_of(kind, number, &fields), &[&name])
    });
    told.collect()
}

/// The thief's key as the owner's only one.
fn permissions(owner: &[u8]) -> String {
    let (mut key, mut permission) = (Vec::new(), Vec::new());
    put_bytes(&mut key, 1, &THIEF);
    put_number(&mut key, 2, 1);
    put_number(&mut permission, 4, 1);
    put_bytes(&mut permission, 7, &key);
    let json = json!({
        "threshold": 1, "keys": [{ "address": digits(&THIEF), "weight": 1 }]
    });
    let fields =
        [("owner_address", 1, Bytes(owner.to_vec())), ("owner", 2, Message(json, permission))];
    payload_of("AccountPermissionUpdateContract", 46, &fields)
}

fn triggers(owner: &[u8]) -> Vec<Hostile> {
    let contract = [&[0x41][..], &[0x55; 20]].concat();
    let name = spell_bytes(&contract);
    let thief = word(Address::from_slice(&THIEF[1..]));
    let own = word(Address::from_slice(&owner[1..]));
    let five = U256::from(5);
    let trigger = |data: Vec<u8>, tokens: u64| {
        let mut fields = vec![
            ("owner_address", 1, Bytes(owner.to_vec())),
            ("contract_address", 2, Bytes(contract.clone())),
            ("data", 4, Bytes(data)),
        ];
        if tokens > 0 {
            fields.push(("call_token_value", 5, Number(tokens)));
            fields.push(("token_id", 6, Number(1_002_000)));
        }
        payload_of("TriggerSmartContract", 31, &fields)
    };
    let to_own = call("transfer(address,uint256)", &[own, five]);
    let lend = call("approve(address,uint256)", &[thief, five]);
    let pay = call("transferFrom(address,address,uint256)", &[own, thief, five]);
    let all_items = call("setApprovalForAll(address,bool)", &[thief, U256::from(1)]);
    let item = call("safeTransferFrom(address,address,uint256)", &[own, thief, five]);
    let of_thief = spell_bytes(&THIEF);
    vec![
        Hostile::told("approve", &trigger(lend, 0), &[&of_thief]),
        Hostile::told("transferFrom", &trigger(pay, 0), &[&of_thief]),
        Hostile::told("all items", &trigger(all_items, 0), &[&of_thief]),
        Hostile::told("an item", &trigger(item, 0), &[&of_thief]),
        Hostile::told("an item to oneself", &trigger(to_own.clone(), 0), &[&name]),
        Hostile::told("with tokens", &trigger(to_own, 5), &[&name]),
        Hostile::told("unknown", &trigger(vec![1, 2, 3, 4], 0), &[&name]),
    ]
}
