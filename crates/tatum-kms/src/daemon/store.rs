//! The open store, shared by all that sign.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use kms_core::{
    JournalSeal, KeyRef, KeySignature, Network, PublicKey, Sign, SignError, SignatureId,
    SigningRequest, WalletFacts,
};
use kms_keystore::{StoreError, Unlocked};
use tokio::time::{Duration, Instant};

use crate::wire::{JournalSeals, Kept};

/// The chains ask one after another; one look at the store is enough for all of them.
const LOOK_IS_FRESH_FOR: Duration = Duration::from_millis(100);

/// Signs for many callers at once. Additions to the store are seen after
/// [`refresh`](Self::refresh).
#[derive(Clone, Debug)]
pub(crate) struct SharedStore {
    store: Arc<RwLock<Unlocked>>,
    looked: Arc<Mutex<Option<Instant>>>,
}

impl SharedStore {
    pub(crate) fn new(store: Unlocked) -> Self {
        Self { store: Arc::new(RwLock::new(store)), looked: Arc::default() }
    }

    /// A reader that panicked changed nothing.
    fn read(&self) -> RwLockReadGuard<'_, Unlocked> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what changed in the file.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub(crate) fn refresh(&self) -> Result<(), StoreError> {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.is_some_and(|at| at.elapsed() < LOOK_IS_FRESH_FOR) {
            return Ok(());
        }
        self.store.write().unwrap_or_else(PoisonError::into_inner).refresh()?;
        *looked = Some(Instant::now());
        Ok(())
    }

    /// See [`JournalSeals::write`].
    ///
    /// # Errors
    /// When it can be written nowhere.
    pub(crate) fn seal_journal(
        &self,
        seals: &JournalSeals,
        decide: impl FnMut(Option<JournalSeal>) -> Option<JournalSeal>,
    ) -> Result<Kept, StoreError> {
        seals.write(&self.read(), decide)
    }

    /// See [`JournalSeals::read`].
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn journal_seals(
        &self,
        seals: &JournalSeals,
    ) -> Result<Vec<JournalSeal>, StoreError> {
        seals.read(&self.read())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.read().generation()
    }

    pub(crate) fn ids(&self, chain: &str, network: Network) -> Vec<SignatureId> {
        self.read().ids(chain, network)
    }
}

impl Sign for SharedStore {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        self.read().wallet(id)
    }

    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError> {
        self.read().public_key(key)
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        self.read().sign(request)
    }
}
