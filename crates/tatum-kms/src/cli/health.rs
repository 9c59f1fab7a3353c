//! A question that the outside asks often: does the daemon live?

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

use kms_cli::{Command, ConfiguredCommand};
use kms_files::told;
use serde_json::json;

use super::output;
use crate::{
    command_error::CommandError,
    config::Settings,
    daemon::claim::{ClaimFile, Life},
    place::is_in_container,
    wire::milliseconds_since_1970,
};

const PROGRAM: &str = "tatum-kms";

pub(super) fn run(settings: &Settings, is_path_given: bool) -> Result<(), CommandError> {
    let is_asking_for_any = !is_path_given && is_in_container();
    let running = is_asking_for_any.then(path_of_running_daemon).flatten();
    let store = running.as_ref().unwrap_or(&settings.store);
    let refuse = |why: String| {
        let store = store.display();
        Err(CommandError::Refused(format!("no daemon signs for {store} on this machine{why}")))
    };
    match ClaimFile::of(store).look(milliseconds_since_1970()) {
        Ok(Life::Here { pid, renewed }) => {
            let seconds = renewed.div_euclid(1000);
            let found = json!({ "store": store, "process": pid, "renewedSecondsAgo": seconds });
            Ok(output::json(&found)?)
        }
        Ok(Life::Elsewhere { host }) => refuse(format!("; one runs on {host}")),
        Ok(Life::Nobody) => refuse(String::new()),
        Err(error) => refuse(format!(
            ", as far as is known: the claim file beside it cannot be read: {}",
            told(&error)
        )),
    }
}

/// The store that the command line of a daemon in this container names.
fn path_of_running_daemon() -> Option<PathBuf> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut command_lines =
        processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    command_lines.find_map(|line| path_named_by(&line))
}

/// Arguments end with a zero byte each.
fn path_named_by(command_line: &[u8]) -> Option<PathBuf> {
    let line = command_line.strip_suffix(b"\0")?;
    let arguments: Vec<_> =
        line.split(|byte| *byte == 0).map(|bytes| OsString::from_vec(bytes.to_vec())).collect();
    if Path::new(arguments.first()?).file_name() != Some(OsStr::new(PROGRAM)) {
        return None;
    }
    let cli = super::parse(arguments.into_iter()).ok()?;
    let is_daemon = matches!(cli.command, Some(Command::Configured(ConfiguredCommand::Daemon(_))));
    is_daemon.then_some(cli.flags.path)?
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
