//! The types of TRON's contracts.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{Comparison, Finding, by_name, no_arguments, package, source, texts};

pub(super) const COMPARISON: Comparison = Comparison {
    name: "TRON: types of contracts",
    packages: &[package("tronweb")],
    program: ("tron.mjs", include_str!("tron.mjs")),
    arguments: no_arguments,
    compare,
};

/// Types that no transaction of a wallet has: of no use any more, or of the protocol's inside.
const LEFT_OUT: [&str; 5] = [
    "CUSTOMCONTRACT",
    "GETCONTRACT",
    "SHIELDEDTRANSFERCONTRACT",
    "VOTEASSETCONTRACT",
    "SETACCOUNTIDCONTRACT",
];

fn compare(root: &Path, facts: &Value) -> Result<Vec<Finding>> {
    let ours = read(&source(root, "tron/contracts.rs")?);
    ensure!(ours.len() > 10, "tron/contracts.rs is not read: {} contracts found", ours.len());
    let mut theirs = texts(&json!({ "types": facts }), "types")?;
    theirs.retain(|name, _| ours.contains_key(name) || !LEFT_OUT.contains(&name.as_str()));
    Ok(by_name("contract type", &ours, &theirs))
}

/// Every `contract("Name", number, …)`, also by a constant for its name, in capitals as the package spells names.
fn read(table: &str) -> BTreeMap<String, String> {
    let code: Vec<_> = table.lines().map(|line| line.split("//").next().unwrap_or(line)).collect();
    let code = code.join(" ");
    let entries = code.split("contract(").skip(1).filter_map(|entry| {
        let mut arguments = entry.split(',').map(str::trim);
        let name = arguments.next()?;
        let number = arguments.next()?.parse::<u64>().ok()?;
        let constant = || code.split(&format!("const {name}: &str = ")).nth(1)?.split(';').next();
        let name = if name.starts_with('"') { name } else { constant()? };
        Some((name.trim_matches('"').to_uppercase(), number.to_string()))
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_are_read_on_one_line_and_on_several() {
        let table = "fn contract(name: &str) {}\n contract(\n // why\n \"A\",\n 7,\n &[]), contract(B, 8, X), const B: &str = \"Bb\";";
        let expected = [("A", "7"), ("BB", "8")];
        let expected = expected.map(|(name, number)| (name.to_owned(), number.to_owned()));
        assert_eq!(read(table), BTreeMap::from(expected));
    }
}
