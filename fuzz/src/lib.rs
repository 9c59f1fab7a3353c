//! Shared parts of the targets: the selected chain, and pending transactions of its vectors.

use std::{collections::HashMap, env, path::Path, sync::Mutex};

use kms_core::{Chain, KeyRef, Network, Pending, PublicKey, Sign as _, Signers};
use kms_keystore::{
    BackendError, Bucket, JournalWord, Page, Parts, Plan, RecordStore, SealedRecord, StoreError,
};
use kms_testkit::{
    TestKeys,
    vectors::{File, SignCase, load},
};
use serde_json::Value;

/// The chain that `KMS_FUZZ_CHAIN` names.
pub fn chain() -> &'static dyn Chain {
    let code = env::var("KMS_FUZZ_CHAIN").expect("KMS_FUZZ_CHAIN is the code of a chain");
    kms_chains::find(&code).expect("KMS_FUZZ_CHAIN is the code of a chain")
}

/// Recorded pending transactions with their wallets; the payload is what is fuzzed.
pub struct Recorded {
    chain: &'static dyn Chain,
    cases: Vec<SignCase>,
    /// Derivation is slow: each key once.
    keys: Mutex<HashMap<String, PublicKey>>,
}

impl Recorded {
    pub fn load() -> Self {
        let chain = chain();
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/kms-chains/vectors");
        let file: File<SignCase> = load(&vectors.join(chain.spec().id.as_str()).join("sign.json"));
        Self { chain, cases: file.cases, keys: Mutex::default() }
    }

    /// One of the cases with another payload, and whose keys sign it.
    pub fn pending(&self, pick: u8, payload: &str) -> Option<(Pending, Signers, TestKeys)> {
        let case = self.cases.get(usize::from(pick).checked_rem(self.cases.len())?)?;
        let mut pending = case.pending.clone();
        pending["serializedTransaction"] = Value::from(payload);
        let network = Network::from_testnet_flag(case.testnet);
        let list = format!("[{pending}]");
        let list = kms_api::read_pending_list(&list, self.chain.spec(), network).ok()?;
        let pending = list.into_iter().next()?.ok()?;
        let keys = TestKeys::new(&case.wallets, kms_chains::find_wallet_code);
        let signers = Signers::find(&pending, &keys).ok()?;
        Some((pending, signers, keys))
    }

    pub fn public_key(&self, keys: &TestKeys, key: &KeyRef) -> Option<PublicKey> {
        let mut known = self.keys.lock().expect("nothing panics while it is locked");
        let name = format!("{key:?}");
        if !known.contains_key(&name) {
            known.insert(name.clone(), keys.public_key(key).ok()?);
        }
        known.get(&name).cloned()
    }
}

/// A store of which only the header can be read.
pub struct HeaderOnly(pub Vec<u8>);

fn nothing<T>() -> Result<T, BackendError> {
    Err(BackendError("there is a header only".into()))
}

impl RecordStore for HeaderOnly {
    fn header(&self) -> Result<Vec<u8>, BackendError> {
        Ok(self.0.clone())
    }

    fn root(&self) -> Result<Vec<u8>, BackendError> {
        nothing()
    }

    fn buckets(&self) -> Result<Vec<Bucket>, BackendError> {
        nothing()
    }

    fn find(&self, _: &[u8; 32]) -> Result<Option<SealedRecord>, BackendError> {
        nothing()
    }

    fn in_bucket(&self, _: u16) -> Result<Vec<SealedRecord>, BackendError> {
        nothing()
    }

    fn page(&self, _: u64, _: u32, _: Parts) -> Result<Page, BackendError> {
        nothing()
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut(&dyn RecordStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        look(self)
    }

    fn change(&mut self, _: &mut Plan<'_>) -> Result<(), StoreError> {
        Ok(nothing()?)
    }

    fn replace_header(&mut self, _: &[u8], _: &[u8]) -> Result<bool, StoreError> {
        Ok(nothing()?)
    }

    fn journal_word(&self) -> Result<Option<Vec<u8>>, BackendError> {
        nothing()
    }

    fn replace_journal_word(&mut self, _: &mut JournalWord<'_>) -> Result<(), StoreError> {
        Ok(nothing()?)
    }
}
