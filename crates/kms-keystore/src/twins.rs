//! Secrets that are stored for both networks. A signature that such a wallet makes on testnet,
//! where no approval is needed, may be valid on mainnet, byte for byte.
//!
//! Secrets are compared by their marks: codes of the public key, or of the phrase, under a key
//! that lives as long as the process. Nothing of it is stored.

use std::collections::{HashMap, HashSet};

use kms_core::{Network, SignatureId};
use kms_keys::SigningKey;
use kms_secret::SealingKey;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::{
    FindChain, StoreError, Unlocked, WalletRecord, WalletSummary,
    reading::read_all,
    seal::{fill_random, mac},
    store::{Parts, SealedRecord},
    unlocked::{Content, lock},
};

/// Fields that hold a private key, by the original's names.
const KEY_FIELDS: [&str; 2] = ["privateKey", "secret"];

/// A code that is the same for the same secret.
type Mark = [u8; 32];

/// The secrets of mainnet wallets, as of one state of the list.
pub(crate) struct Twins {
    key: SealingKey,
    generation: u64,
    mainnet: HashSet<Mark>,
    /// Wallets that were asked about.
    answers: HashMap<SignatureId, bool>,
}

/// A wallet with the marks of what it holds.
struct Marked {
    id: SignatureId,
    marks: Vec<Mark>,
}

/// A key for marks, for this process only.
fn new_key() -> Result<SealingKey, StoreError> {
    SealingKey::try_init_with(|key| fill_random(key))
}

/// The marks of a wallet's phrase and private keys. A key that cannot be read is marked as its
/// text is.
fn marks(key: &SealingKey, record: &WalletRecord, find_chain: FindChain) -> Vec<Mark> {
    let summary = record.summary();
    let chain = find_chain(&summary.chain);
    let network = Network::from_testnet_flag(summary.testnet);
    let mut marks = Vec::new();
    if let Some(phrase) = record.secret("mnemonic") {
        let words = Zeroizing::new(phrase.expose().nfkd().collect::<String>().to_lowercase());
        let words: Vec<_> = words.split_whitespace().map(str::as_bytes).collect();
        marks.push(mac(key, b"phrase", &words));
    }
    for text in KEY_FIELDS.iter().filter_map(|name| record.secret(name)) {
        marks.push(mac(key, b"text", &[text.expose().trim().as_bytes()]));
        let spec = chain.map(|chain| &chain.spec().key);
        if let Some(Ok(own)) = spec.map(|spec| SigningKey::parse(spec, network, text)) {
            marks.push(mac(key, b"public key", &point(own.public_key().as_bytes())));
        }
    }
    marks
}

/// The parts of a public key that its spelling does not change: a point of secp256k1 is written
/// short or long.
fn point(public: &[u8]) -> [&[u8]; 2] {
    match public {
        [0x04, xy @ ..] if xy.len() == 64 => {
            let (x, y) = xy.split_at(32);
            let is_odd = y.last().is_some_and(|last| last & 1 == 1);
            [if is_odd { &[3] } else { &[2] }, x]
        }
        [sign @ (0x02 | 0x03), x @ ..] if x.len() == 32 => {
            [if *sign == 3 { &[3] } else { &[2] }, x]
        }
        other => [&[], other],
    }
}

impl Unlocked {
    /// Returns true if a testnet wallet holds a secret that a mainnet wallet of this store holds
    /// too.
    pub(crate) fn is_shared_with_mainnet(
        &self,
        id: &SignatureId,
        network: Network,
    ) -> Result<bool, StoreError> {
        if !network.is_testnet() {
            return Ok(false);
        }
        let mut kept = self.twins.lock().map_err(|_| StoreError::in_doubt())?;
        let twins = match kept.take() {
            Some(twins) if twins.generation == self.generation() => kept.insert(twins),
            _ => kept.insert(self.read_twins()?),
        };
        if let Some(answer) = twins.answers.get(id) {
            return Ok(*answer);
        }
        let Some(record) = self.get_listed(id)? else { return Ok(false) };
        let own = marks(&twins.key, &record, self.find_chain);
        let answer = own.iter().any(|mark| twins.mainnet.contains(mark));
        twins.answers.insert(id.clone(), answer);
        Ok(answer)
    }

    fn read_twins(&self) -> Result<Twins, StoreError> {
        let (key, generation) = (new_key()?, self.generation());
        let mainnet = self.marked(&key, |wallet| !wallet.testnet)?;
        let mainnet = mainnet.into_iter().flat_map(|wallet| wallet.marks).collect();
        Ok(Twins { key, generation, mainnet, answers: HashMap::new() })
    }

    /// The given wallets whose secret a wallet of the other network also holds, each with one such
    /// wallet. All given wallets belong to one network.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn twins_of(
        &self,
        ids: &[SignatureId],
        network: Network,
    ) -> Result<Vec<(SignatureId, SignatureId)>, StoreError> {
        let key = new_key()?;
        let others = self.marked(&key, |wallet| wallet.testnet != network.is_testnet())?;
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let named: HashSet<_> = ids.iter().collect();
        let own = self.marked(&key, |wallet| named.contains(&wallet.id))?;
        let others: HashMap<_, _> = others
            .iter()
            .flat_map(|other| other.marks.iter().map(move |mark| (mark, &other.id)))
            .collect();
        let twins = own.into_iter().filter_map(|wallet| {
            let other = wallet.marks.iter().find_map(|mark| others.get(mark))?;
            Some((wallet.id, (*other).clone()))
        });
        Ok(twins.collect())
    }

    /// For each of some wallets that are not stored, the wallet of this chain and network that
    /// holds the same phrase or key, if there is one.
    ///
    /// # Errors
    /// When the store is damaged or cannot be read.
    pub fn holders_of(
        &self,
        records: &[WalletRecord],
        chain: &str,
        network: Network,
    ) -> Result<Vec<Option<SignatureId>>, StoreError> {
        let key = new_key()?;
        let wants = |wallet: &WalletSummary| {
            wallet.chain == chain && wallet.testnet == network.is_testnet()
        };
        let stored = self.marked(&key, wants)?;
        let stored: HashMap<_, _> = stored
            .iter()
            .flat_map(|wallet| wallet.marks.iter().map(move |mark| (mark, &wallet.id)))
            .collect();
        let holder = |record: &WalletRecord| {
            let own = marks(&key, record, self.find_chain);
            own.iter().find_map(|mark| stored.get(mark)).map(|id| (*id).clone())
        };
        Ok(records.iter().map(holder).collect())
    }

    /// The wallets that are wanted, without those that were removed.
    fn marked(
        &self,
        key: &SealingKey,
        wants: impl Fn(&WalletSummary) -> bool + Sync,
    ) -> Result<Vec<Marked>, StoreError> {
        let wants = |wallet: &WalletSummary| wallet.purge_after.is_none() && wants(wallet);
        let mark = |record: &WalletRecord| Marked {
            id: record.id().clone(),
            marks: marks(key, record, self.find_chain),
        };
        match &self.content {
            Content::Legacy { records } => {
                Ok(records.iter().filter(|record| wants(&record.summary())).map(mark).collect())
            }
            Content::Sealed { backend, keys } => {
                let open = |sealed: &SealedRecord| {
                    let wants = wants(&keys.summary(sealed)?);
                    wants.then(|| keys.open(sealed).map(|record| mark(&record))).transpose()
                };
                let all = read_all(keys, lock(backend)?.as_ref(), Parts::Whole, open)?;
                Ok(all.into_iter().flatten().collect())
            }
        }
    }
}
