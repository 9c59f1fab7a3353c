//! The crates of the program, counted in three ways that have to agree: by cargo, by the list
//! inside the program, by the list beside it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, anyhow, bail};
use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::decompress_to_vec_zlib};
use serde_json::Value;

use super::{Place, artefacts::PROGRAM, binary::TARGET, call, output};

/// The section of cargo-auditable: JSON, compressed.
pub(super) const SECTION: &str = ".dep-v0";
const LEVEL: u8 = 9;

/// Crates, each as `name version`.
pub(super) type Crates = BTreeSet<String>;

/// # Errors
/// When the lists differ; the message has what one has and another does not.
pub(super) fn check(place: &Place, program: &Path, sbom: &Value) -> Result<()> {
    let known = linked(place)?;
    same("cargo tree", &known, "the list inside the program", &inside(program)?)?;
    same("cargo tree", &known, "the list beside the program", &in_sbom(sbom)?)?;
    println!("{} crates: cargo tree, the program's own list and the SBOM agree", known.len());
    Ok(())
}

fn same(one: &str, left: &Crates, other: &str, right: &Crates) -> Result<()> {
    if left == right {
        return Ok(());
    }
    let only = |a: &Crates, b: &Crates| a.difference(b).cloned().collect::<Vec<_>>().join(", ");
    bail!("only {one}: [{}]; only {other}: [{}]", only(left, right), only(right, left))
}

/// The crates that are compiled for the program, macros among them.
pub(super) fn linked(place: &Place) -> Result<Crates> {
    let told = output("cargo", |cargo| {
        cargo
            .args(["tree", "--locked", "--offline", "--package", PROGRAM, "--edges", "normal"])
            .args(["--target", TARGET, "--prefix", "none", "--format", "{p}"])
            .current_dir(&place.root)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
    })?;
    of_tree(&told)
}

/// Lines such as `serde_derive v1.0.219 (proc-macro) (*)`.
fn of_tree(told: &str) -> Result<Crates> {
    let crates = told.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next(), words.next().and_then(|word| word.strip_prefix('v')));
        let (name, version) = name.zip(version).with_context(|| format!("cargo tree: {line}"))?;
        Ok(format!("{name} {version}"))
    });
    crates.collect()
}

pub(super) fn name_of(package: &Value) -> String {
    let of = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", of("name"), of("version"))
}

/// Packages as they are listed inside the program.
fn inside(program: &Path) -> Result<Crates> {
    let list = read_list(program)?;
    let packages = list.get("packages").and_then(Value::as_array);
    let packages = packages.context("the list inside has packages")?;
    Ok(packages.iter().map(name_of).collect())
}

fn in_sbom(sbom: &Value) -> Result<Crates> {
    let parts = sbom.get("components").and_then(Value::as_array);
    let parts = parts.context("the SBOM has components")?;
    let program = sbom.pointer("/metadata/component").context("the SBOM has a component")?;
    Ok(parts.iter().chain([program]).map(name_of).collect())
}

/// A copy of the program whose list has lost what was not compiled. cargo-auditable asks
/// `cargo metadata`, which knows what any feature of a dependency could bring.
pub(super) fn prune(place: &Place, program: &Path) -> Result<PathBuf> {
    let mut list = read_list(program)?;
    let packages = list.get_mut("packages").and_then(Value::as_array_mut);
    let packages = packages.context("the list inside has packages")?;
    keep(packages, &linked(place)?)?;
    let (section, pruned) = (place.work.join("list.zlib"), place.work.join(PROGRAM));
    fs::write(&section, compress_to_vec_zlib(list.to_string().as_bytes(), LEVEL))?;
    objcopy(|objcopy| {
        objcopy
            .arg("--update-section")
            .arg(format!("{SECTION}={}", section.display()))
            .arg(program)
            .arg(&pruned)
    })?;
    Ok(pruned)
}

/// Packages name those that they depend on by number, so the numbers change.
fn keep(packages: &mut Vec<Value>, linked: &Crates) -> Result<()> {
    let mut next = 0_usize..;
    let moved: Vec<_> = packages
        .iter()
        .map(|package| linked.contains(&name_of(package)).then(|| next.next()).flatten())
        .collect();
    let mut is_kept = moved.iter().map(Option::is_some);
    packages.retain(|_| is_kept.next().unwrap_or_default());
    for package in packages {
        let Some(needs) = package.get_mut("dependencies") else { continue };
        let numbers = serde_json::from_value::<Vec<usize>>(needs.take())?;
        let numbers = numbers.into_iter().filter_map(|number| *moved.get(number)?);
        *needs = numbers.collect::<Vec<_>>().into();
    }
    Ok(())
}

fn read_list(program: &Path) -> Result<Value> {
    let section = program.with_extension("dep-v0");
    objcopy(|objcopy| {
        objcopy
            .arg("--dump-section")
            .arg(format!("{SECTION}={}", section.display()))
            .arg(program)
            .arg("/dev/null")
    })?;
    let bytes = decompress_to_vec_zlib(&fs::read(&section)?);
    let bytes = bytes.map_err(|error| anyhow!("the list inside the program: {error}"))?;
    fs::remove_file(section)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Runs the objcopy that comes with the compiler, and so has its version. It looks for the
/// compiler's libraries where rustup, which is not always there, would have it look.
fn objcopy(set: impl FnOnce(&mut Command) -> &mut Command) -> Result<()> {
    let sysroot = output("rustc", |rustc| rustc.args(["--print", "sysroot"]))?;
    let libraries = Path::new(sysroot.trim()).join("lib");
    let program = libraries.join("rustlib").join(TARGET).join("bin/rust-objcopy");
    call(program, |objcopy| set(objcopy.env("LD_LIBRARY_PATH", libraries)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(names: &[&str]) -> Crates {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_printed_of_a_tree_is_read() {
        let told = "tatum-kms v0.1.0 (/src/crates/tatum-kms)\nserde v1.0.229\n\
                    serde_derive v1.0.229 (proc-macro) (*)\n\nserde v1.0.229 (*)\n";
        let crates = of_tree(told).expect("read");
        assert_eq!(crates, set(&["serde 1.0.229", "serde_derive 1.0.229", "tatum-kms 0.1.0"]));
        assert!(of_tree("serde").is_err());
    }

    #[test]
    fn who_stays_in_the_list_still_depends_on_the_same() {
        let mut packages = vec![
            json!({"name": "a", "version": "1.0.0"}),
            json!({"name": "b", "version": "2.0.0"}),
            json!({"name": "c", "version": "3.0.0", "dependencies": [0, 1]}),
            json!({"name": "d", "version": "4.0.0", "dependencies": [1, 2], "root": true}),
        ];
        keep(&mut packages, &set(&["b 2.0.0", "c 3.0.0", "d 4.0.0", "a 9.9.9"])).expect("kept");
        let expected = [
            json!({"name": "b", "version": "2.0.0"}),
            json!({"name": "c", "version": "3.0.0", "dependencies": [0]}),
            json!({"name": "d", "version": "4.0.0", "dependencies": [0, 1], "root": true}),
        ];
        assert_eq!(packages, expected);
    }

    #[test]
    fn a_difference_says_which_list_has_what() {
        let error = same("tree", &set(&["a 1", "b 1"]), "SBOM", &set(&["a 1", "c 1"]));
        let told = error.expect_err("they differ").to_string();
        assert_eq!(told, "only tree: [b 1]; only SBOM: [c 1]");
    }
}
