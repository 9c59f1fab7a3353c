//! Tables that must know every chain, and the parts that must know none by its code.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use kms_chains::CHAINS;

use super::imports;

/// A text in which every chain has its place.
struct Table {
    /// A file, or a folder of which every file counts.
    place: &'static str,
    /// The text that a chain is known by, with `{}` for its code.
    mark: &'static str,
    /// The thing to add.
    add: &'static str,
}

const TABLES: &[Table] = &[
    Table {
        place: "crates/kms-chains/tests/registry.txt",
        mark: "\n{} | ",
        add: "its line, which the test of the registry prints",
    },
    Table {
        place: "crates/kms-chains/tests/it/effects/mod.rs",
        mark: "(\"{}\", ",
        add: "a line of READERS: a reader of its signed bytes, and payloads",
    },
    Table {
        place: "crates/kms-sandbox/src/chains",
        mark: "Coin::new(\"{}\", ",
        add: "a line in its family's mod.rs, or a folder of its own and a line in chains.rs",
    },
    Table {
        place: "crates/kms-chains/src/facts.rs",
        mark: "code: \"{}\"",
        add: "a note: what is signed, who verifies it, how the original differs",
    },
    Table {
        place: "README.md",
        mark: " {}",
        add: "its code in the list of chains, and one more in their number",
    },
    Table { place: "docs/chains.md", mark: "\n## {} ", add: "its part, by `cargo xtask docs`" },
];

/// Files of recorded cases that every chain has.
const VECTORS: &[(&str, &str)] = &[
    ("crates/kms-chains/vectors/{}/sign.json", "recorded transactions"),
    ("crates/kms-chains/vectors/{}/wallets.json", "recorded wallets"),
    ("crates/kms-sandbox/vectors/{}.json", "what the sandbox judges in its tests"),
];

/// Parts that treat all chains alike: what differs is a value of the chain's row.
const TREATS_ALL_ALIKE: &[&str] = &["kms-api", "kms-core", "tatum-kms"];

/// The reports on what the original did on which chains: its mistakes are no values
/// of a chain.
const OF_THE_ORIGINAL: &str = "tatum-kms/src/cli/migrate/";

pub(super) fn check(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let codes: Vec<_> = CHAINS.iter().map(|chain| chain.spec().id.as_str()).collect();
    check_tables(root, &codes, findings)?;
    check_count(&read(root, "README.md")?, codes.len(), findings);
    for krate in TREATS_ALL_ALIKE {
        let sources = root.join("crates").join(krate).join("src");
        for path in super::files(&sources, "rs")? {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let name = path.strip_prefix(root.join("crates")).unwrap_or(&path);
            check_literals(&name.display().to_string(), &text, &codes, findings);
        }
    }
    check_judge(&read(root, "crates/kms-sandbox/Cargo.toml")?, findings);
    Ok(())
}

fn check_tables(root: &Path, codes: &[&str], findings: &mut Vec<String>) -> Result<()> {
    for Table { place, mark, add } in TABLES {
        let text = read(root, place)?;
        for code in codes.iter().filter(|code| !has(&text, &mark.replace("{}", code))) {
            findings.push(format!("{place} does not know chain {code}: add {add}"));
        }
    }
    for (place, content) in VECTORS {
        let missing = |code: &&&str| !root.join(place.replace("{}", code)).is_file();
        for code in codes.iter().filter(missing) {
            let place = place.replace("{}", code);
            findings.push(format!("{place} is missing: add {content} of chain {code}"));
        }
    }
    Ok(())
}

/// A file, or all files of a folder, with a line break before the first line.
fn read(root: &Path, place: &str) -> Result<String> {
    let path = root.join(place);
    let files = if path.is_dir() { super::files(&path, "rs")? } else { vec![path] };
    let mut text = String::new();
    for file in files {
        text.push('\n');
        text.push_str(&fs::read_to_string(&file).with_context(|| file.display().to_string())?);
    }
    Ok(text)
}

