//! Chain ids of the EVM family, and Ethereum's rules on the gas and size of a transaction.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::{Comparison, Finding, date, no_arguments, now, package, source};

pub(super) const COMPARISON: Comparison = Comparison {
    name: "EVM: chain ids, forks and rules of Ethereum",
    packages: &[package("viem"), package("@ethereumjs/common"), package("@ethereumjs/tx")],
    program: ("evm.mjs", include_str!("evm.mjs")),
    arguments: no_arguments,
    compare,
};

/// Our chains: their names in viem for the main network and for test networks that are alive, and
/// the beginnings of names that are theirs alone.
const CHAINS: &[(&str, &[&str], &[&str])] = &[
    ("BSC", &["bsc", "bscTestnet"], &["BNB Smart Chain"]),
    ("CELO", &["celo", "celoSepolia"], &["Celo"]),
    ("ETH", &["mainnet", "sepolia", "hoodi"], &[]),
    ("KCS", &["kcc"], &["KCC"]),
    ("KLAY", &["kaia", "kairos"], &["Kaia", "Kairos", "Klaytn"]),
    ("MATIC", &["polygon", "polygonAmoy"], &["Polygon Amoy", "Polygon Mumbai"]),
    ("ONE", &["harmonyOne"], &["Harmony"]),
    ("XDC", &["xdc", "xdcTestnet"], &["XDC", "Apothem"]),
];

/// The last fork that the rules below are of.
const LAST_FORK: &str = "bpo2";

const GAS: &str = "evm/gas.rs";
const NETWORKS: &str = "evm/networks.rs";

/// Rules that are checked before a transaction is signed: EIP (1 for those from the beginning), name
/// in the package, the file and the constant here.
const RULES: &[(u32, &str, &str, &str)] = &[
    (1, "txGas", GAS, "TRANSACTION"),
    (1, "txCreationGas", GAS, "CREATE"),
    (1, "txDataZeroGas", GAS, "ZERO_BYTE"),
    (1679, "txDataNonZeroGas", GAS, "OTHER_BYTE"),
    (2930, "accessListAddressGas", GAS, "ACCESS_ADDRESS"),
    (2930, "accessListStorageKeyGas", GAS, "ACCESS_KEY"),
    (3860, "initCodeWordGas", GAS, "INITCODE_WORD"),
    (3860, "maxInitCodeSize", GAS, "INITCODE_MAX_BYTES"),
    (7623, "totalCostFloorPerToken", GAS, "FLOOR_TOKEN"),
    (7825, "maxTransactionGasLimit", NETWORKS, "ETHEREUM_GAS_MAX"),
];

/// A rule with the value that it has here.
struct Rule {
    eip: u32,
    name: &'static str,
    value: u64,
}

#[derive(Deserialize)]
struct Facts {
    chains: Vec<Chain>,
    forks: Vec<Fork>,
    rules: Value,
}

