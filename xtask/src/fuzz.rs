//! `cargo xtask fuzz [seconds]`: every target for a minute, each chain's decoder with the chain's
//! own recordings as seeds. Needs a nightly compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use kms_core::{Network, RawTransaction};
use serde_json::{Value, json};

const SECONDS: &str = "60";
/// Input that takes longer to read, in seconds, is a finding.
const TIMEOUT: &str = "-timeout=10";
const MEMORY: &str = "-rss_limit_mb=4096";

/// # Errors
/// At the first finding: the input that caused it lies in `fuzz/artifacts`.
pub(crate) fn run(root: &Path, seconds: Option<&str>) -> Result<()> {
    install(root)?;
    let seconds = seconds.unwrap_or(SECONDS);
    for chain in kms_chains::CHAINS {
        let code = chain.spec().id.as_str();
        target(root, "decode", code, &decode_seeds(root, code)?, seconds)?;
        let own_node =
            chain.submission(Network::Testnet, &RawTransaction::from_text(String::new()));
        if !matches!(own_node, Ok(None)) {
            target(root, "submit", code, &submit_seeds(root, code)?, seconds)?;
        }
    }
    target(root, "pending_list", "ETH", &pending_seeds(root, "ETH")?, seconds)?;
    target(root, "intrinsic_gas", "ETH", &gas_seeds(), seconds)?;
    target(root, "typed_text", "ETH", &typed_seeds(root)?, seconds)?;
    target(root, "keystore", "ETH", &keystore_seeds(root)?, seconds)
}

fn install(root: &Path) -> Result<()> {
    let installed = Command::new("cargo").args(["fuzz", "--version"]).output();
    if installed.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let mut install = Command::new("cargo");
    super::run_command(install.args(["install", "cargo-fuzz", "--locked"]).current_dir(root))
}

fn target(root: &Path, name: &str, code: &str, seeds: &[Vec<u8>], seconds: &str) -> Result<()> {
    println!("fuzz {name} {code}: {seconds} s from {} seeds", seeds.len());
    let corpus = root.join("fuzz/corpus").join(name).join(code);
    fs::create_dir_all(&corpus)?;
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number}")), seed)?;
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args(["+nightly", "fuzz", "run", "--fuzz-dir", "fuzz", name])
        .arg(&corpus)
        .args(["--", &format!("-max_total_time={seconds}"), TIMEOUT, MEMORY, "-print_funcs=0"])
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("KMS_FUZZ_CHAIN", code);
    super::run_command(&mut cargo)
}

fn cases(root: &Path, file: &str) -> Result<Value> {
    let path: PathBuf = root.join("crates/kms-chains/vectors").join(file);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

fn list<'a>(file: &'a Value, part: &str) -> Result<&'a Vec<Value>> {
    match file.get(part).and_then(Value::as_array) {
        Some(list) => Ok(list),
        None => bail!("a file of vectors has no `{part}`"),
    }
}

/// A payment, data just above and below its floor, and code for a contract.
fn gas_seeds() -> Vec<Vec<u8>> {
    let seed = |kind: u8, gas: u32, data: &[u8]| {
        [&[kind, 1, 2][..], &gas.to_be_bytes()[..], data].concat()
    };
    vec![
        seed(0, 27_200, &[]),
        seed(0, 61_000, &[1; 1_000]),
        seed(0, 60_999, &[1; 1_000]),
        seed(1, 100_000, &[0x60, 0x80]),
        seed(1, 0, &[0; 49_153]),
    ]
}

/// The number of a case, its payload, and what it was answered.
fn decode_seeds(root: &Path, code: &str) -> Result<Vec<Vec<u8>>> {
    let file = cases(root, &format!("{code}/sign.json"))?;
    let seed = |(number, case): (usize, &Value)| {
        let payload = case.pointer("/pending/serializedTransaction")?.as_str()?;
        let answers = case.get("rpc")?.as_array()?.iter().filter_map(|exchange| {
            let response = exchange.get("response")?;
            Some(response.get("result").unwrap_or(response).to_string())
        });
        let lines: Vec<_> = std::iter::once(payload.to_owned()).chain(answers).collect();
        let mut seed = vec![u8::try_from(number).ok()?];
        seed.extend(lines.join("\n").into_bytes());
        Some(seed)
    };
    Ok(list(&file, "cases")?.iter().enumerate().filter_map(seed).collect())
}

