mod cardano;
mod sdk;

use std::path::Path;

use alloy_primitives::U256;
use bitcoin::{ScriptBuf, Transaction, Witness, consensus::encode::serialize_hex};
use serde_json::{Value, json};

use super::*;

/// The original's signature of a pending transaction.
struct Vector {
    name: String,
    offer: Value,
    raw: String,
    txid: String,
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let read = |chain: &&dyn kms_core::Chain| -> Vec<Vector> {
        let file = folder.join(format!("{}.json", chain.spec().id));
        let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let cases = file["cases"].as_array().unwrap().iter();
        cases.map(Vector::read).collect()
    };
    kms_chains::CHAINS.iter().flat_map(read).collect()
}

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.name == name).unwrap()
}

impl Vector {
    fn read(case: &Value) -> Self {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let offer = json!({ "pending": case["pending"], "expect": case["expect"] });
        Self { name: text("name"), offer, raw: text("raw"), txid: text("txid") }
    }

    fn verify(&self) -> Result<Valid, Rejection> {
        self.verify_raw(&self.raw)
    }

    fn verify_raw(&self, raw: &str) -> Result<Valid, Rejection> {
        let sample = Sample::from_json(self.offer.to_string().as_bytes()).unwrap();
        verify(&Case { sample: &sample, raw })
    }

    fn refusal(&self) -> String {
        self.verify().unwrap_err().to_string()
    }

    /// The payload with a piece of its text replaced.
    fn asking(mut self, old: &str, new: &str) -> Self {
        let payload = self.offer["pending"]["serializedTransaction"].as_str().unwrap();
        assert!(payload.contains(old), "{old} is not in {payload}");
        self.offer["pending"]["serializedTransaction"] = json!(payload.replacen(old, new, 1));
        self
    }

    fn expecting(mut self, signers: Value) -> Self {
        self.offer["expect"]["signers"] = signers;
        self
    }
}

#[test]
fn every_chain_has_vectors() {
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        let prefix = format!("{}-", code.to_lowercase());
        let count = vectors().iter().filter(|vector| vector.name.starts_with(&prefix)).count();
        assert!(count >= 2, "{code}");
    }
}

#[test]
fn what_the_original_signed_is_valid() {
    for vector in vectors() {
        match vector.verify() {
            Ok(valid) => assert_eq!(valid.txid, vector.txid, "{}", vector.name),
            Err(rejection) => panic!("{}: {rejection}", vector.name),
        }
    }
}

#[test]
fn a_flipped_bit_in_any_byte_is_noticed() {
    for vector in vectors().into_iter().filter(|vector| vector.raw.len() < 1_000) {
        let (prefix, digits) = match vector.raw.strip_prefix("0x") {
            Some(digits) => ("0x", digits),
            None => ("", vector.raw.as_str()),
        };
        // Bytes that are not hexadecimal are broadcast as text.
        let decoded = alloy_primitives::hex::decode(digits).ok();
        let bytes = decoded.clone().unwrap_or_else(|| digits.as_bytes().to_vec());
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 1 << (place % 8);
            let raw = match &decoded {
                Some(_) => format!("{prefix}{}", alloy_primitives::hex::encode(&altered)),
                None => String::from_utf8_lossy(&altered).into_owned(),
            };
            // A letter of other case in hexadecimal says the same.
            if decoded.is_none() && raw.eq_ignore_ascii_case(&vector.raw) {
                continue;
            }
            assert!(vector.verify_raw(&raw).is_err(), "{}, byte {place}", vector.name);
        }
    }
}

#[test]
fn missing_and_further_bytes_are_noticed() {
    for vector in vectors() {
        let raw = vector.raw.as_str();
        for bad in [
            "",
            "0x",
            raw.get(..raw.len() - 2).unwrap(),
            raw.get(..raw.len() - 1).unwrap(),
            raw.get(..raw.len() / 4 * 2).unwrap(),
            &format!("{raw}00"),
            &format!("{raw}zz"),
            &format!("0x{raw}"),
        ] {
            let refused = vector.verify_raw(bad);
            assert!(
                matches!(refused, Err(Rejection::Malformed(_))),
                "{}: {refused:?}",
                vector.name
            );
        }
    }
}

