//! The unions of Stellar's XDR, as the crate that reads envelopes has them.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use serde_json::Value;
use stellar_xdr as xdr;

use super::{Comparison, Finding, package, texts};

pub(super) const COMPARISON: Comparison = Comparison {
    name: "XLM: unions of the XDR",
    packages: &[package("@stellar/stellar-sdk")],
    program: ("stellar.mjs", include_str!("stellar.mjs")),
    arguments: |_| UNIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
    compare,
};

type Names = fn() -> BTreeMap<String, String>;

macro_rules! names {
    ($union:ident) => {
        (stringify!($union), || {
            let names = xdr::$union::VARIANTS.iter();
            names.map(|one| (i32::from(*one).to_string(), one.name().to_owned())).collect()
        })
    };
}

/// Those that a transaction is made of.
const UNIONS: &[(&str, Names)] = &[
    names!(OperationType),
    names!(EnvelopeType),
    names!(MemoType),
    names!(AssetType),
    names!(PreconditionType),
    names!(ClaimPredicateType),
    names!(RevokeSponsorshipType),
    names!(SignerKeyType),
    names!(HostFunctionType),
    names!(SorobanCredentialsType),
    names!(LedgerEntryType),
];

fn compare(_: &Path, facts: &Value) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (union, names) in UNIONS {
        findings.extend(by_code(union, &names(), &texts(facts, union)?));
    }
    Ok(findings)
}

/// Names are spelled otherwise in each language, with or without a prefix.
fn by_code(
    union: &str,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (code, name) in theirs {
        match ours.get(code) {
            None => findings.push(Finding::New(format!("{union} {name} ({code})"))),
            Some(own) if !name.to_lowercase().ends_with(&own.to_lowercase()) => {
                findings.push(Finding::Contradiction(format!(
                    "{union} {code} is {own} here and {name} there"
                )));
            }
            Some(_) => (),
        }
    }
    for (code, own) in ours.iter().filter(|(code, _)| !theirs.contains_key(*code)) {
        findings.push(Finding::OursOnly(format!("{union} {own} ({code})")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_no_other_name_and_another_name_is() {
        let one = |name: &str| BTreeMap::from([(String::from("2"), name.to_owned())]);
        assert!(by_code("MemoType", &one("Id"), &one("memoId")).is_empty());
        let found = by_code("MemoType", &one("Id"), &one("memoHash"));
        assert!(matches!(found.as_slice(), [Finding::Contradiction(_)]), "{found:?}");
    }
}
