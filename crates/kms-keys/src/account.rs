//! From a recovery phrase to an account, and from an account to its keys.

use std::fmt;

use kms_core::{AddressIndex, Derivation, KeySpec, Network, PublicKey};
use kms_secret::{Mnemonic, with_wiped_stack};

use crate::{
    derive::{DeriveError, STACK_BYTES, bip44, icarus, slip10},
    key::{SigningKey, is_compressed},
    mnemonic,
};

/// The node of a derivation path whose children are an account's keys.
///
/// Making one stretches the phrase to a seed, which costs as much as many signatures; a key
/// costs one step from here.
pub struct Account {
    spec: KeySpec,
    network: Network,
    node: Node,
}

/// In memory that is locked: accounts are kept.
enum Node {
    Bip44(bip44::Node),
    Slip10(slip10::Node),
    Icarus(icarus::Node),
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account")
    }
}

impl Account {
    /// # Errors
    /// When the chain derives no keys, or none from this phrase.
    pub fn derive(
        spec: &KeySpec,
        network: Network,
        phrase: &Mnemonic,
    ) -> Result<Self, DeriveError> {
        let node = with_wiped_stack::<STACK_BYTES, _>(|| Self::node(spec, network, phrase))?;
        Ok(Self { spec: *spec, network, node })
    }

    fn node(spec: &KeySpec, network: Network, phrase: &Mnemonic) -> Result<Node, DeriveError> {
        Ok(match spec.derivation {
            Derivation::Bip44 { coin_type, .. } => {
                let seed = mnemonic::seed(phrase);
                Node::Bip44(bip44::Node::account(*coin_type.on(network), &seed)?)
            }
            Derivation::Slip10 { coin_type } => {
                let seed = mnemonic::seed(phrase);
                Node::Slip10(slip10::Node::account(*coin_type.on(network), &seed))
            }
            Derivation::Icarus => Node::Icarus(icarus::Node::account(phrase)?),
            _ => return Err(DeriveError::NoDerivation),
        })
    }

    /// The extended public key in the chain's own spelling, where the chain has one.
    pub fn extended_public_key(&self) -> Option<String> {
        match (&self.node, self.spec.derivation) {
            (Node::Bip44(node), Derivation::Bip44 { version, .. }) => {
                node.extended_public_key(*version.on(self.network))
            }
            (Node::Icarus(node), _) => node.extended_public_key(),
            _ => None,
        }
    }

    /// # Errors
    /// When there is no key at the index, which happens for one in 2¹²⁷.
    pub fn at(&self, index: AddressIndex) -> Result<SigningKey, DeriveError> {
        with_wiped_stack::<STACK_BYTES, _>(|| self.child(index))
    }

    fn child(&self, index: AddressIndex) -> Result<SigningKey, DeriveError> {
        match &self.node {
            Node::Bip44(node) => {
                let secret = node.private_key(index)?;
                SigningKey::secp256k1(&self.spec, secret, true).map_err(|_| DeriveError::NoKey)
            }
            Node::Slip10(node) => Ok(SigningKey::ed25519(node.private_key(index))),
            Node::Icarus(node) => Ok(SigningKey::extended(node.private_key(index)?)),
        }
    }
}

impl SigningKey {
    /// Derives the key at an index of a recovery phrase's account.
    ///
    /// # Errors
    /// When the path leads to no key.
    pub fn derive(
        spec: &KeySpec,
        network: Network,
        phrase: &Mnemonic,
        index: AddressIndex,
    ) -> Result<Self, DeriveError> {
        Account::derive(spec, network, phrase)?.at(index)
    }
}

/// The public key at an index of an account of which only the extended public key is known.
///
/// # Errors
/// When the extended key is unreadable or is not one of this chain and network.
pub fn public_key_at(
    spec: &KeySpec,
    network: Network,
    extended: &str,
    index: AddressIndex,
) -> Result<PublicKey, DeriveError> {
    let key = match spec.derivation {
        Derivation::Bip44 { version, .. } => {
            bip44::public_key_at(extended, *version.on(network), index, is_compressed(spec))
        }
        Derivation::Icarus => icarus::public_key_at(extended, index),
        _ => Err(DeriveError::NoDerivation),
    };
    key.map(PublicKey::from_bytes)
}
