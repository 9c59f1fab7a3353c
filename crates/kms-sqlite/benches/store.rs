//! Stores of every size: opening and listing, finding one wallet, adding one, memory; each against
//! one Argon2id or two fsyncs of the same run. `cargo bench -p kms-sqlite -- 10 25000` takes only
//! these sizes.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures and cannot go on without its input"
)]

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use kms_core::{Network, SignatureId};
use kms_keystore::{KdfCost, WalletRecord};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;

const SIZES: [usize; 4] = [10, 25_000, 550_000, 1_000_000];
const BATCH: usize = 25_000;
const SAMPLES: usize = 9;
const CHAINS: [&str; 22] = [
    "ADA", "ALGO", "BCH", "BNB", "BSC", "BTC", "CELO", "DOGE", "EGLD", "ETH", "FLOW", "KCS",
    "KLAY", "LTC", "MATIC", "ONE", "SOL", "TRON", "VET", "XDC", "XLM", "XRP",
];
const XPUB: &str = "xpub6Dy2KyoLtGtgriTcgYa7xqHBesebKcH6CsjczH9xELGddk6FhiDRqU2a9KdsuYXsMX7UXuuUsFUx111tbQfB93W1AHWRea391gqPctFmJKU";
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

fn median(mut sample: impl FnMut() -> Duration) -> Duration {
    let mut samples: Vec<_> = (0..SAMPLES).map(|_| sample()).collect();
    samples.sort_unstable();
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn timed<T>(act: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let outcome = act();
    (start.elapsed(), outcome)
}

fn id(number: usize) -> SignatureId {
    SignatureId::parse(&format!("{number:08x}-2f4e-4a4f-9c0e-3f1a5c7f2c5c")).expect("an id")
}

fn record(number: usize) -> WalletRecord {
    let fields = vec![
        ("xpub", SecretText::new(XPUB.to_owned())),
        ("mnemonic", SecretText::new(PHRASE.to_owned())),
    ];
    let chain = CHAINS.get(number % CHAINS.len()).expect("a chain");
    WalletRecord::new(id(number), fields, chain, Network::Testnet)
}

fn argon2id() -> Duration {
    let KdfCost { memory_kib, passes, lanes } = KdfCost::DEFAULT;
    let params = Params::new(memory_kib, passes, lanes, None).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    median(|| {
        timed(|| argon2.hash_password_into(b"password", &[7; 16], &mut [0; 32]).expect("a key")).0
    })
}

fn fsync(directory: &Path) -> Duration {
    let mut file = File::create(directory.join("fsync")).expect("a file");
    median(|| {
        timed(|| file.write_all(&[7; 4096]).and_then(|()| file.sync_all()).expect("written")).0
    })
}

/// The physical memory of the process, in MB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.unwrap_or_default() / 1_000
}

fn fill(file: &WalletFile, password: &Password, from: usize, to: usize) {
    let (mut store, _) = file.open_for_writing(password).expect("a store");
    for start in (from..to).step_by(BATCH) {
        let records: Vec<_> = (start..to.min(start + BATCH)).map(record).collect();
        store.add(&records).expect("they are stored");
    }
}

fn measure(file: &WalletFile, password: &Password, size: usize, kdf: Duration, fsync: Duration) {
    let unlock = median(|| {
        let (time, mut store) = timed(|| {
            let mut store = file.open(password).expect("it opens");
            store.refresh().expect("it is listed");
            store
        });
        assert_eq!(store.ids("ETH", Network::Testnet).len(), (size + 12) / CHAINS.len());
        store.refresh().expect("nothing is new");
        time
    });
    println!("{size:>9} open and list   Argon2id + {:?}", unlock.saturating_sub(kdf));
    let find = median(|| {
        timed(|| {
            let store = file.open(password).expect("it opens");
            assert!(store.get(&id(size / 2)).expect("it is read").is_some());
        })
        .0
    });
    println!("{size:>9} find one        Argon2id + {:?}", find.saturating_sub(kdf));
    let mut store = file.open(password).expect("it opens");
    let mut next = 2_000_000;
    let add = median(|| {
        next += 1;
        let new = [record(next)];
        timed(|| store.add(&new).expect("it is stored")).0
    });
    println!("{size:>9} add one         two fsyncs + {:?}", add.saturating_sub(fsync * 2));
    for added in 2_000_001..=next {
        store.remove(&id(added)).expect("removed");
    }
    store.refresh().expect("it is listed");
    println!("{size:>9} resident        {} MB", resident());
}

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let sizes = if given.is_empty() { SIZES.to_vec() } else { given };
    let directory = tempfile::tempdir().expect("a directory");
    let file = WalletFile::new(directory.path().join("wallet.dat"), kms_chains::find_wallet_code);
    let password = Password::new(String::from("password"));
    println!("resident before: {} MB", resident());
    let (kdf, fsync) = (argon2id(), fsync(directory.path()));
    println!("one Argon2id (64 MiB, 3 passes, 4 lanes): {kdf:?}; one fsync: {fsync:?}");
    println!("reach: open and list 25,000 in Argon2id + 50 ms; find one, at any size, + 20 ms;");
    println!("       add one, at any size, two fsyncs + 1 ms");
    let mut filled = 0;
    for size in sizes {
        let (time, ()) = timed(|| fill(&file, &password, filled, size));
        println!("{size:>9} stored          {} more in {time:?}", size - filled);
        filled = size;
        measure(&file, &password, size, kdf, fsync);
    }
}
