//! docs/verify.md as a program: its commands are run on a release, and on copies of it in which a
//! byte is flipped.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

const PAGE: &str = "docs/verify.md";
/// The folder where the page expects the reader's build.
const OWN_BUILD: &str = "mine";

/// The commands of one block of the page.
#[derive(Debug, Eq, PartialEq)]
struct Block {
    /// Files that the commands vouch for: names, a star for any text.
    checks: Vec<String>,
    script: String,
    line: usize,
}

/// # Errors
/// When a command fails on the release, or succeeds on one with a byte flipped.
pub(super) fn verify(root: &Path, out: &Path) -> Result<()> {
    let text = fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let blocks = blocks(&text)?;
    for block in &blocks {
        block.check(out).with_context(|| format!("{PAGE}:{}", block.line))?;
    }
    println!("{PAGE}: {} commands verify {}", blocks.len(), out.display());
    Ok(())
}

impl Block {
    fn check(&self, out: &Path) -> Result<()> {
        let as_made = Copy::of(out)?;
        if let Err(told) = as_made.run(&self.script)? {
            bail!("fails on the release: {told}");
        }
        for pattern in &self.checks {
            let files = matching(out, pattern)?;
            if files.is_empty() {
                bail!("there is no {pattern}");
            }
            for file in files {
                let flipped = Copy::of(out)?;
                flip(&flipped.folder.path().join(&file))?;
                if flipped.run(&self.script)?.is_ok() {
                    bail!("succeeds although a byte of {file} is flipped");
                }
            }
        }
        Ok(())
    }
}

/// A copy of a release, beside a copy as a build of one's own.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn of(out: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join(OWN_BUILD);
        fs::create_dir(&own)?;
        for file in matching(out, "*")? {
            fs::copy(out.join(&file), folder.path().join(&file))?;
            fs::copy(out.join(&file), own.join(&file))?;
        }
        Ok(Self { folder })
    }

    /// The inner error is what a failing script says.
    fn run(&self, script: &str) -> Result<Result<(), String>> {
        let answer = Command::new("sh")
            .args(["-eu", "-c", script])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .context("cannot start sh")?;
        let told = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
        Ok(if answer.status.success() { Ok(()) } else { Err(told) })
    }
}

/// Flips the lowest bit of the byte in the middle.
fn flip(file: &PathBuf) -> Result<()> {
    let mut bytes = fs::read(file)?;
    let middle = bytes.len().div_euclid(2);
    let byte = bytes.get_mut(middle).with_context(|| format!("{} is empty", file.display()))?;
    *byte ^= 1;
    Ok(fs::write(file, bytes)?)
}

/// Names of files in a folder that fit a pattern with at most one star.
fn matching(folder: &Path, pattern: &str) -> Result<Vec<String>> {
    let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let fits = if pattern.contains('*') {
            name.starts_with(start) && name.ends_with(end)
        } else {
            name == pattern
        };
        if fits && entry.file_type()?.is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The blocks that are run. One says which files it vouches for, `sh checks="*.deb SHA256SUMS"`, or
/// that it is for elsewhere, `sh elsewhere`.
fn blocks(text: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((opening, line)) = lines.next() {
        let Some(told) = opening.strip_prefix("```") else { continue };
        let inside: Vec<_> =
            lines.by_ref().map(|(text, _)| text).take_while(|text| *text != "```").collect();
        if told == "sh elsewhere" {
            continue;
        }
        let checks = told.strip_prefix("sh checks=\"").and_then(|rest| rest.strip_suffix('"'));
        let Some(checks) = checks else { bail!("{PAGE}:{line}: a block that says no `checks`") };
        let checks = checks.split_whitespace().map(str::to_owned).collect();
        blocks.push(Block { checks, script: inside.join("\n"), line });
    }
    if blocks.is_empty() {
        bail!("{PAGE} has no command");
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests;
