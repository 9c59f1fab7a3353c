use std::{io, path::PathBuf};

use kms_files::told;
use thiserror::Error;

/// Why a store cannot be opened, read or changed. Holds no secret and no decrypted content.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum StoreError {
    #[error("there is no wallet store at {}", .0.display())]
    Missing(PathBuf),
    #[error("wrong password (or the part of the wallet store that checks it is damaged)")]
    WrongPassword,
    #[error("the key is that of another wallet store")]
    WrongKey,
    #[error("another process is changing the wallet store; try again when it has finished")]
    Locked,
    #[error(
        "{} changed while it was converted; nothing was replaced; \
         stop what writes to it and try again",
        .0.display()
    )]
    ChangedMeanwhile(PathBuf),
    #[error("another process changed the password meanwhile; nothing was changed here")]
    PasswordChangedMeanwhile,
    #[error(
        "a new wallet store needs a password that is not empty; \
         a store of the original's that has none can be read, not converted"
    )]
    EmptyPassword,
    #[error(
        "{} is neither a wallet store nor one of the original's: {problem}; \
         restore it from a backup",
        path.display()
    )]
    NotAStore { path: PathBuf, problem: &'static str },
    #[error("the wallet store is of format {0}, which this version does not read; update it")]
    UnsupportedFormat(u64),
    #[error("the wallet store's key derivation is outside what is safe: {0}")]
    KdfOutOfRange(&'static str),
    #[error("the wallet store is damaged or was tampered with: {0}; restore it from a backup")]
    Damaged(&'static str),
    #[error("{} is there already and is not overwritten; move it away first", .0.display())]
    AlreadyThere(PathBuf),
    #[error(
        "the wallet store's key has sealed as often as is safe; \
         export the wallets and import them into a new store"
    )]
    KeyWornOut,
    #[error("signature id {0} is in the wallet store already")]
    Duplicate(String),
    #[error("the original's wallet store is read only; convert it with `tatum-kms migrate`")]
    LegacyReadOnly,
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
    #[error("{}: {}", path.display(), told(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("{}", .0)]
    Backend(#[from] BackendError),
}

impl StoreError {
    /// A panic elsewhere, which nothing known leads to.
    pub(crate) const fn in_doubt() -> Self {
        Self::Damaged("an earlier error left it in doubt; start again")
    }
}

/// A backend cannot read or write.
#[derive(Debug, Error)]
#[error("the wallet store cannot be read or written: {0}")]
pub struct BackendError(pub Box<dyn std::error::Error + Send + Sync>);
