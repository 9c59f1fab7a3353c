use std::{fmt, io, path::PathBuf};

use kms_files::{NotText, told};
use thiserror::Error;

/// A secret provider.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Provider {
    /// AWS Secrets Manager.
    Aws,
    /// Azure Key Vault.
    Azure,
    /// VGS (Very Good Security).
    Vgs,
    /// Google Secret Manager.
    Google,
    /// HashiCorp Vault or OpenBao.
    Vault,
}

/// The password could not be had. Holds no secret.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum UnlockError {
    #[error("the password of the wallet store is empty; an empty password is not accepted")]
    Empty,
    #[error("no password was entered")]
    NothingTyped,
    #[error(
        "there is no terminal to ask for the password ({0}); set TATUM_KMS_PASSWORD, or name a \
         file in TATUM_KMS_PASSWORD_FILE"
    )]
    NoTerminal(#[source] io::Error),
    #[error("the file {} cannot be read: {}", path.display(), told(source))]
    File { path: PathBuf, source: io::Error },
    #[error("the file {} cannot be read: {source}", path.display())]
    NotText { path: PathBuf, source: NotText },
    #[error("the file {} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    #[error(
        "the file {} is accessible to other users (mode {mode:03o}); restrict it with chmod 600",
        path.display()
    )]
    FileMode { path: PathBuf, mode: u32 },
    #[error("the file {} is not one line of text of at most {most} bytes", path.display())]
    FileContent { path: PathBuf, most: u64 },
    #[error(
        "file descriptor {number} cannot be read: {source}; open it for this program, for example \
         with 3< file"
    )]
    Descriptor { number: u32, source: io::Error },
    #[error(
        "systemd passed no credentials (CREDENTIALS_DIRECTORY is not set); use LoadCredential= or \
         LoadCredentialEncrypted= in the unit"
    )]
    NoCredentials,
    #[error("`{0}` is not the name of a credential")]
    CredentialName(String),
    #[error("the password command could not be run: {source}")]
    CommandFailed { source: io::Error },
    #[error("the password command failed with {0}; see its output above")]
    CommandStatus(String),
    #[error("the password command must print one line of UTF-8 text of at most {most} bytes")]
    CommandOutput { most: u64 },
    #[error("{who} returned no password within {seconds} seconds")]
    Silent { who: &'static str, seconds: u64 },
    #[error("no keyring is available: {0}; install libsecret-tools")]
    NoKeyring(#[source] io::Error),
    #[error(
        "the keyring is locked, or has no entry for service {service} and account {account}; \
         create one with `secret-tool store --label=tatum-kms service {service} account {account}`"
    )]
    NotInKeyring { service: String, account: String },
    #[error("{provider} denied access: {reason}; {advice}")]
    Denied { provider: Provider, reason: String, advice: &'static str },
    #[error("{provider}: the credentials have expired: {reason}; {advice}")]
    Expired { provider: Provider, reason: String, advice: &'static str },
    #[error("{provider} has no {what}; {advice}")]
    NotFound { provider: Provider, what: String, advice: &'static str },
    #[error("{provider} could not be reached: {reason}; check the network and try again")]
    Unreachable { provider: Provider, reason: String },
    #[error("{provider} cannot be used: {problem}")]
    Unconfigured { provider: Provider, problem: String },
    #[error("the answer of {provider} cannot be used: {problem}")]
    Unusable { provider: Provider, problem: String },
    #[error("this program was built without support for {0}")]
    NotBuilt(Provider),
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "AWS Secrets Manager",
            Self::Azure => "Azure Key Vault",
            Self::Vgs => "VGS",
            Self::Google => "Google Secret Manager",
            Self::Vault => "Vault",
        })
    }
}

impl Provider {
    /// `problem` holds nothing of the answer that may be the secret.
    pub(crate) fn unusable(self, problem: impl Into<String>) -> UnlockError {
        UnlockError::Unusable { provider: self, problem: problem.into() }
    }

    pub(crate) fn unconfigured(self, problem: impl Into<String>) -> UnlockError {
        UnlockError::Unconfigured { provider: self, problem: problem.into() }
    }
}

/// An error with its causes, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        cause = error.source();
    }
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(500).collect()
}
