//! The fields, types of transactions and of ledger entries, and permissions of the XRP Ledger.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{Comparison, Finding, by_name, no_arguments, package, source, texts};

pub(super) const COMPARISON: Comparison = Comparison {
    name: "XRP: fields and codes of the binary format",
    packages: &[package("ripple-binary-codec")],
    program: ("xrp.mjs", include_str!("xrp.mjs")),
    arguments: no_arguments,
    compare,
};

const LISTS: [(&str, &str); 4] = [
    ("field", "field"),
    ("type", "transaction type"),
    ("entry", "type of ledger entry"),
    ("permission", "permission"),
];

fn compare(root: &Path, facts: &Value) -> Result<Vec<Finding>> {
    let table = source(root, "xrpl/definitions.txt")?;
    let mut findings = Vec::new();
    for (list, what) in LISTS {
        let ours = read(&table, list);
        ensure!(!ours.is_empty(), "definitions.txt has no lines of `{list}`");
        let mut theirs = texts(facts, list)?;
        // Names for readers of ledgers and answers, which are in no transaction.
        theirs.retain(|name, value| {
            ours.contains_key(name) || !(value.ends_with(' ') || INTERNAL.contains(&name.as_str()))
        });
        findings.extend(by_name(what, &ours, &theirs));
    }
    Ok(findings)
}

/// Names of no type and no field.
const INTERNAL: [&str; 5] = ["Any", "Child", "Generic", "Invalid", "Nickname"];

/// The lines of one kind, by name.
fn read(table: &str, list: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for line in table.lines() {
        let mut words = line.splitn(3, ' ');
        if let (Some(kind), Some(name), Some(rest)) = (words.next(), words.next(), words.next())
            && kind == list
        {
            found.insert(name.to_owned(), rest.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_table_are_read_by_kind() {
        let table = "# field NAME\nfield Fee Amount 6 8 sg\ntype Payment 0\n";
        let expected = BTreeMap::from([(String::from("Fee"), String::from("Amount 6 8 sg"))]);
        assert_eq!(read(table, "field"), expected);
    }
}
