//! Runs the program in a directory of its own, with an environment of its own.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use kms_core::{Network, SignatureId};
use kms_keystore::{KdfCost, WalletRecord};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;
use serde_json::{Map, Value};

pub(crate) const PASSWORD: &str = "correct horse";

/// A directory with a wallet store in it.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// The program's output and exit status.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place =
            Self { directory: tempfile::tempdir().expect("a directory"), variables: Vec::new() };
        place.with("TATUM_KMS_PASSWORD", PASSWORD)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(own, _)| own != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(own, _)| own != name);
        self
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("store/wallet.dat")
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file of this mode beside the store.
    pub(crate) fn write(&self, name: &str, content: &str, mode: u32) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        path
    }

    /// Stores wallets under the ids given, as the original's file would hold them.
    pub(crate) fn put_wallets(&self, wallets: &Map<String, Value>) {
        let records: Vec<_> = wallets.iter().map(|(id, wallet)| record(id, wallet)).collect();
        self.put_records(&records);
    }

    pub(crate) fn put_records(&self, records: &[WalletRecord]) {
        let password = Password::new(PASSWORD.to_owned());
        let file =
            WalletFile::with_cost(self.store(), kms_chains::find_wallet_code, KdfCost::FLOOR);
        let (mut store, _) = file.open_for_writing(&password).expect("a store");
        store.add(records).expect("the wallets are stored");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tatum-kms"));
        command
            .args(arguments)
            // Who runs the tests in a container does not keep the stores.
            .args(["--ephemeral", "--path", self.store().to_str().expect("a path")])
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Has another program run this one.
    pub(crate) fn run_by(&self, other: Command, arguments: &[&str]) -> Output {
        self.command_by(other, arguments).output().expect("the other program starts")
    }

    pub(crate) fn start_by(&self, other: Command, arguments: &[&str]) -> Child {
        self.command_by(other, arguments).spawn().expect("the other program starts")
    }

    fn command_by(&self, mut other: Command, arguments: &[&str]) -> Command {
        let own = self.command(arguments);
        other
            .arg(own.get_program())
            .args(own.get_args())
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        other
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }

    /// Starts a program whose output nobody waits for, into a file.
    pub(crate) fn start_logged(&self, arguments: &[&str]) -> Daemon {
        let log = self.path().join("daemon.log");
        let file = fs::File::options().create(true).append(true).open(&log).expect("a log");
        let out = file.try_clone().expect("a log");
        let child = self.command(arguments).stdout(out).stderr(file).spawn();
        Daemon { child: child.expect("the program starts"), log }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.start(arguments);
        let mut stdin = child.stdin.take().expect("stdin");
        // A program that fails early closes its end.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Ran::of(&child.wait_with_output().expect("the program ends"))
    }
}

/// A running program. Killed when the test is done with it.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the log says so.
    pub(crate) fn says(&self, words: &str) {
        until(&format!("`{words}` in the log"), || self.log().contains(words));
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it is told");
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for something that happens soon.
pub(crate) fn until(what: &str, mut happens: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !happens() {
        assert!(std::time::Instant::now() < deadline, "not seen: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON on stdout of a program that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).expect("JSON on stdout")
    }

    /// Checks that it failed as a failure should: nothing on stdout, one clear error.
    pub(crate) fn fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(self.stderr.contains(words), "{self:?}");
    }
}

const TEXTS: [&str; 5] = ["mnemonic", "xpub", "privateKey", "secret", "address"];

fn record(id: &str, wallet: &Value) -> WalletRecord {
    let field = |name: &'static str| {
        let text = wallet.get(name)?.as_str()?;
        Some((name, SecretText::new(text.to_owned())))
    };
    let chain = wallet.get("chain").and_then(Value::as_str).expect("a chain");
    let testnet = wallet.get("testnet").and_then(Value::as_bool).expect("a network");
    WalletRecord::new(
        SignatureId::parse(id).expect("an id"),
        TEXTS.into_iter().filter_map(field).collect(),
        chain,
        Network::from_testnet_flag(testnet),
    )
}
