//! Every recorded signing of the original, byte for byte; where a case ends otherwise here,
//! `vectors/departures.json` names the decision.

use std::{collections::BTreeMap, fs, path::PathBuf};

use async_trait::async_trait;
use kms_core::{
    Approve, ApproveError, Chain, ChainOptions, DecodeError, Disposition, Failure, FeeCeilings,
    FourEyes, Gate, Network, Ports, Proposal, Road, SigningDigest, process,
};
use kms_testkit::{
    MemoryJournal, RecordedAnswers, RecordingNetwork, TestKeys,
    vectors::{File, SignCase, load},
};
use serde::Deserialize;

struct YesSaying;

#[async_trait]
impl Approve for YesSaying {
    async fn approve(&self, _: &Proposal, _: Option<&SigningDigest>) -> Result<(), ApproveError> {
        Ok(())
    }
}

/// The outcome of a case.
pub(crate) struct End {
    pub(crate) outcome: Result<(), String>,
    pub(crate) broadcasts: Vec<String>,
    pub(crate) raws: Vec<String>,
    pub(crate) unexpected: Vec<String>,
}

pub(crate) async fn run(chain: &'static dyn Chain, case: &SignCase) -> End {
    run_as(chain, case, departure(&departures(), &case.name)).await
}

/// Runs a case. If its content is ours and not the original's, the posted data differs from the
/// recording too.
async fn run_as(chain: &'static dyn Chain, case: &SignCase, departure: Option<Ends>) -> End {
    let lookup = RecordedAnswers::new(case.rpc.clone());
    let lookup = match departure {
        Some(Ends::Signed) => lookup.of_other_content(),
        _ => lookup,
    };
    // The recordings hold no transactions that pay what is spent.
    let options = ChainOptions { trust_input_amounts: true, ..ChainOptions::default() };
    run_with(chain, case, lookup, &options).await
}

pub(crate) async fn run_with(
    chain: &'static dyn Chain,
    case: &SignCase,
    lookup: RecordedAnswers,
    options: &ChainOptions,
) -> End {
    let network = Network::from_testnet_flag(case.testnet);
    let list = format!("[{}]", case.pending);
    let keys = TestKeys::new(&case.wallets, kms_chains::find_wallet_code);
    let journal = MemoryJournal::default();
    let broadcasts = RecordingNetwork::new(chain, &lookup);
    let ceilings = FeeCeilings::of(kms_chains::CHAINS.iter().map(|chain| chain.spec()));
    let four_eyes = FourEyes::Required(Box::new(YesSaying));
    let gate = Gate::new(vec![Box::new(ceilings)], four_eyes);
    let ports = Ports { lookup: &lookup, keys: &keys, journal: &journal, broadcaster: &broadcasts };
    let road = Road { chain, options, gate: &gate, ports };
    let pending = kms_api::read_pending_list(&list, chain.spec(), network)
        .expect("a list of one")
        .pop()
        .expect("a list of one");
    let outcome = match pending {
        Ok(pending) => process(pending, road).await.map(|_| ()).map_err(|failure| told(&failure)),
        Err(bad) => Err(bad.problem.to_string()),
    };
    End {
        outcome,
        broadcasts: broadcasts.broadcasts(),
        raws: broadcasts.raws(),
        unexpected: lookup.unexpected(),
    }
}

/// A refused transaction is told to the API, but for one with members that are not understood,
/// which an operator looks at; nothing here may leave the daemon in doubt.
fn told(failure: &Failure) -> String {
    let has_unknown = matches!(
        failure,
        Failure::Decode(DecodeError::Unknown { .. } | DecodeError::Unsigned { .. })
    );
    let is_ended = match failure.disposition() {
        Disposition::Report | Disposition::Retry => !has_unknown,
        Disposition::Hold => has_unknown,
        _ => false,
    };
    assert!(is_ended, "{failure}: {:?}", failure.disposition());
    failure.to_string()
}

#[derive(Deserialize)]
struct Departures {
    departures: Vec<Departure>,
}

