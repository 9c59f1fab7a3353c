//! The desktop's keyring, through the tool that comes with it: `secret-tool` of libsecret, which
//! speaks to GNOME Keyring and KWallet, or `security` of macOS.

use kms_secret::Password;

use super::command;
use crate::error::UnlockError;

/// An entry of the keyring, by the two attributes that such entries usually have.
#[derive(Debug)]
pub struct KeyringSource {
    /// The attribute `service`.
    pub service: String,
    /// The attribute `account`.
    pub account: String,
}

pub(crate) async fn fetch(source: &KeyringSource) -> Result<Password, UnlockError> {
    let KeyringSource { service, account } = source;
    let arguments: Vec<&str> = if cfg!(target_os = "macos") {
        vec!["security", "find-generic-password", "-s", service, "-a", account, "-w"]
    } else {
        vec!["secret-tool", "lookup", "service", service, "account", account]
    };
    let outcome = command::run(&arguments).await;
    outcome.map_err(|error| match error {
        UnlockError::CommandFailed { source } => UnlockError::NoKeyring(source),
        UnlockError::CommandStatus(_) | UnlockError::Empty => {
            UnlockError::NotInKeyring { service: service.clone(), account: account.clone() }
        }
        other => other,
    })
}
