//! `cargo xtask image`: the image of the Dockerfile, made by buildah instead of an engine, as an
//! archive that `docker load` and `podman load` read. The same program gives the same image id.

use std::{
    env, fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::dist;

const NAME: &str = "localhost/tatum-kms";
/// Line of the Dockerfile at which the image itself begins.
const FINAL_STAGE: &str = "FROM scratch\n";
/// The folder of the image's files, below the workspace.
const FILES: &str = "target/image/image";
/// Members of an image's configuration that buildah fills with random values.
const RANDOM: [&str; 2] = ["container", "container_config"];

/// A run of `cargo xtask image`.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask image", no_binary_name = true)]
struct Request {
    /// Archive to write, for `docker load`
    #[arg(long)]
    out: PathBuf,
    /// Program to put in: that of `cargo xtask dist`, or any other build
    #[arg(long)]
    program: PathBuf,
    /// Run the lines of docs/docker.md against the image's files too; needs root
    #[arg(long)]
    prove: bool,
    /// Workspace that it is made of, where it is not this one
    #[arg(long, hide = true)]
    root: Option<PathBuf>,
}

/// # Errors
/// When a step fails.
pub(crate) fn run(root: &Path, arguments: impl Iterator<Item = String>) -> Result<()> {
    let request = Request::try_parse_from(arguments)?;
    let root = request.root.as_deref().unwrap_or(root);
    let id = make(root, &request.program, &request.out, &dist::epoch(root)?)?;
    let bytes = fs::metadata(&request.out)?.len();
    println!("{id}  {bytes} bytes  {}", request.out.display());
    if request.prove {
        let script = root.join("packaging/docker/prove_lines.py");
        call(Command::new("python3").arg(script).arg(root.join(FILES)))?;
    }
    Ok(())
}

/// Makes the image as an archive, dated with these seconds since 1970, and returns its id.
///
/// # Errors
/// When a step fails.
pub(crate) fn make(root: &Path, program: &Path, out: &Path, epoch: &str) -> Result<String> {
    let work = root.join("target/image");
    assemble(root, program, &root.join(FILES))?;
    let dockerfile = fs::read_to_string(root.join("Dockerfile"))?;
    fs::write(work.join("Dockerfile"), final_stage(&dockerfile)?)?;
    let archive = work.join("archive.tar");
    build(&work, &archive, epoch)?;
    settle(&work, &archive, out)
}

/// Runs the lines that people know on the image's files with a program of any build, as a user
/// whom nobody knows. It needs what containers need: root, and file systems over each other.
///
/// # Errors
/// When a line does not do what it should.
pub(crate) fn prove(root: &Path, program: &Path) -> Result<()> {
    let can_layer =
        fs::read_to_string("/proc/filesystems").is_ok_and(|all| all.contains("overlay"));
    if env::var_os("KMS_SKIP_REAL").is_some() || !is_root() || !can_layer {
        eprintln!("note: the image's lines are left out: they need root and overlay file systems");
        return Ok(());
    }
    let files = root.join("target/image/lines");
    assemble(root, program, &files)?;
    let script = root.join("packaging/docker/prove_lines.py");
    call(Command::new("python3").arg(script).arg(&files).arg("12345"))
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn assemble(root: &Path, program: &Path, files: &Path) -> Result<()> {
    fs::create_dir_all(files)?;
    let script = root.join("packaging/docker/root.sh");
    call(Command::new("sh").arg(script).args([program, files]))
}

/// The Dockerfile's last stage, with the files in its own folder.
fn final_stage(dockerfile: &str) -> Result<String> {
    let at = dockerfile.find(FINAL_STAGE).context("the Dockerfile has no stage from scratch")?;
    let stage = dockerfile.get(at..).unwrap_or_default();
    Ok(stage.replace("--from=build ", ""))
}

fn build(work: &Path, archive: &Path, epoch: &str) -> Result<()> {
    let store = work.join("store");
    let buildah = || {
        let mut command = Command::new("buildah");
        command
            .arg("--storage-driver=vfs")
            .arg(format!("--root={}", store.display()))
            .arg(format!("--runroot={}", work.join("run").display()));
        command
    };
    let context = work.as_os_str();
    call(
        buildah()
            .args(["build", "--quiet", "--isolation=chroot", "--format=docker", "--no-cache"])
            .args(["--timestamp", epoch, "--tag", NAME, "--file"])
            .arg(work.join("Dockerfile"))
            .args(["--ignorefile", "/dev/null"])
            .arg(context),
    )?;
    let _ = fs::remove_file(archive);
    let target = format!("docker-archive:{}:{NAME}:latest", archive.display());
    call(buildah().args(["push", "--quiet", NAME, &target]))
}

/// Takes random values out of the image's configuration, and packs the archive anew. Returns the
/// image's id: the hash of its configuration.
fn settle(work: &Path, archive: &Path, out: &Path) -> Result<String> {
    let unpacked = work.join("unpacked");
    let _ = fs::remove_dir_all(&unpacked);
    fs::create_dir_all(&unpacked)?;
    call(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(&unpacked))?;
    let mut manifest: Value = read_json(&unpacked.join("manifest.json"))?;
    let name = manifest.pointer("/0/Config").and_then(Value::as_str).context("no configuration")?;
    let name = name.to_owned();
    let mut configuration = read_json(&unpacked.join(&name))?;
    let members = configuration.as_object_mut().context("the configuration is no object")?;
    for member in RANDOM {
        members.remove(member);
    }
    if let Some(config) = members.get_mut("config").and_then(Value::as_object_mut) {
        config.remove("Hostname");
        config.remove("Image");
    }
    let text = configuration.to_string();
    let id: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::remove_file(unpacked.join(&name))?;
    fs::write(unpacked.join(format!("{id}.json")), text)?;
    if let Some(config) = manifest.pointer_mut("/0/Config") {
        *config = Value::from(format!("{id}.json"));
    }
    fs::write(unpacked.join("manifest.json"), manifest.to_string())?;
    // Kept for old engines: names every layer once more.
    let layers = manifest.pointer("/0/Layers").and_then(Value::as_array).context("no layers")?;
    let layers = layers.iter().filter_map(Value::as_str);
    call(
        Command::new("tar")
            .args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"])
            .args(["--mode=u=rw,go=r", "-cf"])
            .arg(
                out.canonicalize().unwrap_or_else(|_| std::path::absolute(out).unwrap_or_default()),
            )
            .arg("-C")
            .arg(&unpacked)
            .args(["manifest.json", &format!("{id}.json")])
            .args(layers),
    )?;
    Ok(format!("sha256:{id}"))
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn call(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_the_last_stage_of_the_dockerfile() {
        let dockerfile = include_str!("../../Dockerfile");
        let stage = final_stage(dockerfile).expect("a stage");
        assert!(stage.starts_with("FROM scratch\n") && !stage.contains("--from="));
        assert!(stage.contains("COPY /image/ /\n"));
        for line in ["USER 1000:1000", "CMD [\"daemon\"]", "ENV HOME=/home/node", "HEALTHCHECK"] {
            assert!(stage.contains(line), "{line}");
        }
        assert!(!stage.contains("VOLUME"), "an anonymous volume would hide what is lost with it");
        assert!(final_stage("FROM debian\n").is_err());
    }
}
