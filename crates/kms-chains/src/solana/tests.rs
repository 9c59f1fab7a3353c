use std::path::Path;

use data_encoding::BASE64;
use kms_core::{
    Answer, Asset, Chain, ChainOptions, Coverage, DecodeInput, Effects, KeyRef, LateValue, Network,
    NodeCall, Pending, Query, ResolveError, Sign as _, Signers, Unsigned,
};
use kms_testkit::{TestKeys, vectors::load};
use serde_json::{Value, json};

mod bytes;
mod tables;
mod v1;

use super::{
    SOLANA,
    accounts::spell,
    effects::{self, Reading},
    message::{self, Key},
};

const BLOCKHASH: &str = "6Yf22ehk7pihsPrjyPMSfoZMXsAZhw8WYsJ8bYS2egxX";

fn cases() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/SOL");
    let read = |name: &str| load::<Value>(&folder.join(name)).cases;
    [read("sign.json"), read("sdk.json"), read("kit.json")].concat()
}

fn case(name: &str) -> Value {
    cases().into_iter().find(|case| case["name"] == name).unwrap()
}

fn payload(case: &Value) -> Value {
    serde_json::from_str(case["pending"]["serializedTransaction"].as_str().unwrap()).unwrap()
}

/// The case with other content.
fn with_payload(mut case: Value, payload: &Value) -> Value {
    case["pending"]["serializedTransaction"] = json!(payload.to_string());
    case
}

/// The case with instructions of its own in the place of its message's: program, accounts (the
/// case's wallet is 0, others are made of their numbers), data.
fn with_instructions(case: Value, instructions: &[(&str, &[u8], &[u8])]) -> Value {
    let of_wallet = message_of(&case).keys[0];
    let mut keys = vec![of_wallet];
    let used = instructions.iter().flat_map(|(_, accounts, _)| accounts.iter());
    keys.extend((1..=used.copied().max().unwrap_or(0)).map(|number| [number; 32]));
    let mut message = message_of(&case);
    message.header = message::Header { signers: 1, read_only_signers: 0, read_only_others: 0 };
    message.instructions.clear();
    for (program, accounts, data) in instructions {
        keys.push(bs58::decode(program).into_vec().unwrap().try_into().unwrap());
        message.instructions.push(message::Instruction {
            program: u8::try_from(keys.len() - 1).unwrap(),
            accounts: accounts.to_vec(),
            data: data.to_vec(),
        });
    }
    message.keys = keys;
    let digits = crate::codec::hex::encode(&message.to_bytes());
    with_payload(case, &json!({ "txData": digits }))
}

fn message_of(case: &Value) -> message::Message {
    let bytes = crate::codec::hex::decode(payload(case)["txData"].as_str().unwrap()).unwrap();
    message::read(&bytes).unwrap()
}

fn read_pending(case: &Value) -> (Pending, TestKeys) {
    let network = Network::from_testnet_flag(case["testnet"].as_bool().unwrap());
    let list = format!("[{}]", case["pending"]);
    let list = kms_api::read_pending_list(&list, &SOLANA.spec, network).unwrap();
    let pending = list.into_iter().next().unwrap().unwrap();
    (pending, TestKeys::new(case["wallets"].as_object().unwrap(), crate::find_wallet_code))
}

/// Draft and keys, and all questions answered; the node's by `node`.
fn complete(
    case: &Value,
    options: &ChainOptions,
    node: &dyn Fn() -> Value,
) -> Result<Box<dyn Unsigned>, String> {
    let (pending, keys) = read_pending(case);
    let signers = Signers::find(&pending, &keys).map_err(|error| error.to_string())?;
    let input = DecodeInput { pending: &pending, signers: &signers, options };
    let mut draft = SOLANA.decode(&input).map_err(|error| error.to_string())?;
    while let Some(query) = draft.next_query() {
        let Query::PublicKey(key) = query else { panic!("{query:?}") };
        let answer = Answer::PublicKey(keys.public_key(&key).unwrap());
        draft.answer(answer).map_err(|error: ResolveError| error.to_string())?;
    }
    let mut unsigned = draft.finish().map_err(|error| error.to_string())?;
    if let Some(LateValue { call, .. }) = unsigned.late_value() {
        assert!(matches!(call, NodeCall::Rpc { method: "getLatestBlockhash", .. }));
        assert!(unsigned.claims().is_empty());
        unsigned.take_late_value(&node()).map_err(|error| error.to_string())?;
    }
    Ok(unsigned)
}

