//! A container without an engine: a root of its own on an overlay, whose upper layer is gone when
//! the last process ends, folders of the host mounted into it, and process numbers of its own.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::program::{PASSWORD, Ran};

/// The program's path in the image.
const PROGRAM: &str = "/usr/local/bin/tatum-kms";

/// The arguments of `docker run`.
#[derive(Clone)]
pub(crate) struct Container {
    mounts: Vec<Mount>,
    user: u32,
    group: Option<u32>,
    is_read_only: bool,
    has_no_capabilities: bool,
    variables: Vec<(String, String)>,
}

#[derive(Clone)]
struct Mount {
    from: PathBuf,
    to: &'static str,
    is_read_only: bool,
}

impl Container {
    /// One that runs as this user, or nothing where the kernel lets nobody make one.
    #[expect(clippy::print_stderr, reason = "what was not tried must be told")]
    pub(crate) fn of(user: u32) -> Option<Self> {
        let new = Self {
            mounts: Vec::new(),
            user,
            group: None,
            is_read_only: false,
            has_no_capabilities: false,
            variables: Vec::new(),
        };
        let tried = new.shell("true");
        let forbids = ["Operation not permitted", "permission denied", "unknown filesystem type"];
        if tried.code != Some(0) && forbids.iter().any(|words| tried.stderr.contains(words)) {
            eprintln!("SKIPPED: no container can be made here: {}", tried.stderr.trim());
            return None;
        }
        assert_eq!(tried.code, Some(0), "{tried:?}");
        Some(new.with("TATUM_KMS_PASSWORD", PASSWORD))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `-v FROM:TO`.
    pub(crate) fn mount(mut self, from: &Path, to: &'static str) -> Self {
        self.mounts.push(Mount { from: from.to_owned(), to, is_read_only: false });
        self
    }

    /// `-v FROM:TO:ro`.
    pub(crate) fn mount_read_only(mut self, from: &Path, to: &'static str) -> Self {
        self.mounts.push(Mount { from: from.to_owned(), to, is_read_only: true });
        self
    }

    /// `--read-only --cap-drop ALL --security-opt no-new-privileges`.
    pub(crate) fn hardened(mut self) -> Self {
        (self.is_read_only, self.has_no_capabilities) = (true, true);
        self
    }

    /// A pod's `fsGroup`.
    pub(crate) fn in_group(mut self, group: u32) -> Self {
        self.group = Some(group);
        self
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.execute(PROGRAM, arguments)
    }

    pub(crate) fn shell(&self, script: &str) -> Ran {
        self.execute("/bin/sh", &["-euc", script])
    }

    fn execute(&self, program: &str, arguments: &[&str]) -> Ran {
        let place = tempfile::tempdir().expect("a folder");
        let output = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", &self.script()])
            .arg(program)
            .args(arguments)
            .current_dir(place.path())
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("PROGRAM", env!("CARGO_BIN_EXE_tatum-kms"))
            .stdin(Stdio::null())
            .output();
        Ran::of(&output.expect("unshare starts"))
    }

    /// Makes the root, and goes there as the user. `$0` and what follows is run there.
    fn script(&self) -> String {
        let mut script = format!(
            "mkdir layer root; mount -t tmpfs tmpfs layer; mkdir layer/upper layer/work
             mount -t overlay -o lowerdir=/,upperdir=layer/upper,workdir=layer/work overlay root
             mount --bind /dev root/dev; mount -t proc proc root/proc
             rm -f root/.dockerenv root/run/.containerenv
             mkdir -p root/home/node root/root; chmod 755 root/home/node; chmod 711 root/root
             chown {user}:{user} root/home/node; rm -rf root/root/.tatumrc
             touch root{PROGRAM}; mount --bind \"$PROGRAM\" root{PROGRAM}\n",
            user = self.user,
        );
        for Mount { from, to, is_read_only } in &self.mounts {
            let from = from.display();
            let make = format!(
                "if [ -d {from} ]; then mkdir -p root{to}; else mkdir -p $(dirname root{to}); touch root{to}; fi"
            );
            writeln!(script, "{make}; mount --bind {from} root{to}").expect("text");
            if *is_read_only {
                writeln!(script, "mount -o remount,bind,ro root{to}").expect("text");
            }
        }
        if self.is_read_only {
            script.push_str("mount -o remount,bind,ro root\n");
        }
        let group = self
            .group
            .map_or_else(|| String::from("--clear-groups"), |group| format!("--groups {group}"));
        let dropped = if self.has_no_capabilities {
            "--bounding-set -all --inh-caps -all --no-new-privs"
        } else {
            ""
        };
        let variables: Vec<_> =
            self.variables.iter().map(|(name, value)| format!("'{name}={value}'")).collect();
        writeln!(
            script,
            "exec chroot root env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/node {variables} \
             setpriv --reuid {user} --regid {user} {group} {dropped} \"$0\" \"$@\"",
            variables = variables.join(" "),
            user = self.user,
        )
        .expect("text");
        script
    }
}

/// A folder of the host that belongs to a user.
pub(crate) fn folder_of(user: u32, mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    give(folder.path(), user, user, mode);
    folder
}

pub(crate) fn give(path: &Path, user: u32, group: u32, mode: u32) {
    chown(path, Some(user), Some(group)).expect("given");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}
