use std::borrow::Cow;

use kms_keys::{DeriveError, KeyTextError, MnemonicError};
use thiserror::Error;

/// The reason why a file gives no keys. Repeats nothing secret.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ImportError {
    /// Neither UTF-8 nor marked UTF-16.
    #[error(
        "this kind of file is not known: it is no text; `docs/import.md` lists the kinds that are"
    )]
    NoText,
    /// A text in no known format.
    #[error(
        "this kind of file is not known; these are: what export prints, a wallet.dat, keystore \
         files of version 3 (Ethereum and its kin, Trust Wallet) and 4 (Kaia, MultiversX) and of \
         BNB Beacon Chain, MultiversX PEM, Solana's id.json, Cardano's .skey, Electrum's CSV and \
         JSON, dumpwallet, one key a line"
    )]
    Unknown,
    /// A known format that cannot be read, and what to do instead.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// A file in a known format whose content is not as the format says.
    #[error("{format}: {problem}; the file is damaged, or of a kind that is not known")]
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
    #[error("its key derivation is outside what is safe")]
    KdfOutOfRange,
    /// A format under a password, and none was given.
    #[error("the file is under a password, and none was given")]
    PasswordMissing,
    /// An address of the file that is not the key's.
    #[error(
        "the file names the address {named}, but its key has {own}; if the key's own address is \
         the right one, --ignore-file-address imports it under that"
    )]
    ForeignAddress {
        /// The file's.
        named: String,
        /// The key's.
        own: String,
    },
    /// A format that belongs to another chain than was asked for.
    #[error("it is {format}, which holds keys of {chain}; --chain {asked} does not fit")]
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
    #[error("the key was there before")]
    Twice,
    /// A list without keys.
    #[error("there is no key in the file")]
    Empty,
    /// More keys than a list may have.
    #[error("a list has at most a million keys")]
    TooMany,
    /// An export, whose wallets have ids and chains of their own.
    #[error(
        "its wallets have chains; leave --chain out, and the other options that are about keys"
    )]
    Export,
    /// A key that the chain does not read.
    #[error("{}", .0)]
    Key(#[from] KeyTextError),
    /// A phrase that is none.
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
