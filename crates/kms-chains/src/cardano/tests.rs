mod hostile;
mod payloads;
mod tokens;

use std::path::Path;

use kms_core::{
    Asset, Chain as _, ChainOptions, Coverage, DecodeInput, KeySignature, Network, NodeCall,
    Pending, PublicKey, Query, Sign as _, Signers, Unsigned,
};
use kms_testkit::{TestKeys, vectors::load};
use serde_json::{Value, json};

use super::{
    CARDANO,
    body::{self, Body},
    cbor,
};
use crate::codec::hex;

const ONE_INPUT: &str = "ada-utxo-single-mnemonic-signature-change";
const THREE_INPUTS: &str = "ada-utxo-three-inputs-two-private-keys";
const NO_OPERATIONS: &str = "a16a6f7065726174696f6e7380";

fn cases() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/ADA/sign.json");
    load::<Value>(&path).cases
}

fn case(name: &str) -> Value {
    cases().into_iter().find(|case| case["name"] == name).unwrap()
}

fn operations(case: &Value) -> Value {
    serde_json::from_str(case["pending"]["serializedTransaction"].as_str().unwrap()).unwrap()
}

/// The case with other operations.
fn asking(mut case: Value, operations: &Value) -> Value {
    case["pending"]["serializedTransaction"] = json!(operations.to_string());
    case
}

/// Answers as the recorded one does, until a test makes it another.
#[derive(Clone)]
struct Node {
    preprocess: Value,
    metadata: Value,
    payloads: Value,
}

impl Node {
    fn recorded(case: &Value) -> Self {
        let answer = |resource: &str| {
            let calls = case["rpc"].as_array().unwrap().iter();
            let mut own = calls.filter(|call| call["url"].as_str().unwrap().ends_with(resource));
            own.next().unwrap()["response"].clone()
        };
        Self {
            preprocess: answer("/preprocess"),
            metadata: answer("/metadata"),
            payloads: answer("/payloads"),
        }
    }

    /// The body in hexadecimal.
    fn body(&self) -> String {
        let whole = self.payloads["unsigned_transaction"].as_str().unwrap();
        let whole = hex::decode(whole).unwrap();
        let mut reader = cbor::Reader::new(&whole);
        assert_eq!(reader.list(), Some(2));
        reader.text().unwrap().to_owned()
    }

    /// Builds another body, and asks for signatures of its very hash.
    fn building(&self, body: &str) -> Self {
        let mut node = self.wrapping(body, NO_OPERATIONS);
        let hash = body::hash(&hex::decode(body).unwrap_or_default());
        for payload in node.payloads["payloads"].as_array_mut().unwrap() {
            payload["hex_bytes"] = json!(hex::encode(&hash));
        }
        node
    }

    fn wrapping(&self, body: &str, beside: &str) -> Self {
        let mut wrapped = Vec::new();
        cbor::write_list(&mut wrapped, 2);
        cbor::write_text(&mut wrapped, body);
        let mut node = self.clone();
        let whole = format!("{}{beside}", hex::encode(&wrapped));
        node.payloads["unsigned_transaction"] = json!(whole);
        node
    }

    /// The recorded body with a piece replaced that is in it once.
    fn altering(&self, old: &str, new: &str) -> Self {
        let body = self.body();
        assert_eq!(body.matches(old).count(), 1, "{old} in {body}");
        self.building(&body.replace(old, new))
    }

    fn asking(&self, payloads: Value) -> Self {
        let mut node = self.clone();
        node.payloads["payloads"] = payloads;
        node
    }

    fn answer(&self, call: &NodeCall) -> Value {
        let NodeCall::Proxy { resource, .. } = call else { panic!("{call:?}") };
        match resource.as_str() {
            "/construction/preprocess" => self.preprocess.clone(),
            "/construction/metadata" => self.metadata.clone(),
            "/construction/payloads" => self.payloads.clone(),
            other => panic!("{other}"),
        }
    }
}

fn read_pending(case: &Value) -> (Pending, TestKeys) {
    let network = Network::from_testnet_flag(case["testnet"].as_bool().unwrap());
    let list = format!("[{}]", case["pending"]);
    let list = kms_api::read_pending_list(&list, &CARDANO.spec, network).unwrap();
    let keys = TestKeys::new(case["wallets"].as_object().unwrap(), crate::find_wallet_code);
    (list.into_iter().next().unwrap().unwrap(), keys)
}

fn complete_with(
    case: &Value,
    options: &ChainOptions,
    node: &Node,
) -> Result<Box<dyn Unsigned>, String> {
    let (pending, keys) = read_pending(case);
    let signers = Signers::find(&pending, &keys).map_err(|error| error.to_string())?;
    let input = DecodeInput { pending: &pending, signers: &signers, options };
    let mut draft = CARDANO.decode(&input).map_err(|error| error.to_string())?;
    while let Some(query) = draft.next_query() {
        let answer = match query {
            Query::PublicKey(key) => kms_core::Answer::PublicKey(keys.public_key(&key).unwrap()),
            Query::Node(call) => kms_core::Answer::Node(node.answer(&call)),
        };
        draft.answer(answer).map_err(|error| error.to_string())?;
    }
    draft.finish().map_err(|error| error.to_string())
}

fn complete(case: &Value, node: &Node) -> Result<Box<dyn Unsigned>, String> {
    complete_with(case, &ChainOptions::default(), node)
}

