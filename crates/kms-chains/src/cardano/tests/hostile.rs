//! A node that builds and asks for something else.

use super::*;

/// The node asks for the hash of the very body that it altered.
#[test]
fn a_body_with_any_bit_altered_is_refused() {
    for name in ["ada-extra-unused-key-and-duplicate-hash", THREE_INPUTS] {
        let case = case(name);
        let node = Node::recorded(&case);
        let body = hex::decode(&node.body()).unwrap();
        assert!(complete(&case, &node.building(&hex::encode(&body))).is_ok());
        for place in 0..body.len() * 8 {
            let mut altered = body.clone();
            altered[place / 8] ^= 1 << (place % 8);
            let refused = complete(&case, &node.building(&hex::encode(&altered)));
            assert!(refused.is_err(), "{name}, bit {place}");
        }
        for length in 0..body.len() {
            let cut = hex::encode(&body[..length]);
            assert!(complete(&case, &node.building(&cut)).is_err(), "{name}, {length}");
        }
    }
}

#[test]
fn a_substituted_transaction_is_told_apart() {
    let case = case(ONE_INPUT);
    let node = Node::recorded(&case);
    let stranger = "581d60".to_owned() + &"ab".repeat(28);
    let paid = "581d6018f8ee0957e52b80b4e2b622beda708f833c65039abfedd52e26bc57";
    let change = "581d6080ca212f31a90b6beec071238218345182cf2bb1fc9bc996de0623f6";
    let paid_output = format!("82{paid}1a0016e360");
    let change_output = format!("82{change}1a007ea5e0");
    let input = "825820dc6603accda24500b3db661554cb0486fd411fe4f5f6d0dede38b88cc3c718be01";
    let other_input = format!("825820{}00", "cd".repeat(32));
    let two_inputs = format!("82{input}{other_input}");
    let three_outputs = format!("83{paid_output}{change_output}82{stranger}1a0016e360");
    let swapped = format!("{change_output}{paid_output}");
    let with_token = format!("82{paid}821a0016e360a1581c{}a1434d494e01", "ab".repeat(28));
    let substitutions: &[(&str, &str, &str)] = &[
        // An output's address, and the change's.
        (paid, &stranger, "what is paid differs"),
        (change, &stranger, "what is paid differs"),
        // An amount, the change made to fit, and the fee.
        ("1a0016e360", "1a0016e361", "what is paid differs"),
        ("1a007ea5e0", "1a007ea5e1", "what is paid differs"),
        ("021a00030d40", "021a00030d41", "the fee differs"),
        ("021a00030d40", "0200", "the fee differs"),
        ("031a02f572e0", "031a02f572e1", "the ttl differs"),
        ("031a02f572e0", "031bffffffffffffffff", "the ttl differs"),
        // Inputs: another, one more, none.
        (input, &other_input, "what is spent differs"),
        ("be01", "be02", "what is spent differs"),
        (&format!("81{input}"), &two_inputs, "what is spent differs"),
        (&format!("81{input}"), "80", "what is spent differs"),
        (&format!("81{input}"), &format!("82{input}{input}"), "does more than pay"),
        // Outputs: one more, one less, in another order, with a token.
        (&format!("82{paid_output}{change_output}"), &three_outputs, "what is paid differs"),
        (
            &format!("82{paid_output}{change_output}"),
            &format!("81{paid_output}"),
            "what is paid differs",
        ),
        (&format!("{paid_output}{change_output}"), &swapped, "what is paid differs"),
        (&paid_output, &with_token, "what is paid differs"),
        // The other network.
        ("581d6018", "581d6118", "does more than pay"),
    ];
    for (old, new, reason) in substitutions {
        let error = refusal(&case, &node.altering(old, new));
        assert!(error.contains(reason), "{old} {new}: {error}");
    }
}

