//! Random lives of daemons that crash at every persisted step, over a real journal: the network
//! loses answers and refuses for now, in doubt or for good, nodes lag and forget, others use up
//! nonces, the API offers again what was reported, operators retry, journals are lost. What is
//! signed is signed once but by a proved rule, nothing is forgotten, and no report is wrong.

mod daemon;
mod mortal;
mod operator;
mod store;
mod world;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use kms_core::{Chain, Desk as _, Pending};
use kms_testkit::TestKeys;
use serde_json::json;

use self::{
    daemon::Daemon,
    mortal::Mortal,
    store::Store,
    world::{Told, World},
};

/// Runs in CI, and with KMS_LONG_TESTS=1.
const RUNS: (u64, u64) = (200, 10_000);
const ACCOUNTS: u64 = 2;
const TRANSACTIONS: u64 = 4;
/// Rounds with faults, and after them without.
const ROUNDS: (usize, usize) = (8, 6);
const HOUR: u64 = 3_600_000;

/// The journal's clock, in milliseconds since 1970: an hour a round, so that everything is due.
static TIME: AtomicU64 = AtomicU64::new(1_700_000_000_000);

/// The accounts of the keys 0x…01 and 0x…02.
const ADDRESSES: [&str; 2] =
    ["0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf"];

/// Counts of rare events in all lives.
#[derive(Debug, Default)]
struct Counts {
    paid: usize,
    reported: usize,
    signed_again: usize,
    refused_journals: u32,
    new_journals: u32,
}

fn chain() -> &'static dyn Chain {
    kms_chains::find("ETH").expect("a chain")
}

