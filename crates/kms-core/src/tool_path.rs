//! Derivation paths: that of a chain's wallets here, and those of other tools.

use crate::{id::Network, key::Derivation};

/// A path from a recovery phrase to a key that other tools than this program take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ToolPath {
    /// In BIP-32's notation, with `i` in place of the address's number. `None` stands for no
    /// derivation at all: the key is the first 32 bytes of the phrase's seed.
    pub path: Option<&'static str>,
    /// The tools, for people.
    pub tools: &'static str,
}

impl ToolPath {
    /// A path in BIP-32's notation, with `i` in place of the address's number.
    pub const fn new(path: &'static str, tools: &'static str) -> Self {
        Self { path: Some(path), tools }
    }
}

impl Derivation {
    /// The path of a wallet's keys in BIP-32's notation, with `i` in place of the address's
    /// number. `None` where wallets are single keys.
    pub fn path(&self, network: Network) -> Option<String> {
        match self {
            Self::Bip44 { coin_type, .. } => {
                Some(format!("m/44'/{}'/0'/0/i", coin_type.on(network)))
            }
            Self::Slip10 { coin_type } => {
                Some(format!("m/44'/{}'/0'/0'/i'", coin_type.on(network)))
            }
            Self::Icarus => Some(String::from("m/1852'/1815'/0'/0'/i")),
            Self::Single { .. } => None,
        }
    }
}