#[test]
fn a_transaction_that_does_more_is_refused() {
    let case = case(ONE_INPUT);
    let node = Node::recorded(&case);
    let policy = "ab".repeat(28);
    let reward = format!("581de0{policy}");
    let more = [
        // A stake key's deregistration, a withdrawal of rewards, an update, other data, a start.
        format!("04818201 8200581c{policy}"),
        format!("05a1{reward}1a000f4240"),
        String::from("0682a000"),
        format!("075820{policy}00000000"),
        String::from("0800"),
        // Minting, data of scripts, collateral, other signers, the network, its return.
        format!("09a1581c{policy}a1434d494e01"),
        format!("0b5820{policy}00000000"),
        format!("0d81825820{policy}0000000000"),
        format!("0e81581c{policy}"),
        String::from("0f00"),
        format!("10a200581d60{policy}0100"),
        String::from("1100"),
        format!("1281825820{policy}0000000000"),
        // Votes, proposals, the treasury and a gift to it.
        String::from("13a0"),
        String::from("1480"),
        String::from("1500"),
        String::from("161a000f4240"),
        // Duplicate names, and one that is not valid.
        String::from("0200"),
        String::from("031a02f572e0"),
        String::from("2000"),
        String::from("6000"),
    ];
    for members in more {
        let members = members.replace(' ', "");
        let body = node.body().replacen("a4", "a5", 1) + &members;
        assert!(
            cbor_is_good(&body) || body.ends_with("0200") || body.ends_with("f572e0"),
            "{body}"
        );
        let error = refusal(&case, &node.building(&body));
        assert!(error.contains("does more than pay"), "{members}: {error}");
    }
    // Beside what is paid: data by hash in the older form, data and a script in the newer.
    let paid = "581d6018f8ee0957e52b80b4e2b622beda708f833c65039abfedd52e26bc57";
    let output = format!("82{paid}1a0016e360");
    let hash = format!("5820{}", "ab".repeat(32));
    for with_more in [
        format!("83{paid}1a0016e360{hash}"),
        format!("a300{paid}011a0016e360028200{hash}"),
        format!("a300{paid}011a0016e36003d8184482014100"),
    ] {
        let altered = node.altering(&output, &with_more);
        assert!(cbor_is_good(&altered.body()));
        let error = refusal(&case, &altered);
        assert!(error.contains("does more than pay"), "{error}");
    }
}

fn cbor_is_good(digits: &str) -> bool {
    let bytes = hex::decode(digits).unwrap();
    let mut reader = cbor::Reader::new(&bytes);
    reader.skip().is_some() && reader.is_at_end()
}

#[test]
fn another_spelling_of_the_same_transaction_is_refused() {
    let case = case(ONE_INPUT);
    let node = Node::recorded(&case);
    let body = node.body();
    let spellings = [
        body.replacen("a4", "bf", 1) + "ff",
        body.replacen("a4", "b804", 1),
        body.replacen("a40081", "a4009f", 1).replacen("be01", "be01ff", 1),
        body.replacen("a40081", "a4009801", 1),
        body.replacen("a400", "a41800", 1),
        body.replacen("021a00030d40", "021b0000000000030d40", 1),
        body.replacen("be01", "be1801", 1),
        body.replacen("5820", "590020", 1),
        body.replacen("021a00030d40031a02f572e0", "031a02f572e0021a00030d40", 1),
        body.replacen("1a0016e360", "821a0016e360a0", 1),
        body.replacen("a40081", "a400d9010381", 1),
        body.clone() + "00",
    ];
    for spelling in spellings {
        assert_ne!(spelling, body);
        let error = refusal(&case, &node.building(&spelling));
        assert!(error.contains("does more than pay"), "{spelling}: {error}");
    }
}

#[test]
fn only_the_hash_of_the_body_is_signed_and_only_by_those_who_spend() {
    let case = case(THREE_INPUTS);
    let node = Node::recorded(&case);
    let asked = node.payloads["payloads"].clone();
    let with = |place: usize, path: &str, value: Value| {
        let mut asked = asked.clone();
        *asked[place].pointer_mut(path).unwrap() = value;
        node.asking(asked)
    };
    let hash = asked[0]["hex_bytes"].as_str().unwrap();
    let longer = format!("{hash}00");
    let hashes = ["ff".repeat(32), "00".repeat(100), longer, hash[2..].to_owned(), String::new()];
    for other in hashes {
        for place in [0, 1] {
            let error = refusal(&case, &with(place, "/hex_bytes", json!(other)));
            assert!(error.contains("the hash to sign differs"), "{error}");
        }
    }
    let (first, second) = (asked[0].clone(), asked[1].clone());
    let stranger = "addr_test1vqv03msf2ljjhq95u2mz90k6wz8cx0r9qwdtlmw49cntc4c7p2hck";
    let mut foreign = first.clone();
    foreign["account_identifier"]["address"] = json!(stranger);
    let lists = [
        json!([]),
        json!([first]),
        json!([first, first]),
        json!([first, second, first]),
        json!([first, second, foreign]),
        json!([first, foreign]),
    ];
    for list in lists {
        let error = refusal(&case, &node.asking(list));
        assert!(error.contains("who is to sign differs"), "{error}");
    }
    for (path, value) in [
        ("/hex_bytes", json!("xyz")),
        ("/hex_bytes", json!(7)),
        ("/hex_bytes", json!(format!("0x{hash}"))),
        ("/account_identifier", json!({})),
        ("/account_identifier/address", Value::Null),
        ("/signature_type", json!("ecdsa")),
        ("/signature_type", json!("schnorr_1")),
    ] {
        let error = refusal(&case, &with(1, path, value));
        assert!(error.contains("its payloads are not valid signing payloads"), "{path}: {error}");
    }
    assert!(complete(&case, &node.asking(json!([second, first]))).is_ok());
    assert!(refusal(&case, &node.asking(Value::Null)).contains("not valid signing payloads"));
}

