//! Signed transactions are verified by other projects' SDKs and engines (`xtask/real/judges`): each
//! is valid, and none is once a byte is altered.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use kms_core::{Chain, Network, Sign as _, Signers};
use kms_testkit::{
    TestKeys,
    vectors::{SignCase, load},
};
use serde_json::{Value, json};

use crate::vectors::{folder, run};

/// Chains that have a judge. Bitcoin, Litecoin and Dogecoin have nodes; BNB Beacon Chain is known to
/// no SDK any more.
const JUDGED: [&str; 18] = [
    "ADA", "ALGO", "BCH", "BSC", "CELO", "EGLD", "ETH", "FLOW", "KCS", "KLAY", "MATIC", "ONE",
    "SOL", "TRON", "VET", "XDC", "XLM", "XRP",
];
/// Those of them whose judge reads every kind of transaction, whatever the ledger holds.
const JUDGED_MORE: [&str; 2] = ["XLM", "XRP"];
/// Cases whose content no ledger takes, however well it is signed.
const UNSOUND: [(&str, &str); 1] =
    [("ada-offchain-withdrawal-two-wallets", "outputs are too small")];
/// The number of cases per chain that are altered, and of places in each.
const ALTERED_CASES: usize = 3;
const PLACES: usize = 24;

/// One line to the judges, and what they should say.
struct Question {
    name: String,
    chain: &'static str,
    line: Value,
    expected: Result<(), &'static str>,
}

async fn questions(chain: &'static dyn Chain) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut altered = 0;
    for case in &cases(chain.spec().id.as_str()) {
        let end = run(chain, case).await;
        let [raw] = end.raws.as_slice() else { continue };
        // Klaytn's and Harmony's own types are known to nobody else.
        if own_type(raw) {
            continue;
        }
        let unsound = UNSOUND.iter().find(|(name, _)| *name == case.name);
        questions.push(Question {
            name: case.name.clone(),
            chain: chain.spec().id.as_str(),
            line: line(chain, case, raw),
            expected: unsound.map_or(Ok(()), |(_, reason)| Err(*reason)),
        });
        if unsound.is_none() && altered < ALTERED_CASES {
            altered += 1;
            questions.extend(alterations(raw).into_iter().map(|(place, raw)| Question {
                name: format!("{} altered at {place}", case.name),
                chain: chain.spec().id.as_str(),
                line: line(chain, case, &raw),
                expected: Err(""),
            }));
        }
    }
    questions
}

/// Cases that the original signed, and of some chains others that SDKs sign.
fn cases(code: &str) -> Vec<SignCase> {
    let kinds: &[&str] = if JUDGED_MORE.contains(&code) { &["sign", "sdk"] } else { &["sign"] };
    let paths = kinds.iter().map(|kind| folder().join(code).join(format!("{kind}.json")));
    paths.flat_map(|path| load(&path).cases).collect()
}

fn own_type(raw: &str) -> bool {
    raw.strip_prefix("0x")
        .and_then(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok())
        .is_some_and(|kind| (0x05..0x7b).contains(&kind))
}

fn line(chain: &'static dyn Chain, case: &SignCase, raw: &str) -> Value {
    json!({
        "chain": chain.spec().id.as_str(),
        "network": if case.testnet { "testnet" } else { "mainnet" },
        "raw": raw,
        "payload": case.pending["serializedTransaction"],
        "signer": signer(chain, case),
    })
}

/// The address of the wallet that the case names first, where there is one.
fn signer(chain: &'static dyn Chain, case: &SignCase) -> Option<String> {
    let network = Network::from_testnet_flag(case.testnet);
    let list = format!("[{}]", case.pending);
    let pending = kms_api::read_pending_list(&list, chain.spec(), network);
    let pending = pending.expect("a list").pop().expect("a list of one").expect("a transaction");
    let keys = TestKeys::new(&case.wallets, kms_chains::find_wallet_code);
    let key = Signers::find(&pending, &keys).ok()?.account_key(&pending).ok()?;
    let public = keys.public_key(&key).ok()?;
    Some(chain.address(network, &public).ok()?.as_str().to_owned())
}

/// The text with one letter or digit replaced, at places spread over it. Of JSON only long values
/// are altered: names and short ones may be there twice, and the chain reads one.
fn alterations(raw: &str) -> Vec<(usize, String)> {
    let places = if raw.starts_with('{') { long_values(raw) } else { letters(raw) };
    let step = (places.len() / PLACES).max(1);
    let altered = |place: usize| {
        let mut text = raw.as_bytes().to_vec();
        text[place] = other(text[place]);
        (place, String::from_utf8(text).expect("text"))
    };
    places.into_iter().step_by(step).map(altered).collect()
}

fn letters(raw: &str) -> Vec<usize> {
    let start = if raw.starts_with("0x") { 2 } else { 0 };
    let is_letter = |place: &usize| raw.as_bytes()[*place].is_ascii_alphanumeric();
    (start..raw.len()).filter(is_letter).collect()
}

fn long_values(raw: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut start = 0;
    for value in raw.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        if value.len() >= 32 {
            places.extend(start..start + value.len());
        }
        start += value.len() + 1;
    }
    places
}

const fn other(letter: u8) -> u8 {
    match letter {
        b'9' => b'8',
        b'0'..=b'8' => letter + 1,
        b'a' => b'b',
        b'b'..=b'z' => b'a',
        b'A' => b'B',
        _ => b'A',
    }
}

/// The verdicts, one a question.
fn ask(judges: &PathBuf, questions: &[Question]) -> Vec<Value> {
    let mut process = Command::new("node")
        .arg("judge.mjs")
        .current_dir(judges)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut stdin = process.stdin.take().expect("stdin");
    let lines: String = questions.iter().map(|question| format!("{}\n", question.line)).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = process.wait_with_output().expect("the judges end");
    writer.join().expect("a thread").expect("the judges read");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a verdict")).collect()
}

fn fault(question: &Question, verdict: &Value) -> Option<String> {
    let told = verdict["reason"].as_str().unwrap_or_default();
    let as_expected = match (question.expected, verdict["accepted"] == true) {
        (Ok(()), accepted) => accepted,
        (Err(reason), accepted) => !accepted && told.contains(reason),
    };
    (!as_expected)
        .then(|| format!("{}: {:?}, they say {verdict}", question.name, question.expected))
}

#[tokio::test]
async fn other_makers_accept_what_is_signed_and_nothing_altered() {
    if std::env::var_os("KMS_SKIP_REAL").is_some() {
        return;
    }
    let judges = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/real/judges");
    assert!(judges.exists(), "run `cargo xtask real`, or set KMS_SKIP_REAL=1");
    let judged =
        kms_chains::CHAINS.iter().filter(|chain| JUDGED.contains(&chain.spec().id.as_str()));
    let mut all = Vec::new();
    for chain in judged {
        all.extend(questions(*chain).await);
    }
    let verdicts = ask(&judges, &all);
    assert_eq!(verdicts.len(), all.len(), "one verdict a question");
    let mut counts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for question in &all {
        let (accepted, refused) = counts.entry(question.chain).or_default();
        match question.expected {
            Ok(()) => *accepted += 1,
            Err(_) => *refused += 1,
        }
    }
    println!("accepted and refused by other makers: {counts:?}");
    let faults: Vec<_> = all
        .iter()
        .zip(&verdicts)
        .filter_map(|(question, verdict)| fault(question, verdict))
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(counts.values().all(|(accepted, refused)| *accepted >= 3 && *refused >= PLACES));
}
