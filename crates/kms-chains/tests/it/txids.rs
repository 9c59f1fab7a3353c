//! Ids on the chains, as other makers' SDKs compute them from the same bytes.

use kms_core::{Chain, Network, RawTransaction};
use kms_testkit::vectors::{File, SignCase, load};
use serde::Deserialize;
use serde_json::Value;

use crate::vectors::{departure, departures, folder, run};

/// Bytes as they are recorded, and their id.
#[derive(Deserialize)]
struct Known {
    chain: String,
    case: String,
    testnet: bool,
    raw: String,
    /// None where others complete the transaction.
    txid: Option<String>,
    /// The software that computed it.
    by: String,
}

fn id(chain: &dyn Chain, testnet: bool, raw: &str) -> Result<Option<String>, String> {
    let raw = RawTransaction::from_text(raw.to_owned());
    let told = chain.txid(Network::from_testnet_flag(testnet), &raw);
    told.map_err(|error| error.to_string())
}

#[test]
fn ids_are_those_that_other_makers_compute() {
    let file: File<Known> = load(&folder().join("txids.json"));
    for known in &file.cases {
        let chain = kms_chains::find(&known.chain).expect("a chain");
        let told = id(chain, known.testnet, &known.raw);
        assert_eq!(
            told.as_ref(),
            Ok(&known.txid),
            "{} {}, by {}",
            known.chain,
            known.case,
            known.by
        );
    }
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        let count = file.cases.iter().filter(|known| known.chain == code).count();
        assert!(count >= 3, "{code}: {count}");
    }
}

/// Ids that the recordings of the original hold, made by the libraries that it uses.
fn recorded_id(case: &Value) -> Option<&str> {
    let signed = &case["signed"];
    [&signed["txHash"], &signed["txId"]].into_iter().find_map(Value::as_str)
}

#[tokio::test]
async fn all_that_is_signed_has_an_id_unless_others_complete_it() {
    let departures = departures();
    let mut compared = 0_usize;
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        let path = folder().join(code).join("sign.json");
        let (cases, texts): (File<SignCase>, File<Value>) = (load(&path), load(&path));
        for (case, text) in cases.cases.iter().zip(&texts.cases) {
            let end = run(*chain, case).await;
            let [raw] = end.raws.as_slice() else { continue };
            let told = id(*chain, case.testnet, raw).expect(&case.name);
            let is_open = code == "FLOW" || case.name.contains("fee-delegated");
            assert_eq!(told.is_none(), is_open, "{}", case.name);
            let is_as_recorded =
                departure(&departures, &case.name).is_none() && case.deterministic != Some(false);
            if let (Some(own), Some(theirs), true) = (told, recorded_id(text), is_as_recorded) {
                assert_eq!(own, theirs, "{}", case.name);
                compared += 1;
            }
        }
    }
    assert!(compared >= 60, "{compared}");
}

#[test]
fn what_is_no_signed_transaction_has_no_id() {
    for chain in kms_chains::CHAINS {
        for bad in ["", "0x", "zz", "{}", "[]", "AA==", "0xc0ff", "nonsense"] {
            let told = id(*chain, true, bad);
            assert!(told.is_err(), "{} {bad}: {told:?}", chain.spec().id);
        }
    }
}
