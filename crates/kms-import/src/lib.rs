//! Key files of other tools: told by their content, and read.
//!
//! [`KeyFile::recognise`] says which format a file has; [`KeyFile::open`] gives its keys and
//! phrases, each with its address on the chain it is for. An address that the file names is
//! compared with that of the key. Nothing here reads a file, asks for a password or stores
//! anything. Errors repeat nothing secret. `docs/import.md` lists the formats.

mod address;
mod bitcoin_core;
mod body;
mod cardano;
mod electrum;
mod error;
mod format;
mod kaia;
mod line;
mod multiversx;
mod solana;
mod target;
mod text;
mod trust;
mod v3;

use std::collections::HashSet;

use kms_core::SecretEncoding;
use kms_secret::Password;
use zeroize::Zeroizing;

pub use electrum::{ElectrumPhrase, electrum_phrase};
pub use error::ImportError;
pub use format::{Format, refuse_node_wallet};
pub use target::{Found, Secret, Target, Wishes};

/// A key file whose format is known. Wiped when it goes.
pub struct KeyFile {
    format: Format,
    text: Zeroizing<String>,
}

/// The wallets of a file, in its order.
#[derive(Debug)]
pub struct Contents {
    /// The keys and phrases to store.
    pub found: Vec<Found>,
    /// Sentences about what the file holds besides, which is not stored.
    pub left: Vec<String>,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile").field("format", &self.format).finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Tells the format by the content.
    ///
    /// # Errors
    /// When the content is in no format that can be read; the error names the format where it is
    /// known all the same.
    pub fn recognise(content: &[u8]) -> Result<Self, ImportError> {
        refuse_node_wallet(content)?;
        let text = text::decode(content)?;
        Ok(Self { format: format::recognise(&text)?, text })
    }

    /// The format of the file.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The text of the file, as UTF-8 without a byte-order mark. It holds secrets.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the keys. The password is only asked for where [`Format::needs_password`] says so.
    ///
    /// # Errors
    /// When the password is wrong, the file is damaged or holds something else than keys of the
    /// target, or names an address that is not the key's. Nothing of the file is given then.
    pub fn open(
        &self,
        target: &Target<'_>,
        password: Option<&Password>,
    ) -> Result<Contents, ImportError> {
        if self.format.chain().is_some_and(|chain| chain != target.chain) {
            return Err(ImportError::OtherChain {
                format: self.format.name(),
                chain: self.format.chain().unwrap_or_default(),
                asked: target.chain.to_owned(),
            });
        }
        self.refuse_idle_wishes(target)?;
        let contents = self.read(target, password)?;
        if contents.found.is_empty() {
            return Err(ImportError::Empty);
        }
        let mut addresses = HashSet::new();
        for found in &contents.found {
            if !addresses.insert(found.address.as_str()) {
                return Err(ImportError::Twice.at(found.line));
            }
        }
        Ok(contents)
    }

    /// A wish that says nothing about this file is a mistake of whoever has it.
    fn refuse_idle_wishes(&self, target: &Target<'_>) -> Result<(), ImportError> {
        if target.wishes.leave_out_reserve && self.format != Format::DumpWallet {
            return Err(ImportError::refused(
                "--without-reserve applies only to the output of dumpwallet",
            ));
        }
        let has_seeds = target.keys.encoding == SecretEncoding::FamilySeed;
        if target.wishes.algorithm.is_some() && !has_seeds {
            return Err(ImportError::refused("--key-type applies only to XRP seeds"));
        }
        Ok(())
    }

    fn read(
        &self,
        target: &Target<'_>,
        password: Option<&Password>,
    ) -> Result<Contents, ImportError> {
        let password = || password.ok_or(ImportError::PasswordMissing);
        match self.format {
            Format::Export => Err(ImportError::Export),
            Format::Web3 => v3::open(&self.text, target, password()?),
            Format::BnbBeacon => v3::open_beacon(&self.text, target, password()?),
            Format::Trust => trust::open(&self.text, target, password()?),
            Format::KaiaKeyring => kaia::open(&self.text, target, password()?),
            Format::MultiversX => multiversx::open(&self.text, target, password()?),
            Format::MultiversXPem => multiversx::read_pem(&self.text, target),
            Format::Solana => solana::read_numbers(&self.text, target),
            Format::Cardano => cardano::read_envelope(&self.text, target),
            Format::ElectrumJson => electrum::read_json(&self.text, target),
            Format::ElectrumCsv => electrum::read_csv(&self.text, target),
            Format::DumpWallet => bitcoin_core::read_dump(&self.text, target),
            Format::Lines => line::read_all(&self.text, target),
        }
    }
}

impl From<Vec<Found>> for Contents {
    fn from(found: Vec<Found>) -> Self {
        Self { found, left: Vec::new() }
    }
}