#[test]
fn an_evm_transaction_with_other_content_is_refused() {
    let refusals = [
        (
            "c4Ba409b99Ed68d18187fd6F92875f4ab74Cb023",
            "c4Ba409b99Ed68d18187fd6F92875f4ab74Cb024",
            "to is",
        ),
        ("98322073680000000000", "98322073680000000001", "value is"),
        ("\"nonce\":172", "\"nonce\":173", "nonce is 172"),
        ("23600000000", "23600000001", "gasPrice is 23600000000"),
        ("290540", "290541", "gas is 290540"),
        ("{", "{\"data\":\"0x01\",", "data is 0x"),
        ("{", "{\"chainId\":17000,", "the chain id is 11155111"),
        ("{", "{\"accessList\":[],", "the type is Legacy"),
        ("{", "{\"maxFeePerGas\":1,", "the type is Legacy"),
        ("\"from\":0", "\"from\":\"0x00000000000000000000000000000000000000aa\"", "from is"),
    ];
    for (old, new, reason) in refusals {
        let refusal = vector("eth-native-explicit").asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{refusal}");
    }
}

#[test]
fn a_foreign_chain_id_is_refused_even_if_asked_for() {
    let mut vector = vector("eth-native-explicit").asking("{", "{\"chainId\":11155111,");
    assert!(vector.verify().is_ok());
    vector.offer["expect"]["network"] = json!("mainnet");
    assert!(vector.refusal().starts_with("the chain id is 11155111"), "{}", vector.refusal());
}

#[test]
fn fields_of_single_chains_are_compared() {
    let refusals = [
        ("celo-native-celo-cusd-fee-estimated-v1", "874069fa", "874069fb", "feeCurrency is"),
        (
            "klay-type-value-transfer-memo",
            "VALUE_TRANSFER_MEMO",
            "SMART_CONTRACT_EXECUTION",
            "the type is",
        ),
        (
            "klay-type-fee-delegated-ratio-contract-execution-sender",
            "\"feeRatio\":",
            "\"feeRatio\":1",
            "the fee ratio is",
        ),
        (
            "xdc-eip1559-explicit",
            "\"maxFeePerGas\":\"0x",
            "\"maxFeePerGas\":\"0x1",
            "maxFeePerGas is",
        ),
    ];
    for (name, old, new, reason) in refusals {
        let refusal = vector(name).asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{name}: {refusal}");
    }
}

#[test]
fn another_key_than_the_expected_one_is_refused() {
    for vector in vectors() {
        let generator = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        let name = vector.name.clone();
        let refusal = vector.expecting(json!([{ "publicKey": generator }])).refusal();
        let other =
            refusal.contains("was expected to sign") || refusal.contains("was not expected");
        assert!(other, "{name}: {refusal}");
    }
}

#[test]
fn one_signature_has_one_form() {
    let order = U256::from_str_radix(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    )
    .unwrap();
    let vector = vector("eth-native-explicit");
    let (head, s) = vector.raw.split_at(vector.raw.len() - 64);
    let mirrored = order - U256::from_str_radix(s, 16).unwrap();
    // v of Sepolia, 35 + 2 × 11155111 and one more, stands before r.
    let (this, other) = if head.contains("8401546d71a0") { ("71", "72") } else { ("72", "71") };
    let head = head.replace(&format!("8401546d{this}a0"), &format!("8401546d{other}a0"));
    let refused = vector.verify_raw(&format!("{head}{mirrored:064x}"));
    assert_eq!(refused, Err(Rejection::Signature("its s is in the upper half (EIP-2)")));
}

