mod submission;

use std::path::Path;

use kms_core::{
    Answer, Asset, Chain as _, ChainOptions, DecodeInput, Network, NodeCall, Pending, Query,
    RawTransaction, Scheme, Sign as _, Signers, SigningMessage, Submission, Unsigned,
};
use kms_keys::SigningKey;
use kms_secret::SecretText;
use kms_testkit::{TestKeys, vectors::load};
use serde_json::{Value, json};

use super::{
    FLOW,
    address::Account,
    submission::FlowSubmission,
    transaction::{AccountKey, FlowTransaction, hash},
};
use crate::codec::hex;

fn cases() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/FLOW/sign.json");
    load::<Value>(&path).cases
}

fn case(name: &str) -> Value {
    cases().into_iter().find(|case| case["name"] == name).unwrap()
}

/// The recorded answer to the first call whose URL contains `part`.
fn answer(case: &Value, part: &str) -> Value {
    let exchanges = case["rpc"].as_array().unwrap();
    let own = |one: &&Value| one["url"].as_str().unwrap().contains(part);
    exchanges.iter().find(own).unwrap()["response"].clone()
}

fn network(case: &Value) -> Network {
    Network::from_testnet_flag(case["testnet"].as_bool().unwrap())
}

/// The payload that the original made: its scripts, its roundings.
fn recorded_payload(case: &Value) -> FlowTransaction {
    let role = |part: &str| {
        let answer = answer(case, part);
        let account = Account::read(answer["address"].as_str().unwrap()).unwrap();
        AccountKey { account, key: answer["keyId"].as_u64().unwrap() }
    };
    let flow = &case["signed"]["flow"];
    let payload = case["pending"]["serializedTransaction"].as_str().unwrap();
    let payload: Value = serde_json::from_str(payload).unwrap();
    let arguments = flow["arguments"].as_array().unwrap().iter();
    let proposer = role("proposal/false");
    FlowTransaction {
        script: flow["script"].as_str().unwrap().to_owned(),
        arguments: arguments.map(|one| one.as_str().unwrap().to_owned()).collect(),
        reference_block: answer(case, "/v1/blocks")[0]["header"]["id"].as_str().unwrap().to_owned(),
        gas_limit: 9_999,
        proposer,
        sequence: super::draft::read_sequence(&answer(case, "/v1/accounts/"), proposer).unwrap(),
        payer: role("proposal/true"),
        authorizer: Account::read(payload["body"]["account"].as_str().unwrap()).unwrap(),
    }
}

fn raw_of(payload: &FlowTransaction, signature: &str) -> RawTransaction {
    let text = json!({ "payload": payload, "reference_height": 1_000, "signature": signature });
    RawTransaction::from_text(text.to_string())
}

/// Types 0 to 7 have scripts of our own; that their bytes, hashes, signatures and ids are made as
/// the original makes them is seen on its own payloads.
#[test]
fn recorded_payloads_are_hashed_signed_and_sent_as_the_original_does() {
    for case in cases() {
        let (name, flow) = (&case["name"], &case["signed"]["flow"]);
        let payload = recorded_payload(&case);
        let message = payload.message();
        assert_eq!(hex::encode(&message), flow["payloadMessage"], "{name}");
        assert_eq!(hex::encode(&hash(&message)), flow["payloadSha3_256"], "{name}");
        let signature = sign(&case, hash(&message));
        assert_eq!(signature, flow["authorizerSignature"], "{name}");
        let mut submission =
            FlowSubmission::new(network(&case), &raw_of(&payload, &signature)).unwrap();
        submission.note_first_sending();
        for exchange in case["rpc"].as_array().unwrap().iter().skip(4) {
            let call = submission.next_step().unwrap().call;
            assert_eq!(url(&call), exchange["url"], "{name}");
            let body = body(&call).unwrap_or(Value::Null);
            assert_eq!(body, exchange.get("body").cloned().unwrap_or_default(), "{name}");
            submission.outcome(Ok(exchange["response"].clone())).unwrap();
        }
        assert!(submission.next_step().is_none(), "{name}");
        assert_eq!(submission.tx_data(), flow["transactionId"], "{name}");
    }
}

