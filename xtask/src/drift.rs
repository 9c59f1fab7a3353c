//! `cargo xtask drift`: compares the tables that chains are signed by with the newest SDKs on npm,
//! and says what is new there. Run by hand: the registries change without a commit of ours.

mod evm;
mod flow;
mod stellar;
mod tron;
mod xrp;

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use serde_json::Value;

/// The last result, which `cargo xtask docs` puts into docs/chains.md.
const RECORD: &str = "xtask/src/drift/last.md";

const EXAMPLE: &str = "\
Example:
  cargo xtask drift                 say what is new
  cargo xtask drift --record        keep it for docs/chains.md too; then run cargo xtask docs

Needs Node.js and npm, and the registry. The packages go into a temporary folder. The exit code is
1 if a package contradicts a table, or a comparison cannot be made; what is new leaves it at 0.";

/// Compare the chains' tables with the newest SDKs on npm
#[derive(Debug, Parser)]
#[command(name = "cargo xtask drift", no_binary_name = true, after_help = EXAMPLE)]
struct Request {
    /// Write the result to xtask/src/drift/last.md
    #[arg(long)]
    record: bool,
    /// Compare with the packages that npm installed in this folder, instead of installing the
    /// newest; small programs are written beside them
    #[arg(long, value_name = "DIR")]
    packages: Option<PathBuf>,
}

/// One chain's comparison.
struct Comparison {
    /// The tables compared, for people.
    name: &'static str,
    packages: &'static [Package],
    /// A program for Node.js that prints the facts of the packages as JSON.
    program: (&'static str, &'static str),
    /// The arguments of the program.
    arguments: fn(&Path) -> Vec<String>,
    compare: fn(&Path, &Value) -> Result<Vec<Finding>>,
}

struct Package {
    name: &'static str,
    /// True if the newest version is the last one published, whatever the tag `latest` says.
    has_stale_tag: bool,
}

const fn package(name: &'static str) -> Package {
    Package { name, has_stale_tag: false }
}

const COMPARISONS: &[Comparison] =
    &[xrp::COMPARISON, evm::COMPARISON, tron::COMPARISON, stellar::COMPARISON, flow::COMPARISON];

/// A difference between a table and a package.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Finding {
    /// Both say something about the same thing, and not the same.
    Contradiction(String),
    /// The package has something that the table has not.
    New(String),
    /// The table has something that the package has not, or no longer.
    OursOnly(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradiction(text) => write!(f, "contradiction: {text}"),
            Self::New(text) => write!(f, "new: {text}"),
            Self::OursOnly(text) => write!(f, "only here: {text}"),
        }
    }
}

/// # Errors
/// When a comparison cannot be made, or a package contradicts a table.
pub(crate) fn run(root: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let request = match Request::try_parse_from(arguments) {
        Ok(request) => request,
        Err(error) if error.use_stderr() => bail!("{}", error.render()),
        Err(help) => {
            println!("{}", help.render());
            return Ok(());
        }
    };
    let temporary = tempfile::tempdir()?;
    let folder = match &request.packages {
        Some(folder) => folder.clone(),
        None => install(temporary.path())?,
    };
    let mut report = format!("Compared on {} with the newest packages of npm.\n", date(now()?)?);
    let mut is_right = true;
    for comparison in COMPARISONS {
        let (text, is_same) = compare(root, &folder, comparison);
        print!("{text}");
        report.push_str(&text);
        is_right &= is_same;
    }
    if request.record {
        fs::write(root.join(RECORD), &report).context(RECORD)?;
        println!("\nwrote {RECORD}; run cargo xtask docs");
    }
    ensure!(is_right, "a package contradicts a table, or a comparison could not be made");
    Ok(())
}

/// The newest version of each package, all in one folder.
fn install(folder: &Path) -> Result<PathBuf> {
    let mut wanted = Vec::new();
    for package in COMPARISONS.iter().flat_map(|comparison| comparison.packages) {
        wanted.push(format!("{}@{}", package.name, newest(package)?));
    }
    println!("npm install {}", wanted.join(" "));
    let status = Command::new("npm")
        .args(["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit"])
        // Of a library for pages only the text is read: what it runs with is not needed.
        .args(["--no-fund", "--silent", "--legacy-peer-deps", "--prefix"])
        .arg(folder)
        .args(&wanted)
        .status()
        .context("cannot start npm: install Node.js")?;
    ensure!(status.success(), "npm cannot install them");
    Ok(folder.to_owned())
}