fn pending(number: u64) -> Pending {
    let account = number % ACCOUNTS;
    let payload = json!({
        "to": ADDRESSES[0], "value": (1000 + number).to_string(), "gas": 21_000,
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

/// The API's list: pending transactions, and often some that it should no longer offer.
fn offers(world: &World) -> Vec<u64> {
    let is_calm = world.is_calm.load(Ordering::Relaxed);
    let is_listed = |number: &u64| match world.told(pending(*number).id.as_str()) {
        Told::Pending => true,
        Told::Failed => is_calm || world.chance(40),
        Told::Done => world.chance(20),
    };
    (0..TRANSACTIONS).filter(is_listed).collect()
}

/// Runs a daemon until it dies or the round ends.
async fn live(daemon: Option<Daemon<'_>>, offered: &[u64]) -> Option<Mortal> {
    let daemon = daemon?;
    // The journal fails only when the process has died.
    let ended = daemon.live(offered).await;
    assert!(ended.is_ok() || daemon.journal.is_dead(), "{ended:?}");
    Some(daemon.journal).filter(|journal| !journal.is_dead())
}

async fn start<'a>(world: &'a World, store: &mut Store, keys: &'a TestKeys) -> Option<Daemon<'a>> {
    let path = store.path.clone();
    let journal = store.start(world, &path).await?;
    let is_calm = world.is_calm.load(Ordering::Relaxed);
    let steps = if is_calm { u64::MAX } else { 1 + world.below(45) };
    let journal = Mortal::new(journal, steps, world.below(2) == 0);
    Some(Daemon { world, keys, chain: chain(), journal, is_young: store.is_young })
}

async fn run(seed: u64, path: PathBuf, keys: &TestKeys, counts: &mut Counts) -> Vec<String> {
    let (world, mut store) = (World::new(seed), Store::new(path));
    for round in 0..ROUNDS.0 + ROUNDS.1 {
        let is_calm = round >= ROUNDS.0;
        world.is_calm.store(is_calm, Ordering::Relaxed);
        TIME.fetch_add(HOUR, Ordering::Relaxed);
        store.suffer(&world, seed).await;
        if is_calm {
            operator::unpark(&world, &store.path).await;
        } else {
            operator::speak(&world, &store.path, seed).await;
        }
        let offered = offers(&world);
        // Two daemons on one journal, as after a failover that was none.
        let one = start(&world, &mut store, keys).await;
        let other = start(&world, &mut store, keys).await;
        let (one, other) = tokio::join!(live(one, &offered), live(other, &offered));
        if let Some(journal) = one.or(other).filter(|_| !world.chance(50)) {
            store.note_sequence(&journal.journal).await;
        }
        world.mine();
    }
    counts.refused_journals += store.refusals;
    counts.new_journals += store.replacements;
    let wrongs = check(&world, counts);
    if wrongs.is_empty() { Vec::new() } else { tell(seed, wrongs, &world, &store).await }
}

/// Prints what is wrong, with everything that the journal has about it.
async fn tell(seed: u64, wrongs: Vec<String>, world: &World, store: &Store) -> Vec<String> {
    let journal = store::open(&store.path);
    let mut told = Vec::new();
    for wrong in wrongs {
        let id = wrong.split(' ').next().unwrap_or_default();
        let events = journal.events(id).await.expect("events");
        let events: Vec<_> = events.into_iter().map(|event| (event.what, event.detail)).collect();
        told.push(format!("seed {seed}: {wrong}; {}; {events:?}", world.describe(id)));
    }
    told
}

/// Returns everything that is not as it should be.
fn check(world: &World, counts: &mut Counts) -> Vec<String> {
    let state = world.state();
    let mut wrongs = state.wrongs.clone();
    for number in 0..TRANSACTIONS {
        let id = pending(number).id.to_string();
        let raws = state.raws(&id);
        let paid = raws.iter().filter(|raw| state.is_paid(raw)).count();
        let told = state.api.get(&id).copied().unwrap_or_default();
        let is_known = !state.unknowable.contains(&id);
        // Bytes that the chain proves to be of no use, and an operator's word, allow others.
        let useless = raws.iter().filter(|raw| state.is_displaced(raw)).count();
        let allowed = 1 + useless + state.signed_again.get(&id).copied().unwrap_or_default();
        if is_known && raws.len() > allowed {
            wrongs.push(format!("{id} was signed {} times: {raws:?}", raws.len()));
        }
        if is_known && paid > 1 {
            wrongs.push(format!("{id} was paid {paid} times"));
        }
        match told {
            Told::Pending => wrongs.push(format!("{id} was forgotten")),
            Told::Done if paid == 0 && !state.orphans.contains(&id) => {
                wrongs.push(format!("{id} is called done, and is not paid"))
            }
            Told::Failed if paid > 0 && is_known => {
                wrongs.push(format!("{id} is called failed, and is paid"))
            }
            Told::Done | Told::Failed => (),
        }
        counts.paid += usize::from(told == Told::Done);
        counts.reported += usize::from(told == Told::Failed);
        counts.signed_again += raws.len().saturating_sub(1);
    }
    wrongs
}

/// The first life and the one after the last, of all or of those that KMS_CRASH_SEEDS names.
fn seeds() -> std::ops::Range<u64> {
    let named = std::env::var("KMS_CRASH_SEEDS").ok();
    if let Some((first, last)) = named.as_deref().and_then(|named| named.split_once("..")) {
        return first.parse().expect("a seed")..last.parse().expect("a seed");
    }
    let is_long = std::env::var_os("KMS_LONG_TESTS").is_some();
    0..if is_long { RUNS.1 } else { RUNS.0 }
}

#[test]
fn whatever_crashes_everything_is_paid_once_and_every_report_is_true() {
    // Crashes of processes lose nothing that was written, synced or not.
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() {
        tempfile::tempdir_in(memory).expect("a directory")
    } else {
        tempfile::tempdir().expect("a directory")
    };
    let (keys, mut counts, seeds) = (keys(), Counts::default(), seeds());
    let mut wrongs = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for seed in seeds.clone() {
        let place = directory.path().join(seed.to_string());
        let life = run(seed, place.join("journal.db"), &keys, &mut counts);
        wrongs.extend(runtime.block_on(life));
        std::fs::remove_dir_all(place).expect("removed");
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    println!(
        "crash points: {} random lives of {TRANSACTIONS} transactions each: {counts:?}",
        seeds.end - seeds.start
    );
}
