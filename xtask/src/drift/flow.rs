//! The addresses of Flow's own contracts, and the scripts of the built-in types.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Comparison, Finding, Package, by_name, package, source, texts};

const SCRIPTS: &str = "flow/scripts";

pub(super) const COMPARISON: Comparison = Comparison {
    name: "FLOW: contracts and templates in Cadence",
    packages: &[
        package("@onflow/react-sdk"),
        // `latest` is of Cadence before 1.0, which the network does not run any more.
        Package { name: "@onflow/cadence-parser", has_stale_tag: true },
    ],
    program: ("flow.mjs", include_str!("flow.mjs")),
    arguments: |root| {
        let folder = root.join("crates/kms-chains/src").join(SCRIPTS);
        vec![folder.display().to_string()]
    },
    compare,
};

/// Words of the scripts that the SDK's own templates have as well: as long as they do, the network
/// understands them.
const SHARED: [&str; 7] = [
    "auth(BorrowValue)",
    "auth(FungibleToken.Withdraw)",
    "auth(NonFungibleToken.Withdraw)",
    "{FungibleToken.Vault}",
    "{FungibleToken.Receiver}",
    "/storage/flowTokenVault",
    "/public/flowTokenReceiver",
];

fn compare(root: &Path, facts: &Value) -> Result<Vec<Finding>> {
    let table = source(root, "flow/builtin.rs")?;
    let mut findings = Vec::new();
    for network in ["mainnet", "testnet"] {
        let ours = read(&table, network);
        ensure!(!ours.is_empty(), "flow/builtin.rs has no contracts of {network}");
        // Of the many contracts there only ours matter, and of ours only the network's own.
        let mut theirs = texts(facts, network)?;
        theirs.retain(|name, _| ours.contains_key(name));
        let same = by_name(&format!("contract on {network}"), &ours, &theirs);
        findings.extend(same.into_iter().filter(|found| !matches!(found, Finding::OursOnly(_))));
        ensure!(theirs.len() >= 3, "the SDK knows only {} of our contracts", theirs.len());
    }
    for (script, problem) in texts(facts, "scripts")? {
        if problem != "null" {
            let problem = format!("{script} cannot be read by the newest parser: {problem}");
            findings.push(Finding::Contradiction(problem));
        }
    }
    let templates = facts.get("templates").and_then(Value::as_str).context("no templates")?;
    ensure!(!templates.is_empty(), "the SDK has no templates any more");
    for word in SHARED.into_iter().filter(|word| !templates.contains(word)) {
        findings.push(Finding::OursOnly(format!("`{word}` is in no template of the SDK any more")));
    }
    Ok(findings)
}

/// Every `("Name", "address")` of a network's list.
fn read(table: &str, network: &str) -> BTreeMap<String, String> {
    let list = table.split(&format!("{network}: [")).nth(1).unwrap_or_default();
    let list = list.split(']').next().unwrap_or_default();
    let entries = list.split('(').skip(1).filter_map(|entry| {
        let mut texts = entry.split('"').skip(1).step_by(2);
        Some((texts.next()?.to_owned(), texts.next()?.to_owned()))
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_named_elsewhere_are_passed_over() {
        let table = "mainnet: [\n(\"A\", \"01\"),\n(\"FUSD\", FUSD.mainnet),\n],\ntestnet: [(\"A\", \"02\")]";
        let one = |address: &str| BTreeMap::from([(String::from("A"), address.to_owned())]);
        assert_eq!(read(table, "mainnet"), one("01"));
        assert_eq!(read(table, "testnet"), one("02"));
    }
}
