//! Signed transactions are verified by Bitcoin's script interpreter.

use bitcoin::{ScriptBuf, Transaction, Witness, consensus::encode};
use kms_testkit::vectors::{File, SignCase, load};
use serde_json::Value;

use crate::vectors::{departure, departures, folder, run};

/// The outputs that an input spends.
struct Spent {
    script: Vec<u8>,
    satoshis: u64,
}

fn spent(case: &SignCase) -> Vec<Spent> {
    let payload = case.pending["serializedTransaction"].as_str().expect("a payload");
    let payload: Value = serde_json::from_str(payload).expect("JSON");
    let read = |input: &Value| Spent {
        script: hex(input["output"]["script"].as_str().expect("a script")),
        satoshis: input["output"]["satoshis"].as_u64().expect("an amount"),
    };
    payload["inputs"].as_array().expect("inputs").iter().map(read).collect()
}

fn hex(digits: &str) -> Vec<u8> {
    ScriptBuf::from_hex(digits).expect("hexadecimal").into_bytes()
}

fn is_valid(transaction: &Transaction, input: usize, spent: &Spent) -> bool {
    let bytes = encode::serialize(transaction);
    bitcoinconsensus::verify(&spent.script, spent.satoshis, &bytes, None, input).is_ok()
}

/// One bit of an input's signature flipped, in the middle of `r`.
fn with_other_signature(transaction: &Transaction, input: usize) -> Transaction {
    const PLACE: usize = 16;
    let mut altered = transaction.clone();
    let own = &mut altered.input[input];
    if own.witness.is_empty() {
        let mut script = own.script_sig.to_bytes();
        script[PLACE] ^= 1;
        own.script_sig = ScriptBuf::from_bytes(script);
    } else {
        let mut items = own.witness.to_vec();
        items[0][PLACE] ^= 1;
        own.witness = Witness::from_slice(&items);
    }
    altered
}

/// Inputs that are good, and refused once anything about them differs.
fn judge(case: &SignCase, raw: &str) -> usize {
    let transaction: Transaction = encode::deserialize_hex(raw).expect("a transaction");
    let spent = spent(case);
    assert_eq!(transaction.input.len(), spent.len(), "{}", case.name);
    let mut richer = transaction.clone();
    richer.output[0].value += bitcoin::Amount::from_sat(1);
    for (place, spent) in spent.iter().enumerate() {
        let name = format!("{}, input {place}", case.name);
        assert!(is_valid(&transaction, place, spent), "{name}");
        assert!(!is_valid(&with_other_signature(&transaction, place), place, spent), "{name}");
        assert!(!is_valid(&richer, place, spent), "{name}: another output");
        if !transaction.input[place].witness.is_empty() {
            let other = Spent { script: spent.script.clone(), satoshis: spent.satoshis + 1 };
            assert!(!is_valid(&transaction, place, &other), "{name}: another amount");
        }
    }
    spent.len()
}

#[tokio::test]
async fn every_signed_input_passes_consensus_and_no_altered_one_does() {
    let departures = departures();
    for code in ["BTC", "LTC", "DOGE"] {
        let chain = kms_chains::find(code).expect("a chain");
        let file: File<SignCase> = load(&folder().join(code).join("sign.json"));
        let mut inputs = 0;
        for case in &file.cases {
            if departure(&departures, &case.name).is_some() {
                continue;
            }
            let end = run(chain, case).await;
            inputs += judge(case, &end.broadcasts[0]);
        }
        println!("{code}: {inputs} inputs");
        assert!(inputs >= 40, "{code}: only {inputs} inputs were judged");
    }
}
