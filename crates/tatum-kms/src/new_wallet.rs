//! Wallets that are made or imported here, in the fields and order of the original.

use kms_core::{Chain, KeySpec, Network, WalletLayout};
use kms_keys::Account;
use kms_secret::{Mnemonic, SecretText};

use crate::command_error::CommandError;

/// A wallet before it is stored: its fields in the order in which the original prints them.
pub(crate) struct NewWallet {
    pub(crate) fields: Vec<(&'static str, SecretText)>,
    /// What may be shown after storing.
    pub(crate) address: Option<String>,
    pub(crate) xpub: Option<String>,
}

impl NewWallet {
    /// A wallet of a new recovery phrase.
    pub(crate) fn generate(chain: &dyn Chain, network: Network) -> Result<Self, CommandError> {
        Self::from_mnemonic(&chain.spec().key, network, generate_mnemonic()?)
    }

    pub(crate) fn from_mnemonic(
        spec: &KeySpec,
        network: Network,
        mnemonic: Mnemonic,
    ) -> Result<Self, CommandError> {
        let xpub = Account::derive(spec, network, &mnemonic)?.extended_public_key()?;
        let phrase = ("mnemonic", mnemonic.to_text());
        let extended = ("xpub", SecretText::new(xpub.clone()));
        let fields = match spec.layout {
            WalletLayout::MnemonicXpub => vec![phrase, extended],
            WalletLayout::XpubMnemonic => vec![extended, phrase],
        };
        Ok(Self { fields, address: None, xpub: Some(xpub) })
    }

    pub(crate) fn from_private_key(text: SecretText) -> Self {
        Self { fields: vec![("privateKey", text)], address: None, xpub: None }
    }
}

pub(crate) fn generate_mnemonic() -> Result<Mnemonic, CommandError> {
    kms_keys::generate(&mut getrandom::SysRng)
        .map_err(|error| CommandError::Randomness(error.to_string()))
}
