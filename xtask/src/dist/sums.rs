//! Checksums of a release, and the signature on them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::{artefacts::Artefacts, call, output};

pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const SIGNATURE: &str = "SHA256SUMS.minisig";
/// The public key, where readers of the release look for it.
pub(super) const PUBLIC_KEY: &str = "tatum-kms.pub";

pub(super) fn write(artefacts: &Artefacts, out: &Path) -> Result<()> {
    let mut names = artefacts.all();
    names.sort_unstable();
    let sums = output("sha256sum", |tool| tool.args(names).current_dir(out))?;
    fs::write(out.join(SUMS), sums).context(SUMS)
}

/// Signs the checksums with a key of minisign, and lays its public half beside them.
///
/// # Errors
/// When the key is not one, or the password that minisign asks for is wrong.
pub(super) fn sign(key: &Path, out: &Path) -> Result<()> {
    let key = key.canonicalize().with_context(|| key.display().to_string())?;
    let comment = format!("checksums of tatum-kms {}", env!("CARGO_PKG_VERSION"));
    call("minisign", |tool| {
        tool.args(["-S", "-m", SUMS, "-x", SIGNATURE, "-t", &comment, "-s"])
            .arg(&key)
            .current_dir(out)
    })?;
    call("minisign", |tool| {
        tool.args(["-R", "-f", "-p", PUBLIC_KEY, "-s"]).arg(&key).current_dir(out)
    })
}