fn decoded(vector: &Vector) -> Transaction {
    let bytes = alloy_primitives::hex::decode(&vector.raw).unwrap();
    bitcoin::consensus::deserialize(&bytes).unwrap()
}

#[test]
fn an_unsigned_input_is_named() {
    let names =
        ["btc-4in-mixed-p2pkh-p2wpkh-3keys", "doge-2in-2keys-mainnet", "bch-2in-2keys-2out"];
    for name in names {
        let vector = vector(name);
        let mut transaction = decoded(&vector);
        transaction.input[1].script_sig = ScriptBuf::new();
        transaction.input[1].witness = Witness::new();
        let refused = vector.verify_raw(&serialize_hex(&transaction));
        let problem = InputProblem::Unsigned;
        assert_eq!(refused, Err(Rejection::Input { place: 1, problem }), "{name}");
    }
}

#[test]
fn a_transaction_that_nodes_do_not_relay_is_refused() {
    let vector = vector("btc-2in-2keys");
    let mut transaction = decoded(&vector);
    let output = transaction.output[0].clone();
    // 34 bytes each, and four units of weight a byte.
    transaction.output.extend(std::iter::repeat_n(output, 3_000));
    let refused = vector.verify_raw(&serialize_hex(&transaction));
    assert_eq!(refused, Err(Rejection::Malformed("it is larger than nodes relay")));
}

#[test]
fn signatures_of_other_inputs_do_not_fit() {
    for name in ["btc-2in-2keys-mainnet", "bch-5in-5keys-3out"] {
        let vector = vector(name);
        let mut transaction = decoded(&vector);
        let other = transaction.input[1].script_sig.clone();
        transaction.input[0].script_sig = other;
        let refused = vector.verify_raw(&serialize_hex(&transaction));
        assert!(matches!(refused, Err(Rejection::Input { place: 0, .. })), "{refused:?}");
    }
}

#[test]
fn a_transaction_of_outputs_with_other_content_is_refused() {
    let refusals = [
        ("\"satoshis\":229476170", "\"satoshis\":229476171", "the amount of output 0 is 229476170"),
        ("\"version\":2", "\"version\":1", "version is 2"),
        ("\"nLockTime\":0", "\"nLockTime\":7", "nLockTime is 0"),
        ("\"sequenceNumber\":4294967295", "\"sequenceNumber\":1", "the sequence of input 0 is"),
        ("\"outputIndex\":3", "\"outputIndex\":4", "the output of input 0 is"),
        ("71b6893d", "71b6893e", "the script of output 0 is"),
        ("01fc142e", "01fc142f", "input 0: provides another key than the one in its script"),
    ];
    for (old, new, reason) in refusals {
        let refusal = vector("btc-2in-2keys").asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{refusal}");
    }
}

#[test]
fn the_spent_amount_is_signed_where_the_chain_signs_it() {
    let amount = |name: &str| {
        let vector = vector(name);
        let payload = vector.offer["pending"]["serializedTransaction"].as_str().unwrap();
        let (_, rest) = payload.split_once("\"output\":{\"satoshis\":").unwrap();
        rest.split_once(',').unwrap().0.to_owned()
    };
    for name in ["btc-1in-p2wpkh", "btc-1in-p2sh-p2wpkh"] {
        let old = amount(name);
        let refusal = vector(name).asking(&old, &format!("{old}0")).refusal();
        assert!(refusal.contains("is not valid for the transaction"), "{refusal}");
    }
    let refusal = vector("bch-2in-2keys-2out").asking("92584824", "92584825").refusal();
    assert!(refusal.starts_with("input 1: has a signature that is not valid for"), "{refusal}");
}