fn submit_seeds(root: &Path, code: &str) -> Result<Vec<Vec<u8>>> {
    let file = cases(root, &format!("{code}/sign.json"))?;
    let solana = |case: &Value| {
        let raw = case.pointer("/signed/rawTransactionBase64")?.as_str()?;
        Some(format!("{raw}\n\"ok\"\nnull\n{{\"meta\":{{\"err\":null}}}}").into_bytes())
    };
    let seed = |case: &Value| solana(case).or_else(|| flow_seed(case));
    Ok(list(&file, "cases")?.iter().filter_map(seed).collect())
}

/// The journal's content and the answers, for what the original sent.
fn flow_seed(case: &Value) -> Option<Vec<u8>> {
    let exchanges = case.get("rpc")?.as_array()?;
    let is_sending =
        |one: &&Value| one["url"].as_str().is_some_and(|url| url.ends_with("/v1/transactions"));
    let sent = exchanges.iter().find(is_sending)?.get("body")?;
    let digits = |pointer: &str| sent.pointer(pointer).and_then(Value::as_str);
    let number = |pointer: &str| digits(pointer)?.parse::<u64>().ok();
    let account = |pointer: &str| Some(format!("0x{}", digits(pointer)?));
    let raw = json!({
        "payload": {
            "script": case.pointer("/signed/flow/script")?,
            "arguments": case.pointer("/signed/flow/arguments")?,
            "reference_block": digits("/reference_block_id")?,
            "gas_limit": number("/gas_limit")?,
            "proposer": {
                "account": account("/proposal_key/address")?,
                "key": number("/proposal_key/key_index")?,
            },
            "sequence": number("/proposal_key/sequence_number")?,
            "payer": {
                "account": account("/payer")?,
                "key": number("/envelope_signatures/0/key_index")?,
            },
            "authorizer": account("/authorizers/0")?,
        },
        "reference_height": 1,
        "signature": case.pointer("/signed/flow/authorizerSignature")?,
    });
    let answers = exchanges.iter().skip(4).filter_map(|one| Some(one.get("response")?.to_string()));
    let lines: Vec<_> = std::iter::once(raw.to_string()).chain(answers).collect();
    Some(lines.join("\n").into_bytes())
}

fn pending_seeds(root: &Path, code: &str) -> Result<Vec<Vec<u8>>> {
    let file = cases(root, &format!("{code}/sign.json"))?;
    let seed = |case: &Value| Some(format!("[{}]", case.get("pending")?).into_bytes());
    Ok(list(&file, "cases")?.iter().filter_map(seed).collect())
}

/// A header; files of the original's and what they export; key files of other tools, led by the
/// byte that picks a chain; a share. Each led by the byte that picks its reader.
fn keystore_seeds(root: &Path) -> Result<Vec<Vec<u8>>> {
    let header = json!({
        "format": 1, "store": "00".repeat(16), "wrapped_key": "00".repeat(60),
        "kdf": {
            "algorithm": "argon2id", "memory_kib": 65536, "passes": 3, "lanes": 4,
            "salt": "00".repeat(16),
        },
    });
    let mut seeds = vec![led(0, header.to_string().as_bytes())];
    let legacy = root.join("crates/kms-sqlite/vectors/legacy");
    for name in ["mixed", "nonascii", "one"] {
        seeds.push(led(1, &fs::read(legacy.join(format!("{name}.dat")))?));
        seeds.push(led(2, &fs::read(legacy.join(format!("{name}.export.json")))?));
    }
    let shares: Value = serde_json::from_str(&fs::read_to_string(
        root.join("crates/kms-shares/vectors/vectors.json"),
    )?)?;
    let words = shares.as_array().into_iter().flatten().filter_map(|case| case.get(1)?.as_array());
    for file in fs::read_dir(root.join("crates/kms-import/tests/files"))? {
        seeds.push(led(3, &led(0, &fs::read(file?.path())?)));
    }
    seeds.extend(words.flatten().filter_map(|share| Some(led(4, share.as_str()?.as_bytes()))));
    Ok(seeds)
}

fn led(pick: u8, content: &[u8]) -> Vec<u8> {
    [&[pick], content].concat()
}

fn typed_seeds(root: &Path) -> Result<Vec<Vec<u8>>> {
    let keys = cases(root, "privkey_import.json")?;
    let others = cases(root, "errors.json")?;
    let text = |case: &Value, name: &str| Some(case.get(name)?.as_str()?.as_bytes().to_vec());
    let mut seeds: Vec<_> =
        list(&keys, "cases")?.iter().filter_map(|case| text(case, "privateKey")).collect();
    seeds.extend(list(&others, "foreignXpubs")?.iter().filter_map(|case| text(case, "xpub")));
    seeds.extend(list(&others, "algoMnemonics")?.iter().filter_map(|case| text(case, "mnemonic")));
    seeds.sort();
    seeds.dedup();
    Ok(seeds)
}
