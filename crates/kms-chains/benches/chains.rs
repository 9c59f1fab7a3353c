//! Each chain's sign path, from the API's JSON to recorded bytes, as a multiple of the raw
//! signatures it takes. The transaction is the first recorded one of the chain's vectors. Codes of
//! chains may follow: `cargo bench --bench chains -- ADA`.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures and cannot go on without its input"
)]

use std::{
    collections::HashMap,
    hint::black_box,
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bitcoin::secp256k1::{Message, Secp256k1, SecretKey};
use ed25519_dalek::Signer as _;
use kms_core::{
    Acceptance, Approve, ApproveError, Broadcast, BroadcastError, Chain, ChainId, ChainOptions,
    Failure, FourEyes, Gate, KeyRef, KeySignature, Lookup, LookupError, Network, NodeCall, Ports,
    Proposal, PublicKey, Recorded, Road, Scheme, Sign, SignError, SignatureId, SigningDigest,
    SigningRequest, WalletFacts, process,
};
use kms_keys::SigningKey;
use kms_secret::{Mnemonic, SecretText};
use kms_testkit::{
    MemoryJournal, RecordedAnswers, TestKeys,
    vectors::{File, SignCase, load},
};
use serde_json::Value;

const ROUNDS: u32 = 100;
const SAMPLES: usize = 9;

/// Keys at hand, as the keystore has those that it used before.
struct KeysAtHand {
    facts: TestKeys,
    wallets: serde_json::Map<String, Value>,
    chain: &'static dyn Chain,
    network: Network,
    keys: Mutex<HashMap<KeyRef, &'static SigningKey>>,
    signatures: AtomicUsize,
}

impl KeysAtHand {
    fn key(&self, key: &KeyRef) -> &'static SigningKey {
        let mut keys = self.keys.lock().expect("keys");
        keys.entry(key.clone()).or_insert_with(|| Box::leak(Box::new(self.make(key))))
    }

    fn make(&self, key: &KeyRef) -> SigningKey {
        let record = self.wallets.get(key.wallet.as_str()).expect("a wallet");
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let spec = &self.chain.spec().key;
        match key.index {
            Some(index) => {
                let phrase = Mnemonic::new(text("mnemonic").expect("a phrase"));
                SigningKey::derive(spec, self.network, &phrase, index).expect("a key")
            }
            None => {
                let text = text("secret").or_else(|| text("privateKey")).expect("a key");
                SigningKey::parse(spec, self.network, &SecretText::new(text)).expect("a key")
            }
        }
    }
}

impl Sign for KeysAtHand {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        self.facts.wallet(id)
    }

    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError> {
        Ok(self.key(key).public_key().clone())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        self.signatures.fetch_add(1, Ordering::Relaxed);
        let scheme = |_| SignError::Scheme(request.key().wallet.clone());
        self.key(request.key()).sign(request.scheme(), request.message()).map_err(scheme)
    }
}

/// The answers given so far, in the order of the questions. Copies are made before the clock runs,
/// because a daemon gets its answers from elsewhere.
struct Answers {
    told: Mutex<Vec<Value>>,
    ready: Mutex<Vec<Value>>,
    recorded: RecordedAnswers,
}

impl Answers {
    fn prepare(&self, rounds: u32) {
        let told = self.told.lock().expect("answers");
        let once = told.iter().rev().cloned();
        *self.ready.lock().expect("copies") = (0..rounds).flat_map(|_| once.clone()).collect();
    }
}

#[async_trait]
impl Lookup for Answers {
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError> {
        if let Some(answer) = self.ready.lock().expect("copies").pop() {
            return Ok(answer);
        }
        let answer = self.recorded.call(chain, network, call).await?;
        self.told.lock().expect("answers").push(answer.clone());
        Ok(answer)
    }
}

struct Nothing;

#[async_trait]
impl Broadcast for Nothing {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        black_box(recorded.raw());
        Ok(Acceptance::default())
    }
}

