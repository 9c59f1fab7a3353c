use super::*;

/// Built with cardano-serialization-lib 15.0.3: two policies, a name of 32 bytes and one of none,
/// the largest amount there is, and an address of the first era.
const WITH_TOKENS: &str = "a400d9010281825820dc6603accda24500b3db661554cb0486fd411fe4f5f6d0dede38b88cc3c718be01018282581d6018f8ee0957e52b80b4e2b622beda708f833c65039abfedd52e26bc57821a0016e360a2581c0e14267a8020229adc0184dd25fa3174c3f7d6caadcb4425c70e7c04a15820616161616161616161616161616161616161616161616161616161616161616101581c29d222ce763455e3d7a09a665ce554f00ac89d2e99a1a83d267170c6a24007434d494e1bffffffffffffffff82582e82d818582483581c9520f6356265abf2b7bd1a235a880749e4c380c476a717b6efd8ef7aa1024101001a5db42b071a007ea5e0021a00030d40031a02f572e0";

fn with_tokens() -> (Value, Node) {
    let case = case(ONE_INPUT);
    let mut operations = operations(&case);
    let token = |symbol: &str, value: &str| json!({ "value": value, "currency": { "symbol": symbol, "decimals": 0 } });
    operations[1]["metadata"]["tokenBundle"] = json!([
        {
            "policyId": "29d222ce763455e3d7a09a665ce554f00ac89d2e99a1a83d267170c6",
            "tokens": [token("4d494e", "18446744073709551615"), token("\\x", "7")],
        },
        {
            "policyId": "0e14267a8020229adc0184dd25fa3174c3f7d6caadcb4425c70e7c04",
            "tokens": [token(&"61".repeat(32), "1")],
        },
    ]);
    operations[2]["account"]["address"] =
        json!("FHnt4NL7yPY4Tv9NyP8YvjYhMYybn4QCzPAR6PBZjMT2mhtEroJXm6QKFYa31tz");
    let node = Node::recorded(&case).building(WITH_TOKENS);
    (asking(case, &operations), node)
}

#[test]
fn native_assets_are_signed_and_told() {
    let (case, node) = with_tokens();
    let unsigned = complete(&case, &node).unwrap();
    let told: Vec<_> = unsigned
        .effects()
        .transfers()
        .iter()
        .map(|one| format!("{} {} {}", one.amount, one.asset, one.to))
        .collect();
    let to = "addr_test1vqv03msf2ljjhq95u2mz90k6wz8cx0r9qwdtlmw49cntc4c7p2hck";
    let first =
        format!("0e14267a8020229adc0184dd25fa3174c3f7d6caadcb4425c70e7c04.{}", "61".repeat(32));
    let second = "29d222ce763455e3d7a09a665ce554f00ac89d2e99a1a83d267170c6";
    assert_eq!(
        told,
        [
            format!("1500000 native {to}"),
            format!("1 token {first} {to}"),
            format!("7 token {second}. {to}"),
            format!("18446744073709551615 token {second}.4d494e {to}"),
            String::from(
                "8300000 native FHnt4NL7yPY4Tv9NyP8YvjYhMYybn4QCzPAR6PBZjMT2mhtEroJXm6QKFYa31tz"
            ),
        ]
    );
    // Computed by the same library from the same body.
    assert_eq!(
        hex::encode(&body::hash(&hex::decode(WITH_TOKENS).unwrap())),
        "4f86cad139a70169daed4a611c680cefe9e65de41b41a87fe4d36545828f27eb"
    );
}

#[test]
fn substituted_native_assets_are_refused() {
    let (case, node) = with_tokens();
    for (old, new, reason) in [
        ("434d494e1bff", "434d494f1bff", "what is paid differs"),
        ("1bffffffffffffffff", "1bfffffffffffffffe", "what is paid differs"),
        ("a24007434d494e1bffffffffffffffff", "a14007", "what is paid differs"),
        ("581c29d2", "581c29d3", "what is paid differs"),
        ("a24007", "a24000", "does more than pay"),
        ("a24007434d494e1bffffffffffffffff", "a0", "does more than pay"),
        ("a24007434d494e1bffffffffffffffff", "a240074007", "does more than pay"),
    ] {
        let error = refusal(&case, &node.altering(old, new));
        assert!(error.contains(reason), "{old}: {error}");
    }
    let plain = Node::recorded(&super::case(ONE_INPUT));
    assert!(refusal(&case, &plain).contains("what is paid differs"));
    // The node builds them, and nobody asked for them.
    assert!(refusal(&super::case(ONE_INPUT), &node).contains("what is paid differs"));
}
