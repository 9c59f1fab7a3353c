//! Transactions that the networks of Ethereum's family take today, and those that none can take.

use kms_core::ChainOptions;
use kms_testkit::{RecordedAnswers, vectors::SignCase};
use serde_json::{Value, json};

use crate::vectors::{End, run_with};

/// Test key of EIP-155's example.
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
const TO: &str = "0x00000000000000000000000000000000000000aa";
const DOLLAR: &str = "0x765de816845861e75a25fca122bb6898b8b1282a";

/// Signs a payload that leaves nothing to ask for: nobody answers.
async fn signed(code: &str, payload: &Value) -> End {
    let chain = kms_chains::find(code).expect("a chain");
    let pending = json!({
        "id": "6092a5b1d7b2c1e0f0a1b2c3", "chain": code, "hashes": ["w"],
        "serializedTransaction": payload.to_string(),
    });
    let code = chain.spec().id.as_str();
    let wallets = json!({ "w": { "privateKey": KEY, "chain": code, "testnet": true } });
    let case = json!({
        "name": "made up", "chain": code, "testnet": true, "pending": pending, "wallets": wallets,
        "rpc": [],
    });
    let case: SignCase = serde_json::from_value(case).expect("a case");
    run_with(chain, &case, RecordedAnswers::new(Vec::new()), &ChainOptions::default()).await
}

/// A payload with members changed; `null` takes one away.
fn with(base: &Value, changes: &Value) -> Value {
    let mut payload = base.clone();
    for (name, value) in changes.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    let members = payload.as_object_mut().expect("an object");
    members.retain(|_, value| !value.is_null());
    payload
}

fn celo() -> Value {
    json!({
        "chainId": 11_142_220, "nonce": 7, "to": TO, "value": 5, "gasLimit": 100_000,
        "gasPrice": "0x5d21dba00",
    })
}

/// The bytes are those that viem 2.57.20 signs.
#[tokio::test]
async fn celo_has_ethereums_types_and_one_of_its_own() {
    const LEGACY: &str = "0xf869078505d21dba00830186a09400000000000000000000000000000000000000aa058084015408bca00d\
     a45ee46e65c8a410c2c2142da82e7ba1298d296310dc293c97a386a55f290fa0561e2313d282158e047d7ab1\
     387bc2c117dd3555cdf2225efeb63b1d78522430";
    const ACCESS_LIST: &str = "0x01f8a383aa044c078505d21dba00830186a09400000000000000000000000000000000000000aa0580f838\
     f79400000000000000000000000000000000000000bbe1a00000000000000000000000000000000000000000\
     00000000000000000000000180a0099e8b1ca5cbccd63f4646a40615b54d1d35a1ea98ecb9af1fac098c5313\
     bedba0592d11f77ef311cbcfd61040d3af05afec7d5bfa4bf9c71c9e823037fce26447";
    const DYNAMIC_FEE: &str = "0x02f86f83aa044c07843b9aca008505d21dba00830186a09400000000000000000000000000000000000000\
     aa0580c080a07c2efb88bc0ae745149811a50cf4d92a487b9d509b28ef85eac6fdf63a58f55ba04fcefc91e2\
     2256187aa467d6ad55cdfa854a9b97bfb63befd32c67119691dbdf";
    const CIP64_ONE_PRICE: &str = "0x7bf8be83aa044c078505d21dba008505d21dba00830186a094000000000000000000000000000000000000\
     00aa0580f838f79400000000000000000000000000000000000000bbe1a00000000000000000000000000000\
     00000000000000000000000000000000000194765de816845861e75a25fca122bb6898b8b1282a01a062b181\
     3518b06bc5d45c169154089656c08bf42b288be81013d24fa2df3b031aa03fff51f68b2a141f460fa7b83692\
     1f72e9d10a879f883a838d33d9234312904c";
    const CIP64_TWO_PRICES: &str = "0x7bf88483aa044c07843b9aca008505d21dba00830186a09400000000000000000000000000000000000000\
     aa0580c094765de816845861e75a25fca122bb6898b8b1282a80a0cbd0455c1fe359074344f2e51febf3c3aa\
     528b35528a92547f36828a5f555cb5a04bfb7ec7372fbcd62a6e28708f32efd41d86f19c2cfb26da817456f2\
     597bf079";
    let key = format!("0x{}1", "0".repeat(63));
    let address = "0x00000000000000000000000000000000000000bb";
    let list = json!([{ "address": address, "storageKeys": [key] }]);
    let fees = json!({
        "gasPrice": null, "maxFeePerGas": "0x5d21dba00", "maxPriorityFeePerGas": "0x3b9aca00",
    });
    let in_dollars = with(&fees, &json!({ "feeCurrency": DOLLAR, "gasPrice": null }));
    for (changes, expected) in [
        (json!({}), LEGACY),
        (json!({ "feeCurrency": "CELO" }), LEGACY),
        (json!({ "type": 0, "feeCurrency": "" }), LEGACY),
        (json!({ "accessList": list }), ACCESS_LIST),
        (json!({ "accessList": list, "type": "0x1" }), ACCESS_LIST),
        (fees.clone(), DYNAMIC_FEE),
        (with(&fees, &json!({ "type": 2 })), DYNAMIC_FEE),
        (json!({ "feeCurrency": DOLLAR, "accessList": list }), CIP64_ONE_PRICE),
        (json!({ "feeCurrency": DOLLAR, "accessList": list, "type": 123 }), CIP64_ONE_PRICE),
        (in_dollars, CIP64_TWO_PRICES),
    ] {
        let mut payload = with(&celo(), &changes);
        if changes.get("maxFeePerGas").is_some() {
            payload.as_object_mut().expect("an object").remove("gasPrice");
        }
        let end = signed("CELO", &payload).await;
        assert_eq!(end.outcome, Ok(()), "{changes}");
        assert_eq!(end.raws, [expected], "{changes}");
    }
}