/// The version is asked for by itself: npm passes over one whose engine is not this Node.js, and
/// installs an older one without a word.
fn newest(package: &Package) -> Result<String> {
    let field = if package.has_stale_tag { "versions" } else { "version" };
    let asked = Command::new("npm").args(["view", package.name, field, "--json"]).output();
    let asked = asked.context("cannot start npm: install Node.js")?;
    ensure!(asked.status.success(), "npm knows no {}", package.name);
    let told: Value = serde_json::from_slice(&asked.stdout).context("the answer of npm view")?;
    let version = match &told {
        Value::Array(versions) => versions.last().and_then(Value::as_str),
        one => one.as_str(),
    };
    Ok(version.with_context(|| format!("npm names no version of {}", package.name))?.to_owned())
}

/// The lines of one comparison, and true if nothing is wrong.
fn compare(root: &Path, folder: &Path, comparison: &Comparison) -> (String, bool) {
    let versions: Vec<_> =
        comparison.packages.iter().map(|package| installed(folder, package.name)).collect();
    let mut text = format!("\n**{}** ({})\n\n", comparison.name, versions.join(", "));
    let found =
        facts(root, folder, comparison).and_then(|facts| (comparison.compare)(root, &facts));
    let mut findings = match found {
        Ok(findings) => findings,
        Err(error) => {
            text.push_str(&format!("- not compared: {error:#}\n"));
            return (text, false);
        }
    };
    findings.sort();
    if findings.is_empty() {
        text.push_str("- nothing is new\n");
    }
    for finding in &findings {
        text.push_str(&format!("- {finding}\n"));
    }
    (text, !findings.iter().any(|finding| matches!(finding, Finding::Contradiction(_))))
}

fn installed(folder: &Path, name: &str) -> String {
    let path = folder.join("node_modules").join(name).join("package.json");
    let manifest = fs::read_to_string(path).ok();
    let manifest = manifest.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let version = manifest.as_ref().and_then(|manifest| manifest.get("version")?.as_str());
    format!("{name} {}", version.unwrap_or("not installed"))
}

fn facts(root: &Path, folder: &Path, comparison: &Comparison) -> Result<Value> {
    for package in comparison.packages {
        let is_there = folder.join("node_modules").join(package.name).is_dir();
        ensure!(is_there, "{} has no {}", folder.join("node_modules").display(), package.name);
    }
    let (name, program) = comparison.program;
    let path = folder.join(name);
    fs::write(&path, program).with_context(|| path.display().to_string())?;
    let mut command = Command::new("node");
    command.arg(&path).args((comparison.arguments)(root)).current_dir(folder);
    let told = command.output().context("cannot start node: install Node.js")?;
    if !told.status.success() {
        let problem = String::from_utf8_lossy(&told.stderr);
        let line = problem.lines().find(|line| line.contains("Error")).unwrap_or("no words");
        bail!("the package is built otherwise than {name} expects: {}", line.trim());
    }
    let text = String::from_utf8_lossy(&told.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("the output of {name}"))
}

/// Compares values by name. `what` is said of each.
fn by_name(
    what: &str,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in theirs {
        match ours.get(name) {
            None => findings.push(Finding::New(format!("{what} {name} ({value})"))),
            Some(own) if own != value => findings.push(Finding::Contradiction(format!(
                "{what} {name} is {own} here and {value} there"
            ))),
            Some(_) => (),
        }
    }
    for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
        findings.push(Finding::OursOnly(format!("{what} {name}")));
    }
    findings
}

/// A JSON object whose values are texts or numbers, by name.
fn texts(facts: &Value, member: &str) -> Result<BTreeMap<String, String>> {
    let object = facts.get(member).and_then(Value::as_object);
    let object = object.with_context(|| format!("the package tells no {member}"))?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let texts: BTreeMap<_, _> =
        object.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    ensure!(!texts.is_empty(), "the package tells no {member}");
    Ok(texts)
}

fn source(root: &Path, name: &str) -> Result<String> {
    let path = root.join("crates/kms-chains/src").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

fn no_arguments(_: &Path) -> Vec<String> {
    Vec::new()
}

/// Seconds since 1970.
fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// The date in UTC of seconds since 1970.
fn date(seconds: u64) -> Result<String> {
    let arguments = ["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%d"];
    let printed = Command::new("date").args(arguments).output().context("cannot start date")?;
    Ok(String::from_utf8_lossy(&printed.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_new_what_is_gone_and_what_differs_are_told_apart() {
        let ours = named(&[("Payment", "0"), ("Old", "7"), ("Offer", "8")]);
        let theirs = named(&[("Payment", "0"), ("Vault", "65"), ("Offer", "9")]);
        assert_eq!(
            by_name("type", &ours, &theirs),
            [
                Finding::Contradiction(String::from("type Offer is 8 here and 9 there")),
                Finding::New(String::from("type Vault (65)")),
                Finding::OursOnly(String::from("type Old")),
            ]
        );
    }

    #[test]
    fn a_package_that_tells_nothing_is_not_compared() {
        let facts = serde_json::json!({ "type": {} });
        assert!(texts(&facts, "type").is_err());
        assert!(texts(&facts, "field").is_err());
    }
}
