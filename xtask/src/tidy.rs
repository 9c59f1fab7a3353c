//! Rules that no other tool checks: sizes, names, doc comments, access to secrets, dependencies
//! between modules, that ARCHITECTURE.md names every crate, and that every table knows every chain.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

mod chains;
mod doors;
mod imports;

const LINES_MAX: usize = 500;

/// Files that may read a secret's content, because it has to become bytes there.
const EXPOSES: &[&str] = &[
    "crates/kms-pages/",
    "crates/kms-secret/",
    "crates/kms-keys/",
    "crates/kms-keystore/",
    "crates/kms-import/",
    "crates/kms-shares/",
    "crates/kms-unlock/",
    "crates/kms-api/src/",
    "crates/tatum-kms/src/cli/reveal.rs",
];

/// Crates that may read JSON objects member by member: the strict reader, and the judge of what
/// is signed, which does not share it.
const READS_MEMBERS: &[&str] = &["crates/kms-json/", "crates/kms-sandbox/"];

/// First words of a doc comment that put the subject last. It begins with a noun or a verb instead.
const BAD_OPENINGS: &[&str] =
    &["As", "How", "That", "What", "When", "Where", "Whether", "Which", "Who", "Whose", "Why"];

const FORBIDDEN_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

/// # Errors
/// When a rule is broken; the error lists every violation.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut findings = Vec::new();
    for file in rust_files(root)? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        check_file(&name, &text, &mut findings);
    }
    check_pure_bans(root, &mut findings)?;
    check_vectors(root, &mut findings)?;
    check_architecture(root, &mut findings)?;
    doors::check(root, &mut findings)?;
    chains::check(root, &mut findings)?;
    if findings.is_empty() {
        return Ok(());
    }
    bail!("untidy:\n  {}", findings.join("\n  "))
}

fn check_file(name: &str, text: &str, findings: &mut Vec<String>) {
    let production = text.split("#[cfg(test)]").next().unwrap_or(text).lines().count();
    if production > LINES_MAX {
        findings.push(format!("{name}: {production} lines; at most {LINES_MAX}"));
    }
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if FORBIDDEN_NAMES.contains(&stem) {
        findings.push(format!("{name}: choose a name that says what the file contains"));
    }
    let may_expose =
        EXPOSES.iter().any(|place| name.starts_with(place)) || name.contains("/tests/");
    if !may_expose && !name.starts_with("xtask/") && text.contains(".expose()") {
        findings.push(format!("{name}: reads a secret's content; see EXPOSES in xtask"));
    }
    let may_read_members = READS_MEMBERS.iter().any(|place| name.starts_with(place));
    let is_production = name.contains("/src/") && !name.starts_with("xtask/");
    if is_production && !may_read_members && text.contains("MapAccess") {
        findings.push(format!("{name}: reads the members of JSON itself; use kms-json"));
    }
    check_openings(name, text, findings);
    for (number, line) in text.lines().enumerate() {
        let marker = ["TO", "DO"].concat();
        if line.contains(&marker) && !line.contains("issue") && !name.starts_with("xtask/") {
            findings
                .push(format!("{name}:{}: {marker} without an issue", number.saturating_add(1)));
        }
    }
}

fn check_openings(name: &str, text: &str, findings: &mut Vec<String>) {
    let mut is_inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let doc = line.strip_prefix("/// ").or_else(|| line.strip_prefix("//! "));
        let opening = doc.and_then(|doc| doc.split_whitespace().next()).unwrap_or_default();
        let opening = opening.trim_end_matches([',', ':']);
        if !is_inside && BAD_OPENINGS.contains(&opening) {
            let number = number.saturating_add(1);
            findings.push(format!("{name}:{number}: a doc comment begins with `{opening}`"));
        }
        is_inside = line.starts_with("///") || line.starts_with("//!");
    }
}

fn check_pure_bans(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let shared = fs::read_to_string(root.join("clippy.toml"))?;
    let bans: Vec<_> = shared.lines().filter(|line| line.contains("path =")).collect();
    for krate in ["kms-core", "kms-json", "kms-chains", "kms-keys", "kms-import"] {
        let own = fs::read_to_string(root.join("crates").join(krate).join("clippy.toml"))?;
        for ban in bans.iter().filter(|ban| !ban.contains("reqwest") && !own.contains(*ban)) {
            findings.push(format!("crates/{krate}/clippy.toml does not repeat: {}", ban.trim()));
        }
    }
    Ok(())
}

fn check_vectors(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    for file in files(&root.join("crates"), "json")? {
        let in_vectors = file.components().any(|part| part.as_os_str() == "vectors");
        if !in_vectors {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let readme = file.parent().is_some_and(|folder| folder.join("README.md").is_file());
        if !text.contains("\"source\"") && !readme {
            findings.push(format!("{}: names no source", file.display()));
        }
    }
    Ok(())
}

fn check_architecture(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let map = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap_or_default();
    for entry in fs::read_dir(root.join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !map.contains(&format!("`{name}`")) {
            findings.push(format!("ARCHITECTURE.md does not name `{name}`"));
        }
    }
    Ok(())
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = files(&root.join("crates"), "rs")?;
    for folder in ["xtask", "fuzz/src", "fuzz/fuzz_targets"] {
        found.extend(files(&root.join(folder), "rs")?);
    }
    Ok(found)
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_reader_of_members_is_told_but_for_the_judges() {
        let text = "fn visit_map<A: MapAccess<'de>>(self, mut map: A) {}";
        let mut findings = Vec::new();
        check_file("crates/kms-json/src/members.rs", text, &mut findings);
        check_file("crates/kms-sandbox/src/verify.rs", text, &mut findings);
        check_file("crates/kms-api/tests/it/fakes.rs", text, &mut findings);
        assert!(findings.is_empty());
        check_file("crates/kms-api/src/json.rs", text, &mut findings);
        assert_eq!(
            findings,
            ["crates/kms-api/src/json.rs: reads the members of JSON itself; use kms-json"]
        );
    }

    #[test]
    fn a_doc_comment_that_begins_with_a_question_word_is_found_with_its_line() {
        let mut findings = Vec::new();
        let text = "/// The sum.\n/// What is left is lost.\nfn f() {}\n";
        check_file("crates/kms-core/src/a.rs", text, &mut findings);
        assert!(findings.is_empty(), "a second line may begin so");
        let text =
            "//! How it goes.\n\n/// Whether it goes.\nfn f() {}\n\n/// As, so.\nfn g() {}\n";
        for file in ["crates/kms-chains/src/a.rs", "crates/kms-api/tests/a.rs", "xtask/src/a.rs"] {
            let mut findings = Vec::new();
            check_file(file, text, &mut findings);
            let expected = [
                format!("{file}:1: a doc comment begins with `How`"),
                format!("{file}:3: a doc comment begins with `Whether`"),
                format!("{file}:6: a doc comment begins with `As`"),
            ];
            assert_eq!(findings, expected);
        }
    }
}