/// By the key that the recording says is the authorizer's.
fn sign(case: &Value, hash: [u8; 32]) -> String {
    let (pending, keys) = read_pending(case);
    let key = Signers::find(&pending, &keys).unwrap().account_key(&pending).unwrap();
    let point = keys.public_key(&key).unwrap();
    let expected = &case["signed"]["flow"]["authorizerPublicKey"];
    assert_eq!(hex::encode(&point.as_bytes()[1..]), *expected);
    let message = SigningMessage::Prehash(hash);
    let spec = &FLOW.spec.key;
    let wallet = case["wallets"][key.wallet.as_str()].clone();
    let own = match wallet["privateKey"].as_str() {
        Some(text) => {
            SigningKey::parse(spec, network(case), &SecretText::new(text.to_owned())).unwrap()
        }
        None => {
            let phrase = wallet["mnemonic"].as_str().unwrap().to_owned();
            let phrase = kms_secret::Mnemonic::new(phrase);
            SigningKey::derive(spec, network(case), &phrase, key.index.unwrap()).unwrap()
        }
    };
    hex::encode(&own.sign(Scheme::EcdsaSecp256k1AnyS, &message).unwrap().bytes)
}

fn url(call: &NodeCall) -> String {
    match call {
        NodeCall::Api { path, .. } => format!("https://api.tatum.io{path}"),
        NodeCall::External { default_base, path, .. } => format!("{default_base}{path}"),
        other => panic!("{other:?}"),
    }
}

fn body(call: &NodeCall) -> Option<Value> {
    match call {
        NodeCall::Api { body, .. } | NodeCall::External { body, .. } => body.clone(),
        other => panic!("{other:?}"),
    }
}

fn read_pending(case: &Value) -> (Pending, TestKeys) {
    let list = format!("[{}]", case["pending"]);
    let list = kms_api::read_pending_list(&list, &FLOW.spec, network(case)).unwrap();
    let pending = list.into_iter().next().unwrap().unwrap();
    (pending, TestKeys::new(case["wallets"].as_object().unwrap(), crate::find_wallet_code))
}

/// The case with another body's member, or without it.
fn with_body(name: &str, member: &str, value: Value) -> Value {
    let mut case = case(name);
    let text = case["pending"]["serializedTransaction"].as_str().unwrap();
    let mut payload: Value = serde_json::from_str(text).unwrap();
    payload["body"][member] = value;
    case["pending"]["serializedTransaction"] = json!(payload.to_string());
    case
}

/// The draft's questions answered as recorded, but for those that `node` answers.
fn complete(
    case: &Value,
    node: &dyn Fn(&str) -> Option<Value>,
) -> Result<Box<dyn Unsigned>, String> {
    let (allow_account_changes, allow_flow_nft) = (true, true);
    let options = ChainOptions { allow_account_changes, allow_flow_nft, ..ChainOptions::default() };
    complete_with(case, &options, node)
}

fn complete_with(
    case: &Value,
    options: &ChainOptions,
    node: &dyn Fn(&str) -> Option<Value>,
) -> Result<Box<dyn Unsigned>, String> {
    let (pending, keys) = read_pending(case);
    let signers = Signers::find(&pending, &keys).map_err(|error| error.to_string())?;
    let input = DecodeInput { pending: &pending, signers: &signers, options };
    let mut draft = FLOW.decode(&input).map_err(|error| error.to_string())?;
    while let Some(query) = draft.next_query() {
        let Query::Node(call) = query else { panic!("no key is needed before the signature") };
        let url = url(&call);
        let part = url.split("onflow.org").last().unwrap().split("tatum.io").last().unwrap();
        let given = node(part).unwrap_or_else(|| answer(case, part));
        draft.answer(Answer::Node(given)).map_err(|error| error.to_string())?;
    }
    draft.finish().map_err(|error| error.to_string())
}

