//! The archive and the packages, made of one staged tree by the tools of Debian 12. All of it is
//! dated with the last commit and owned by root.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    Place,
    artefacts::{Artefacts, PACKAGING, PROGRAM},
    call, output,
    stage::{Tree, gzip, listing},
};

/// The content of a package, and its destination.
#[derive(Debug)]
pub(super) struct Packing<'a> {
    pub(super) place: &'a Place,
    pub(super) tree: &'a Tree,
    pub(super) artefacts: &'a Artefacts,
    pub(super) out: &'a Path,
}

impl Packing<'_> {
    /// The program, and what goes with it, for systems without these packages.
    pub(super) fn archive(&self) -> Result<()> {
        let name = self.artefacts.archive.trim_end_matches(".tar.gz");
        let plain = self.place.work.join("archive.tar");
        // The program lies on top, what belongs to a system below `share` and `systemd`.
        let moves = [
            format!("s,^usr/bin/,{name}/,"),
            format!("s,^usr/share/,{name}/share/,"),
            format!("s,^usr/lib/systemd/system/,{name}/systemd/,"),
            format!("s,^etc/{PROGRAM}/,{name}/systemd/,"),
            format!("s,^usr/sbin/,{name}/systemd/,"),
        ];
        let files = listing(self.tree)?;
        let files = files.lines().map(|file| file.trim_start_matches('/'));
        call("tar", |tar| {
            tar.args(["--create", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner"])
                .args(["--sort=name", "--mode=go=rX,u+rw"])
                .arg(format!("--mtime=@{}", self.place.epoch))
                .args(moves.iter().flat_map(|expression| ["--transform", expression]))
                .arg("--file")
                .arg(&plain)
                .args(files)
                .current_dir(&self.tree.root)
                .env("LC_ALL", "C")
        })?;
        gzip(std::slice::from_ref(&plain))?;
        fs::copy(plain.with_extension("tar.gz"), self.out.join(&self.artefacts.archive))?;
        Ok(())
    }

    pub(super) fn deb(&self, glibc: &str) -> Result<()> {
        let root = self.place.work.join("deb");
        self.copy_tree(&root)?;
        self.add_debian_documents(&root)?;
        let control = root.join("DEBIAN");
        fs::create_dir_all(&control)?;
        set_mode(&control, 0o755)?;
        let from = self.place.root.join("packaging/deb");
        for script in ["postinst", "prerm", "postrm"] {
            copy(&from.join(script), &control.join(script), 0o755)?;
        }
        copy(&from.join("conffiles"), &control.join("conffiles"), 0o644)?;
        let text = filled(
            &fs::read_to_string(from.join("control"))?,
            &[
                ("@VERSION@", &self.debian_version()),
                ("@GLIBC@", glibc),
                ("@SIZE@", &size_in_kibibytes(&root)?.to_string()),
            ],
        );
        write(&control.join("control"), &text)?;
        write(&control.join("md5sums"), &md5sums(&root)?)?;
        call("dpkg-deb", |tool| {
            tool.args(["--root-owner-group", "-Zxz", "--threads-max=1", "--build"])
                .arg(&root)
                .arg(self.out.join(&self.artefacts.deb))
                .env("SOURCE_DATE_EPOCH", &self.place.epoch)
                .env("LC_ALL", "C")
                .stdout(std::process::Stdio::null())
        })
    }

    pub(super) fn rpm(&self) -> Result<()> {
        let (root, top) = (self.place.work.join("rpm-tree"), self.place.work.join("rpm"));
        self.copy_tree(&root)?;
        // zsh looks elsewhere on systems with RPM.
        let vendor = root.join("usr/share/zsh");
        fs::rename(vendor.join("vendor-completions"), vendor.join("site-functions"))?;
        let files = listing(&Tree { root: root.clone() })?;
        let spec = self.place.root.join("packaging/rpm/tatum-kms.spec");
        let text = filled(
            &fs::read_to_string(spec)?,
            &[
                ("@VERSION@", &self.artefacts.version),
                ("@STAGE@", &root.display().to_string()),
                ("@FILES@", &files.lines().map(in_spec).collect::<Vec<_>>().join("\n")),
            ],
        );
        if top.exists() {
            fs::remove_dir_all(&top)?;
        }
        fs::create_dir_all(&top)?;
        let spec = top.join("tatum-kms.spec");
        write(&spec, &text)?;
        let defines = [
            format!("_topdir {}", top.display()),
            format!("_rpmdir {}", self.out.display()),
            String::from("_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"),
            String::from("_buildhost localhost"),
            String::from("use_source_date_epoch_as_buildtime 1"),
            String::from("clamp_mtime_to_source_date_epoch 1"),
            String::from("_binary_payload w9.gzdio"),
            // Nothing is stripped, compressed or generated behind our back.
            String::from("__os_install_post %{nil}"),
            String::from("debug_package %{nil}"),
            String::from("_build_id_links none"),
        ];
        call("rpmbuild", |tool| {
            tool.args(["-bb", "--quiet", "--target", "x86_64"])
                .args(defines.iter().flat_map(|define| ["--define", define]))
                .arg(&spec)
                .env("SOURCE_DATE_EPOCH", &self.place.epoch)
                .env("LC_ALL", "C")
                .env("TZ", "UTC")
        })
    }

    /// The place of the image before it is compressed.
    pub(super) fn plain_image(&self) -> PathBuf {
        self.place.work.join("image")
    }

    pub(super) fn image(&self, name: &str) -> Result<()> {
        compress_image(&self.plain_image(), &self.out.join(name))
    }

    fn copy_tree(&self, to: &Path) -> Result<()> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        call("cp", |cp| cp.arg("-a").arg(&self.tree.root).arg(to))
    }

    fn debian_version(&self) -> String {
        format!("{}-{PACKAGING}", self.artefacts.version)
    }

    /// Adds the files that Debian's policy requires besides the common ones: licences as
    /// references, a changelog of the package beside the program's.
    fn add_debian_documents(&self, root: &Path) -> Result<()> {
        let doc = root.join("usr/share/doc").join(PROGRAM);
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            fs::remove_file(doc.join(licence))?;
        }
        let mit = fs::read_to_string(self.place.root.join("LICENSE-MIT"))?;
        let text = fs::read_to_string(self.place.root.join("packaging/deb/copyright"))?;
        write(&doc.join("copyright"), &filled(&text, &[("@MIT@", &as_field(&mit))]))?;
        let date = output("date", |date| {
            date.args(["--utc", "--rfc-email", "--date"])
                .arg(format!("@{}", self.place.epoch))
                .env("LC_ALL", "C")
        })?;
        let changelog = doc.join("changelog.Debian");
        write(
            &changelog,
            &format!(
                "{PROGRAM} ({}) stable; urgency=medium\n\n  * Made of the release; its changes are in \
             changelog.gz.\n\n -- the tatum-kms authors <tatum-kms@users.noreply.github.com>  {date}",
                self.debian_version(),
            ),
        )?;
        gzip(&[changelog])?;
        let overrides = root.join("usr/share/lintian/overrides");
        fs::create_dir_all(&overrides)?;
        set_mode(&overrides, 0o755)?;
        set_mode(overrides.parent().context("a folder")?, 0o755)?;
        let from = self.place.root.join("packaging/deb/lintian-overrides");
        copy(&from, &overrides.join(PROGRAM), 0o644)
    }
}