fn good_node() -> Value {
    json!({ "context": { "slot": 1 }, "value": { "blockhash": BLOCKHASH, "lastValidBlockHeight": 2 } })
}

fn effects(case: &Value) -> Result<Effects, String> {
    complete(case, &ChainOptions::default(), &good_node).map(|unsigned| unsigned.effects().clone())
}

fn allowed(case: &Value) -> Effects {
    let options = ChainOptions { allow_account_changes: true, ..ChainOptions::default() };
    complete(case, &options, &good_node).unwrap().effects().clone()
}

fn wallet_keys(case: &Value) -> Vec<Key> {
    let (pending, keys) = read_pending(case);
    let refs = Signers::find(&pending, &keys).unwrap().keys();
    let public = |key: &KeyRef| keys.public_key(key).unwrap().as_bytes().try_into().unwrap();
    refs.iter().map(public).collect()
}

#[test]
fn signed_bytes_do_what_was_said_before() {
    let mut checked = 0;
    for case in cases() {
        let Ok(said) = effects(&case) else { continue };
        let raw = case["signed"]["rawTransactionBase64"].as_str().unwrap();
        let raw = BASE64.decode(raw.as_bytes()).unwrap();
        let (_, bytes) = message::split_transaction(&raw).unwrap();
        let message = message::read(bytes).unwrap();
        assert_eq!(message.to_bytes(), bytes, "{}", case["name"]);
        let reading = Reading {
            message: &message,
            network: said.network(),
            ours: &wallet_keys(&case),
            options: ChainOptions::default(),
        };
        assert_eq!(effects::of(&reading).unwrap(), said, "{}", case["name"]);
        checked += 1;
    }
    assert!(checked >= 36, "{checked}");
}

#[test]
fn a_node_that_gives_no_blockhash_gets_no_signature() {
    let case = case("sol-native-transfer");
    let hash = |hash: Value| json!({ "value": { "blockhash": hash } });
    let answers = [
        Value::Null,
        json!(BLOCKHASH),
        json!({ "value": null }),
        json!({ "blockhash": BLOCKHASH }),
        hash(Value::Null),
        hash(json!(7)),
        hash(json!("")),
        hash(json!("0OIl")),
        hash(json!(BLOCKHASH.get(22..))),
        hash(json!(format!("{BLOCKHASH}1"))),
        hash(json!("1".repeat(1 << 20))),
        hash(json!("1".repeat(32))),
        hash(json!("7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE")),
        hash(json!({ "a": BLOCKHASH })),
    ];
    for answer in answers {
        let error = complete(&case, &ChainOptions::default(), &|| answer.clone()).unwrap_err();
        assert!(error.contains("has no blockhash"), "{error}");
    }
}

#[test]
fn the_slot_is_known_where_the_node_named_the_blockhash_and_said_where() {
    let slot = |name: &str, node: &dyn Fn() -> Value| {
        complete(&case(name), &ChainOptions::default(), node).unwrap().first_slot()
    };
    assert_eq!(slot("sol-native-transfer", &good_node), Some(1));
    let silent = || json!({ "value": { "blockhash": BLOCKHASH } });
    assert_eq!(slot("sol-native-transfer", &silent), None);
    assert_eq!(slot("sol-sdk-v0-durable-nonce", &good_node), None, "the payload brings its own");
}

#[test]
fn a_payment_to_the_key_that_the_api_made_is_no_change() {
    let case = case("sol-sdk-v0-mint-key");
    let effects = effects(&case).unwrap();
    let [transfer] = effects.transfers() else { panic!("{effects:?}") };
    assert!(!transfer.to_self, "the API has the key of {}", transfer.to);
    assert_eq!(effects.coverage(), Coverage::Partial);
}

