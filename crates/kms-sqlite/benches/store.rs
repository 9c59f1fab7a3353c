//! Opening a large store, and finding one wallet in it, against one Argon2id.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures and cannot go on without its input"
)]

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use kms_core::{Network, SignatureId};
use kms_keystore::{KdfCost, WalletRecord};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;

const WALLETS: usize = 25_000;
const SAMPLES: usize = 9;
const XPUB: &str = "xpub6Dy2KyoLtGtgriTcgYa7xqHBesebKcH6CsjczH9xELGddk6FhiDRqU2a9KdsuYXsMX7UXuuUsFUx111tbQfB93W1AHWRea391gqPctFmJKU";
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

fn median(mut sample: impl FnMut() -> Duration) -> Duration {
    let mut samples: Vec<_> = (0..SAMPLES).map(|_| sample()).collect();
    samples.sort_unstable();
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn id(number: usize) -> SignatureId {
    SignatureId::parse(&format!("{number:08x}-2f4e-4a4f-9c0e-3f1a5c7f2c5c")).expect("an id")
}

fn record(number: usize) -> WalletRecord {
    let fields = vec![
        ("xpub", SecretText::new(XPUB.to_owned())),
        ("mnemonic", SecretText::new(PHRASE.to_owned())),
    ];
    WalletRecord::new(id(number), fields, "ETH", Network::Testnet)
}

fn argon2id() -> Duration {
    let KdfCost { memory_kib, passes, lanes } = KdfCost::DEFAULT;
    let params = Params::new(memory_kib, passes, lanes, None).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    median(|| {
        let start = Instant::now();
        argon2.hash_password_into(b"password", &[7; 16], &mut [0; 32]).expect("a key");
        start.elapsed()
    })
}

fn main() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wallet.dat");
    let file = WalletFile::new(path, kms_chains::find_wallet_code);
    let password = Password::new(String::from("password"));
    let (mut store, _) = file.open_for_writing(&password).expect("a store");
    let records: Vec<_> = (0..WALLETS).map(record).collect();
    store.add(&records).expect("they are stored");
    drop((store, records));
    let kdf = argon2id();
    println!("one Argon2id (64 MiB, 3 passes, 4 lanes): {kdf:?}");
    let unlock = median(|| {
        let start = Instant::now();
        let mut store = file.open(&password).expect("it opens");
        store.refresh().expect("it is listed");
        assert_eq!(store.ids("ETH", Network::Testnet).len(), WALLETS);
        start.elapsed()
    });
    let beyond = unlock.saturating_sub(kdf);
    println!("unlocking and listing {WALLETS} wallets: Argon2id + {beyond:?} (reach: + 50 ms)");
    let find = median(|| {
        let start = Instant::now();
        let store = file.open(&password).expect("it opens");
        assert!(store.get(&id(12_345)).expect("it is read").is_some());
        start.elapsed()
    });
    let beyond = find.saturating_sub(kdf);
    println!("finding one of {WALLETS} wallets: Argon2id + {beyond:?} (reach: + 20 ms)");
    let mut store = file.open(&password).expect("it opens");
    let mut next = WALLETS;
    let add = median(|| {
        next += 1;
        let start = Instant::now();
        store.add(&[record(next)]).expect("it is stored");
        start.elapsed()
    });
    println!("adding one wallet to {WALLETS}: {add:?}");
}