#[test]
fn an_answer_in_another_wrapping_is_refused() {
    let case = case(ONE_INPUT);
    let node = Node::recorded(&case);
    let body = node.body();
    let deep = format!("a16a6f7065726174696f6e73{}", "81".repeat(64) + "80");
    for beside in [
        "",
        "80",
        "a0",
        "a16a6f7065726174696f6e73",
        "a16a6f7065726174696f6e73a0",
        "a16a6f7065726174696f6e7380ff",
        "a16a6f7065726174696f6e739fff",
        "a2616100616100",
        // With metadata that would have to be signed as well.
        "a26a6f7065726174696f6e7380781a7472616e73616374696f6e5f6d657461646174615f686578616261",
        &deep,
    ] {
        let error = refusal(&case, &node.wrapping(&body, beside));
        assert!(error.contains("expected wrapping"), "{beside}: {error}");
    }
    let kept = "a16a6f7065726174696f6e7381a2647479706565696e707574667374617475736773756363657373";
    assert!(complete(&case, &node.wrapping(&body, kept)).is_ok());
    for bad in ["xyz".to_owned(), format!("0x{body}"), body.clone() + "0", String::new()] {
        assert!(complete(&case, &node.wrapping(&bad, NO_OPERATIONS)).is_err(), "{bad}");
    }
    let huge = format!("{body}{}", "00".repeat(16_384));
    assert!(complete(&case, &node.building(&huge)).is_err());
    for answer in [json!(body), json!("00".repeat(1 << 20)), json!(7), Value::Null, json!("zz")] {
        let mut node = node.clone();
        node.payloads["unsigned_transaction"] = answer;
        assert!(complete(&case, &node).is_err());
    }
}

#[test]
fn nonsense_on_the_way_is_refused() {
    let case = case(ONE_INPUT);
    let good = Node::recorded(&case);
    let nonsense =
        [Value::Null, json!([]), json!("x"), json!({}), json!({ "options": 7, "metadata": 7 })];
    for answer in nonsense {
        let node = Node { preprocess: answer.clone(), ..good.clone() };
        assert!(refusal(&case, &node).contains("construction/preprocess"));
        let node = Node { metadata: answer.clone(), ..good.clone() };
        assert!(refusal(&case, &node).contains("construction/metadata"));
        let node = Node { payloads: answer, ..good.clone() };
        assert!(refusal(&case, &node).contains("construction/payloads"));
    }
    for ttl in [
        Value::Null,
        json!(""),
        json!("-5"),
        json!("+49640160"),
        json!(0.5),
        json!("1000"),
        json!(7),
    ] {
        let mut node = good.clone();
        node.metadata["metadata"]["ttl"] = ttl;
        assert!(refusal(&case, &node).contains("its ttl is not in the future"));
    }
    // Another slot than the one that the transaction has.
    let mut node = good.clone();
    node.metadata["metadata"]["ttl"] = json!("49640161");
    assert!(refusal(&case, &node).contains("the ttl differs"));
    node.metadata["metadata"]["ttl"] = json!(49_640_160);
    assert!(complete(&case, &node).is_ok());
}

/// Answers go back to the node, but not in the place of what it is asked.
#[test]
fn answers_do_not_change_what_is_asked() {
    let case = case(ONE_INPUT);
    let (pending, keys) = read_pending(&case);
    let signers = Signers::find(&pending, &keys).unwrap();
    let options = ChainOptions::default();
    let input = DecodeInput { pending: &pending, signers: &signers, options: &options };
    let mut draft = CARDANO.decode(&input).unwrap();
    let mut node = Node::recorded(&case);
    let network = json!({ "blockchain": "cardano", "network": "mainnet" });
    node.preprocess["network_identifier"] = network.clone();
    node.metadata["network_identifier"] = network;
    node.metadata["operations"] = json!([]);
    let mut calls = 0;
    while let Some(query) = draft.next_query() {
        let answer = match query {
            Query::PublicKey(key) => kms_core::Answer::PublicKey(keys.public_key(&key).unwrap()),
            Query::Node(call) => {
                let NodeCall::Proxy { path, resource, body: Some(body) } = &call else { panic!() };
                assert_eq!(*path, "/v3/blockchain/node/cardano-preprod");
                assert_eq!(body["network_identifier"]["network"], "preprod");
                if resource != "/construction/metadata" {
                    assert_eq!(body["operations"], operations(&case));
                }
                calls += 1;
                kms_core::Answer::Node(node.answer(&call))
            }
        };
        draft.answer(answer).unwrap();
    }
    assert_eq!(calls, 3);
}

#[test]
fn random_bytes_are_no_body() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        let mut bytes = vec![0xa4, 0x00, 0x81];
        for _ in 0..40 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes.push(state.to_le_bytes()[0]);
        }
        assert!(Body::read(Network::Testnet, &bytes).is_none());
    }
}