#[test]
fn an_answer_of_the_wrong_kind_is_an_error() {
    let (pending, keys) = read_pending(&case(TRANSFER));
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let mut draft = FLOW.decode(&input).unwrap();
    let key = signers.account_key(&pending).unwrap();
    draft.next_query().unwrap();
    let error = draft.answer(Answer::PublicKey(keys.public_key(&key).unwrap())).unwrap_err();
    assert!(error.to_string().contains("answer to what was asked"), "{error}");
}

const TRANSFER: &str = "flow-transfer-flow-private-key";

#[test]
fn a_node_that_says_what_cannot_be_gets_no_signature() {
    let good = case(TRANSFER);
    assert!(complete(&good, &|_| None).is_ok());
    let own = json!({ "address": "0xaa70edc66b045f42", "keyId": 1 });
    let role = |address: Value, key: Value| json!({ "address": address, "keyId": key });
    let proposer = "bebfc19c4602bb18";
    let key = |key: Value| json!({ "address": proposer, "keys": [key] });
    let block = |id: Value| json!([{ "header": { "id": id, "height": "5" } }]);
    let hostile = [
        ("proposal/true", own.clone()),
        ("proposal/false", own),
        ("proposal/true", Value::Null),
        ("proposal/true", role(json!("5dfe6b9e73be9941"), json!(8))),
        ("proposal/true", role(json!("0x5dfe6b9e73be99"), json!(8))),
        ("proposal/true", role(json!(["0x5dfe6b9e73be9941"]), json!(8))),
        ("proposal/false", role(json!("0x5dfe6b9e73be9941"), json!(-1))),
        ("proposal/false", role(json!("0x5dfe6b9e73be9941"), json!(1_u64 << 40))),
        ("proposal/false", role(json!("0x5dfe6b9e73be9941"), Value::Null)),
        ("/v1/blocks", json!([])),
        ("/v1/blocks", json!({})),
        ("/v1/blocks", block(Value::Null)),
        ("/v1/blocks", block(json!("50"))),
        ("/v1/blocks", block(json!("zz".repeat(32)))),
        ("/v1/blocks", block(json!("50".repeat(33)))),
        ("/v1/blocks", json!([{ "header": { "id": "50".repeat(32) } }])),
        ("/v1/accounts", Value::Null),
        ("/v1/accounts", json!({ "address": "aa70edc66b045f42", "keys": [] })),
        ("/v1/accounts", json!({ "address": proposer, "keys": [] })),
        ("/v1/accounts", key(json!({ "index": "59", "sequence_number": "1" }))),
        ("/v1/accounts", key(json!({ "index": "60" }))),
        ("/v1/accounts", key(json!({ "index": "60", "sequence_number": "-1" }))),
        ("/v1/accounts", key(json!({ "index": "60", "sequence_number": "1e40" }))),
        ("/v1/accounts", key(json!({ "index": "60", "sequence_number": "1", "revoked": true }))),
    ];
    let payer = answer(&good, "proposal/true");
    for (part, value) in hostile.into_iter().chain([("proposal/false", payer)]) {
        let node = |asked: &str| asked.contains(part).then(|| value.clone());
        let error = complete(&good, &node).err();
        let error = error.unwrap_or_else(|| panic!("{part}: {value} is taken"));
        assert!(error.contains("is not as expected"), "{error}");
    }
}

