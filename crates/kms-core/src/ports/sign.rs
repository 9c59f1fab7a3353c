use thiserror::Error;

use crate::{
    id::{ChainId, KeyRef, Network, SignatureId},
    signing::{KeySignature, PublicKey, SigningRequest},
};

/// The unlocked wallet store, as the pipeline sees it.
pub trait Sign: Send + Sync {
    /// Tells what is known of a wallet, or `None` when the store has no such wallet.
    ///
    /// # Errors
    /// When the store itself is in doubt.
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError>;

    /// # Errors
    /// When the wallet is unknown or has no such key.
    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError>;

    /// # Errors
    /// When the wallet is unknown, has no such key or does not sign in the scheme asked for.
    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError>;
}

/// The keystore's facts about a wallet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WalletFacts {
    /// The chain whose rules derive the wallet's keys: for a token wallet, the token's chain.
    pub chain: ChainId,
    /// The network that the wallet was stored for.
    pub network: Network,
    /// It derives keys from a recovery phrase.
    pub has_mnemonic: bool,
    /// It holds a single private key.
    pub has_private_key: bool,
    /// For a testnet wallet: true if a mainnet wallet of the store holds the same phrase or key, so
    /// that its signatures may be valid on mainnet.
    pub shared_with_mainnet: bool,
}

/// The reason why a wallet does not sign.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum SignError {
    #[error("no wallet {0} in the store")]
    UnknownWallet(SignatureId),
    #[error("wallet {0} has a recovery phrase and needs an address index")]
    MissingIndex(SignatureId),
    #[error("wallet {0} has no recovery phrase to derive from")]
    NotAMnemonic(SignatureId),
    #[error("wallet {wallet} cannot sign for {chain}")]
    WrongChain { wallet: SignatureId, chain: ChainId },
    #[error("the key of wallet {wallet} cannot be read: {reason}")]
    UnreadableKey { wallet: SignatureId, reason: String },
    #[error("wallet {0} cannot be opened: its record is damaged or was tampered with")]
    DamagedRecord(SignatureId),
    #[error("wallet {0} cannot sign with the transaction's signature scheme")]
    Scheme(SignatureId),
    #[error("the messages to sign differ from those that were approved")]
    NotApproved,
    #[error("the transaction could not be assembled from its signatures")]
    Assemble,
    #[error("the wallet store cannot be read: {0}")]
    Store(String),
}
