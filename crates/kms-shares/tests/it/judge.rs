//! The reference implementation, in Python, puts our shares together, and we its.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use data_encoding::HEXLOWER;
use kms_shares::combine_secret;
use serde_json::{Value, json};

use crate::scene::{chosen, combine_texts, key, parse_all, passphrase, shares};

/// The answers of the reference implementation, or `None` where it is to be left out.
fn ask(questions: &Value) -> Option<Value> {
    if std::env::var_os("KMS_SKIP_REAL").is_some() {
        return None;
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut python = Command::new(root.join("target/real/run-python"))
        .args(["-c", include_str!("judge.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs: `cargo xtask real` installs it, KMS_SKIP_REAL=1 does without");
    let mut stdin = python.stdin.take().expect("stdin");
    stdin.write_all(questions.to_string().as_bytes()).expect("it reads");
    drop(stdin);
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "it fails");
    Some(serde_json::from_slice(&output.stdout).expect("answers"))
}

#[test]
fn the_reference_puts_our_shares_together_and_refuses_what_we_refuse() {
    let (mut questions, mut expected) = (Vec::new(), Vec::new());
    let mut add = |shares: &[&str], answer: String| {
        questions.push(json!({"shares": shares, "passphrase": ""}));
        expected.push(answer);
    };
    let refused = || String::from("refused: MnemonicError");
    for (threshold, count) in [(1, 1), (2, 2), (2, 3), (3, 5), (5, 8), (2, 16), (16, 16)] {
        let key = key(threshold ^ (count * 8));
        let all = shares(&key, threshold, count);
        let last = (1_u32 << count) - (1 << (count - threshold));
        for bits in [(1 << threshold) - 1, last] {
            add(&chosen(&all, bits), HEXLOWER.encode(key.expose()));
        }
        if threshold > 1 {
            add(&chosen(&all, (1 << (threshold - 1)) - 1), refused());
        }
        let changed = all[0].replacen(' ', " academic ", 1);
        add(&[&changed], refused());
    }
    let Some(answers) = ask(&json!({"split": [], "combine": questions})) else { return };
    assert_eq!(answers["combine"], json!(expected));
}

/// Secrets of each length, in groups and without, of the old kind and the new.
fn plans() -> Vec<Value> {
    let schemes = [
        (1, json!([[1, 1]])),
        (1, json!([[2, 3]])),
        (1, json!([[16, 16]])),
        (2, json!([[2, 3], [1, 1], [3, 5]])),
        (3, json!([[2, 2], [2, 2], [2, 2]])),
        (16, json!(vec![[1, 1]; 16])),
    ];
    let mut plans = Vec::new();
    for length in (16..=32).step_by(2) {
        for (number, (group_threshold, groups)) in schemes.iter().enumerate() {
            let secret: Vec<u8> = key(7).expose()[..length].to_vec();
            plans.push(json!({
                "secret": HEXLOWER.encode(&secret),
                "group_threshold": group_threshold,
                "groups": groups,
                "passphrase": if number % 2 == 0 { "" } else { "pass ~ phrase" },
                "extendable": (number + length / 2) % 2 == 0,
                "exponent": number % 3,
            }));
        }
    }
    plans
}

/// Returns as many of the last groups and the last shares as are needed.
fn last_needed(plan: &Value, sets: &Value) -> Vec<String> {
    let number = |value: &Value| value.as_u64().and_then(|it| usize::try_from(it).ok());
    let sets = sets.as_array().expect("groups");
    let groups = plan["groups"].as_array().expect("groups").iter().zip(sets).rev();
    groups
        .take(number(&plan["group_threshold"]).expect("a number"))
        .flat_map(|(group, shares)| {
            let needed = number(&group[0]).expect("a number");
            shares.as_array().expect("shares").iter().rev().take(needed)
        })
        .map(|share| share.as_str().expect("a share").to_owned())
        .collect()
}

#[test]
fn we_put_the_shares_of_the_reference_together() {
    let plans = plans();
    let Some(answers) = ask(&json!({"split": plans, "combine": []})) else { return };
    let sets = answers["split"].as_array().expect("sets");
    assert_eq!(sets.len(), plans.len());
    for (plan, sets) in plans.iter().zip(sets) {
        let texts = last_needed(plan, sets);
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let shares = parse_all(&texts).expect("shares");
        let phrase = plan["passphrase"].as_str().expect("a text");
        let secret = combine_secret(&shares, &passphrase(phrase)).expect("a secret");
        assert_eq!(HEXLOWER.encode(&secret), plan["secret"], "{plan}");
        for (share, text) in shares.iter().zip(&texts) {
            assert_eq!(share.to_words().expose(), *text);
        }
        if phrase.is_empty() && secret.len() == 32 {
            let key = combine_texts(&texts).expect("a key");
            assert_eq!(key.expose().as_slice(), secret.as_slice());
        }
    }
}
