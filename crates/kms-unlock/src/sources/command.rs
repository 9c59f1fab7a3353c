//! An external command whose first line of output is the password.

use std::{ffi::OsStr, process::Stdio};

use kms_secret::Password;
use tokio::{io::AsyncReadExt as _, process::Command};
use zeroize::Zeroizing;

use super::{Need, file::read_line};
use crate::{error::UnlockError, not_empty};

/// The variable without which it cannot be asked.
pub(crate) const NEEDS: &[Need] = &[Need::of("TATUM_KMS_PASSWORD_COMMAND")];

const BYTES_MAX: u64 = 4_096;

/// The variables that a command gets from this process's environment: none that may hold a secret.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
    "GPG_TTY",
    "SSH_AUTH_SOCK",
    "PASSWORD_STORE_DIR",
    "AZURE_CONFIG_DIR",
    "CREDENTIALS_DIRECTORY",
];

/// Runs `/bin/sh -c`.
pub(crate) async fn fetch(line: &str) -> Result<Password, UnlockError> {
    run(&["/bin/sh", "-c", line]).await
}

/// Runs a program in an environment without this process's secrets. It is killed when the wait for
/// it ends; its child processes are not.
pub(crate) fn with_clean_environment(program: impl AsRef<OsStr>) -> Command {
    let own = PASSED_ON.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let mut command = Command::new(program);
    command.env_clear().envs(own).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a program. Its words on stderr are shown.
pub(crate) async fn run(arguments: &[&str]) -> Result<Password, UnlockError> {
    let failed = |source| UnlockError::CommandFailed { source };
    let (program, arguments) = arguments.split_first().ok_or(UnlockError::Empty)?;
    let mut child = with_clean_environment(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let capacity = usize::try_from(BYTES_MAX).unwrap_or(usize::MAX).saturating_add(1);
    let mut told = Zeroizing::new(Vec::with_capacity(capacity));
    if let Some(stdout) = child.stdout.take() {
        stdout.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut told).await.map_err(failed)?;
    }
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(UnlockError::CommandStatus(status.to_string()));
    }
    match read_line(&told, BYTES_MAX) {
        Some(line) => not_empty(line.to_owned()),
        None => Err(UnlockError::CommandOutput { most: BYTES_MAX }),
    }
}
