use super::*;

const TWO: &str = "ada-utxo-single-mnemonic-signature-change";
const SIGNED_BY_TWO: &str = "ada-mainnet-two-indexes-no-change";

/// The vector with a piece of its transaction replaced, lengths of texts made to fit.
fn altered(name: &str, old: &str, new: &str) -> Result<Valid, Rejection> {
    let vector = vector(name);
    let bytes = alloy_primitives::hex::decode(&vector.raw).unwrap();
    let text = String::from_utf8(bytes[4..bytes.len() - 13].to_vec()).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
    let text = text.replacen(old, new, 1);
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let tail = &bytes[bytes.len() - 13..];
    let bytes = [&[0x82, 0x79], &length[..], text.as_bytes(), tail].concat();
    vector.verify_raw(&alloy_primitives::hex::encode(bytes))
}

#[test]
fn a_transaction_with_other_content_is_refused() {
    for (old, new, reason) in [
        ("cc3c718be:1", "cc3c718be:2", "what is spent is dc6603ac"),
        ("dc6603ac", "dc6603ad", "what is spent is dc6603ac"),
        ("\"1500000\"", "\"1500001\"", "the amount of output 0 is 1500000"),
        ("\"-10000000\"", "\"-10000001\"", "the fee is 200000"),
        (
            "addr_test1vqv03msf2ljjhq95u2mz90k6wz8cx0r9qwdtlmw49cntc4c7p2hck",
            "addr1v8v6fmf4gyaxphs6u7fqxuu9evkddqt3shm9w7puu6cy02syz62k5",
            "the address of output 0 is 60",
        ),
        ("\"type\":\"output\"", "\"type\":\"mint\"", "the offered payload cannot"),
    ] {
        let refusal = vector(TWO).asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{old}: {refusal}");
    }
    let mut more = vector(TWO);
    let payload = more.offer["pending"]["serializedTransaction"].as_str().unwrap();
    let mut operations: Value = serde_json::from_str(payload).unwrap();
    operations[1]["metadata"] = json!({ "tokenBundle": [{
        "policyId": "ab".repeat(28),
        "tokens": [{ "value": "1", "currency": { "symbol": "" } }],
    }] });
    more.offer["pending"]["serializedTransaction"] = json!(operations.to_string());
    assert!(more.refusal().starts_with("the tokens of output 0 is "));
    operations.as_array_mut().unwrap().pop();
    more.offer["pending"]["serializedTransaction"] = json!(operations.to_string());
    assert!(more.refusal().starts_with("outputs is 2"), "{}", more.refusal());
}

#[test]
fn who_signs_is_who_is_expected_and_who_spends() {
    assert!(vector(SIGNED_BY_TWO).verify().is_ok());
    let signers = vector(SIGNED_BY_TWO).offer["expect"]["signers"].as_array().unwrap().clone();
    let stranger =
        json!({ "address": "addr1v8v6fmf4gyaxphs6u7fqxuu9evkddqt3shm9w7puu6cy02syz62k5" });
    for signers in [
        json!([signers[0]]),
        json!([signers[1]]),
        json!([signers[0], signers[1], stranger]),
        json!([signers[0], stranger]),
    ] {
        let refusal = vector(SIGNED_BY_TWO).expecting(signers).refusal();
        assert!(refusal.contains("was expected to sign"), "{refusal}");
    }
    let own = signers[0]["address"].as_str().unwrap();
    let other = stranger["address"].as_str().unwrap();
    let refusal = vector(SIGNED_BY_TWO).asking(own, other).refusal();
    assert!(refusal.contains("was expected to sign"), "{refusal}");
}

#[test]
fn witnesses_are_those_of_the_body() {
    let raw = alloy_primitives::hex::decode(vector(SIGNED_BY_TWO).raw).unwrap();
    let text = String::from_utf8_lossy(&raw).into_owned();
    let start = text.find("a10082825820").unwrap() + "a10082".len();
    let one = &text[start..start + 202];
    let two = &text[start + 202..start + 404];
    let both = format!("{one}{two}");
    // Their order says nothing.
    assert!(altered(SIGNED_BY_TWO, &both, &format!("{two}{one}")).is_ok());
    let refused = altered(SIGNED_BY_TWO, &both, &format!("{one}{one}"));
    assert_eq!(refused, Err(Rejection::Malformed("it is signed twice by the same key")));
    let (keys, signatures) = ([&one[..70], &two[..70]], [&one[70..], &two[70..]]);
    let swapped = format!("{}{}{}{}", keys[0], signatures[1], keys[1], signatures[0]);
    let refused = altered(SIGNED_BY_TWO, &both, &swapped);
    assert!(matches!(refused, Err(Rejection::Signature(_))), "{refused:?}");
    let refused = altered(SIGNED_BY_TWO, &format!("a10082{both}"), &format!("a10081{one}"));
    assert!(matches!(refused, Err(Rejection::OtherSigner { .. })), "{refused:?}");
    let refused = altered(SIGNED_BY_TWO, &format!("a10082{both}"), "a10080");
    assert!(matches!(refused, Err(Rejection::OtherSigner { .. })), "{refused:?}");
}

#[test]
fn a_transaction_that_does_more_is_malformed() {
    for (old, new) in [
        ("84a400", "84a500"),
        ("84a400", "84a40f000000"),
        ("9d1a0ef5f6", "9d1a0ef4f6"),
        ("9d1a0ef5f6", "9d1a0ef5a0"),
        ("9d1a0ef5f6", "9d1a0ef5f600"),
        ("021a00030d40", "021b0000000000030d40"),
        ("031a02f572e0", "0300"),
        ("a1008182", "a20080018082"),
        ("a1008182", "a10099000182"),
    ] {
        let refused = altered(TWO, old, new);
        assert!(matches!(refused, Err(Rejection::Malformed(_))), "{old} {new}: {refused:?}");
    }
}