#[test]
fn bitcoin_cash_keys_are_expected_by_place() {
    let vector = vector("bch-2in-2keys-2out");
    let signers = vector.offer["expect"]["signers"].as_array().unwrap().clone();
    let swapped: Vec<_> = signers.iter().rev().cloned().collect();
    let refusal = vector.expecting(json!(swapped)).refusal();
    assert!(refusal.contains("was not expected to sign"), "{refusal}");
}

#[test]
fn addresses_are_as_good_as_keys() {
    let offchain = vector("btc-offchain-1in-xpub-change");
    assert!(
        offchain.offer["expect"]["signers"][0]["address"].as_str().unwrap().starts_with("tb1q")
    );
    assert!(offchain.verify().is_ok());
    let other = json!([{ "address": "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx" }]);
    assert!(offchain.expecting(other).refusal().contains("was not expected to sign"));
}

#[test]
fn an_unreadable_payload_or_signer_is_said_to_be_so() {
    let refusal = vector("eth-native-explicit").asking("{", "[").refusal();
    assert!(refusal.starts_with("the offered payload cannot be compared"), "{refusal}");
    let nobody = json!([{ "address": "0x12" }]);
    let refusal = vector("eth-native-explicit").expecting(nobody).refusal();
    assert!(refusal.starts_with("the expected signer cannot be compared"), "{refusal}");
}

#[test]
fn a_transaction_of_solana_with_other_content_is_refused() {
    // One transfer: instruction of program 3, of accounts 1 and 2, with twelve bytes.
    for (name, old, new, reason) in [
        ("sol-native-transfer-fee-payer", "01ca9a3b", "02ca9a3b", "the data of instruction 0 is "),
        ("sol-native-transfer-fee-payer", "4ab0665c", "4ab0665d", "the accounts of instruction 0"),
        ("sol-native-transfer-fee-payer", "90264978", "90264979", "the accounts of instruction 0"),
        ("sol-native-transfer-fee-payer", "068ccf2b", "068ccf2c", "the payer is "),
        (
            "sol-native-transfer-fee-payer",
            "01030201020c",
            "01030202010c",
            "the accounts of instruction 0",
        ),
        (
            "sol-native-transfer-fee-payer",
            "01030201020c",
            "01020201020c",
            "the program of instruction 0",
        ),
        ("sol-native-transfer-fee-payer", "02000104", "02010104", "the accounts of instruction 0"),
        ("sol-sdk-v0-transfer", "\"80", "\"", "the version is true"),
        ("sol-sdk-v0-durable-nonce", "368c2ef1", "368c2ef2", "the blockhash is "),
        ("sol-sdk-v0-two-tables", "01070041", "01080041", "the accounts of instruction 0"),
        // The blockhash that the transaction has, in the place of none.
        (
            "sol-native-transfer",
            "60d38e0da20dc5900b7e902c918eae6a95e2d90af154b53a422f4ab26b050f4f",
            "52666d2f13621a76af61be02924f51d4b8f8a22c9e682546188a1fad63387648",
            "the broadcast is not a transaction of this chain: its blockhash is the payload's",
        ),
    ] {
        let refusal = vector(name).asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{name}, {old}: {refusal}");
    }
}

#[test]
fn every_signer_of_a_solana_transaction_is_expected_or_came_with_the_payload() {
    let two = vector("sol-native-transfer-fee-payer");
    let signers = two.offer["expect"]["signers"].as_array().unwrap().clone();
    for part in [json!([signers[0]]), json!([signers[1]])] {
        let refusal = vector("sol-native-transfer-fee-payer").expecting(part).refusal();
        assert!(refusal.contains("was expected to sign"), "{refusal}");
    }
    let more = json!([signers[0], signers[1], { "address": "11111111111111111111111111111111" }]);
    let refusal = vector("sol-native-transfer-fee-payer").expecting(more).refusal();
    assert!(refusal.contains("was expected to sign"), "{refusal}");
    let without_mint = vector("sol-nft-mint-extra-mint-signer").asking("mintPK", "mint");
    assert!(without_mint.refusal().contains("was expected to sign"));
}