/// Refused by all that a decoded transaction must be.
fn refusal(case: &Value, node: &Node) -> String {
    complete(case, node).unwrap_err()
}

#[test]
fn an_answer_of_the_wrong_kind_is_an_error() {
    let (pending, keys) = read_pending(&case(ONE_INPUT));
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let mut draft = CARDANO.decode(&input).unwrap();
    let Some(Query::PublicKey(key)) = draft.next_query() else { panic!("a key comes first") };
    let key = kms_core::Answer::PublicKey(keys.public_key(&key).unwrap());
    assert!(draft.answer(kms_core::Answer::Node(json!({}))).is_err());
    draft.answer(key.clone()).unwrap();
    assert!(matches!(draft.next_query(), Some(Query::Node(_))));
    assert!(draft.answer(key).is_err());
}

#[test]
fn what_will_be_signed_is_what_the_payload_says() {
    let case = case(ONE_INPUT);
    let unsigned = complete(&case, &Node::recorded(&case)).unwrap();
    let effects = unsigned.effects();
    let told: Vec<_> = effects
        .transfers()
        .iter()
        .map(|one| (one.asset.clone(), one.to.as_str(), one.amount.to_string(), one.to_self))
        .collect();
    let paid = "addr_test1vqv03msf2ljjhq95u2mz90k6wz8cx0r9qwdtlmw49cntc4c7p2hck";
    let change = "addr_test1vzqv5gf0xx5sk6lwcpcj8qscx3gc9netk87fhjvkmcrz8aspjngjr";
    assert_eq!(
        told,
        [
            (Asset::Native, paid, String::from("1500000"), false),
            (Asset::Native, change, String::from("8300000"), true),
        ]
    );
    assert_eq!(effects.max_fee().amount.to_string(), "200000");
    assert_eq!(effects.coverage(), Coverage::Full);
    let claims: Vec<_> = unsigned.claims().iter().map(|claim| claim.key()).collect();
    let spent = "dc6603accda24500b3db661554cb0486fd411fe4f5f6d0dede38b88cc3c718be:1";
    assert_eq!(claims, [format!("ada:testnet:{spent}")]);
}

/// Each input is a claim, and each address signs once however many inputs it has.
#[test]
fn every_input_is_claimed() {
    for case in cases() {
        let unsigned = complete(&case, &Node::recorded(&case)).unwrap();
        let operations = operations(&case);
        let inputs: Vec<_> = operations
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one.pointer("/coin_change/coin_identifier/identifier"))
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        let claims = unsigned.claims();
        assert_eq!(claims.len(), inputs.len());
        for (claim, input) in claims.iter().zip(&inputs) {
            assert!(claim.key().ends_with(input.as_str()), "{claim:?} {input}");
        }
    }
}

/// Other implementations of the node write inputs as a set in any order, and outputs as maps.
#[test]
fn newer_forms_of_the_same_transaction_are_signed() {
    let case = case(THREE_INPUTS);
    let node = Node::recorded(&case);
    let expected = complete(&case, &node).unwrap();
    let body = node.body();
    let inputs = "825820";
    let first = body.find(inputs).unwrap();
    let input_chars = inputs.len() + 64 + 2;
    let (one, two) = (&body[first..][..input_chars], &body[first + input_chars..][..input_chars]);
    let forms = [
        body.replacen("a40083", "a400d9010283", 1),
        body.replacen(&format!("{one}{two}"), &format!("{two}{one}"), 1),
        body.replace("82581d60", "a200581d60")
            .replace("1a00a7d8c1", "011a00a7d8c1")
            .replace("1a000f423f", "011a000f423f"),
    ];
    for form in forms {
        assert_ne!(form, body);
        let unsigned = complete(&case, &node.building(&form)).unwrap();
        assert_eq!(unsigned.effects(), expected.effects());
    }
}

/// The signatures that the original gave to the node, one an address.
fn recorded_signatures(case: &Value) -> Vec<KeySignature> {
    let calls = case["rpc"].as_array().unwrap().iter();
    let combine = calls.rev().find(|call| call["url"].as_str().unwrap().ends_with("/combine"));
    let signatures = combine.unwrap()["body"]["signatures"].as_array().unwrap().iter();
    let bytes = |digits: &Value| hex::decode(digits.as_str().unwrap()).unwrap();
    let read = |one: &Value| KeySignature {
        public_key: PublicKey::from_bytes(bytes(&one["public_key"]["hex_bytes"])),
        bytes: bytes(&one["hex_bytes"]),
    };
    signatures.map(read).collect()
}

#[test]
fn a_transaction_is_assembled_of_its_own_signatures_only() {
    let case = case(THREE_INPUTS);
    let unsigned = || complete(&case, &Node::recorded(&case)).unwrap();
    let good = recorded_signatures(&case);
    let raw = unsigned().assemble(good.clone()).unwrap();
    assert_eq!(raw.as_str(), case["signed"]["txData"].as_str().unwrap());
    let (first, second) = (good[0].clone(), good[1].clone());
    let short = KeySignature { bytes: first.bytes[1..].to_vec(), ..first.clone() };
    for bad in [
        vec![],
        vec![first.clone()],
        vec![second.clone(), first.clone()],
        vec![first.clone(), first.clone()],
        vec![short, second.clone()],
        vec![first.clone(), second, first],
    ] {
        assert!(unsigned().assemble(bad).is_err());
    }
}