#[derive(Deserialize)]
struct Departure {
    ends: Ends,
    #[serde(rename = "decision")]
    _decision: String,
    cases: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ends {
    Refused,
    Signed,
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Those of all chains, and each chain's own.
pub(crate) fn departures() -> Vec<(String, Ends)> {
    let own = |chain: &&dyn Chain| folder().join(chain.spec().id.as_str()).join("departures.json");
    let files = kms_chains::CHAINS.iter().map(own).filter(|path| path.exists());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("departures");
        let file: Departures = serde_json::from_str(&text).expect("departures");
        file.departures
    };
    let cases =
        |departure: Departure| departure.cases.into_iter().map(move |case| (case, departure.ends));
    files.chain([folder().join("departures.json")]).flat_map(read).flat_map(cases).collect()
}

/// `*-suffix` stands for every chain and network.
fn matches_name(pattern: &str, name: &str) -> bool {
    let plain = name.strip_suffix("-mainnet").unwrap_or(name);
    [name, plain].into_iter().any(|name| match pattern.strip_prefix('*') {
        Some(suffix) => name.ends_with(suffix),
        None => name == pattern,
    })
}

pub(crate) fn departure(departures: &[(String, Ends)], name: &str) -> Option<Ends> {
    departures.iter().find(|(pattern, _)| matches_name(pattern, name)).map(|(_, ends)| *ends)
}

/// The expected outcome that a case did not have.
fn fault(case: &SignCase, end: &End, departure: Option<Ends>) -> Option<String> {
    let theirs = match (&case.signed, &case.result) {
        (Some(signed), _) => Some(signed.tx_data.clone()),
        (None, Some(result)) if result.outcome == "broadcast" => {
            let data =
                result.broadcast.as_ref().and_then(|broadcast| broadcast.pointer("/body/txData"));
            data.and_then(|data| data.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    match (departure, theirs, &end.outcome, end.broadcasts.as_slice()) {
        (Some(Ends::Refused) | None, None, Err(_), []) | (Some(Ends::Refused), _, Err(_), []) => {
            None
        }
        (Some(Ends::Signed), _, Ok(()), [_]) => None,
        (None, Some(_), Ok(()), [_]) if case.deterministic == Some(false) => None,
        (None, Some(theirs), Ok(()), [ours]) if theirs == *ours => {
            let calls = end.unexpected.join("\n");
            (!calls.is_empty()).then(|| format!("asked what the original did not: {calls}"))
        }
        (departure, theirs, outcome, ours) => {
            Some(format!("{departure:?}\n  theirs {theirs:?}\n  ours {outcome:?} {ours:?}"))
        }
    }
}

async fn run_file(chain: &'static dyn Chain, kind: &str) -> (usize, Vec<String>) {
    let path = folder().join(chain.spec().id.as_str()).join(kind);
    let file: File<SignCase> = load(&path);
    let departures = departures();
    let mut faults = Vec::new();
    for case in &file.cases {
        let departure = departure(&departures, &case.name);
        let end = run_as(chain, case, departure).await;
        if let Some(fault) = fault(case, &end, departure) {
            faults.push(format!("{}: {fault}", case.name));
        }
    }
    (file.cases.len(), faults)
}

async fn run_kind(kind: &str) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut faults = Vec::new();
    for chain in kms_chains::CHAINS {
        let (count, found) = run_file(*chain, kind).await;
        counts.insert(chain.spec().id.as_str(), count);
        faults.extend(found);
    }
    println!("{kind}: {counts:?}");
    assert!(faults.is_empty(), "{} cases end wrong:\n{}", faults.len(), faults.join("\n"));
    counts
}

#[tokio::test]
async fn what_the_original_signs_is_signed_to_the_same_bytes() {
    let counts = run_kind("sign.json").await;
    assert!(counts.values().all(|count| *count >= 6), "{counts:?}");
}

#[tokio::test]
async fn bad_input_ends_as_decided() {
    let counts = run_kind("sign_bad.json").await;
    assert!(counts.values().all(|count| *count >= 9), "{counts:?}");
}

#[test]
fn every_departure_is_one_of_a_case() {
    let mut names = Vec::new();
    for chain in kms_chains::CHAINS {
        for kind in ["sign.json", "sign_bad.json"] {
            let file: File<SignCase> = load(&folder().join(chain.spec().id.as_str()).join(kind));
            names.extend(file.cases.into_iter().map(|case| case.name));
        }
    }
    for (pattern, _) in departures() {
        assert!(names.iter().any(|name| matches_name(&pattern, name)), "{pattern} is no case");
    }
}
