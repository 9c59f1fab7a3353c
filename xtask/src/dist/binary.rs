//! The portable program: one that knows no symbol of glibc younger than 2.17, has the list of its
//! crates inside, and says nothing of the folder it was built in.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{Place, artefacts::PROGRAM, call, output};

pub(super) const TARGET: &str = "x86_64-unknown-linux-gnu";
/// The glibc of RHEL 7; every distribution with systemd has it or a newer one.
const GLIBC: (u32, u32) = (2, 17);

/// The environment variables that a build may see: the user, the caches, the network.
const SEEN: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "CARGO_BUILD_JOBS",
    "CARGO_NET_OFFLINE",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "HTTPS_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

pub(super) fn build(place: &Place) -> Result<PathBuf> {
    let arguments = ["zigbuild", "--locked", "--package", PROGRAM, "--profile"];
    let glibc = format!("{TARGET}.{}.{}", GLIBC.0, GLIBC.1);
    // What `cargo auditable` sets, but for the wrapper's path: cargo makes it a part of every symbol
    // of the workspace's crates, and so of the program.
    let auditable = [
        ("RUSTC_WORKSPACE_WRAPPER", "cargo-auditable"),
        (
            "CARGO_AUDITABLE_ORIG_ARGS",
            r#"{"offline":false,"locked":true,"frozen":false,"config":[]}"#,
        ),
    ];
    cargo(place, &[&arguments[..], &[&place.profile, "--target", &glibc]].concat(), &auditable)?;
    // Cargo's own profile for development builds into a folder of another name.
    let folder = if place.profile == "dev" { "debug" } else { &place.profile };
    Ok(target_folder(place).join(TARGET).join(folder).join(PROGRAM))
}

/// Runs cargo as the build does: the tools first in the path, nothing of the environment but what
/// is listed, names of folders replaced.
pub(super) fn cargo(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let cargo_home = cargo_home()?;
    let folders = [(&place.root, "/src"), (&cargo_home, "/cargo"), (&place.tools, "/tools")];
    for (folder, _) in folders {
        if folder.to_string_lossy().contains(char::is_whitespace) {
            bail!("{}: compilers' flags cannot name a folder with a space", folder.display());
        }
    }
    let rust = folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let c = folders.map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
    let path = env::var("PATH").unwrap_or_default();
    let seen = SEEN.iter().filter_map(|name| Some((name, env::var_os(name)?)));
    call("cargo", |cargo| {
        cargo
            .args(arguments)
            .current_dir(&place.root)
            .env_clear()
            .envs(seen)
            .env("PATH", format!("{}:{path}", place.tools.join("bin").display()))
            .env("CARGO_ZIGBUILD_ZIG_PATH", place.tools.join("zig/ziglang/zig"))
            .env("CARGO_TARGET_DIR", target_folder(place))
            .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}"))
            .env(format!("CFLAGS_{}", TARGET.replace('-', "_")), c.join(" "))
            .env("SOURCE_DATE_EPOCH", &place.epoch)
            .envs(variables.iter().copied())
    })
}

fn target_folder(place: &Place) -> PathBuf {
    place.work.join("build")
}

pub(super) fn cargo_home() -> Result<PathBuf> {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .context("neither CARGO_HOME nor HOME is set")
}

/// # Errors
/// When the program needs a younger glibc, or a library that is not in glibc's own package.
pub(super) fn check(program: &Path) -> Result<String> {
    let told = output("readelf", |readelf| {
        readelf.args(["--wide", "--version-info", "--dynamic"]).arg(program).env("LC_ALL", "C")
    })?;
    let newest = newest_glibc(&told).context("the program names no version of glibc")?;
    if newest > GLIBC {
        bail!("the program needs glibc {}.{}", newest.0, newest.1);
    }
    let foreign: Vec<_> = libraries(&told).filter(|name| !is_of_glibc(name)).collect();
    if !foreign.is_empty() {
        bail!("the program needs {}", foreign.join(", "));
    }
    println!("newest symbol of glibc: {}.{}", newest.0, newest.1);
    Ok(format!("{}.{}", GLIBC.0, GLIBC.1))
}

/// The newest version among names such as `GLIBC_2.16` and `GLIBC_2.2.5`.
fn newest_glibc(told: &str) -> Option<(u32, u32)> {
    let versions = told.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let mut numbers = rest.get(..end)?.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    versions.max()
}

/// The libraries that the program is linked with: `0x1 (NEEDED) Shared library: [libc.so.6]`.
fn libraries(told: &str) -> impl Iterator<Item = &str> {
    told.lines().filter_map(|line| {
        let (_, rest) = line.split_once("(NEEDED)")?;
        rest.split_once('[')?.1.split(']').next()
    })
}

fn is_of_glibc(library: &str) -> bool {
    let stem = library.split(".so").next().unwrap_or_default();
    ["libc", "libm", "libdl", "libpthread", "librt", "libutil", "ld-linux-x86-64"].contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "
 0x0000000000000001 (NEEDED)             Shared library: [libm.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [ld-linux-x86-64.so.2]
  0x0010: Name: GLIBC_2.3.4  Flags: none  Version: 9
  0x0020: Name: GLIBC_2.14  Flags: none  Version: 8
  0x0030: Name: GLIBC_2.2.5  Flags: none  Version: 7
";

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(newest_glibc(TOLD), Some((2, 14)));
        assert_eq!(newest_glibc("Name: GLIBC_PRIVATE"), None);
    }

    #[test]
    fn a_library_that_is_not_glibcs_is_noticed() {
        assert!(libraries(TOLD).all(is_of_glibc));
        assert_eq!(libraries(TOLD).count(), 3);
        assert!(!is_of_glibc("libgcc_s.so.1"));
        assert!(!is_of_glibc("libcrypt.so.1"));
    }
}
