use std::fmt;

use kms_core::{
    Chain, KeyRef, KeySignature, Network, PublicKey, Sign, SignError, SignatureId, SigningRequest,
    WalletFacts,
};
use kms_keys::SigningKey;
use kms_secret::{Mnemonic, SecretText};
use serde_json::{Map, Value};

/// The wallets of a test, as the original's `wallet.dat` holds them, signing in memory.
pub struct TestKeys {
    wallets: Map<String, Value>,
    find: fn(&str) -> Option<&'static dyn Chain>,
}

impl fmt::Debug for TestKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKeys").finish_non_exhaustive()
    }
}

impl TestKeys {
    /// `find` gives the chain of a wallet's code.
    pub fn new(wallets: &Map<String, Value>, find: fn(&str) -> Option<&'static dyn Chain>) -> Self {
        Self { wallets: wallets.clone(), find }
    }

    fn record(&self, id: &SignatureId) -> Option<Record<'_>> {
        let record = self.wallets.get(id.as_str())?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).filter(|s| !s.is_empty());
        Some(Record {
            chain: (self.find)(text("chain")?)?,
            network: Network::from_testnet_flag(record.get("testnet")?.as_bool()?),
            mnemonic: text("mnemonic"),
            private_key: text("secret").or_else(|| text("privateKey")),
        })
    }

    fn key(&self, key: &KeyRef) -> Result<SigningKey, SignError> {
        let wallet = || key.wallet.clone();
        let record = self.record(&key.wallet).ok_or_else(|| SignError::UnknownWallet(wallet()))?;
        let (spec, network) = (&record.chain.spec().key, record.network);
        match (key.index, record.mnemonic, record.private_key) {
            (Some(index), Some(phrase), _) => {
                let mnemonic = Mnemonic::new(phrase.to_owned());
                SigningKey::derive(spec, network, &mnemonic, index)
                    .map_err(|error| unreadable(wallet(), &error))
            }
            (Some(_), None, _) => Err(SignError::NotAMnemonic(wallet())),
            (None, _, Some(text)) => {
                let text = SecretText::new(text.to_owned());
                SigningKey::parse(spec, network, &text)
                    .map_err(|error| unreadable(wallet(), &error))
            }
            (None, _, None) => Err(SignError::MissingIndex(wallet())),
        }
    }
}

struct Record<'a> {
    chain: &'static dyn Chain,
    network: Network,
    mnemonic: Option<&'a str>,
    private_key: Option<&'a str>,
}

fn unreadable(wallet: SignatureId, reason: &impl ToString) -> SignError {
    SignError::UnreadableKey { wallet, reason: reason.to_string() }
}

impl Sign for TestKeys {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        Ok(self.record(id).map(|record| WalletFacts {
            chain: record.chain.spec().id,
            network: record.network,
            has_mnemonic: record.mnemonic.is_some(),
            has_private_key: record.private_key.is_some(),
            shared_with_mainnet: false,
        }))
    }

    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError> {
        self.key(key).map(|key| key.public_key().clone())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        let key = self.key(request.key())?;
        let scheme = |_| SignError::Scheme(request.key().wallet.clone());
        key.sign(request.scheme(), request.message()).map_err(scheme)
    }
}
