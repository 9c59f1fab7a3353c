//! Random lives of daemons that crash at every persisted step, over a real journal, against a
//! network that loses answers: what is signed is signed once, and nothing is forgotten.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use kms_core::{
    Acceptance, Broadcast, BroadcastError, Bytes, Chain, ChainId, ChainOptions, Disposition,
    Failure, FourEyes, Gate, Intent, Journal, JournalError, Lookup, LookupError, Network, NodeCall,
    Pending, Ports, RawTransaction, Recalled, Recorded, Reservation, Road, TransactionId, process,
};
use kms_sqlite::SqliteJournal;
use kms_testkit::TestKeys;
use serde_json::{Value, json};

use crate::journal::{Random, clock};

/// Runs in CI, and with KMS_LONG_TESTS=1.
const RUNS: (u64, u64) = (400, 10_000);
const ACCOUNTS: u64 = 2;
const TRANSACTIONS: u64 = 4;
/// Rounds with faults, and after them without.
const ROUNDS: (usize, usize) = (8, 12);

/// The accounts of the keys 0x…01 and 0x…02.
const ADDRESSES: [&str; 2] =
    ["0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf"];

fn chain() -> &'static dyn Chain {
    kms_chains::find("ETH").expect("a chain")
}

/// The chain as its nodes see it, and what ever arrived there.
#[derive(Default)]
struct World {
    random: Mutex<Random>,
    is_calm: AtomicBool,
    /// What the chain took, by account and nonce.
    chain: Mutex<BTreeMap<(String, u64), RawTransaction>>,
    /// Every distinct bytes that left a daemon, by id.
    seen: Mutex<HashMap<String, BTreeSet<String>>>,
    /// Ids whose bytes the network refused as the first that it saw of them.
    refused: Mutex<BTreeSet<String>>,
    nonces: Mutex<HashMap<String, (String, u64)>>,
}

impl World {
    fn chance(&self, percent: u64) -> bool {
        !self.is_calm.load(Ordering::Relaxed)
            && self.random.lock().expect("random").below(100) < percent
    }

    fn next_nonce(&self, account: &str) -> u64 {
        let chain = self.chain.lock().expect("chain");
        (0..).find(|nonce| !chain.contains_key(&(account.to_owned(), *nonce))).expect("a nonce")
    }
}

#[async_trait]
impl Lookup for World {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let NodeCall::Api { path, .. } = call else { panic!("not asked for: {call:?}") };
        if self.chance(10) {
            let (what, reason) = (path.clone(), String::from("told to"));
            return Err(LookupError::Unreachable { what, reason });
        }
        let account = path.rsplit('/').next().expect("an account").to_ascii_lowercase();
        let next = self.next_nonce(&account);
        // A node that lags.
        let lags = self.chance(20);
        Ok(json!(if lags { next.saturating_sub(1) } else { next }))
    }
}

#[async_trait]
impl Broadcast for World {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let (id, raw) = (recorded.pending().id.to_string(), recorded.raw().clone());
        let unknown = |reason: &str| BroadcastError::Unknown { reason: reason.to_owned() };
        self.seen.lock().expect("seen").entry(id.clone()).or_default().insert(raw.as_str().into());
        if self.chance(15) {
            return Err(unknown("the request was lost"));
        }
        if recorded.is_new() && self.chance(10) {
            self.refused.lock().expect("refused").insert(id);
            return Err(BroadcastError::Refused {
                reason: String::from("told to"),
                is_proved: false,
            });
        }
        let place = place_of(&raw);
        self.nonces.lock().expect("nonces").insert(id, place.clone());
        let mut chain = self.chain.lock().expect("chain");
        match chain.get(&place) {
            Some(there) if *there != raw => {
                return Err(BroadcastError::Doubtful { reason: String::from("nonce too low") });
            }
            _ => chain.insert(place, raw),
        };
        drop(chain);
        match self.chance(15) {
            true => Err(unknown("the answer was lost")),
            false => Ok(Acceptance::default()),
        }
    }
}

/// Account and nonce, read from the signed bytes by an RLP reader of its own.
fn place_of(raw: &RawTransaction) -> (String, u64) {
    let bytes = hex(raw.as_str().trim_start_matches("0x"));
    // A list of 56 to 255 bytes: two bytes of head. The nonce is its first item.
    let nonce = match bytes[2] {
        0x80 => 0,
        byte if byte < 0x80 => u64::from(byte),
        byte => panic!("a nonce of {byte:x}"),
    };
    // The value says whose it is: the test gives each account's transactions values of its own.
    let digits = raw.as_str();
    let account = usize::from(digits.contains("8203e9"));
    (ADDRESSES[account].to_owned(), nonce)
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("a digit");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// A journal whose process dies before or after one of its steps.
struct Mortal {
    journal: SqliteJournal,
    steps_left: AtomicU64,
    dies_before: bool,
}

fn dead() -> JournalError {
    JournalError::Storage("the process has died".into())
}

impl Mortal {
    fn begin(&self) -> Result<bool, JournalError> {
        let left = self
            .steps_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Err(_) => Err(dead()),
            Ok(1) if self.dies_before => {
                self.steps_left.store(0, Ordering::Relaxed);
                Err(dead())
            }
            Ok(1) => Ok(true),
            Ok(_) => Ok(false),
        }
    }

    async fn step<T>(
        &self,
        act: impl Future<Output = Result<T, JournalError>>,
    ) -> Result<T, JournalError> {
        let dies_after = self.begin()?;
        let done = act.await;
        if dies_after { Err(dead()) } else { done }
    }
}

