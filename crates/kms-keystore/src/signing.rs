//! The store as the road sees it: wallets that sign.

use std::{collections::HashMap, sync::Arc};

use kms_core::{
    KeyRef, KeySignature, Network, PublicKey, Sign, SignError, SignatureId, SigningRequest,
    WalletFacts,
};
use kms_keys::{Account, SigningKey};
use kms_secret::Mnemonic;

use crate::{StoreError, Unlocked, WalletKind, WalletRecord};

/// Keys that were used, so that a second signature costs no second derivation. Bounded, and
/// wiped with the store.
#[derive(Default)]
pub(crate) struct SigningCache {
    keys: HashMap<KeyRef, Arc<SigningKey>>,
    accounts: HashMap<SignatureId, Arc<Account>>,
}

const KEYS_MAX: usize = 4096;
const ACCOUNTS_MAX: usize = 1024;

impl SigningCache {
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.accounts.clear();
    }
}

impl Unlocked {
    fn signing_key(&self, key: &KeyRef) -> Result<Arc<SigningKey>, SignError> {
        if let Ok(cache) = self.cache.lock()
            && let Some(found) = cache.keys.get(key)
        {
            return Ok(Arc::clone(found));
        }
        let made = Arc::new(self.make_key(key)?);
        if let Ok(mut cache) = self.cache.lock() {
            if cache.keys.len() >= KEYS_MAX {
                cache.keys.clear();
            }
            cache.keys.insert(key.clone(), Arc::clone(&made));
        }
        Ok(made)
    }

    fn make_key(&self, key: &KeyRef) -> Result<SigningKey, SignError> {
        let wallet = || key.wallet.clone();
        if let (Some(index), Some(account)) = (key.index, self.cached_account(&key.wallet)) {
            return account.at(index).map_err(|error| unreadable(wallet(), &error));
        }
        let record = self.get_listed(&key.wallet).map_err(|error| of_store(wallet(), &error))?;
        let record = record.ok_or_else(|| SignError::UnknownWallet(wallet()))?;
        let summary = record.summary();
        let chain = (self.find_chain)(&summary.chain);
        let chain = chain.ok_or_else(|| SignError::UnreadableKey {
            wallet: wallet(),
            reason: format!("its chain `{}` is not supported", summary.chain),
        })?;
        let (spec, network) = (&chain.spec().key, Network::from_testnet_flag(summary.testnet));
        match key.index {
            Some(index) => {
                let phrase = record.secret("mnemonic");
                let phrase = phrase.ok_or_else(|| SignError::NotAMnemonic(wallet()))?;
                let phrase = Mnemonic::new(phrase.expose().to_owned());
                let account = Account::derive(spec, network, &phrase);
                let account = account.map_err(|error| unreadable(wallet(), &error))?;
                let made = account.at(index).map_err(|error| unreadable(wallet(), &error));
                self.keep_account(wallet(), account);
                made
            }
            None => {
                let text = record.secret("secret").or_else(|| record.secret("privateKey"));
                let text = text.ok_or_else(|| missing(&record))?;
                SigningKey::parse(spec, network, text).map_err(|error| unreadable(wallet(), &error))
            }
        }
    }

    fn cached_account(&self, wallet: &SignatureId) -> Option<Arc<Account>> {
        self.cache.lock().ok()?.accounts.get(wallet).map(Arc::clone)
    }

    fn keep_account(&self, wallet: SignatureId, account: Account) {
        if let Ok(mut cache) = self.cache.lock() {
            if cache.accounts.len() >= ACCOUNTS_MAX {
                cache.accounts.clear();
            }
            cache.accounts.insert(wallet, Arc::new(account));
        }
    }
}

fn missing(record: &WalletRecord) -> SignError {
    match record.summary().kind {
        WalletKind::Mnemonic => SignError::MissingIndex(record.id().clone()),
        _ => SignError::UnreadableKey {
            wallet: record.id().clone(),
            reason: String::from("it has neither a phrase nor a key"),
        },
    }
}

fn unreadable(wallet: SignatureId, reason: &impl ToString) -> SignError {
    SignError::UnreadableKey { wallet, reason: reason.to_string() }
}

fn of_store(wallet: SignatureId, error: &StoreError) -> SignError {
    match error {
        StoreError::Damaged(_) => SignError::DamagedRecord(wallet),
        other => SignError::Store(other.to_string()),
    }
}

impl Sign for Unlocked {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        let known = self.known(id).map_err(|error| of_store(id.clone(), &error))?;
        let Some(known) = known else { return Ok(None) };
        let chain = (self.find_chain)(&known.chain);
        let chain = chain.ok_or_else(|| SignError::UnreadableKey {
            wallet: id.clone(),
            reason: format!("its chain `{}` is not supported", known.chain),
        })?;
        Ok(Some(WalletFacts {
            chain: chain.spec().id,
            network: known.network,
            has_mnemonic: known.kind == WalletKind::Mnemonic,
            has_private_key: known.has_key,
            shared_with_mainnet: self
                .is_shared_with_mainnet(id, known.network)
                .map_err(|error| of_store(id.clone(), &error))?,
        }))
    }

    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError> {
        self.signing_key(key).map(|key| key.public_key().clone())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        let scheme = |_| SignError::Scheme(request.key().wallet.clone());
        self.signing_key(request.key())?.sign(request.scheme(), request.message()).map_err(scheme)
    }
}
