use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

use clap::Parser as _;
use serde_json::json;

use super::{Cli, Command, output};
use crate::{
    command_error::CommandError, config::Settings, daemon::claim::ClaimFile,
    place::is_in_container, wire::milliseconds_since_1970,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms health
  tatum-kms health --path /secure/wallet.dat

Needs no password. Exits 0 if a daemon of this store runs here and renewed its claim on the store
within three minutes, and 1 if not. In a container, without --path, it asks about the store of the
daemon that runs there.";

const PROGRAM: &str = "tatum-kms";

pub(super) fn run(settings: &Settings, is_path_given: bool) -> Result<(), CommandError> {
    let is_asking_for_any = !is_path_given && is_in_container();
    let running = is_asking_for_any.then(path_of_running_daemon).flatten();
    let store = running.as_ref().unwrap_or(&settings.store);
    let now = milliseconds_since_1970();
    let claims = ClaimFile::of(store);
    if let Some((pid, at)) = claims.living(now) {
        let age = now.saturating_sub(at).div_euclid(1000);
        let found = json!({ "store": store, "process": pid, "renewedSecondsAgo": age });
        return Ok(output::json(&found)?);
    }
    let elsewhere = claims.fresh_host(now).map(|host| format!("; one runs on {host}"));
    Err(CommandError::Refused(format!(
        "no daemon signs for {} here{}",
        store.display(),
        elsewhere.unwrap_or_default()
    )))
}

/// The store that the command line of a daemon in this container names.
fn path_of_running_daemon() -> Option<PathBuf> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let command_lines =
        processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    command_lines.filter_map(|line| path_named_by(&line)).next()
}

/// Arguments end with a zero byte each.
fn path_named_by(command_line: &[u8]) -> Option<PathBuf> {
    let line = command_line.strip_suffix(b"\0")?;
    let arguments: Vec<_> =
        line.split(|byte| *byte == 0).map(|bytes| OsString::from_vec(bytes.to_vec())).collect();
    if Path::new(arguments.first()?).file_name() != Some(OsStr::new(PROGRAM)) {
        return None;
    }
    let cli = Cli::try_parse_from(arguments).ok()?;
    matches!(cli.command, Some(Command::Daemon(_))).then_some(cli.flags.path)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_read_from_a_daemons_command_line_and_from_no_other() {
        let named = |line: &str| path_named_by(line.replace(' ', "\0").as_bytes());
        let store = Some(PathBuf::from("/data/wallet.dat"));
        assert_eq!(named("tatum-kms daemon --testnet --path /data/wallet.dat "), store);
        assert_eq!(named("/usr/bin/tatum-kms --path=/data/wallet.dat daemon "), store);
        assert_eq!(named("tatum-kms daemon --testnet "), None);
        assert_eq!(named("tatum-kms health --path /data/wallet.dat "), None);
        assert_eq!(named("sh daemon --path /data/wallet.dat "), None);
        assert_eq!(named(""), None);
    }
}
