use super::*;

#[test]
fn a_fee_is_bounded_unless_it_need_not_be() {
    let case = case(ONE_INPUT);
    let mut operations = operations(&case);
    operations[0]["amount"]["value"] = json!("-19800000");
    let ten = asking(case.clone(), &operations);
    let node = Node::recorded(&case);
    assert!(complete(&ten, &node.altering("021a00030d40", "021a00989680")).is_ok());
    operations[0]["amount"]["value"] = json!("-19800001");
    let more = asking(case, &operations);
    let node = node.altering("021a00030d40", "021a00989681");
    assert!(
        refusal(&more, &node)
            .contains("the fee of 10000001 base units is outside the range from 0 to 10000000")
    );
    let unchecked = ChainOptions { skip_fee_checks: true, ..ChainOptions::default() };
    assert!(complete_with(&more, &unchecked, &node).is_ok());
}

#[test]
fn operations_that_are_no_payment_are_refused() {
    let base = case(ONE_INPUT);
    let node = Node::recorded(&base);
    let with = |path: &str, value: Value| {
        let mut operations = operations(&base);
        *operations.pointer_mut(path).unwrap() = value;
        refusal(&asking(base.clone(), &operations), &node)
    };
    let token = |policy: &str, symbol: &str, value: Value| {
        json!({ "tokenBundle": [{ "policyId": policy, "tokens": [
            { "value": value, "currency": { "symbol": symbol } }
        ] }] })
    };
    let policy = "ab".repeat(28);
    let mainnet = "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8";
    let id = "/0/coin_change/coin_identifier/identifier";
    let hash = "dc6603accda24500b3db661554cb0486fd411fe4f5f6d0dede38b88cc3c718be";
    for (path, value, reason) in [
        ("", json!([]), "field `input` is missing"),
        ("", json!({}), "is not a list"),
        ("", json!([7]), "not"),
        ("/0/type", json!("stakeDelegation"), "other than transfers"),
        ("/1/type", json!("input"), "operations[1].coin_change.coin_identifier.identifier"),
        ("/1/type", Value::Null, "operations[1].type"),
        ("/0/amount/value", json!("10000000"), "operations[0].amount.value"),
        ("/0/amount/value", json!("--10000000"), "operations[0].amount.value"),
        ("/0/amount/value", json!("-9799999"), "exceed the inputs (9799999)"),
        ("/0/amount/value", json!("-18446744073709551616"), "operations[0].amount.value"),
        ("/1/amount/value", json!("-1500000"), "operations[1].amount.value"),
        ("/1/amount/value", json!("+1500000"), "operations[1].amount.value"),
        ("/1/amount/value", json!("1.5"), "operations[1].amount.value"),
        ("/1/amount/value", json!("1e6"), "operations[1].amount.value"),
        ("/1/amount/value", json!("0"), "operations[1].amount.value"),
        ("/1/amount/value", json!("18446744073709551615"), "more than the total supply"),
        ("/1/amount/currency/symbol", json!("ada"), "is not ADA"),
        ("/1/amount/currency/decimals", json!(0), "is not ADA"),
        ("/1/account/address", json!(mainnet), "is not an address of this network"),
        ("/1/account/address", json!(""), "is not an address of this network"),
        ("/1/account", Value::Null, "operations[1].account.address"),
        (id, json!(hash), "is not a hash and an index"),
        (id, json!(format!("{hash}:")), "is not a hash and an index"),
        (id, json!(format!("{hash}:+1")), "is not a hash and an index"),
        (id, json!(format!("{hash}:65536")), "is not a hash and an index"),
        (id, json!(format!("0x{hash}:1")), "is not a hash and an index"),
        ("/1/metadata", token(&policy, "zz", json!("1")), "is not a list of tokens"),
        ("/1/metadata", token(&policy, &"ab".repeat(33), json!("1")), "is not a list of tokens"),
        ("/1/metadata", token("ab", "ab", json!("1")), "is not a list of tokens"),
        ("/1/metadata", token(&policy, "ab", json!("0")), "is not a list of tokens"),
        ("/1/metadata", token(&policy, "ab", json!("-1")), "is not a list of tokens"),
        ("/1/metadata", token(&policy, "ab", json!(1)), "is not a list of tokens"),
        ("/1/metadata", json!({ "tokenBundle": {} }), "is not a list of tokens"),
    ] {
        let error = with(path, value.clone());
        assert!(error.contains(reason), "{path} {value}: {error}");
    }
    let mut twice = operations(&base);
    let input = twice[0].clone();
    twice.as_array_mut().unwrap().push(input);
    assert!(refusal(&asking(base.clone(), &twice), &node).contains("appears twice"));
    let only_input = json!([operations(&base)[0]]);
    assert!(refusal(&asking(base.clone(), &only_input), &node).contains("`output` is missing"));
    let many = json!(vec![operations(&base)[1].clone(); 1_001]);
    assert!(complete(&asking(base.clone(), &many), &node).is_err());
    let mut token_twice = operations(&base);
    let token = token(&policy, "ab", json!("1"));
    let bundle = token["tokenBundle"][0].clone();
    token_twice[1]["metadata"] = json!({ "tokenBundle": [bundle, bundle] });
    assert!(refusal(&asking(base.clone(), &token_twice), &node).contains("names a token twice"));
}

#[test]
fn an_input_that_no_key_spends_is_named_before_the_node_is_asked() {
    let mut case = case(THREE_INPUTS);
    case["pending"]["hashes"].as_array_mut().unwrap().pop();
    let nobody = Node { preprocess: Value::Null, metadata: Value::Null, payloads: Value::Null };
    let error = refusal(&case, &nobody);
    assert!(
        error.starts_with(
            "input 1, which spends \
             d20c2195c5c6508d3246389de31a55dab91da1b9f44d20488ee15e91ac13cfe8:4 of addr_test1vqdx"
        ),
        "{error}"
    );
}

#[test]
fn keys_of_withdrawals_are_derived() {
    let node = |case: &Value| Node::recorded(case);
    let mut by_hash = case("ada-from-address-two-utxos-string-network-index");
    by_hash["pending"]["withdrawalId"] = json!("69a66dd87c2716f9d686e4a2");
    let mut by_signature = by_hash.clone();
    let id = by_hash["pending"]["hashes"][0].clone();
    by_signature["pending"]["hashes"] = json!([]);
    for index in [Value::Null, json!(0)] {
        by_signature["pending"]["signatures"] = json!([{ "id": id, "index": index }]);
        let error = refusal(&by_signature, &node(&by_signature));
        assert!(error.contains("has no recovery phrase"), "{error}");
    }
    assert!(refusal(&by_hash, &node(&by_hash)).contains("has no recovery phrase"));

    // A private key beside mnemonics is left out, as in the original.
    let mut both = case("ada-offchain-withdrawal-two-indexes");
    both["wallets"]["other"] = by_hash["wallets"][id.as_str().unwrap()].clone();
    both["pending"]["hashes"] = json!(["other"]);
    assert!(complete(&both, &node(&both)).is_ok());
    both["pending"]["hashes"] = json!([]);
    both["pending"]["signatures"].as_array_mut().unwrap().push(json!({ "id": "other" }));
    assert!(refusal(&both, &node(&both)).contains("wallet other has no recovery phrase"));
}