#[async_trait]
impl Approve for Nothing {
    async fn approve(&self, _: &Proposal, _: Option<&SigningDigest>) -> Result<(), ApproveError> {
        Ok(())
    }
}

/// The median of several runs, each of many rounds: the time of one round.
fn measure(round: impl FnMut()) -> Duration {
    measure_prepared(|| (), round)
}

/// Measures the rounds without the preparation before each.
fn measure_prepared(mut prepare: impl FnMut(), mut round: impl FnMut()) -> Duration {
    let mut samples: Vec<_> = (0..SAMPLES)
        .map(|_| {
            prepare();
            let start = Instant::now();
            (0..ROUNDS).for_each(|_| round());
            start.elapsed() / ROUNDS
        })
        .collect();
    samples.sort_unstable();
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn raw_signature(scheme: Scheme) -> Duration {
    match scheme {
        Scheme::Ed25519 | Scheme::Ed25519Extended => {
            let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
            measure(|| {
                black_box(key.sign(black_box(&[9; 200])));
            })
        }
        _ => {
            let context = Secp256k1::signing_only();
            let key = SecretKey::from_slice(&[7; 32]).expect("a key");
            let message = Message::from_digest([9; 32]);
            measure(|| {
                black_box(context.sign_ecdsa_recoverable(black_box(&message), &key));
            })
        }
    }
}

/// The time of a case's road and the number of its signatures; `None` where it is not signed.
fn road(chain: &'static dyn Chain, case: &SignCase) -> Option<(Duration, usize)> {
    let network = Network::from_testnet_flag(case.testnet);
    let keys = KeysAtHand {
        facts: TestKeys::new(&case.wallets, kms_chains::find_wallet_code),
        wallets: case.wallets.clone(),
        chain,
        network,
        keys: Mutex::default(),
        signatures: AtomicUsize::new(0),
    };
    let answers = Answers {
        told: Mutex::default(),
        ready: Mutex::default(),
        recorded: RecordedAnswers::new(case.rpc.clone()),
    };
    let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(Nothing)));
    let options = ChainOptions { trust_input_amounts: true, ..ChainOptions::default() };
    let list = format!("[{}]", case.pending);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let once = || -> Result<(), Failure> {
        let journal = MemoryJournal::default();
        let ports =
            Ports { lookup: &answers, keys: &keys, journal: &journal, broadcaster: &Nothing };
        let mut read = kms_api::read_pending_list(&list, chain.spec(), network).expect("a list");
        let pending = read.pop().expect("one").expect("a pending transaction");
        let road = Road { chain, options: &options, gate: &gate, ports };
        black_box(runtime.block_on(process(pending, road))?);
        Ok(())
    };
    once().ok()?;
    let signatures = keys.signatures.load(Ordering::Relaxed);
    let time = measure_prepared(|| answers.prepare(ROUNDS), || once().expect("it is signed again"));
    Some((time, signatures))
}

fn main() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors");
    println!("each chain's sign path, reach: 3 raw signatures a signature");
    let wanted: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |chain: &&&dyn Chain| {
        wanted.is_empty() || wanted.iter().any(|code| code == chain.spec().id.as_str())
    };
    for chain in kms_chains::CHAINS.iter().filter(is_wanted) {
        let file: File<SignCase> = load(&folder.join(chain.spec().id.as_str()).join("sign.json"));
        let (case, (time, signatures)) = file
            .cases
            .iter()
            .find_map(|case| Some((case, road(*chain, case)?)))
            .expect("a case that is signed");
        let raw = raw_signature(chain.spec().key.scheme);
        let ratio = time.as_secs_f64() / raw.as_secs_f64() / signatures as f64;
        println!(
            "{:5} {ratio:5.2}  {time:?} for {signatures} of {raw:?} ({})",
            chain.spec().id,
            case.name
        );
    }
}