#[test]
fn bodies_that_say_what_cannot_be_are_refused() {
    for (name, member, value, words) in [
        (TRANSFER, "account", json!("0x1"), "is not an address"),
        (TRANSFER, "to", json!("78ea0cd3a32b8ab600"), "is not an address"),
        (TRANSFER, "to", json!("0x78ea0cd3a32b8abg"), "is not an address"),
        (TRANSFER, "to", Value::Null, "`to` is missing"),
        (TRANSFER, "amount", json!(1.5), "`amount`: is not text"),
        (TRANSFER, "amount", json!("-1"), "is not a decimal number"),
        (TRANSFER, "amount", json!("1e3"), "is not a decimal number"),
        (TRANSFER, "amount", json!("0x10"), "is not a decimal number"),
        (TRANSFER, "amount", json!("184467440737.09551616"), "is above"),
        (TRANSFER, "amount", json!("0.000000001"), "more digits after the point"),
        (TRANSFER, "amount", json!(".5"), "digits on both sides"),
        (TRANSFER, "amount", json!("10."), "digits on both sides"),
        (TRANSFER, "amount", json!("."), "digits on both sides"),
        (TRANSFER, "amount", json!("1.2.3"), "is not a decimal number"),
        (TRANSFER, "currency", json!("USD"), "is neither FLOW nor FUSD"),
        ("flow-create-account", "publicKey", json!("00".repeat(64)), "is not a point"),
        ("flow-create-account", "publicKey", json!("4f"), "is not a point"),
        ("flow-add-public-key", "publicKey", json!("0x"), "is not a point"),
        ("flow-nft-transfer", "tokenId", json!("1.0"), "is not a 64-bit number"),
        ("flow-nft-transfer", "tokenId", json!("18446744073709551616"), "is not a 64-bit number"),
        ("flow-nft-mint-multiple", "url", json!(["ipfs://a"]), "does not have one entry per entry"),
        ("flow-nft-mint-multiple", "to", json!([]), "is not a list of 1 to 500"),
        ("flow-custom-transaction", "args", Value::Null, "`args` is missing"),
        ("flow-custom-transaction", "args", json!([{ "type": "Nope" }]), "has an unsupported type"),
        ("flow-custom-transaction", "transaction", json!("x".repeat(300_000)), "too long"),
    ] {
        let error = complete(&with_body(name, member, value.clone()), &|_| None).unwrap_err();
        assert!(error.contains(words), "{member} {value}: {error}");
    }
}

/// Tatum's contract was not migrated to Cadence 1.0; an operator who knows better says so.
#[test]
fn nfts_of_the_contract_that_was_not_migrated_need_permission() {
    let to = json!("0x78ea0cd3a32b8ab6");
    for (kind, body) in [
        (4, json!({ "to": to, "url": "ipfs://a", "contractAddress": "b" })),
        (5, json!({ "to": [to], "url": ["ipfs://a"], "contractAddress": "b" })),
        (6, json!({ "tokenId": "1" })),
        (7, json!({ "to": to, "tokenId": "1" })),
    ] {
        let mut case = case("flow-nft-transfer");
        let text = case["pending"]["serializedTransaction"].as_str().unwrap();
        let mut payload: Value = serde_json::from_str(text).unwrap();
        let mut body = body;
        body["account"] = payload["body"]["account"].clone();
        payload["type"] = json!(kind);
        payload["body"] = body;
        case["pending"]["serializedTransaction"] = json!(payload.to_string());
        let error = complete_with(&case, &ChainOptions::default(), &|_| None).unwrap_err();
        assert!(error.contains("was not migrated to Cadence 1.0"), "{kind}: {error}");
        assert!(error.contains("only with --allow-flow-nft"), "{kind}: {error}");
        assert!(complete(&case, &|_| None).is_ok(), "{kind}");
    }
}

/// JavaScript reads `2.0` as 2; as another number it would be a script of the body's own.
#[test]
fn types_are_whole_numbers() {
    for literal in ["2.0", "2e0", "20e-1", "-0", "-1", "8.0"] {
        let mut case = case("flow-custom-transaction");
        let text = case["pending"]["serializedTransaction"].as_str().unwrap();
        let payload = text.replace("\"type\":8", &format!("\"type\":{literal}"));
        assert_ne!(payload, text);
        case["pending"]["serializedTransaction"] = json!(payload);
        let error = complete(&case, &|_| None).unwrap_err();
        assert!(error.contains("is not the number of a type"), "{literal}: {error}");
    }
}

