//! Stores, and the daemon on them as a process of its own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use kms_core::{Network, SignatureId};
use kms_keystore::{KdfCost, WalletRecord};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;

use crate::server::Server;

const PASSWORD: &str = "password";
const XPUB: &str = "xpub6Dy2KyoLtGtgriTcgYa7xqHBesebKcH6CsjczH9xELGddk6FhiDRqU2a9KdsuYXsMX7UXuuUsFUx111tbQfB93W1AHWRea391gqPctFmJKU";
const PHRASE: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";
/// Linux counts processor time in these: USER_HZ is 100 on every architecture that we run on.
const TICK: Duration = Duration::from_millis(10);

/// A directory with a store of the cheapest derivation: opening it is not what is measured.
pub(crate) struct Store {
    directory: tempfile::TempDir,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("wallet.dat")
    }

    pub(crate) fn add(&self, records: &[WalletRecord]) {
        let find = kms_chains::find_wallet_code;
        let file = WalletFile::with_cost(self.file(), find, KdfCost::FLOOR);
        let password = Password::new(String::from(PASSWORD));
        let (mut store, _) = file.open_for_writing(&password).expect("a store");
        store.add(records).expect("they are stored");
    }

    pub(crate) fn start(&self, server: &Server) -> Daemon {
        let log = File::create(self.path().join("daemon.log")).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_tatum-kms"))
            .args(["daemon", "--testnet", "--period", "1", "--ephemeral", "--path"])
            .arg(self.file())
            .current_dir(self.path())
            .env_clear()
            .env("TATUM_API_URL", format!("http://{}", server.address))
            .env("TATUM_API_KEY", "key")
            .env("TATUM_KMS_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the daemon starts");
        Daemon(child)
    }
}

/// Ends when it is dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    /// Processor time that the process has used.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&format!("/proc/{}/stat", self.0.id()))
    }

    /// The physical memory of the process, in MB.
    pub(crate) fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.0.id());
        let status = fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.unwrap_or(0_u64) / 1_000
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Processor time that this thread has used.
pub(crate) fn cpu_of_thread() -> Duration {
    cpu("/proc/thread-self/stat")
}

/// `utime` and `stime` of proc(5): the 14th and 15th field, the second being in brackets.
fn cpu(path: &str) -> Duration {
    let stat = fs::read_to_string(path).expect("a process");
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u32 = fields[11..13].iter().map(|field| field.parse::<u32>().expect("ticks")).sum();
    TICK * ticks
}

pub(crate) fn id(number: usize) -> SignatureId {
    SignatureId::parse(&format!("{number:08x}-2f4e-4a4f-9c0e-3f1a5c7f2c5c")).expect("an id")
}

/// A wallet of a phrase.
pub(crate) fn with_phrase(number: usize, chain: &str) -> WalletRecord {
    let fields = vec![
        ("xpub", SecretText::new(XPUB.to_owned())),
        ("mnemonic", SecretText::new(PHRASE.to_owned())),
    ];
    WalletRecord::new(id(number), fields, chain, Network::Testnet)
}

/// A wallet of Ethereum with a key of its own.
pub(crate) fn with_key(number: usize) -> WalletRecord {
    let key = format!("0x{:0>64x}", (number + 1) * 0x0001_0000_0001);
    let fields = vec![("privateKey", SecretText::new(key))];
    WalletRecord::new(id(number), fields, "ETH", Network::Testnet)
}
