//! Remains of secrets where others could find them.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command},
    time::{Duration, Instant},
};

use data_encoding::{BASE32, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_secret::Password;
use kms_sqlite::WalletFile;
use memchr::memmem;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    mock::Mock,
    program::{PASSWORD, Place},
    real,
};

const TRANSACTIONS: usize = 2_000;
/// A vector of BIP-39 (<https://github.com/trezor/python-mnemonic/blob/master/vectors.json>),
/// without passphrase.
const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const SEED: &str = "878386efb78845b3355bd15ea4d39ef97d179cb712b77d5c12b6be415fffeffe\
                    5f377ba02bf3f8544ab800b955e51fbff09828f682052a20faa6addbbddfb096";
const ETH_KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
/// Of the phrase's addresses, those that sign.
const INDEXES: usize = 3;

/// The secrets to search for.
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    fn add(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((name.to_owned(), bytes.into()));
    }

    /// A key as bytes in both orders, and in digits.
    fn add_key(&mut self, name: &str, digits: &str) {
        let digits = digits.trim_start_matches("0x");
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).expect("digits");
        self.add(&format!("{name}, reversed"), bytes.iter().rev().copied().collect::<Vec<_>>());
        self.add(&format!("{name}, in digits"), digits);
        self.add(name, bytes);
    }

    fn found_in(&self, core: &[u8]) -> Vec<&str> {
        let is_there = |secret: &&(String, Vec<u8>)| memmem::find(core, &secret.1).is_some();
        self.0.iter().filter(is_there).map(|(name, _)| name.as_str()).collect()
    }
}

/// The keys that the store is sealed under (docs/wallet-format.md).
fn add_store_keys(place: &Place, secrets: &mut Secrets) {
    let store = WalletFile::new(place.store(), kms_chains::find_wallet_code);
    let data_key = store.data_key(&Password::new(PASSWORD.to_owned())).expect("a key");
    secrets.add("data key", *data_key.expose());
    for purpose in ["records", "index", "manifest"] {
        let mut mac = Hmac::<Sha256>::new_from_slice(data_key.expose()).expect("a key");
        for part in ["tatum-kms subkey", purpose] {
            mac.update(&u64::try_from(part.len()).expect("a length").to_be_bytes());
            mac.update(part.as_bytes());
        }
        secrets.add(&format!("{purpose} key"), mac.finalize().into_bytes().to_vec());
    }
}

/// A recorded transaction of Stellar and the wallet that signs it: a key of ed25519.
fn stellar() -> (Value, Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-chains/vectors/XLM/sign.json");
    let file: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("vectors")).expect("JSON");
    let cases = file["cases"].as_array().expect("cases");
    let is_fit = |case: &&Value| case["testnet"] == true && case["signed"].is_object();
    let case = cases.iter().find(is_fit).expect("a case");
    (case["pending"].clone(), case["wallets"].clone())
}

fn ethereum(number: usize) -> Value {
    let payload = json!({
        "to": "0x52908400098527886E0F7030069857D2E4169EE7", "value": "1000", "gas": 21000,
        "gasPrice": "1000000000", "chainId": 11_155_111, "nonce": number / (INDEXES + 1),
    });
    let mut pending = json!({
        "id": format!("t{number}"), "chain": "ETH", "serializedTransaction": payload.to_string(),
    });
    match number % (INDEXES + 1) {
        INDEXES => pending["hashes"] = json!(["single"]),
        index => {
            pending["hashes"] = json!(["phrase"]);
            pending["index"] = json!(index);
        }
    }
    pending
}

fn core_of(daemon: &Child, gcore: &std::path::Path, place: &Place) -> Vec<u8> {
    let core = place.path().join("core");
    let taken = Command::new(gcore).arg("-o").arg(&core).arg(daemon.id().to_string()).output();
    let taken = taken.expect("gcore runs");
    let file = place.path().join(format!("core.{}", daemon.id()));
    fs::read(file).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&taken.stderr)))
}

/// Root may still take a dump. What it finds is the public part.
#[test]
fn a_dump_of_a_daemon_that_signed_thousands_holds_no_secret() {
    let Some(gcore) = real::program("gcore") else { return };
    let mock = Mock::start();
    let pending: Vec<_> = (0..TRANSACTIONS).map(ethereum).collect();
    let (recorded, mut wallets) = stellar();
    mock.pending("ETH", &json!(pending)).pending("XLM", &json!([recorded]));
    let wallet =
        |name: &str, secret: &str| json!({ name: secret, "chain": "ETH", "testnet": true });
    wallets["phrase"] = wallet("mnemonic", PHRASE);
    wallets["single"] = wallet("privateKey", ETH_KEY);
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "api-key");
    place.put_wallets(wallets.as_object().expect("an object"));

    let mut secrets = Secrets(Vec::new());
    secrets.add("password", PASSWORD);
    secrets.add("phrase", PHRASE);
    secrets.add("half of the phrase", &PHRASE[..40]);
    secrets.add_key("seed", SEED);
    secrets.add_key("half of the seed", &SEED[..64]);
    secrets.add_key("single key", ETH_KEY);
    for index in 0..INDEXES {
        let key = place.run(&["getprivatekey", "phrase", &index.to_string()]).json();
        secrets.add_key(&format!("key {index}"), key["privateKey"].as_str().expect("a key"));
    }
    let own = wallets.as_object().expect("an object").values();
    for seed in own.filter_map(|wallet| wallet["secret"].as_str()) {
        let bytes = BASE32.decode(seed.as_bytes()).expect("a seed");
        secrets.add("seed of Stellar", &bytes[1..33]);
        secrets.add("seed of Stellar, as text", seed);
    }
    add_store_keys(&place, &mut secrets);
    assert!(secrets.0.len() > 25, "{} patterns", secrets.0.len());

    let password = place.write("password", PASSWORD, 0o600);
    let place = place
        .with("TATUM_KMS_PASSWORD", "")
        .with("TATUM_KMS_PASSWORD_FILE", password.to_str().expect("a path"));
    // Nobody reads the log, which would fill its pipe.
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>/dev/null"]);
    let mut daemon = place.start_by(shell, &["daemon", "--testnet"]);
    let deadline = Instant::now() + Duration::from_secs(300);
    while mock.broadcasts().len() <= TRANSACTIONS {
        assert!(
            Instant::now() < deadline,
            "{} sent, {:?}",
            mock.broadcasts().len(),
            mock.reports()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let core = core_of(&daemon, &gcore, &place);
    daemon.kill().and_then(|()| daemon.wait()).expect("it ends");
    assert!(memmem::find(&core, b"0x52908400098527886E0F7030069857D2E4169EE7").is_some());
    assert_eq!(secrets.found_in(&core), [""; 0]);
}

/// A daemon that dies writes no core file, even where the system would let it.
#[test]
fn no_core_is_written() {
    let mock = Mock::start();
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
    assert_eq!(place.run(&["generatemanagedwallet", "ETH", "--testnet"]).code, Some(0));
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""]);
    let mut daemon = place.start_by(shell, &["daemon", "--testnet"]);
    while mock.polled("ETH").is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.expect("a line").split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
    let pid = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).expect("it is told");
    let status = daemon.wait().expect("it dies");
    assert!(status.signal().is_some() && !status.core_dumped(), "{status:?}");
}
