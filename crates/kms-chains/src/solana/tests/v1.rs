//! Messages of version 1: what its header says, and what no node takes.

use kms_core::{RawTransaction, SentTransaction};

use super::*;
use crate::codec::hex;

/// Bytes of the message that a case of `kit.json` begins with.
fn bytes(name: &str) -> Vec<u8> {
    hex::decode(payload(&case(name))["txData"].as_str().unwrap()).unwrap()
}

fn with_bytes(name: &str, bytes: &[u8]) -> Value {
    with_payload(case(name), &json!({ "txData": hex::encode(bytes) }))
}

fn fee(name: &str) -> String {
    effects(&case(name)).unwrap().max_fee().amount.to_string()
}

/// 5000 lamports a signature; the priority fee of the header is a sum, no price.
#[test]
fn the_fee_is_that_of_signatures_and_of_the_header() {
    assert_eq!(fee("sol-kit-v1-transfer"), "5000");
    assert_eq!(fee("sol-kit-v1-priority-fee"), "5007");
    assert_eq!(fee("sol-kit-v1-tokens-all-config"), "55000");
    assert_eq!(fee("sol-kit-v1-two-wallets"), "60000");
    // Instructions for the compute budget are passed over.
    assert_eq!(fee("sol-kit-v1-ignored-budget"), "55000");
    let told = effects(&case("sol-kit-v1-ignored-budget")).unwrap();
    assert_eq!((told.transfers().len(), told.coverage()), (1, Coverage::Full));

    // The least significant byte of the fee stands behind three keys.
    let mut absurd = bytes("sol-kit-v1-priority-fee");
    let place = 42 + 3 * 32;
    assert_eq!(absurd[place..place + 8], [7, 0, 0, 0, 0, 0, 0, 0]);
    absurd[place + 3] = 60;
    let error = effects(&with_bytes("sol-kit-v1-priority-fee", &absurd)).unwrap_err();
    assert!(error.contains("outside the range from 5000 to 1000000000"), "{error}");
}

#[test]
fn it_has_effects_as_any_other() {
    let told = effects(&case("sol-kit-v1-transfer")).unwrap();
    let [transfer] = told.transfers() else { panic!("{told:?}") };
    assert_eq!(
        (transfer.amount.to_string().as_str(), told.coverage()),
        ("1234567890", Coverage::Full)
    );
    let told = effects(&case("sol-kit-v1-forty-payments")).unwrap();
    let sum: u64 =
        told.transfers().iter().map(|one| one.amount.to_string().parse::<u64>().unwrap()).sum();
    assert_eq!((told.transfers().len(), sum), (40, 820));
}

#[test]
fn what_no_node_takes_is_refused_with_its_reason() {
    const NAME: &str = "sol-kit-v1-transfer";
    let good = bytes(NAME);
    // Behind the version: three counts, the mask, the blockhash, two counts, the keys.
    let altered = |place: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[place] = value;
        bytes
    };
    let heap = bytes("sol-kit-v1-heap-only");
    let heap_of = |size: u32| {
        let mut bytes = heap.clone();
        bytes[42 + 3 * 32..][..4].copy_from_slice(&size.to_le_bytes());
        bytes
    };
    let mut many_keys = good.clone();
    many_keys[41] = 65;
    many_keys.splice(42 + 96..42 + 96, (0..62_u8).flat_map(|number| [number + 1; 32]));
    let mut many_calls = bytes("sol-kit-v1-without-config");
    many_calls[40] = 65;
    many_calls.truncate(42 + 96);
    many_calls.extend([2, 0, 0, 0].repeat(65));
    let mut twice = good.clone();
    twice.copy_within(42..74, 74);
    for (bytes, reason) in [
        (altered(0, 0x82), "Solana messages of version 2 are not supported"),
        (altered(0, 0xff), "Solana messages of version 127 are"),
        (altered(4, 0b10_0000), "bits that have no meaning"),
        (altered(7, 0x80), "bits that have no meaning"),
        (altered(4, 0b01), "one of the two bits of the priority fee"),
        (altered(4, 0b10), "one of the two bits of the priority fee"),
        (altered(1, 13), "more than 12 signers"),
        (altered(1, 0), "is not a Solana message of version 1"),
        (altered(2, 1), "is not a Solana message of version 1"),
        (altered(3, 3), "is not a Solana message of version 1"),
        (altered(42 + 96 + 8, 0), "is not a Solana message of version 1"),
        (many_keys, "more than 64 accounts"),
        (many_calls, "more than 64 instructions"),
        (twice, "is not a Solana message of version 1"),
        (heap_of(31 << 10), "a heap size"),
        (heap_of(257 << 10), "a heap size"),
        (heap_of((64 << 10) + 1), "a heap size"),
        ([good.as_slice(), &[0]].concat(), "bytes behind a message"),
        (good[..good.len() - 1].to_vec(), "is not a Solana message of version 1"),
    ] {
        let error = effects(&with_bytes(NAME, &bytes)).unwrap_err();
        assert!(error.contains(reason), "{reason}: {error}");
    }
    assert!(effects(&with_bytes(NAME, &heap_of(256 << 10))).is_ok());
}