#[derive(Deserialize)]
struct Chain {
    key: String,
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Fork {
    name: String,
    /// Seconds since 1970; none if it is not decided, and for the oldest.
    time: Option<u64>,
    eips: Vec<u32>,
}

fn compare(root: &Path, facts: &Value) -> Result<Vec<Finding>> {
    let facts = Facts::deserialize(facts).context("the output of evm.mjs")?;
    let table = source(root, NETWORKS)?;
    let mut findings = Vec::new();
    for (code, keys, names) in CHAINS {
        let ours = chain_ids(&table, code);
        ensure!(!ours.is_empty(), "evm/networks.rs has no chain ids of {code}");
        compare_ids(code, &ours, keys, names, &facts.chains, &mut findings);
    }
    let rules = RULES.iter().map(|(eip, name, file, constant)| {
        let value = constant_of(&source(root, file)?, constant);
        let value = value.with_context(|| format!("{file} has no number {constant}"))?;
        Ok(Rule { eip: *eip, name, value })
    });
    let rules: Vec<_> = rules.collect::<Result<_>>()?;
    compare_rules(&rules, &facts.rules, &mut findings);
    compare_forks(&rules, &facts, now()?, &mut findings)?;
    Ok(findings)
}

fn compare_ids(
    code: &str,
    ours: &BTreeSet<u64>,
    keys: &[&str],
    names: &[&str],
    theirs: &[Chain],
    findings: &mut Vec<Finding>,
) {
    for key in keys {
        match theirs.iter().find(|chain| chain.key == *key) {
            None => {
                findings.push(Finding::OursOnly(format!("{code}: viem has no `{key}` any more")))
            }
            Some(chain) if !ours.contains(&chain.id) => findings.push(Finding::Contradiction(
                format!("{code}: chain id {} of {} is not taken here", chain.id, chain.name),
            )),
            Some(_) => (),
        }
    }
    let is_own = |chain: &&Chain| names.iter().any(|name| chain.name.starts_with(name));
    let mut told = BTreeSet::new();
    for chain in theirs.iter().filter(is_own).filter(|chain| !ours.contains(&chain.id)) {
        if told.insert(chain.id) {
            findings.push(Finding::New(format!("{code}: chain id {} ({})", chain.id, chain.name)));
        }
    }
    let gone: Vec<_> =
        ours.iter().filter(|id| theirs.iter().all(|chain| chain.id != **id)).collect();
    if !gone.is_empty() {
        let gone: Vec<_> = gone.into_iter().map(u64::to_string).collect();
        findings.push(Finding::OursOnly(format!("{code}: chain ids {}", gone.join(", "))));
    }
}

/// The number of `const NAME: … = NUMBER;`, which may be shifted.
fn constant_of(source: &str, name: &str) -> Option<u64> {
    let line = source.split(&format!("const {name}: ")).nth(1)?;
    let number = line.split(';').next()?.split('=').nth(1)?.replace('_', "");
    match number.split_once("<<") {
        Some((one, places)) => {
            let places: u32 = places.trim().parse().ok()?;
            one.trim().parse::<u64>().ok()?.checked_shl(places)
        }
        None => number.trim().parse().ok(),
    }
}

fn compare_rules(rules: &[Rule], theirs: &Value, findings: &mut Vec<Finding>) {
    for Rule { eip, name, value } in rules {
        let their = theirs.get(eip.to_string()).and_then(|rules| rules.get(*name));
        match their.and_then(Value::as_u64) {
            None => findings.push(Finding::OursOnly(format!("EIP-{eip} `{name}`"))),
            Some(other) if other != *value => findings.push(Finding::Contradiction(format!(
                "EIP-{eip} `{name}` is {value} here and {other} there"
            ))),
            Some(_) => (),
        }
    }
}

/// A fork that came after ours and is in force contradicts us if it changes a rule of ours.
fn compare_forks(
    rules: &[Rule],
    facts: &Facts,
    now: u64,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    let last = facts.forks.iter().position(|fork| fork.name == LAST_FORK);
    let last = last.with_context(|| format!("the package knows no fork {LAST_FORK}"))?;
    for fork in facts.forks.iter().skip(last.saturating_add(1)) {
        let in_force = fork.time.is_some_and(|time| time <= now);
        let when = match fork.time {
            Some(time) => format!("from {}", date(time)?),
            None => String::from("no date yet"),
        };
        let eips: Vec<_> = fork.eips.iter().map(u32::to_string).collect();
        let text = format!("fork `{}` ({when}) with EIPs {}", fork.name, eips.join(", "));
        findings.push(Finding::New(text));
        for eip in &fork.eips {
            for (name, own, other) in changed(rules, &facts.rules, *eip) {
                let text = format!(
                    "EIP-{eip} of fork `{}` makes `{name}` {other}; it is {own} here",
                    fork.name
                );
                let finding = if in_force { Finding::Contradiction } else { Finding::New };
                findings.push(finding(text));
            }
        }
    }
    Ok(())
}

/// The rules of ours that an EIP changes: name, our value, its value.
fn changed(rules: &[Rule], theirs: &Value, eip: u32) -> Vec<(&'static str, u64, u64)> {
    let theirs = theirs.get(eip.to_string());
    let own = rules.iter().filter_map(|rule| {
        let other = theirs?.get(rule.name)?.as_u64()?;
        (other != rule.value).then_some((rule.name, rule.value, other))
    });
    own.collect()
}

/// The numbers between the brackets of a chain's row.
fn chain_ids(table: &str, code: &str) -> BTreeSet<u64> {
    let row = table.split(&format!("\"{code}\"")).nth(1).unwrap_or_default();
    let ids = row.split("chain_ids:").nth(1).unwrap_or_default();
    let ids = ids.split("rpc_path").next().unwrap_or_default();
    // Comments name networks, and with them numbers.
    let ids: String = ids.lines().map(|line| line.split("//").next().unwrap_or(line)).collect();
    let numbers = ids.replace('_', "");
    let numbers = numbers.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_read_from_the_row_of_their_chain() {
        let table = "spec(\"ETH\", 60),\n chain_ids: ByNetwork {\n mainnet: &[1],\n testnet: &[11_155_111, 5], // Sepolia 7\n },\n rpc_path: \"/v3\"\n spec(\"BSC\") chain_ids: [56] rpc_path";
        assert_eq!(chain_ids(table, "ETH"), BTreeSet::from([1, 5, 11_155_111]));
        assert_eq!(chain_ids(table, "BSC"), BTreeSet::from([56]));
        assert!(chain_ids(table, "XYZ").is_empty());
    }

    #[test]
    fn numbers_of_constants_are_read_with_their_shifts() {
        let text =
            "const A: u64 = 49_152;\npub(super) const B: u64 = 1 << 24; // B\nconst C: X = y;";
        let read = |name| constant_of(text, name);
        assert_eq!((read("A"), read("B"), read("C")), (Some(49_152), Some(1 << 24), None));
    }

    fn forks(time: Option<u64>) -> Facts {
        let fork = |name: &str, time, eips| Fork { name: name.to_owned(), time, eips };
        Facts {
            chains: Vec::new(),
            forks: vec![fork(LAST_FORK, Some(1), vec![]), fork("next", time, vec![7976, 1])],
            rules: json!({ "7976": { "totalCostFloorPerToken": 16 }, "1": { "txGas": 21_000 } }),
        }
    }

    #[test]
    fn a_fork_to_come_is_new_and_one_in_force_contradicts() {
        let found = |time| {
            let mut findings = Vec::new();
            let floor = Rule { eip: 7623, name: "totalCostFloorPerToken", value: 10 };
            compare_forks(&[floor], &forks(time), 100, &mut findings).unwrap();
            findings
        };
        for time in [None, Some(101)] {
            let told = found(time);
            assert!(matches!(told.as_slice(), [Finding::New(_), Finding::New(_)]), "{told:?}");
        }
        let told = found(Some(99));
        assert!(
            matches!(told.as_slice(), [Finding::New(_), Finding::Contradiction(_)]),
            "{told:?}"
        );
    }
}