#[async_trait]
impl Journal for Mortal {
    async fn recall(&self, pending: &Pending) -> Result<Recalled, JournalError> {
        self.step(self.journal.recall(pending)).await
    }
    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError> {
        self.step(self.journal.note_question(intent)).await
    }
    async fn reserve(&self, intent: Intent<'_>) -> Result<Reservation, JournalError> {
        self.step(self.journal.reserve(intent)).await
    }
    async fn record(
        &self,
        id: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError> {
        self.step(self.journal.record(id, reservation, bytes)).await
    }
    async fn close(
        &self,
        id: &TransactionId,
        txid: Option<&str>,
        named: Option<&str>,
    ) -> Result<(), JournalError> {
        self.step(self.journal.close(id, txid, named)).await
    }
    async fn refuse(&self, pending: &Pending, reason: &str) -> Result<bool, JournalError> {
        self.step(self.journal.refuse(pending, reason)).await
    }
}

fn pending(number: u64) -> Pending {
    let account = number % ACCOUNTS;
    let payload = json!({
        "to": ADDRESSES[0], "value": (1000 + account).to_string(), "gas": 21_000,
        "gasPrice": "1000000000", "chainId": 11_155_111,
    });
    let (id, wallet) = (format!("t{number}"), format!("w{account}"));
    kms_testkit::pending(chain().spec().id, &id, &[&wallet], payload.to_string())
}

fn keys() -> TestKeys {
    let wallet = |number: u64| {
        let key = format!("0x{:064x}", number + 1);
        (format!("w{number}"), json!({ "privateKey": key, "chain": "ETH", "testnet": true }))
    };
    let wallets = (0..ACCOUNTS).map(wallet).collect();
    TestKeys::new(&wallets, kms_chains::find)
}

/// What a daemon does with its list until it dies, or the list ends. Which ids it is done with.
async fn live(world: &World, path: &Path, keys: &TestKeys, list: &[u64]) -> Vec<u64> {
    let gate = Gate::new(Vec::new(), FourEyes::WaivedOnTestnet);
    let options = ChainOptions::default();
    let (steps, dies_before) = {
        let mut random = world.random.lock().expect("random");
        (1 + random.below(20), random.below(2) == 0)
    };
    let is_calm = world.is_calm.load(Ordering::Relaxed);
    let journal = Mortal {
        journal: SqliteJournal::open(path, clock).expect("a journal"),
        steps_left: AtomicU64::new(if is_calm { u64::MAX } else { steps }),
        dies_before,
    };
    let ports = Ports { lookup: world, keys, journal: &journal, broadcaster: world };
    let road = Road { chain: chain(), options: &options, gate: &gate, ports };
    let mut done = Vec::new();
    for number in list {
        match process(pending(*number), road).await {
            Ok(_) => done.push(*number),
            Err(failure) if failure.disposition() == Disposition::Halt => break,
            Err(failure) if failure.disposition() == Disposition::Report => done.push(*number),
            Err(Failure::Journal(JournalError::Reported)) => done.push(*number),
            Err(_) => (),
        }
    }
    done
}

async fn run(seed: u64, path: PathBuf, keys: &TestKeys) {
    let world = World { random: Mutex::new(Random(seed)), ..World::default() };
    let mut open: Vec<u64> = (0..TRANSACTIONS).collect();
    for round in 0..ROUNDS.0 + ROUNDS.1 {
        world.is_calm.store(round >= ROUNDS.0, Ordering::Relaxed);
        // Two daemons on one journal, as after a failover that was none.
        let (one, other) =
            tokio::join!(live(&world, &path, keys, &open), live(&world, &path, keys, &open),);
        let is_forgetful = world.chance(30);
        open.retain(|number| is_forgetful || !(one.contains(number) || other.contains(number)));
    }
    assert_eq!(open, [0; 0], "seed {seed}: never finished");
    let seen = world.seen.lock().expect("seen");
    for (id, bytes) in seen.iter() {
        assert_eq!(bytes.len(), 1, "seed {seed}: {id} was signed more than once");
    }
    let refused = world.refused.lock().expect("refused");
    let chain = world.chain.lock().expect("chain");
    let mut used = BTreeSet::new();
    for number in 0..TRANSACTIONS {
        let id = pending(number).id.to_string();
        if refused.contains(&id) {
            continue;
        }
        let nonces = world.nonces.lock().expect("nonces");
        let place = nonces.get(&id).unwrap_or_else(|| panic!("seed {seed}: {id} was forgotten"));
        assert!(used.insert(place.clone()), "seed {seed}: {place:?} was used twice");
        let bytes = seen[&id].first().expect("bytes");
        assert_eq!(chain[place].as_str(), bytes, "seed {seed}: {id} is not in the chain");
    }
}

#[test]
fn whatever_crashes_everything_is_paid_once() {
    let runs = if std::env::var_os("KMS_LONG_TESTS").is_some() { RUNS.1 } else { RUNS.0 };
    // Crashes of processes lose nothing that was written, synced or not.
    let memory = Path::new("/dev/shm");
    let directory = match memory.is_dir() {
        true => tempfile::tempdir_in(memory).expect("a directory"),
        false => tempfile::tempdir().expect("a directory"),
    };
    let keys = keys();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for seed in 0..runs {
        let place = directory.path().join(seed.to_string());
        runtime.block_on(run(seed, place.join("journal.db"), &keys));
        std::fs::remove_dir_all(place).expect("removed");
    }
    println!("crash points: {runs} random lives of {TRANSACTIONS} transactions each");
}
