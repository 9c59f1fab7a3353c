//! `cargo xtask <task>`: what CI runs, in one language.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a tool for people")]

mod tidy;

use std::{
    env,
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: cargo xtask <ci|lint|test|tidy|deny>";

fn main() -> ExitCode {
    let task = env::args().nth(1).unwrap_or_default();
    match run(&task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &str) -> Result<()> {
    match task {
        "ci" => {
            lint()?;
            test()?;
            deny()
        }
        "lint" => lint(),
        "test" => test(),
        "tidy" => tidy::run(&root()?),
        "deny" => deny(),
        _ => bail!(USAGE),
    }
}

fn lint() -> Result<()> {
    tidy::run(&root()?)?;
    cargo("fmt", &["--all", "--check"], &[])?;
    cargo(
        "clippy",
        &["--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
        &[],
    )
}

fn test() -> Result<()> {
    cargo("test", &["--workspace", "--locked", "--quiet"], &[])?;
    cargo(
        "doc",
        &["--workspace", "--no-deps", "--locked", "--quiet"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

/// Licences and bans are checked where `cargo-deny` is installed; advisories need the network.
fn deny() -> Result<()> {
    let installed = Command::new("cargo").args(["deny", "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        eprintln!("note: cargo-deny is not installed; licences and bans were not checked");
        return Ok(());
    }
    cargo("deny", &["--offline", "check", "bans", "licenses", "sources"], &[])
}

fn cargo(command: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    println!("cargo {command} {}", arguments.join(" "));
    let status = Command::new(env::var("CARGO").unwrap_or_else(|_| String::from("cargo")))
        .arg(command)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root()?)
        .status()
        .with_context(|| format!("cannot start cargo {command}"))?;
    match status.success() {
        true => Ok(()),
        false => bail!("cargo {command} failed"),
    }
}

fn root() -> Result<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).context("xtask lies in the workspace")
}
