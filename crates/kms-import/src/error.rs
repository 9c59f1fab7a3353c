use std::borrow::Cow;

use kms_keys::{DeriveError, KeyTextError, MnemonicError};
use thiserror::Error;

/// The reason why a file gives no keys. Repeats nothing secret.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ImportError {
    /// Neither UTF-8 nor marked UTF-16.
    #[error(
        "unknown file format: it is not text; `docs/import.md` lists the formats that can be \
         imported"
    )]
    NoText,
    /// A text in no known format.
    #[error(
        "unknown file format; known are: the output of export, a wallet.dat, keystore files of \
         version 3 (Ethereum and its descendants, Trust Wallet) and 4 (Kaia, MultiversX) and of \
         BNB Beacon Chain, MultiversX PEM, Solana's id.json, Cardano's .skey, Electrum's CSV and \
         JSON, dumpwallet, and lists with one key per line"
    )]
    Unknown,
    /// A known format that cannot be read, and what to do instead.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// A file in a known format whose content is not as the format says.
    #[error("{format}: {problem}; the file is damaged, or its format is not known")]
    Damaged {
        /// The format's name.
        format: &'static str,
        /// The part that is wrong.
        problem: &'static str,
    },
    /// The password opens nothing.
    #[error("wrong password (or the file is damaged)")]
    WrongPassword,
    /// A cost that a hostile file could ask for.
    #[error("its key-derivation cost is outside the accepted range")]
    KdfOutOfRange,
    /// A format under a password, and none was given.
    #[error("the file is encrypted, but no password was given")]
    PasswordMissing,
    /// An address of the file that is not the key's.
    #[error(
        "the file names the address {named}, but the key's address is {own}; if the latter is \
         right, --ignore-file-address imports the key under it"
    )]
    ForeignAddress {
        /// The file's.
        named: String,
        /// The key's.
        own: String,
    },
    /// A format that belongs to another chain than was asked for.
    #[error("it is {format}, which contains {chain} keys; --chain {asked} does not match")]
    OtherChain {
        /// The format's name.
        format: &'static str,
        /// The chain that the format belongs to.
        chain: &'static str,
        /// The chain that was asked for.
        asked: String,
    },
    /// An error on a line, counted from 1.
    #[error("line {0}: {1}")]
    Line(usize, Box<ImportError>),
    /// The same key a second time.
    #[error("the key appeared earlier in the file")]
    Twice,
    /// A list without keys.
    #[error("the file contains no key")]
    Empty,
    /// More keys than a list may have.
    #[error("a list can have at most a million keys")]
    TooMany,
    /// An export, whose wallets have ids and chains of their own.
    #[error("its wallets have their chains; omit --chain and the other options for keys")]
    Export,
    /// A key that the chain does not read.
    #[error("{}", .0)]
    Key(#[from] KeyTextError),
    /// A phrase that is not valid.
    #[error("{}", .0)]
    Mnemonic(#[from] MnemonicError),
    /// A phrase that leads to no key.
    #[error("{}", .0)]
    Derive(#[from] DeriveError),
    /// A key that has no address on the chain.
    #[error("the key has no address on this chain")]
    NoAddress,
}

impl ImportError {
    pub(crate) const fn refused(reason: &'static str) -> Self {
        Self::Refused(Cow::Borrowed(reason))
    }

    /// The error with its line, where there is one.
    pub(crate) fn at(self, line: Option<usize>) -> Self {
        match line {
            Some(line) => Self::Line(line, Box::new(self)),
            None => self,
        }
    }
}