/// Receiver, asset and amount as the API's builder was told them (`prepare` of the recording), in
/// base units.
#[test]
fn payments_are_those_that_the_builder_was_told() {
    const MINT: &str = "7GMFZ7Q1PNMWvyEbWvW7ofW2zmdoTrwwYwstnPmLWoNE";
    let native = || Asset::Native;
    let token = || Asset::Token { contract: MINT.to_owned() };
    for (name, to, asset, amount) in [
        ("native-transfer", "ELRcePP8D4nE94iUVgREKzSX88KeS1GjqUeG1kQEpSE", native(), 500_000_000),
        (
            "native-transfer-fee-payer",
            "62ZBMfGhXUCEPN9AGQbMfes55jJiBXPtR8J8J8gDtqfo",
            native(),
            1_000_000_001,
        ),
        (
            "native-transfer-hex-private-key",
            "HjPMk2wKXNNQoay2s8MyR8UeyoppimrE1qi5hkLpxzpJ",
            native(),
            1,
        ),
        (
            "spl-transfer-create-ata-fee-payer",
            "GTK3SiMLKL9vfqC1Qk7t5NDji1mYgTtq657aLW1Wh96r",
            token(),
            7_000_000_000,
        ),
        ("nft-transfer", "djB7CV5tZwYKUZ9Ht55YMjmefG2SC3Ae36vu1ZA3FrS", token(), 1),
    ] {
        let effects = effects(&case(&format!("sol-{name}"))).unwrap();
        assert_eq!(
            (effects.coverage(), effects.unexplained().count()),
            (Coverage::Full, 0),
            "{name}"
        );
        let payment = effects.transfers().last().unwrap();
        assert_eq!((payment.to.as_str(), &payment.asset), (to, &asset), "{name}");
        assert_eq!(payment.amount, kms_core::Amount::from_base_units(amount), "{name}");
        assert!(!payment.to_self);
        // What else leaves is the rent of the account that is opened for the receiver.
        for rent in effects.transfers().iter().rev().skip(1) {
            assert_eq!((rent.to.as_str(), rent.amount.to_string().as_str()), (to, "2039280"));
        }
    }
}

#[test]
fn the_account_that_tokens_come_from_stands_for_their_mint_where_nothing_says_it() {
    let effects = effects(&case("sol-spl-transfer-existing-ata")).unwrap();
    let [tokens] = effects.transfers() else { panic!("{effects:?}") };
    assert!(
        matches!(&tokens.asset, Asset::Token { contract } if contract.starts_with("of account "))
    );
    assert_eq!(tokens.amount.to_string(), "12345678");
}

const SYSTEM: &str = "11111111111111111111111111111111";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const BUDGET: &str = "ComputeBudget111111111111111111111111111111";

fn number(tag: &[u8], amount: u64) -> Vec<u8> {
    [tag, &amount.to_le_bytes()].concat()
}

#[test]
fn the_fee_is_that_of_signatures_and_of_the_price_offered() {
    let base = case("sol-native-transfer");
    let fee = |instructions: &[(&str, &[u8], &[u8])]| {
        effects(&with_instructions(base.clone(), instructions))
            .map(|effects| effects.max_fee().amount.to_string())
    };
    let limit = [&[2_u8][..], &300_000_u32.to_le_bytes()].concat();
    let price = number(&[3], 25_001);
    let pay = number(&[2, 0, 0, 0], 1);
    let pay: (&str, &[u8], &[u8]) = (SYSTEM, &[0, 1], &pay);
    assert_eq!(fee(&[pay]).unwrap(), "5000");
    // 300000 units at 25001 millionths are 7500.3 lamports; 200000 are 5000.2.
    assert_eq!(fee(&[(BUDGET, &[], &limit), (BUDGET, &[], &price), pay]).unwrap(), "12501");
    assert_eq!(fee(&[(BUDGET, &[], &price), pay]).unwrap(), "10001");
    let check: (&str, &[u8], &[u8]) = ("Ed25519SigVerify111111111111111111111111111", &[], &[3, 0]);
    assert_eq!(fee(&[check]).unwrap(), "20000");
    let absurd = number(&[3], 1_000_000_000_000);
    for instructions in [
        &[(BUDGET, &[][..], &absurd[..]), pay][..],
        &[(BUDGET, &[], &[3, 255, 255, 255, 255, 255, 255, 255, 255]), pay],
    ] {
        let error = fee(instructions).unwrap_err();
        assert!(error.contains("outside the range from 5000 to 1000000000"), "{error}");
    }
}

