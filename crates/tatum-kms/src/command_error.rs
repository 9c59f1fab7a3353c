use std::{io, path::PathBuf};

use kms_api::{FourEyesKeyError, SetupError};
use kms_cli::Exit;
use kms_core::ControlError;
use kms_core::JournalError;
use kms_files::told;
use kms_keys::{DeriveError, KeyTextError, MnemonicError};
use kms_keystore::StoreError;
use kms_unlock::UnlockError;
use thiserror::Error;

use crate::{config::ConfigError, daemon::start::JournalRefused, place::PlaceError};

/// The reason why a command was not carried out.
#[derive(Debug, Error)]
pub(crate) enum CommandError {
    #[error("{}", .0)]
    Config(#[from] ConfigError),
    #[error("{}", .0)]
    Place(#[from] PlaceError),
    #[error("{}", .0)]
    Unlock(#[from] UnlockError),
    #[error("{}", .0)]
    Store(#[from] StoreError),
    #[error("{}", .0)]
    Setup(#[from] SetupError),
    #[error("{}", .0)]
    FourEyesKey(#[from] FourEyesKeyError),
    #[error("{}", .0)]
    Mnemonic(#[from] MnemonicError),
    #[error("{}", .0)]
    KeyText(#[from] KeyTextError),
    #[error("{}", .0)]
    Derive(#[from] DeriveError),
    /// The original's words, which scripts look for.
    #[error("No such wallet for signatureId '{0}'.")]
    NoSuchWallet(String),
    #[error("No such wallet file.")]
    NoSuchFile,
    #[error("{}: wrong password (or the file is damaged)", .0.display())]
    FilePassword(PathBuf),
    #[error("{0:?} is no address that any of the supported chains can read")]
    NoAddress(String),
    #[error(
        "{0:?} is no signature id: --wallet takes one such as 00000000-0000-4000-8000-000000000000, \
         and `list` shows them"
    )]
    NoSignatureId(String),
    #[error("{0}")]
    Refused(String),
    #[error("the operating system provides no randomness: {0}")]
    Randomness(String),
    #[error("{}", .0)]
    Control(#[from] ControlError),
    #[error("{}", .0)]
    JournalFailed(#[from] JournalError),
    #[error("the journal cannot be opened: {0}")]
    Journal(String),
    #[error("{}", .0)]
    JournalRefused(#[from] JournalRefused),
    #[error("the journal failed; nothing is signed until it works again")]
    Halted,
    #[error("not everything was processed; see the log above")]
    Incomplete,
    #[error("the sandbox failed: {0}")]
    Sandbox(String),
    #[error(
        "{}: the access could not be recorded, so nothing was done: {}", path.display(), told(source))]
    AccessLog { path: PathBuf, source: io::Error },
    #[error("stdin or stdout failed: {}", told(.0))]
    Io(#[from] io::Error),
}

impl CommandError {
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Config(ConfigError::ApiKeyMissing) => Exit::ApiKey,
            Self::Config(_)
            | Self::Setup(_)
            | Self::FourEyesKey(_)
            | Self::Place(_)
            | Self::NoAddress(_)
            | Self::NoSignatureId(_) => Exit::Usage,
            Self::Unlock(_) | Self::Store(StoreError::WrongPassword) | Self::FilePassword(_) => {
                Exit::Locked
            }
            Self::Store(_) | Self::NoSuchFile => Exit::Store,
            Self::Journal(_) | Self::JournalFailed(_) | Self::JournalRefused(_) | Self::Halted => {
                Exit::Halted
            }
            Self::Mnemonic(_)
            | Self::KeyText(_)
            | Self::Derive(_)
            | Self::NoSuchWallet(_)
            | Self::Refused(_)
            | Self::Control(_)
            | Self::Randomness(_)
            | Self::Incomplete
            | Self::Sandbox(_)
            | Self::AccessLog { .. }
            | Self::Io(_) => Exit::Failed,
        }
    }
}