/// Returns true if the mark is in the text and no longer word goes on behind it.
fn has(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(start, _)| {
        let after = text.get(start.saturating_add(mark.len())..).unwrap_or_default();
        let is_whole = mark.ends_with(|last: char| !last.is_alphanumeric());
        is_whole || !after.starts_with(|next: char| next.is_alphanumeric())
    })
}

fn check_count(readme: &str, count: usize, findings: &mut Vec<String>) {
    let number = format!(" {count} chains");
    if !has(readme, &number) {
        findings.push(format!("README.md does not say that there are{number}"));
    }
}

fn check_literals(name: &str, text: &str, codes: &[&str], findings: &mut Vec<String>) {
    if name.starts_with(OF_THE_ORIGINAL) || name.ends_with("tests.rs") || name.contains("/tests/") {
        return;
    }
    let code = imports::production(text);
    for chain in codes.iter().filter(|chain| code.contains(&format!("\"{chain}\""))) {
        findings.push(format!(
            "crates/{name} names chain {chain}: make what differs a value of its ChainSpec"
        ));
    }
}

/// A judge that shared the codecs of what it judges would find nothing.
fn check_judge(manifest: &str, findings: &mut Vec<String>) {
    let own = manifest.split("[dev-dependencies]").next().unwrap_or(manifest);
    if own.lines().any(|line| line.trim().starts_with("kms-chains")) {
        findings.push(String::from(
            "crates/kms-sandbox/Cargo.toml: the judge does not depend on kms-chains, which it judges",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn a_chain_that_is_missing_everywhere_is_told_with_every_file_to_edit() {
        let mut findings = Vec::new();
        check_tables(root(), &["ZZZ", "ETH"], &mut findings).unwrap();
        let told: Vec<_> = findings.iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(
            told,
            [
                "crates/kms-chains/tests/registry.txt",
                "crates/kms-chains/tests/it/effects/mod.rs",
                "crates/kms-sandbox/src/chains",
                "crates/kms-chains/src/facts.rs",
                "README.md",
                "docs/chains.md",
                "crates/kms-chains/vectors/ZZZ/sign.json",
                "crates/kms-chains/vectors/ZZZ/wallets.json",
                "crates/kms-sandbox/vectors/ZZZ.json",
            ]
        );
        assert!(findings.iter().all(|line| line.contains("chain ZZZ")), "{findings:?}");
    }

    #[test]
    fn a_code_that_begins_another_is_not_that_other() {
        assert!(has("chains: XRPL XRP.", " XRP"));
        assert!(!has("chains: XRPL.", " XRP"));
        assert!(!has("(\"XRPL\", x)", "(\"XRP\", "));
        let mut findings = Vec::new();
        check_count("signs for 122 chains, not 2", 22, &mut findings);
        assert_eq!(findings.len(), 1);
    }

    #[test]
    fn a_part_that_treats_all_chains_alike_names_none() {
        let codes = ["ETH", "BTC"];
        let mut findings = Vec::new();
        let fine = "// not \"ETH\"\nlet a = \"ETHER\";\n#[cfg(test)]\nmod tests { \"ETH\" }";
        check_literals("kms-api/src/a.rs", fine, &codes, &mut findings);
        check_literals("kms-api/src/a/tests.rs", "\"ETH\"", &codes, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        check_literals("kms-api/src/a.rs", "if id == \"ETH\" {}", &codes, &mut findings);
        assert_eq!(
            findings,
            ["crates/kms-api/src/a.rs names chain ETH: make what differs a value of its ChainSpec"]
        );
    }

    #[test]
    fn the_judge_may_know_what_it_judges_in_its_tests_only() {
        let mut findings = Vec::new();
        let fine = "[dependencies]\nkms-core = 1\n[dev-dependencies]\nkms-chains = 1";
        check_judge(fine, &mut findings);
        assert!(findings.is_empty());
        check_judge("[dependencies]\nkms-chains.workspace = true\n", &mut findings);
        assert_eq!(findings.len(), 1);
    }
}