#[test]
fn transactions_of_accounts_with_other_content_are_refused() {
    for (name, old, new, reason) in [
        ("algo-payment-note", "\"amount\":1500000", "\"amount\":1500001", "amt is Number(1500000)"),
        ("algo-payment-note", "\"fee\":1000", "\"fee\":1001", "fee is Number(1000)"),
        ("algo-payment-note", "\"0\":233", "\"0\":234", "rcv is Bytes"),
        ("algo-payment-note", "\"note\":{\"0\":72", "\"note\":{\"0\":73", "note is Bytes"),
        ("algo-payment-note", "\"lease\":{}", "\"lease\":{\"0\":1}", "lx is nothing"),
        ("algo-payment-note", "\"note\":", "\"other\":", "note is Bytes"),
        ("bnb-transfer-bnb-testnet", "\"amount\":150000000", "\"amount\":150000001", "msg is"),
        ("bnb-transfer-bnb-testnet", "[62,165", "[63,165", "msg is"),
        ("bnb-transfer-bnb-testnet", "\"memo\":\"\"", "\"memo\":\"1\"", "memo is "),
        (
            "egld-native-transfer",
            "\"value\":\"1.5\"",
            "\"value\":\"1.6\"",
            "value is 1500000000000000000",
        ),
        ("egld-native-transfer", "erd1d8fhn", "erd1d8fhm", "receiver is erd1d8fhn"),
        ("egld-native-transfer", "{", "{\"data\":\"x\",", "data is "),
        ("flow-transfer-flow-private-key", "\"1.5\"", "\"1.6\"", "arguments is "),
        ("flow-transfer-flow-private-key", "0x78ea", "0x78eb", "arguments is "),
        ("flow-transfer-flow-private-key", "\"FLOW\"", "\"FUSD\"", "script is "),
        ("flow-transfer-flow-private-key", "0xaa70", "0xaa71", "authorizers is aa70"),
        ("flow-create-account", "4f0f2d92", "4f0f2d93", "publicKey is "),
        ("flow-nft-transfer", "\"199\"", "\"198\"", "arguments is "),
        ("flow-custom-transaction", "log(n)", "log(1)", "script is "),
        ("flow-custom-transaction", "\"42\"", "\"43\"", "arguments is "),
        ("xlm-native-payment-no-memo", "AAAAAgAAAAC", "AAAAAgAAAAD", "the transaction is "),
        ("xlm-native-payment-no-memo", "Bgi3hw", "Bgi3iA", "the transaction is "),
        (
            "xrp-native-payment-ed25519",
            "\"12500000\"",
            "\"12500001\"",
            "Amount is 614000000000bebc20",
        ),
        ("xrp-native-payment-ed25519", "\"Flags\":0", "\"Flags\":1", "Flags is 2200000000"),
        ("xrp-native-payment-ed25519", "\"Flags\":0", "\"SourceTag\":0", "Flags is 2200000000"),
        ("xrp-native-payment-ed25519", "{", "{\"SourceTag\":1,", "SourceTag is nothing"),
        ("xrp-iou-payment-3char", "1234.5678", "1234.5679", "Amount is "),
        ("xrp-iou-payment-3char", "USD", "EUR", "Amount is "),
    ] {
        let refusal = vector(name).asking(old, new).refusal();
        assert!(refusal.starts_with(reason), "{name}, {old}: {refusal}");
    }
}

#[test]
fn another_network_is_another_transaction() {
    for name in [
        "algo-payment-note",
        "bnb-transfer-bnb-testnet",
        "flow-transfer-flow-private-key",
        "egld-native-transfer",
        "xlm-native-payment-no-memo",
    ] {
        let mut vector = vector(name);
        vector.offer["expect"]["network"] = json!("mainnet");
        let refused = vector.verify();
        assert!(refused.is_err(), "{name}");
    }
}
