//! The tree that is packed: every file at its place, with its mode, whatever the umask.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{Place, artefacts::PROGRAM, call, notices, output};
use crate::man;

const FOLDER: u32 = 0o755;
const FILE: u32 = 0o644;
const EXECUTABLE: u32 = 0o755;
/// For the daemon to read, for root to write: it has the API key.
const PRIVATE: u32 = 0o640;

/// The destination of each file of the workspace.
const FILES: &[(&str, &str, u32)] = &[
    ("packaging/tatum-kms-setup.sh", "usr/sbin/tatum-kms-setup", EXECUTABLE),
    ("packaging/systemd/tatum-kms.service", "usr/lib/systemd/system/tatum-kms.service", FILE),
    ("packaging/systemd/options", "etc/tatum-kms/options", FILE),
    ("packaging/systemd/tatum-kms.env", "etc/tatum-kms/tatum-kms.env", PRIVATE),
    ("packaging/tatum-kms-setup.8", "usr/share/man/man8/tatum-kms-setup.8", FILE),
    ("README.md", "usr/share/doc/tatum-kms/README.md", FILE),
    ("SECURITY.md", "usr/share/doc/tatum-kms/SECURITY.md", FILE),
    ("LICENSE-MIT", "usr/share/doc/tatum-kms/LICENSE-MIT", FILE),
    ("LICENSE-APACHE", "usr/share/doc/tatum-kms/LICENSE-APACHE", FILE),
];

/// Pages of docs/ that somebody reads who has the program and not its source.
const PAGES: &[&str] = &[
    "commands.md",
    "daemon.md",
    "environment.md",
    "four-eye.md",
    "import.md",
    "install.md",
    "migration.md",
    "passwords.md",
    "verify.md",
    "wallet-format.md",
];

/// A file of completions, and where its shell looks for it.
const COMPLETIONS: &[(&str, &str)] = &[
    ("tatum-kms.bash", "usr/share/bash-completion/completions/tatum-kms"),
    ("_tatum-kms", "usr/share/zsh/vendor-completions/_tatum-kms"),
    ("tatum-kms.fish", "usr/share/fish/vendor_completions.d/tatum-kms.fish"),
];

/// A staged tree.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
}

impl Tree {
    fn install(&self, from: &Path, to: &str, mode: u32) -> Result<()> {
        let to = self.root.join(to);
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::copy(from, &to).with_context(|| from.display().to_string())?;
        fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
        Ok(())
    }

    pub(super) fn write(&self, to: &str, text: &str, mode: u32) -> Result<()> {
        let to = self.root.join(to);
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::write(&to, text)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
        Ok(())
    }
}

/// Lays out what every package has.
pub(super) fn stage(place: &Place, program: &Path) -> Result<Tree> {
    let tree = Tree { root: place.work.join("tree") };
    if tree.root.exists() {
        fs::remove_dir_all(&tree.root)?;
    }
    tree.install(program, &format!("usr/bin/{PROGRAM}"), EXECUTABLE)?;
    for (from, to, mode) in FILES {
        tree.install(&place.root.join(from), to, *mode)?;
    }
    for page in PAGES {
        let to = format!("usr/share/doc/{PROGRAM}/{page}");
        tree.install(&place.root.join("docs").join(page), &to, FILE)?;
    }
    let written = place.work.join("man");
    man::run(&written)?;
    for page in sorted(&written.join("man"))? {
        let name = page.file_name().context("a page has a name")?.to_string_lossy().into_owned();
        tree.install(&page, &format!("usr/share/man/man1/{name}"), FILE)?;
    }
    for (from, to) in COMPLETIONS {
        tree.install(&written.join("completions").join(from), to, FILE)?;
    }
    let notices = notices::of_third_parties(place)?;
    tree.write("usr/share/doc/tatum-kms/THIRD-PARTY-LICENSES", &notices, FILE)?;
    let changes = place.root.join("CHANGELOG.md");
    tree.install(&changes, "usr/share/doc/tatum-kms/changelog", FILE)?;
    compress(&tree)?;
    set_modes_of_folders(&tree.root)?;
    Ok(tree)
}

/// Manual pages, changelogs and licences as Debian wants them: at the highest level, without name
/// and time.
fn compress(tree: &Tree) -> Result<()> {
    for folder in ["usr/share/man/man1", "usr/share/man/man8"] {
        gzip(&sorted(&tree.root.join(folder))?)?;
    }
    let doc = tree.root.join("usr/share/doc/tatum-kms");
    gzip(&[doc.join("changelog"), doc.join("THIRD-PARTY-LICENSES")])
}

pub(super) fn gzip(files: &[PathBuf]) -> Result<()> {
    call("gzip", |gzip| gzip.args(["-9", "-n", "-f"]).args(files))
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    Ok(paths)
}

fn set_modes_of_folders(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(FOLDER))?;
    let inside = sorted(folder)?;
    inside.iter().filter(|path| path.is_dir()).try_for_each(|path| set_modes_of_folders(path))
}

/// Files below the tree, each with the slash of its root, in order.
pub(super) fn listing(tree: &Tree) -> Result<String> {
    let found = output("find", |find| {
        find.args([".", "-type", "f"]).current_dir(&tree.root).env("LC_ALL", "C")
    })?;
    let mut files: Vec<_> = found.lines().filter_map(|line| line.strip_prefix('.')).collect();
    files.sort_unstable();
    Ok(files.join("\n") + "\n")
}

#[cfg(test)]
mod tests;
