//! `cargo xtask dist`: everything of a release. A portable program, packages, an image, a list of
//! crates, checksums; with `--twice` all of it a second time in other surroundings, compared.

mod artefacts;
mod binary;
mod crates;
mod notices;
mod packages;
mod page;
mod sbom;
mod stage;
mod sums;
mod twice;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;

use self::artefacts::Artefacts;
use crate::image;

/// A run of `cargo xtask dist`.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo xtask dist", no_binary_name = true)]
pub(crate) struct Request {
    /// Folder that the release is put in
    #[arg(long)]
    out: PathBuf,
    /// Secret key of minisign that signs the checksums, in a file
    #[arg(long)]
    key: Option<PathBuf>,
    /// Profile of the build; another than `dist` is for trying this out
    #[arg(long, default_value = "dist")]
    profile: String,
    /// Build all of it once more in other surroundings, and compare
    #[arg(long, conflicts_with = "verify")]
    twice: bool,
    /// Build nothing; run the commands of docs/verify.md on what lies in --out, then on copies
    /// with a byte flipped
    #[arg(long)]
    verify: bool,
    /// Workspace that is built, where it is not this one
    #[arg(long, hide = true)]
    root: Option<PathBuf>,
    /// Folder with the tools
    #[arg(long, hide = true)]
    tools: Option<PathBuf>,
    /// Leave out the image, which root alone can make
    #[arg(long)]
    no_image: bool,
}

/// The places of one build.
#[derive(Debug)]
struct Place {
    /// The workspace.
    root: PathBuf,
    tools: PathBuf,
    /// Of the build alone: the compiler's output, the staged tree.
    work: PathBuf,
    profile: String,
    /// Seconds since 1970 that everything is dated with.
    epoch: String,
}

/// # Errors
/// When a step fails, or two builds differ.
pub(crate) fn run(own_root: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let request = Request::try_parse_from(arguments)?;
    let root = request.root.as_deref().unwrap_or(own_root).canonicalize()?;
    if request.verify {
        return page::verify(&root, &request.out.canonicalize()?);
    }
    if !request.no_image && !image::is_root() {
        bail!("the image is made by root; be that, or leave it out with --no-image");
    }
    if has_changes(&root)? {
        eprintln!("note: there are changes that are not committed; this is no release");
        if request.key.is_some() && request.profile == "dist" {
            bail!("what is not committed is not signed");
        }
    }
    fs::create_dir_all(&request.out)?;
    let out = request.out.canonicalize()?;
    if fs::read_dir(&out)?.next().is_some() {
        bail!("{}: there is something in it already; name an empty folder", out.display());
    }
    let place = Place {
        tools: request.tools.clone().unwrap_or_else(|| root.join("target/dist-tools")),
        work: root.join("target/dist-work"),
        profile: request.profile.clone(),
        epoch: epoch(&root)?,
        root,
    };
    if request.tools.is_none() {
        call("sh", |sh| sh.arg("packaging/tools.sh").arg(&place.tools).current_dir(&place.root))?;
    }
    let artefacts = Artefacts::of(env!("CARGO_PKG_VERSION"), !request.no_image);
    build(&place, &artefacts, &out)?;
    if request.twice {
        twice::compare(&place, &artefacts, &out)?;
    }
    sums::write(&artefacts, &out)?;
    match &request.key {
        Some(key) => {
            sums::sign(key, &out)?;
            page::verify(&place.root, &out)
        }
        None => {
            println!("no --key: {} is not signed", sums::SUMS);
            Ok(())
        }
    }
}

fn build(place: &Place, artefacts: &Artefacts, out: &Path) -> Result<()> {
    let program = crates::prune(place, &binary::build(place)?)?;
    let glibc = binary::check(&program)?;
    let sbom = sbom::write(place, &out.join(&artefacts.sbom))?;
    crates::check(place, &program, &sbom)?;
    let tree = stage::stage(place, &program)?;
    let files = packages::Packing { place, tree: &tree, artefacts, out };
    files.archive()?;
    files.deb(&glibc)?;
    files.rpm()?;
    if let Some(name) = &artefacts.image {
        let id = image::make(&place.root, &program, &files.plain_image(), &place.epoch)?;
        files.image(name)?;
        println!("{id}");
    }
    for name in artefacts.all() {
        println!("{:>10} bytes  {name}", fs::metadata(out.join(name))?.len());
    }
    Ok(())
}

/// The second of two builds is made of a copy without a history.
fn has_changes(root: &Path) -> Result<bool> {
    if !root.join(".git").exists() {
        return Ok(false);
    }
    let told = output("git", |git| git.args(["status", "--porcelain"]).current_dir(root))?;
    Ok(!told.is_empty())
}

/// The time of the last commit, unless `SOURCE_DATE_EPOCH` says another.
///
/// # Errors
/// When git cannot say it.
pub(crate) fn epoch(root: &Path) -> Result<String> {
    if let Ok(set) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(set);
    }
    let time = output("git", |git| git.args(["log", "-1", "--format=%ct"]).current_dir(root))?;
    Ok(time.trim().to_owned())
}

/// Runs a program to its end.
fn call(program: impl AsRef<OsStr>, set: impl FnOnce(&mut Command) -> &mut Command) -> Result<()> {
    let mut command = Command::new(&program);
    set(&mut command);
    let name = program.as_ref().display().to_string();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}

/// Runs a program to its end, and has what it printed on stdout.
fn output(
    program: impl AsRef<OsStr>,
    set: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<String> {
    let mut command = Command::new(&program);
    set(&mut command);
    let name = program.as_ref().display().to_string();
    let answer = command.output().with_context(|| format!("cannot start {name}"))?;
    if !answer.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&answer.stderr).trim());
    }
    Ok(String::from_utf8(answer.stdout)?)
}