#[test]
fn a_key_in_the_body_goes_nowhere() {
    let key = "b05c4a969827c6f8a88f4f2b09974ee8d7cfaad27ecf2003779c2b7d25741abd";
    let case = with_body(TRANSFER, "privateKey", json!(key));
    let (pending, _) = read_pending(&case);
    assert!(!pending.as_received.contains(key) && !format!("{pending:?}").contains(key));
    let unsigned = complete(&case, &|_| None).unwrap();
    assert!(!format!("{unsigned:?}").contains(key));
}

#[test]
fn effects_are_what_the_scripts_do() {
    let effects = |name: &str| complete(&case(name), &|_| None).unwrap().effects().clone();
    let told = effects(TRANSFER);
    let [transfer] = told.transfers() else { panic!() };
    assert_eq!((&transfer.asset, transfer.to.as_str()), (&Asset::Native, "0x78ea0cd3a32b8ab6"));
    assert_eq!(transfer.amount.to_string(), "150000000");
    let fusd = with_body("flow-transfer-fusd-mainnet-mnemonic-index5", "amount", json!("2"));
    let fusd = complete(&fusd, &|_| None).unwrap().effects().clone();
    let contract = String::from("A.3c5959b568896393.FUSD");
    assert_eq!(fusd.transfers()[0].asset, Asset::Token { contract });
    let nft = effects("flow-nft-transfer");
    assert_eq!(
        nft.transfers()[0].asset.to_string(),
        "item 199 of A.354e6721564ccd2c.TatumMultiNFT"
    );
    for name in ["flow-create-account", "flow-add-public-key", "flow-custom-transaction"] {
        assert_eq!(effects(name).coverage(), kms_core::Coverage::Partial, "{name}");
    }
}

/// Both the bytes and what the journal keeps say what the effects said.
#[test]
fn the_script_that_is_signed_has_the_arguments_that_were_told() {
    let unsigned = complete(&case(TRANSFER), &|_| None).unwrap();
    let claim = unsigned.claims().pop().unwrap();
    assert_eq!(claim.key(), "flow:testnet:0xbebfc19c4602bb18:60:358");
    let (pending, keys) = read_pending(&case(TRANSFER));
    let key = Signers::find(&pending, &keys).unwrap().account_key(&pending).unwrap();
    let public_key = keys.public_key(&key).unwrap();
    let signature = kms_core::KeySignature { bytes: vec![7; 64], public_key };
    let raw = unsigned.assemble(vec![signature]).unwrap();
    let kept: Value = serde_json::from_str(raw.as_str()).unwrap();
    let arguments = &kept["payload"]["arguments"];
    assert_eq!(arguments[0], "{\"type\":\"UFix64\",\"value\":\"1.50000000\"}");
    assert_eq!(arguments[1], "{\"type\":\"Address\",\"value\":\"0x78ea0cd3a32b8ab6\"}");
    let script = kept["payload"]["script"].as_str().unwrap();
    assert!(script.starts_with("import FungibleToken from 0x9a0766d93b6608b7\nimport FlowToken"));
    assert!(!script.contains('"') || script.contains("panic(\""));
}

#[test]
fn every_import_of_the_built_in_scripts_has_an_address() {
    use super::builtin::Script;
    for script in [
        Script::CreateAccount,
        Script::AddKey,
        Script::TransferFlow,
        Script::TransferFusd,
        Script::MintNft,
        Script::MintNfts,
        Script::BurnNft,
        Script::TransferNft,
    ] {
        for network in [Network::Mainnet, Network::Testnet] {
            let text = script.text(network);
            let imports = text.lines().filter(|line| line.starts_with("import "));
            for line in imports {
                let (_, address) = line.split_once(" from ").unwrap();
                assert!(Account::read(address).is_some(), "{line}");
            }
        }
    }
}
