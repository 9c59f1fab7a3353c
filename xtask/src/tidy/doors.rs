//! Rules on which part of the program may name which other: sentences of `ARCHITECTURE.md` with
//! "only" or "never", as code.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::imports::{self, Uses};

/// Crates whose files never use each other in a circle.
const NO_CIRCLES: &[&str] = &["kms-core", "kms-json", "kms-keys"];

/// Files of `kms-core` that must not use others, by how their names begin.
const CORE: &[(&str, &[&str])] = &[
    ("ports/", &["stages/", "gate/mod.rs", "road.rs"]),
    ("gate/", &["ledger/"]),
    ("ledger/rules/", &["road.rs", "stages/", "gate/"]),
];

/// Files of `tatum-kms` that may name the database: where everything is wired, and where its errors
/// become a command's. Daemon and commands know stores and journals by their ports.
const NAMES_SQLITE: &[&str] = &["wire.rs", "wire/", "command_error.rs"];

/// # Errors
/// When a file cannot be read.
pub(super) fn check(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    for krate in NO_CIRCLES {
        let uses = imports::read(&root.join("crates").join(krate).join("src"))?;
        if let Some(circle) = imports::circle(&uses) {
            findings.push(format!("{krate}: files in a circle: {}", circle.join(" uses ")));
        }
    }
    check_core(&imports::read(&root.join("crates/kms-core/src"))?, findings);
    let sources = root.join("crates/tatum-kms/src");
    for path in super::files(&sources, "rs")? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(&sources).unwrap_or(&path).display().to_string();
        check_sqlite_is_unnamed(&name, &text, findings);
    }
    let manifest = fs::read_to_string(root.join("crates/kms-cli/Cargo.toml"))
        .context("crates/kms-cli/Cargo.toml")?;
    check_contract(&manifest, findings);
    check_words(root, findings)
}

/// The command line is written down by whoever needs it, so it brings nothing along.
fn check_contract(manifest: &str, findings: &mut Vec<String>) {
    let others = manifest.lines().map(str::trim).filter(|line| {
        let krate = line.split(['.', '=', ' ']).next().unwrap_or_default();
        krate.starts_with("kms-") || krate == "tatum-kms"
    });
    for line in others {
        findings.push(format!("kms-cli depends on no crate of the workspace: {line}"));
    }
}

fn check_core(uses: &Uses, findings: &mut Vec<String>) {
    for (file, targets) in uses {
        for (_, banned) in CORE.iter().filter(|(own, _)| file.starts_with(own)) {
            let is_banned = |target: &&String| banned.iter().any(|ban| target.starts_with(ban));
            for target in targets.iter().filter(is_banned) {
                findings.push(format!("kms-core/src/{file} must not use {target}"));
            }
        }
    }
}

fn check_sqlite_is_unnamed(name: &str, text: &str, findings: &mut Vec<String>) {
    let may_name = NAMES_SQLITE.iter().any(|place| name.starts_with(place));
    if !may_name && imports::production(text).contains("kms_sqlite") {
        findings
            .push(format!("tatum-kms/src/{name} names kms_sqlite: open by what wire.rs offers"));
    }
}

fn check_words(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let journal = root.join("crates/kms-sqlite/src/journal");
    for path in super::files(&journal, "rs")? {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        for line in deciding_lines(&imports::production(&text)) {
            findings.push(format!(
                "{}: the backend decides by a state; kms_core::ledger::rules does: {line}",
                path.strip_prefix(root).unwrap_or(&path).display()
            ));
        }
    }
    let model = "crates/kms-testkit/src/journal.rs";
    let text = fs::read_to_string(root.join(model)).with_context(|| model.to_owned())?;
    if imports::production(&text).contains("rules") {
        findings.push(format!("{model}: the model must not be made of the rules it judges"));
    }
    Ok(())
}

/// Lines that name one state, other than as what a word that is not known is read as.
fn deciding_lines(code: &str) -> Vec<&str> {
    let names_state = |line: &&str| {
        ["Progress::", "Stance::"].iter().any(|word| {
            let named = line.split(word).skip(1);
            let mut first = named.map(|rest| rest.chars().next());
            first.any(|letter| letter.is_some_and(char::is_uppercase))
        })
    };
    code.lines()
        .map(str::trim)
        .filter(names_state)
        .filter(|line| !line.contains("parse("))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_port_that_uses_a_stage_is_told() {
        let uses = |target: &str| {
            Uses::from([(String::from("ports/sign.rs"), BTreeSet::from([target.to_owned()]))])
        };
        let mut findings = Vec::new();
        check_core(&uses("gate/permit.rs"), &mut findings);
        assert!(findings.is_empty());
        check_core(&uses("stages/recorded.rs"), &mut findings);
        assert_eq!(findings, ["kms-core/src/ports/sign.rs must not use stages/recorded.rs"]);
    }

    #[test]
    fn only_the_wiring_may_name_the_database() {
        let text = "use kms_sqlite::WalletFile;";
        let mut findings = Vec::new();
        for name in ["wire.rs", "wire/open.rs", "command_error.rs"] {
            check_sqlite_is_unnamed(name, text, &mut findings);
        }
        check_sqlite_is_unnamed("cli/a.rs", "// not kms_sqlite's\nuse crate::wire;", &mut findings);
        assert!(findings.is_empty());
        check_sqlite_is_unnamed("cli/a.rs", text, &mut findings);
        check_sqlite_is_unnamed("daemon/wire.rs", text, &mut findings);
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn a_contract_that_brings_a_crate_of_the_workspace_along_is_told() {
        let mut findings = Vec::new();
        check_contract("[package]\nname = \"kms-cli\"\n[dependencies]\nclap = 4", &mut findings);
        assert!(findings.is_empty());
        check_contract("[dependencies]\nkms-core.workspace = true\nclap = 4", &mut findings);
        check_contract("[dependencies]\nkms-core = { path = \"../kms-core\" }", &mut findings);
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn a_backend_may_spell_a_state_and_not_decide_by_it() {
        assert!(deciding_lines("let s = Stance::parse(&s).unwrap_or(Stance::Held);").is_empty());
        assert!(deciding_lines("progress.as_str(), Progress::parse(&text)").is_empty());
        assert_eq!(deciding_lines("  if p == Progress::Sent {"), ["if p == Progress::Sent {"]);
        assert_eq!(deciding_lines("Stance::Held => 1,"), ["Stance::Held => 1,"]);
    }
}