#[tokio::test]
async fn what_no_celo_network_takes_is_refused() {
    for (changes, reason) in [
        (json!({ "feeCurrency": "CUSD" }), "feeCurrency"),
        (json!({ "feeCurrency": DOLLAR, "type": 0 }), "only 0x7b (CIP-64) has"),
        (json!({ "type": 123 }), "feeCurrency"),
        (json!({ "type": 2 }), "gasPrice"),
        (json!({ "type": 4 }), "not supported"),
        (json!({ "gatewayFeeRecipient": TO }), "gatewayFeeRecipient"),
        (json!({ "gatewayFee": "0x5" }), "gatewayFee"),
    ] {
        let end = signed("CELO", &with(&celo(), &changes)).await;
        let refusal = end.outcome.expect_err(reason);
        assert!(refusal.contains(reason), "{refusal}");
        assert_eq!((end.raws, end.unexpected), (vec![], vec![]), "{changes}");
    }
}

/// The least gas of the same data on each network: data beyond EIP-7623's floor, and code for a
/// contract, which costs by the word since EIP-3860.
#[tokio::test]
async fn too_little_gas_is_refused_before_anybody_is_asked() {
    let data = format!("0x{}", "11".repeat(1_000));
    let code = format!("0x{}", "00".repeat(33));
    for (chain, gas, chain_id, [of_data, of_code]) in [
        ("ETH", "gas", 11_155_111_u64, [61_000_u64, 53_136]),
        ("BSC", "gas", 97, [61_000, 53_136]),
        ("MATIC", "gas", 80_002, [61_000, 53_136]),
        ("CELO", "gasLimit", 44_787, [61_000, 53_136]),
        ("KLAY", "gas", 1_001, [61_000, 53_136]),
        ("KAIA", "gas", 1_001, [61_000, 53_136]),
        ("XDC", "gasLimit", 51, [37_000, 53_136]),
        ("ONE", "gas", 1_666_700_000, [37_000, 53_132]),
        ("KCS", "gas", 322, [37_000, 53_132]),
    ] {
        let base = json!({ "chainId": chain_id, "nonce": 7, "gasPrice": "0x5d21dba00" });
        for (content, least) in
            [(json!({ "to": TO, "data": data }), of_data), (json!({ "data": code }), of_code)]
        {
            let of = |limit: u64| with(&with(&base, &content), &json!({ gas: limit }));
            let low = signed(chain, &of(least - 1)).await;
            let refusal = low.outcome.expect_err(chain);
            assert!(refusal.contains(&format!("at least {least}")), "{chain}: {refusal}");
            assert_eq!(low.unexpected, Vec::<String>::new(), "{chain}");
            // BSC and XDC ask their nodes all the same, and nobody answers here.
            let good = signed(chain, &of(least)).await;
            let asks = matches!(chain, "BSC" | "XDC");
            assert_eq!(
                (good.outcome.is_ok(), good.unexpected.len()),
                (!asks, asks.into()),
                "{chain}"
            );
        }
        let limit = json!({ gas: 5_000_000, "data": format!("0x{}", "00".repeat(49_153)) });
        let large = signed(chain, &with(&base, &limit)).await;
        let is_limited = !matches!(chain, "ONE" | "KCS");
        let refusal = large.outcome.err().unwrap_or_default();
        assert_eq!(refusal.contains("more than 49152 bytes"), is_limited, "{chain}: {refusal}");
    }
}

/// XDC takes the addresses that it prints, wherever an address stands.
#[tokio::test]
async fn an_address_of_xdc_is_the_same_account() {
    let own = "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    let payload = |prefix: &str| {
        let key = format!("0x{}1", "0".repeat(63));
        json!({
            "chainId": 51, "nonce": 7, "gas": 100_000, "gasPrice": "0x5d21dba00", "value": "5",
            "from": format!("{prefix}{own}"), "to": TO.replace("0x", prefix),
            "accessList": [{ "address": TO.replace("0x", prefix), "storageKeys": [key] }],
        })
    };
    let chain = kms_chains::find("XDC").expect("a chain");
    let mut raws = Vec::new();
    for prefix in ["0x", "xdc", "XDC"] {
        let estimate = json!([{
            "method": "POST", "url": "https://api.tatum.io/v3/xdc/web3/any",
            "body": { "method": "eth_estimateGas", "params": "*" }, "response": { "result": "0x186a0" },
        }]);
        let case = json!({
            "name": "made up", "chain": "XDC", "testnet": true, "rpc": estimate,
            "wallets": { "w": { "privateKey": KEY, "chain": "XDC", "testnet": true } },
            "pending": {
                "id": "6092a5b1d7b2c1e0f0a1b2c3", "chain": "XDC", "hashes": ["w"],
                "serializedTransaction": payload(prefix).to_string(),
            },
        });
        let case: SignCase = serde_json::from_value(case).expect("a case");
        let answers = RecordedAnswers::new(case.rpc.clone());
        let end = run_with(chain, &case, answers, &ChainOptions::default()).await;
        assert_eq!(end.outcome, Ok(()), "{prefix}");
        raws.extend(end.raws);
    }
    assert_eq!(raws, vec![raws[0].clone(); 3]);
}