#[test]
fn an_unknown_version_is_named_behind_signatures_too() {
    let message = bytes("sol-kit-v1-transfer");
    let mut whole = [&[1_u8][..], &[0; 64], &message].concat();
    whole[65] = 0x85;
    let error = effects(&with_bytes("sol-kit-v1-transfer", &whole)).unwrap_err();
    assert!(error.contains("version 5"), "{error}");
}

#[test]
fn a_transaction_has_4096_bytes_at_most() {
    const NAME: &str = "sol-kit-v1-longest";
    let longest = bytes(NAME);
    assert_eq!(longest.len() + 64, 4_096);
    assert!(effects(&case(NAME)).is_ok());
    let mut longer = longest.clone();
    // One byte of data more.
    let head = 42 + 2 * 32 + 8;
    let length = u16::from_le_bytes([longer[head + 2], longer[head + 3]]) + 1;
    longer[head + 2..head + 4].copy_from_slice(&length.to_le_bytes());
    longer.push(b'y');
    assert!(effects(&with_bytes(NAME, &longer)).unwrap_err().contains("too long"));
}

#[test]
fn the_blockhash_is_where_it_is_said_to_be() {
    for case in cases() {
        let Ok(message) =
            message::read(&hex::decode(payload(&case)["txData"].as_str().unwrap()).unwrap())
        else {
            continue;
        };
        let place = message.blockhash_position();
        assert_eq!(message.to_bytes()[place..place + 32], message.blockhash, "{}", case["name"]);
    }
}

#[test]
fn its_node_is_asked_for_version_1_and_its_id_is_its_first_signature() {
    for case in cases().iter().filter(|case| case["name"].as_str().unwrap().contains("-v1-")) {
        let raw = case["signed"]["rawTransactionBase64"].as_str().unwrap();
        let raw = RawTransaction::from_text(raw.to_owned());
        let id = case["signed"]["txData"].as_str().unwrap();
        assert_eq!(SOLANA.txid(Network::Testnet, &raw).unwrap().unwrap(), id);
        let claims = &[];
        let (network, age) = (Network::Testnet, std::time::Duration::from_secs(700));
        let sent =
            SentTransaction { network, raw: &raw, txid: None, first_slot: Some(1), claims, age };
        assert_eq!(SOLANA.inquiry(&sent).unwrap().txid(), id);
        let mut submission = SOLANA.submission(network, &raw).unwrap().unwrap();
        submission.next_step().unwrap();
        submission.outcome(Ok(json!(id))).unwrap();
        let Some(NodeCall::Rpc { params, .. }) = submission.next_step().map(|step| step.call)
        else {
            panic!("it is not looked for")
        };
        assert_eq!(params[1]["maxSupportedTransactionVersion"], 1);
    }
}
