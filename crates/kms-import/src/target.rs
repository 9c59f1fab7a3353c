//! The chain that keys are read for.

use std::fmt;

use kms_core::{AddressIndex, KeySpec, Network, PublicKey, SecretEncoding};
use kms_keys::{Account, SeedAlgorithm, SigningKey};
use kms_secret::{PrivateKey, SecretText};

use crate::{address, error::ImportError};

/// A chain and network, and the operator's wishes.
pub struct Target<'a> {
    /// The chain's code, e.g. `ETH`.
    pub chain: &'a str,
    /// The kind of its keys.
    pub keys: &'a KeySpec,
    /// The network.
    pub network: Network,
    /// Gives the address of a public key; `None` where it has none.
    pub address_of: &'a dyn Fn(&PublicKey) -> Option<String>,
    /// The operator's wishes.
    pub wishes: Wishes,
}

/// The choices that a file leaves open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Store a key under its own address although the file names another.
    pub ignore_file_address: bool,
    /// Skip the keys that a node keeps in reserve and has never handed out.
    pub leave_out_reserve: bool,
    /// The algorithm of XRPL's family seeds, if not the one their spelling asks for.
    pub algorithm: Option<SeedAlgorithm>,
}

/// A key or phrase of a file.
#[derive(Debug)]
pub struct Found {
    /// The secret.
    pub secret: Secret,
    /// Its address: the key's own, or that of the phrase's index 0.
    pub address: String,
    /// The line it stands on, counted from 1, in a file of lines.
    pub line: Option<usize>,
    /// Sentences that its owner has to know.
    pub notes: Vec<String>,
}

/// The kinds of secrets.
#[derive(Debug)]
pub enum Secret {
    /// A private key in the chain's own spelling.
    Key(SecretText),
    /// A recovery phrase, its words joined by single spaces.
    Phrase(SecretText),
}

impl Secret {
    /// The name of the kind: `key` or `phrase`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Phrase(_) => "phrase",
        }
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl Target<'_> {
    /// A key in one of the chain's spellings. `named` are the addresses that the file gives it, of
    /// which one must be its own, if there are any.
    pub(crate) fn key(&self, text: SecretText, named: &[&str]) -> Result<Found, ImportError> {
        let key = SigningKey::parse(self.keys, self.network, &text)?;
        self.found(&key, Secret::Key(text), named)
    }

    /// A key of 32 bytes.
    pub(crate) fn key_of_bytes(&self, bytes: &[u8], named: &[&str]) -> Result<Found, ImportError> {
        let too_long = ImportError::refused("its key does not have 32 bytes");
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| too_long)?;
        let key =
            kms_keys::key_of_bytes(self.keys, PrivateKey::init_with(|own| own.clone_from(bytes)))?;
        let text = key.to_text(self.keys, self.network);
        self.found(&key, Secret::Key(text), named)
    }

    /// A seed of ed25519 with its public key behind it.
    pub(crate) fn key_of_pair(&self, pair: &[u8], named: &[&str]) -> Result<Found, ImportError> {
        let halves = pair.split_at_checked(32).filter(|(_, public)| public.len() == 32);
        let (seed, public) =
            halves.ok_or(ImportError::refused("its key does not have 64 bytes"))?;
        let seed = <&[u8; 32]>::try_from(seed).map_err(|_| ImportError::NoAddress)?;
        let key =
            kms_keys::key_of_bytes(self.keys, PrivateKey::init_with(|own| own.clone_from(seed)))?;
        if key.public_key().as_bytes() != public {
            return Err(ImportError::refused(
                "the second half of its key is not the public key of the first half; one of them \
                 is damaged",
            ));
        }
        let text = key.to_text(self.keys, self.network);
        self.found(&key, Secret::Key(text), named)
    }

    /// A recovery phrase.
    pub(crate) fn phrase(&self, text: &str, named: &[&str]) -> Result<Found, ImportError> {
        let text = SecretText::new(text.split_whitespace().collect::<Vec<_>>().join(" "));
        let phrase = text.to_mnemonic();
        kms_keys::check(&phrase, false)?;
        let account = Account::derive(self.keys, self.network, &phrase)?;
        let key = account.at(AddressIndex::ZERO)?;
        self.found(&key, Secret::Phrase(text), named)
    }

    pub(crate) fn found(
        &self,
        key: &SigningKey,
        secret: Secret,
        named: &[&str],
    ) -> Result<Found, ImportError> {
        let public = key.public_key();
        let own = (self.address_of)(public).ok_or(ImportError::NoAddress)?;
        let named: Vec<_> = named.iter().map(|named| named.trim()).collect();
        self.refuse_other_network(&named)?;
        let belongs = named.iter().any(|named| address::belongs(named, &own, public));
        let mut notes = Vec::new();
        match named.first().filter(|_| !belongs) {
            Some(named) if self.wishes.ignore_file_address => notes.push(format!(
                "{own}: the file names another address, {}, which is ignored",
                address::shown(named)
            )),
            Some(named) => {
                return Err(ImportError::ForeignAddress { named: address::shown(named), own });
            }
            None => (),
        }
        Ok(Found { secret, address: own, line: None, notes })
    }
}

impl Target<'_> {
    /// A key of Bitcoin's family fits both networks; the addresses beside it fit one.
    fn refuse_other_network(&self, named: &[&str]) -> Result<(), ImportError> {
        let is_bitcoins = matches!(self.keys.encoding, SecretEncoding::Wif { .. });
        let networks = named.iter().filter_map(|named| address::network_of(named));
        let mut others = networks.filter(|network| *network != self.network);
        match others.next() {
            Some(Network::Testnet) if is_bitcoins => Err(ImportError::refused(
                "the addresses in the file are testnet addresses; import it with --testnet",
            )),
            Some(_) if is_bitcoins => Err(ImportError::refused(
                "the addresses in the file are mainnet addresses; import it without --testnet",
            )),
            _ => Ok(()),
        }
    }
}

impl Found {
    pub(crate) fn on_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}
