//! A member that is not signed is refused by its name, wherever it stands in a payload.

use kms_core::{Chain, ChainOptions};
use kms_testkit::{
    RecordedAnswers,
    vectors::{File, SignCase, load},
};
use serde_json::{Value, json};

use crate::vectors::{Ends, departure, departures, folder, run, run_with};

/// Cases of a chain that are tried, at most.
const CASES_MAX: usize = 12;
const STRANGER: &str = "memberOfTheFuture";

/// Chains whose payload is no JSON object or list.
const NOT_JSON: [&str; 2] = ["BCH", "XLM"];

#[tokio::test]
async fn a_member_that_is_not_understood_is_refused_by_name_at_any_depth() {
    let departures = departures();
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id;
        if NOT_JSON.contains(&code.as_str()) {
            continue;
        }
        let file: File<SignCase> = load(&folder().join(code.as_str()).join("sign.json"));
        let is_signed =
            |case: &SignCase| !matches!(departure(&departures, &case.name), Some(Ends::Refused));
        let signed = file.cases.into_iter().filter(is_signed);
        let mut tried = 0_usize;
        for case in signed.take(CASES_MAX) {
            tried = tried.saturating_add(try_everywhere(*chain, case).await);
        }
        assert!(tried > 0, "{code}");
    }
}

#[tokio::test]
async fn what_an_operator_calls_harmless_is_left_out_of_the_same_bytes() {
    for code in ["ETH", "SOL", "XRP", "VET"] {
        let chain = kms_chains::find(code).expect("a chain");
        let file: File<SignCase> = load(&folder().join(code).join("sign.json"));
        let mut case = file.cases.into_iter().next().expect("a case");
        let expected = run(chain, &case).await;
        assert_eq!(expected.outcome, Ok(()), "{code}");
        let text = case.pending["serializedTransaction"].as_str().expect("a payload");
        let mut payload: Value = serde_json::from_str(text).expect("JSON");
        payload[STRANGER] = json!("x");
        case.pending["serializedTransaction"] = json!(payload.to_string());
        let options =
            ChainOptions { harmless_members: vec![STRANGER.to_owned()], ..ChainOptions::default() };
        let end = run_with(chain, &case, RecordedAnswers::new(case.rpc.clone()), &options).await;
        assert_eq!((end.outcome, end.raws), (Ok(()), expected.raws), "{code}");
    }
}

/// Puts the stranger into each object of the payload in turn, and tells how many there are.
async fn try_everywhere(chain: &'static dyn Chain, mut case: SignCase) -> usize {
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    let recorded: Value = serde_json::from_str(text).expect("JSON");
    let mut places = Vec::new();
    collect("", &recorded, chain, &mut places);
    for place in &places {
        let mut payload = recorded.clone();
        payload.pointer_mut(place).expect("an object")[STRANGER] = json!("x");
        case.pending["serializedTransaction"] = json!(payload.to_string());
        let end = run(chain, &case).await;
        let error = end.outcome.expect_err(&format!("{} at {place:?}", case.name));
        assert!(end.broadcasts.is_empty(), "{} at {place:?}", case.name);
        if place.is_empty() {
            assert!(error.contains(STRANGER), "{} at {place:?}: {error}", case.name);
        }
    }
    places.len()
}

/// JSON pointers to the objects of a value, without those below a member that is harmless.
fn collect(pointer: &str, value: &Value, chain: &dyn Chain, places: &mut Vec<String>) {
    let harmless = chain.spec().harmless_members.iter().map(|member| {
        format!("/{}", member.path.replace("[]", "/0").replace('.', "/").trim_start_matches('/'))
    });
    let spelled: Vec<_> = pointer.split('/').collect();
    let is_below = |path: String| {
        let path: Vec<_> = path.split('/').map(str::to_owned).collect();
        path.len() == spelled.len()
            && path
                .iter()
                .zip(&spelled)
                .all(|(one, other)| one == other || (one == "0" && other.parse::<usize>().is_ok()))
    };
    if harmless.into_iter().any(is_below) {
        return;
    }
    match value {
        Value::Object(members) => {
            places.push(pointer.to_owned());
            for (name, value) in members {
                collect(&format!("{pointer}/{name}"), value, chain, places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().take(2) {
                collect(&format!("{pointer}/{index}"), item, chain, places);
            }
        }
        _ => (),
    }
}
