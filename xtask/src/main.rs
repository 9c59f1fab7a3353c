//! `cargo xtask <task>`: what CI runs, in one language.
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a tool for people")]

mod dist;
mod docs;
mod drift;
mod fuzz;
mod image;
mod man;
mod recording;
mod tidy;

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: cargo xtask <ci|lint|test|real|tidy|deny|docs [--check]|drift [--record]|man --out DIR|dist --out DIR|image --program FILE --out FILE|recording|fuzz [SECONDS]|soak [SECONDS]>";

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
            deny()?;
            test()
        }
        "lint" => lint(),
        "test" => test(),
        "real" => real(),
        "tidy" => tidy::run(&root()?),
        "deny" => deny(),
        "docs" => docs::run(&root()?, env::args().nth(2).as_deref() == Some("--check")),
        "drift" => drift::run(&root()?, env::args().skip(2)),
        "man" => man(),
        "dist" => dist::run(&root()?, env::args().skip(2)),
        "image" => image::run(&root()?, env::args().skip(2)),
        "recording" => recording::run(&root()?),
        "fuzz" => fuzz::run(&root()?, env::args().nth(2).as_deref()),
        "soak" => soak(env::args().nth(2).as_deref()),
        _ => bail!(USAGE),
    }
}

/// Manual pages and completions, for whoever packages them.
fn man() -> Result<()> {
    let arguments: Vec<_> = env::args().skip(2).collect();
    match arguments.as_slice() {
        [flag, out] if flag == "--out" => man::run(Path::new(out)),
        _ => bail!(USAGE),
    }
}

fn lint() -> Result<()> {
    tidy::run(&root()?)?;
    docs::run(&root()?, true)?;
    cargo("fmt", &["--all", "--check"], &[])?;
    cargo(
        "clippy",
        &["--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
        &[],
    )?;
    let small = ["-p", "tatum-kms", "--no-default-features", "--locked", "--quiet"];
    cargo("clippy", &[&small[..], &["--", "-D", "warnings"]].concat(), &[])
}

fn test() -> Result<()> {
    real()?;
    // Most tests wait for a daemon's rounds, not for a processor.
    let threads = [("RUST_TEST_THREADS", "4")];
    cargo("test", &["--workspace", "--locked", "--quiet"], &threads)?;
    image::prove(&root()?, &root()?.join("target/debug/tatum-kms"))?;
    let small = ["-p", "kms-unlock", "--no-default-features", "--locked", "--quiet"];
    cargo("test", &small, &[])?;
    cargo(
        "doc",
        &["--workspace", "--no-deps", "--locked", "--quiet"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

/// The daemon amid faults for longer than among the tests; `KMS_SOAK_SECONDS` may say how long too.
fn soak(seconds: Option<&str>) -> Result<()> {
    let set = env::var("KMS_SOAK_SECONDS").ok();
    let seconds = seconds.or(set.as_deref()).unwrap_or("300");
    if seconds.parse::<u32>().is_err() {
        bail!(USAGE);
    }
    cargo(
        "test",
        &["-p", "tatum-kms", "--locked", "--quiet", "--test", "it", "--", "soak", "--nocapture"],
        &[("KMS_SOAK_SECONDS", seconds)],
    )
}

/// Installs the real nodes that tests use in `target/real`, unless they are there.
fn real() -> Result<()> {
    if env::var_os("KMS_SKIP_REAL").is_some() {
        eprintln!("note: KMS_SKIP_REAL is set; tests with real nodes are left out");
        return Ok(());
    }
    run_command(Command::new("sh").args(["xtask/real/install.sh", "target/real"]))
}

/// Checks licences, bans and sources with a `cargo-deny` of a fixed version, installed in
/// `target/real` unless it is there. It reads the manifests of every crate of the lock file, those
/// of other systems too.
fn deny() -> Result<()> {
    run_command(Command::new("sh").args(["xtask/real/install.sh", "target/real", "deny"]))?;
    cargo("fetch", &["--locked", "--quiet"], &[])?;
    let arguments = ["--offline", "check", "bans", "licenses", "sources"];
    println!("cargo deny {}", arguments.join(" "));
    let program = root()?.join("target/real/run-cargo-deny");
    run_command(Command::new(program).args(arguments))
}

fn cargo(command: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    println!("cargo {command} {}", arguments.join(" "));
    let cargo = env::var("CARGO").unwrap_or_else(|_| String::from("cargo"));
    run_command(Command::new(cargo).arg(command).args(arguments).envs(variables.iter().copied()))
}

fn run_command(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let status = command.current_dir(root()?).status();
    if !status.with_context(|| format!("cannot start {name}"))?.success() {
        bail!("{name} failed");
    }
    println!("… took {} s", start.elapsed().as_secs());
    Ok(())
}

fn root() -> Result<PathBuf> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).context("xtask lies in the workspace")
}