#[test]
fn putting_others_in_charge_needs_permission() {
    let base = case("sol-native-transfer");
    let authority = [&[6, 2, 1][..], &[9; 32]].concat();
    let assign = [&[1, 0, 0, 0][..], &[9; 32]].concat();
    let nonce = [&[7, 0, 0, 0][..], &[9; 32]].concat();
    let changes: [(&str, &[u8], &[u8]); 5] = [
        (TOKEN, &[1, 0], &authority),
        (TOKEN, &[1, 0], &[6, 0, 0]),
        (SYSTEM, &[0], &assign),
        (SYSTEM, &[0], &[8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        (SYSTEM, &[1, 0], &nonce),
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let case = with_instructions(base.clone(), &[change]);
        let error = effects(&case).unwrap_err();
        assert!(error.contains("--allow-account-changes"), "{place}: {error}");
        let effects = allowed(&case);
        let spenders: Vec<_> = effects.allowances().iter().map(|one| &one.spender).collect();
        match place {
            0 | 4 => assert_eq!(spenders, [&spell(&[9; 32])]),
            _ => assert!(spenders.is_empty()),
        }
    }
    // An account that is not ours may be given to a program.
    assert!(effects(&with_instructions(base, &[(SYSTEM, &[1], &assign)])).is_ok());
}

#[test]
fn instructions_of_tokens_are_read() {
    let base = case("sol-native-transfer");
    let key = |number: u8| spell(&[number; 32]);
    let mint = |number| Asset::Token { contract: key(number) };
    let account = |number| Asset::Token { contract: format!("of account {}", key(number)) };
    let transfers: [(u8, &[u8], Asset, u8); 6] = [
        (3, &[1, 2, 0], account(1), 2),
        (12, &[1, 3, 2, 0], mint(3), 2),
        (7, &[3, 2, 0], mint(3), 2),
        (14, &[3, 2, 0], mint(3), 2),
        (8, &[1, 3, 0], mint(3), 3),
        (15, &[1, 3, 0], mint(3), 3),
    ];
    for (tag, accounts, asset, to) in transfers {
        let data = number(&[tag], 77);
        let effects =
            effects(&with_instructions(base.clone(), &[(TOKEN, accounts, &data)])).unwrap();
        let [transfer] = effects.transfers() else { panic!("{tag}: {effects:?}") };
        assert_eq!((&transfer.asset, &transfer.to), (&asset, &key(to)), "{tag}");
        assert_eq!(transfer.amount.to_string(), "77");
        assert_eq!(effects.coverage(), Coverage::Full);
    }
    for (tag, accounts, asset, spender) in
        [(4, &[1, 2, 0][..], account(1), 2), (13, &[1, 3, 2, 0], mint(3), 2)]
    {
        let data = number(&[tag], 77);
        let effects =
            effects(&with_instructions(base.clone(), &[(TOKEN, accounts, &data)])).unwrap();
        let [allowance] = effects.allowances() else { panic!("{tag}: {effects:?}") };
        assert_eq!((&allowance.asset, &allowance.spender), (&asset, &key(spender)), "{tag}");
        assert_eq!(allowance.amount.unwrap().to_string(), "77");
    }
}

#[test]
fn what_is_not_understood_is_said_to_be_so() {
    let base = case("sol-native-transfer");
    let strange: [(&str, &[u8], &[u8]); 7] = [
        (TOKEN, &[1, 2, 0], &[3, 1, 2]),
        (TOKEN, &[1], &number(&[3], 7)),
        (TOKEN, &[1, 2, 0], &[]),
        (TOKEN, &[1, 2, 0], &[99]),
        (SYSTEM, &[0, 1], &[2, 0, 0, 1]),
        (SYSTEM, &[0, 1], &[6, 0, 0, 0]),
        (BUDGET, &[], &[0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (place, one) in strange.into_iter().enumerate() {
        let effects = effects(&with_instructions(base.clone(), &[one])).unwrap();
        assert_eq!(effects.coverage(), Coverage::Partial, "{place}");
        let told: Vec<_> = effects.unexplained().map(|one| one.what.as_str()).collect();
        assert_eq!(told, [one.0], "{place}");
    }
    // The lamports of a closed account of tokens go to a stranger, or come to us: which is all that
    // happens then, and nothing that is shown.
    let close =
        |to: u8| effects(&with_instructions(base.clone(), &[(TOKEN, &[1, to, 0], &[9])])).unwrap();
    let stranger = spell(&[2; 32]);
    assert!(close(2).receivers().contains(stranger.as_str()));
    assert!(!close(0).receivers().contains(stranger.as_str()));
    assert_eq!(close(0).coverage(), Coverage::Partial);
    // An account from a table is not named in the message.
    let looked_up = effects(&case("sol-sdk-v0-two-tables")).unwrap();
    assert_eq!((looked_up.transfers().len(), looked_up.coverage()), (0, Coverage::Partial));
    assert_eq!(looked_up.unexplained().count(), 2);
}

#[test]
fn a_message_and_a_nonce_can_be_used_once() {
    let claims = |name: &str| -> Vec<String> {
        let unsigned = complete(&case(name), &ChainOptions::default(), &good_node).unwrap();
        unsigned.claims().iter().map(|claim| claim.key()).collect()
    };
    assert_eq!(claims("sol-native-transfer"), claims("sol-native-transfer"));
    assert_ne!(claims("sol-native-transfer"), claims("sol-spl-transfer-existing-ata"));
    let [message, nonce] = claims("sol-sdk-v0-durable-nonce").try_into().unwrap();
    assert_eq!(message.len(), 68);
    let of_case = message_of(&case("sol-sdk-v0-durable-nonce"));
    assert!(nonce.ends_with(&spell(&of_case.blockhash)), "{nonce}");
}

#[test]
fn every_signer_is_ours_or_has_signed() {
    let refused = |case: &Value| effects(case).unwrap_err();
    let mut foreign = case("sol-sdk-v0-signed-by-payer");
    let data = payload(&foreign)["txData"].as_str().unwrap().to_owned();
    // The first signature begins behind the byte that says how many there are.
    let altered =
        format!("{}{}{}", &data[..10], if &data[10..11] == "0" { "1" } else { "0" }, &data[11..]);
    let error = refused(&with_payload(foreign.clone(), &json!({ "txData": altered })));
    assert!(error.contains("an invalid signature of"), "{error}");
    let without = format!("{}{}{}", &data[..2], "0".repeat(128), &data[130..]);
    let error = refused(&with_payload(foreign.clone(), &json!({ "txData": without })));
    assert!(error.contains("the transaction's sender is"), "{error}");
    foreign = with_payload(foreign, &json!({ "txData": format!("{data}00") }));
    assert!(refused(&foreign).contains("is not a Solana message"), "{}", refused(&foreign));
}

#[test]
fn a_transaction_fits_a_packet() {
    let base = case("sol-native-transfer");
    let of_length = |length: usize| {
        let data = vec![7; length];
        effects(&with_instructions(
            base.clone(),
            &[("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", &[], &data)],
        ))
    };
    // One signature and its count, header, count of keys, payer, program, blockhash, count of
    // instructions, program, no accounts, two bytes of length.
    let most = 1_232 - 65 - 3 - 1 - 64 - 32 - 1 - 1 - 1 - 2;
    assert!(of_length(most).is_ok());
    assert!(of_length(most + 1).unwrap_err().contains("too long"));
}

#[test]
fn a_mint_key_is_in_no_error_and_no_debug() {
    let base = case("sol-sdk-v0-mint-key");
    let secret = payload(&base)["mintPK"].as_str().unwrap().to_owned();
    let (pending, keys) = read_pending(&base);
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let draft = SOLANA.decode(&input).unwrap();
    let unsigned = complete(&base, &options, &good_node).unwrap();
    let shown = format!("{input:?} {draft:?} {unsigned:?}");
    let in_base58 = bs58::encode(crate::codec::hex::decode(&secret).unwrap()).into_string();
    assert!(!shown.contains(&secret[..32]) && !shown.contains(&in_base58[..16]), "{shown}");
    let seed = crate::codec::hex::decode(&secret[..64]).unwrap();
    assert!(!shown.contains(&format!("{seed:?}")[1..40]), "{shown}");

    let other =
        payload(&case("sol-nft-mint-extra-mint-signer"))["mintPK"].as_str().unwrap().to_owned();
    let mixed = format!("{}{}", &secret[..64], &other[64..]);
    for (bad, reason) in [
        (json!(mixed), "is not a Solana key"),
        (json!(&secret[..64]), "is not a Solana key"),
        (json!(format!("{secret}00")), "is not a Solana key"),
        (json!("0OIl"), "is not a Solana key"),
        (json!(7), "is not text"),
        (json!([secret]), "is not text"),
        (json!(other), "the transaction's sender is"),
    ] {
        let mut payload = payload(&base);
        payload["mintPK"] = bad;
        let error = effects(&with_payload(base.clone(), &payload)).unwrap_err();
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains(&secret[..16]) && !error.contains(&other[..16]), "{error}");
    }
    let mut as_base58 = payload(&base);
    as_base58["mintPK"] = json!(in_base58);
    assert!(effects(&with_payload(base, &as_base58)).is_ok());
}
