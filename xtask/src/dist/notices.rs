//! The licences of the crates that the program is made of, as those ask for: each text once, with
//! the crates that have it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Place, binary::TARGET, crates, output};

/// Beginnings of names, in capitals, of files that a licence or a notice is in.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

pub(super) fn of_third_parties(place: &Place) -> Result<String> {
    let told = output("cargo", |cargo| {
        cargo
            .args(["metadata", "--locked", "--offline", "--format-version", "1"])
            .args(["--filter-platform", TARGET])
            .current_dir(&place.root)
    })?;
    let metadata: Value = serde_json::from_str(&told)?;
    let linked = crates::linked(place)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("cargo metadata has packages")?;
    let mut listed = String::new();
    let mut texts = BTreeMap::<String, BTreeSet<String>>::new();
    for package in packages {
        let of = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = crates::name_of(package);
        // Those of the workspace have no source.
        if of("source").is_empty() || !linked.contains(&name) {
            continue;
        }
        writeln!(listed, "{name}: {}", of("license"))?;
        let folder = Path::new(of("manifest_path")).parent().context("a manifest's folder")?;
        for text in texts_in(folder)? {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    let mut out = format!("Crates that tatum-kms is made of, and their licences.\n\n{listed}");
    for (text, crates) in &texts {
        let crates = crates.iter().cloned().collect::<Vec<_>>().join(", ");
        write!(out, "\n{}\n{crates}\n\n{text}\n", "-".repeat(78))?;
    }
    Ok(out)
}

fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_one = NAMES.iter().any(|start| name.starts_with(start));
        if is_one && entry.file_type()?.is_file() {
            let bytes = fs::read(entry.path())?;
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            texts.push(text.trim().to_owned());
        }
    }
    Ok(texts)
}
