use std::{io, path::PathBuf};

use kms_files::told;
use thiserror::Error;

/// The reason why a store cannot be opened, read or changed. Contains no secret and no decrypted
/// content.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum StoreError {
    #[error("there is no wallet store at {}", .0.display())]
    Missing(PathBuf),
    #[error("wrong password (or the part of the wallet store that checks it is damaged)")]
    WrongPassword,
    #[error("the key belongs to another wallet store")]
    WrongKey,
    #[error("another process is changing the wallet store; try again when it has finished")]
    Locked,
    #[error(
        "{} changed during the conversion; nothing was replaced; stop the program that writes to \
         it and try again",
        .0.display()
    )]
    ChangedMeanwhile(PathBuf),
    #[error("another process has changed the password in the meantime; nothing was changed here")]
    PasswordChangedMeanwhile,
    #[error(
        "a new wallet store needs a non-empty password; an original store without a password can \
         be read but not converted"
    )]
    EmptyPassword,
    #[error(
        "{} is neither a wallet store nor the original's file: {problem}; restore it from a backup",
        path.display()
    )]
    NotAStore { path: PathBuf, problem: &'static str },
    #[error("the wallet store has format {0}, which this version cannot read; update tatum-kms")]
    UnsupportedFormat(u64),
    #[error("the wallet store's key-derivation parameters are refused: {0}")]
    KdfOutOfRange(&'static str),
    #[error("the wallet store is damaged or was tampered with: {0}; restore it from a backup")]
    Damaged(&'static str),
    #[error("{} already exists and is not overwritten; move it away first", .0.display())]
    AlreadyThere(PathBuf),
    #[error(
        "the wallet store's key has been used as often as is safe; export the wallets and import \
         them into a new store"
    )]
    KeyWornOut,
    #[error("signature id {0} is already in the wallet store")]
    Duplicate(String),
    #[error("the original's wallet store is read only; convert it with `tatum-kms migrate`")]
    LegacyReadOnly,
    #[error("the operating system provides no randomness: {0}")]
    Randomness(String),
    #[error("{}: {}", path.display(), told(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("{}", .0)]
    Backend(#[from] BackendError),
}

impl StoreError {
    /// A panic elsewhere, which nothing known leads to.
    pub(crate) const fn in_doubt() -> Self {
        Self::Damaged("an earlier error left its state unknown; restart the program")
    }
}

/// A backend cannot read or write.
#[derive(Debug, Error)]
#[error("the wallet store cannot be read or written: {0}")]
pub struct BackendError(pub Box<dyn std::error::Error + Send + Sync>);