/// `docker load` takes an archive that is compressed.
pub(super) fn compress_image(plain: &Path, to: &Path) -> Result<()> {
    gzip(&[plain.to_owned()])?;
    fs::copy(plain.with_extension("gz"), to)?;
    Ok(())
}

fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Text of several paragraphs in a field of a control file: indented, a full stop for an empty
/// line.
fn as_field(text: &str) -> String {
    let lines =
        text.lines().map(|line| if line.is_empty() { " .".into() } else { format!(" {line}") });
    lines.collect::<Vec<String>>().join("\n")
}

/// A file's line in the spec: with mode and owner, and marked where it is configuration.
fn in_spec(file: &str) -> String {
    let (mark, mode) = match file {
        "/etc/tatum-kms/tatum-kms.env" => ("%config(noreplace) ", "%attr(0640,root,tatum-kms) "),
        _ if file.starts_with("/etc/") => ("%config(noreplace) ", "%attr(0644,root,root) "),
        _ if file.contains("bin/") => ("", "%attr(0755,root,root) "),
        _ if file.starts_with("/usr/share/doc/") => ("%doc ", "%attr(0644,root,root) "),
        _ => ("", "%attr(0644,root,root) "),
    };
    format!("{mark}{mode}\"{file}\"")
}

fn size_in_kibibytes(root: &Path) -> Result<u64> {
    let told = output("find", |find| {
        find.arg(root).args(["-type", "f", "-not", "-path", "*/DEBIAN/*", "-printf", "%s\n"])
    })?;
    let sizes = told.lines().map(str::parse::<u64>).collect::<Result<Vec<_>, _>>()?;
    Ok(sizes.iter().map(|size| size.div_ceil(1024)).sum())
}

fn md5sums(root: &Path) -> Result<String> {
    let files = listing(&Tree { root: root.to_owned() })?;
    let files: Vec<_> = files
        .lines()
        .map(|file| file.trim_start_matches('/'))
        .filter(|file| !file.starts_with("DEBIAN/") && !file.starts_with("etc/"))
        .collect();
    output("md5sum", |tool| tool.args(files).current_dir(root))
}

fn copy(from: &Path, to: &PathBuf, mode: u32) -> Result<()> {
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    set_mode(to, mode)
}

fn write(to: &Path, text: &str) -> Result<()> {
    fs::write(to, text).with_context(|| to.display().to_string())?;
    set_mode(to, 0o644)
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_a_field() {
        assert_eq!(as_field("MIT\n\nIt is so."), " MIT\n .\n It is so.");
    }

    #[test]
    fn configuration_is_marked_and_the_one_with_the_key_is_private() {
        let line = in_spec("/etc/tatum-kms/tatum-kms.env");
        assert_eq!(
            line,
            "%config(noreplace) %attr(0640,root,tatum-kms) \"/etc/tatum-kms/tatum-kms.env\""
        );
        assert_eq!(in_spec("/usr/bin/tatum-kms"), "%attr(0755,root,root) \"/usr/bin/tatum-kms\"");
    }
}
