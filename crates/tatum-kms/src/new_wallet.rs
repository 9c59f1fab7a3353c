//! Wallets that are made or imported here, in the fields and order of the original.

use getrandom::SysRng;
use kms_core::{AddressIndex, Chain, Derivation, Network, WalletLayout};
use kms_keys::{Account, SigningKey, check, generate_key, key_of_words, random_key};
use kms_secret::{Mnemonic, SecretText};

use crate::command_error::CommandError;

/// A wallet before it is stored: its fields in the order in which the original prints them.
pub(crate) struct NewWallet {
    pub(crate) fields: Vec<(&'static str, SecretText)>,
    /// The address, which may be shown after storing.
    pub(crate) address: Option<String>,
    pub(crate) xpub: Option<String>,
}

impl NewWallet {
    /// A wallet of a new recovery phrase, or of a new key where the chain has no phrases.
    pub(crate) fn generate(chain: &dyn Chain, network: Network) -> Result<Self, CommandError> {
        let key = generate_key(&chain.spec().key, &mut SysRng);
        match key.map_err(|error| CommandError::Randomness(error.to_string()))? {
            Some(key) => Self::from_key(chain, network, &key),
            None => Self::from_mnemonic(chain, network, generate_mnemonic()?),
        }
    }

    /// A wallet from an existing phrase; `lenient` accepts one whose words are not valid.
    ///
    /// Among chains with single keys, only Algorand has phrases: the words are read, and the key is
    /// stored instead, as in the original.
    pub(crate) fn import(
        chain: &dyn Chain,
        network: Network,
        phrase: Mnemonic,
        lenient: bool,
    ) -> Result<Self, CommandError> {
        match chain.spec().key.derivation {
            Derivation::Single { words: true, .. } => {
                Self::from_key(chain, network, &key_of_words(&phrase)?)
            }
            Derivation::Single { words: false, .. } => Err(CommandError::Refused(format!(
                "wallets of {} have no recovery phrase; store the key with storemanagedprivatekey",
                chain.spec().id
            ))),
            _ => {
                check(&phrase, lenient)?;
                Self::from_mnemonic(chain, network, phrase)
            }
        }
    }

    fn from_mnemonic(
        chain: &dyn Chain,
        network: Network,
        mnemonic: Mnemonic,
    ) -> Result<Self, CommandError> {
        let spec = &chain.spec().key;
        let account = Account::derive(spec, network, &mnemonic)?;
        let phrase = ("mnemonic", mnemonic.to_text());
        if spec.layout == WalletLayout::MnemonicAddressPrivateKey {
            let own = Self::from_key(chain, network, &account.at(AddressIndex::ZERO)?)?;
            let fields = std::iter::once(phrase).chain(own.fields).collect();
            return Ok(Self { fields, ..own });
        }
        let xpub = account.extended_public_key();
        let extended = xpub.clone().map(|xpub| ("xpub", SecretText::new(xpub)));
        let fields = match spec.layout {
            WalletLayout::XpubMnemonic => extended.into_iter().chain([phrase]).collect(),
            _ => std::iter::once(phrase).chain(extended).collect(),
        };
        Ok(Self { fields, address: None, xpub })
    }

    fn from_key(
        chain: &dyn Chain,
        network: Network,
        key: &SigningKey,
    ) -> Result<Self, CommandError> {
        let spec = &chain.spec().key;
        let address = address_of(chain, network, key)?;
        let name = match spec.layout {
            WalletLayout::AddressSecret => "secret",
            _ => "privateKey",
        };
        let fields =
            vec![("address", SecretText::new(address.clone())), (name, key.to_text(spec, network))];
        Ok(Self { fields, address: Some(address), xpub: None })
    }

    /// A key alone, as it was given.
    pub(crate) fn from_private_key(text: SecretText) -> Self {
        Self { fields: vec![("privateKey", text)], address: None, xpub: None }
    }
}

pub(crate) fn address_of(
    chain: &dyn Chain,
    network: Network,
    key: &SigningKey,
) -> Result<String, CommandError> {
    let address = chain.address(network, key.public_key());
    let address = address.map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(address.as_str().to_owned())
}

/// One wallet of a batch, and its key. The original takes the key at index 1 of a phrase and
/// throws the phrase away; without it, a random key is as good and costs no stretching.
pub(crate) fn of_batch(
    chain: &dyn Chain,
    network: Network,
    with_mnemonic: bool,
) -> Result<(NewWallet, SigningKey), CommandError> {
    let spec = &chain.spec().key;
    let random = if with_mnemonic {
        None
    } else {
        random_key(spec, &mut SysRng)
            .map_err(|error| CommandError::Randomness(error.to_string()))?
    };
    if let Some(key) = random {
        return Ok((NewWallet::from_private_key(key.to_text(spec, network)), key));
    }
    let mnemonic = generate_mnemonic()?;
    let key = Account::derive(spec, network, &mnemonic)?.at(AddressIndex::ONE)?;
    let mut wallet = NewWallet::from_private_key(key.to_text(spec, network));
    if with_mnemonic {
        wallet.fields.insert(0, ("mnemonic", mnemonic.to_text()));
    }
    Ok((wallet, key))
}

fn generate_mnemonic() -> Result<Mnemonic, CommandError> {
    kms_keys::generate(&mut SysRng).map_err(|error| CommandError::Randomness(error.to_string()))
}
