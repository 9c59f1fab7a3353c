//! The list of crates beside the program, in CycloneDX, as cargo-cyclonedx makes it, without what was
//! not compiled and without the folder it was made in.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{
    Place,
    artefacts::PROGRAM,
    binary::{TARGET, cargo},
    crates,
};

/// The file name that every crate of the workspace gets; only one of them is needed.
const NAME: &str = "dist.cdx";

pub(super) fn write(place: &Place, to: &Path) -> Result<Value> {
    let manifest = format!("crates/{PROGRAM}/Cargo.toml");
    let arguments = ["cyclonedx", "-qq", "--format", "json", "--spec-version", "1.5"];
    let target = ["--no-build-deps", "--target", TARGET, "--override-filename", NAME];
    let arguments = [&arguments[..], &["--manifest-path", &manifest], &target].concat();
    let made = cargo(place, &arguments, &[]);
    let text = fs::read_to_string(place.root.join(format!("crates/{PROGRAM}/{NAME}.json")));
    remove_all(&place.root)?;
    made?;
    let folder = format!("file://{}", place.root.display());
    let mut sbom: Value = serde_json::from_str(&text?.replace(&folder, "file:///src"))?;
    prune(&mut sbom, &crates::linked(place)?)?;
    fs::write(to, format!("{sbom:#}\n"))?;
    Ok(sbom)
}

fn remove_all(root: &Path) -> Result<()> {
    for entry in fs::read_dir(root.join("crates"))? {
        remove(&entry?.path())?;
    }
    remove(&root.join("xtask"))
}

fn remove(folder: &Path) -> Result<()> {
    let file = folder.join(format!("{NAME}.json"));
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(())
}

fn prune(sbom: &mut Value, linked: &crates::Crates) -> Result<()> {
    let parts = sbom.get_mut("components").and_then(Value::as_array_mut);
    let parts = parts.context("the SBOM has components")?;
    parts.retain(|part| linked.contains(&crates::name_of(part)));
    let mut known: BTreeSet<_> = parts.iter().filter_map(|part| text(part, "bom-ref")).collect();
    let program = sbom.pointer("/metadata/component").and_then(|part| text(part, "bom-ref"));
    known.insert(program.context("the SBOM has a component")?);
    let needs = sbom.get_mut("dependencies").and_then(Value::as_array_mut);
    let needs = needs.context("the SBOM has dependencies")?;
    needs.retain(|need| text(need, "ref").is_some_and(|reference| known.contains(&reference)));
    for on in needs.iter_mut().filter_map(|need| need.get_mut("dependsOn")?.as_array_mut()) {
        on.retain(|reference| reference.as_str().is_some_and(|name| known.contains(name)));
    }
    Ok(())
}

fn text(part: &Value, name: &str) -> Option<String> {
    Some(part.get(name)?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_compiled_is_neither_a_component_nor_depended_on() {
        let mut sbom = json!({
            "metadata": {"component": {"name": "p", "version": "1", "bom-ref": "p#1"}},
            "components": [
                {"name": "a", "version": "1", "bom-ref": "a#1"},
                {"name": "b", "version": "1", "bom-ref": "b#1"},
            ],
            "dependencies": [
                {"ref": "p#1", "dependsOn": ["a#1", "b#1"]},
                {"ref": "a#1"},
                {"ref": "b#1", "dependsOn": ["a#1"]},
            ],
        });
        let linked = ["a 1", "p 1"].map(str::to_owned).into_iter().collect();
        prune(&mut sbom, &linked).expect("pruned");
        assert_eq!(sbom["components"], json!([{"name": "a", "version": "1", "bom-ref": "a#1"}]));
        let needs = json!([{"ref": "p#1", "dependsOn": ["a#1"]}, {"ref": "a#1"}]);
        assert_eq!(sbom["dependencies"], needs);
    }
}
