//! In a container nothing is made that is gone with it, and in a service the manager is told how
//! the daemon fares.

use std::{
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::json;

use crate::program::{PASSWORD, Place, Ran, until};

const PHRASE: &str = "test test test test test test test test test test test junk";

/// Runs the program as in a pod, whose containers all have this variable.
fn run_in_pod(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_tatum-kms"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("KUBERNETES_SERVICE_HOST", "10.0.0.1")
        .env("TATUM_KMS_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .output();
    Ran::of(&output.expect("the program ends"))
}

#[test]
fn a_store_that_would_be_gone_with_the_container_is_not_made() {
    let memory = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let wallets = memory.path().join("wallets.json");
    std::fs::write(&wallets, json!({ "a": { "chain": "ETH" } }).to_string()).expect("written");
    for arguments in [
        ["generatemanagedwallet", "ETH"].as_slice(),
        &["storemanagedwallet", "ETH"],
        &["storemanagedprivatekey", "ETH"],
        &["generatemanagedprivatekeybatch", "ETH", "1"],
        &["import", "wallets.json"],
        &["backup", "restore", "backup.dat"],
    ] {
        let ran = run_in_pod(memory.path(), arguments);
        ran.fails(2, "lost with the container");
        let mount = format!("-v $HOME/.tatumrc:{}/.tatumrc", memory.path().display());
        assert!(ran.stderr.contains(&mount), "{arguments:?} names the mount: {}", ran.stderr);
        assert!(!memory.path().join(".tatumrc").exists(), "{arguments:?} made something");
    }
}

#[test]
fn who_says_that_a_store_may_go_gets_one_and_no_copy_of_it_that_goes_too() {
    let memory = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let made = run_in_pod(memory.path(), &["generatemanagedwallet", "ETH", "--ephemeral"]);
    assert!(made.json()["signatureId"].is_string(), "{made:?}");
    let listed = run_in_pod(memory.path(), &["list"]).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "a store that is there is read");
    let copy = run_in_pod(memory.path(), &["backup", "create", "copy.dat"]);
    copy.fails(2, "lost with the container");
    let copy = run_in_pod(memory.path(), &["export", "--encrypted", "copy.dat"]);
    copy.fails(2, "lost with the container");
    assert!(!memory.path().join("copy.dat").exists());
}

#[test]
fn a_missing_index_is_answered_with_the_line_that_has_one() {
    let place = Place::new();
    let stored = place.run_with_input(&["storemanagedwallet", "ETH"], PHRASE).json();
    let id = stored["signatureId"].as_str().expect("an id");
    for command in ["getaddress", "getprivatekey"] {
        place.run(&[command, id, "--testnet"]).fails(1, &format!("{command} {id} 0"));
    }
}

#[test]
fn a_service_manager_hears_when_the_daemon_is_ready_lives_and_ends() {
    let mut place = Place::new().with("TATUM_API_KEY", "key").with("WATCHDOG_USEC", "200000");
    place = place.with("TATUM_API_URL", "http://127.0.0.1:9");
    let socket = place.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    manager.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    place = place.with("NOTIFY_SOCKET", socket.to_str().expect("a path"));
    place.put_records(&[]);
    let hear = || {
        let mut message = [0; 256];
        let length = manager.recv(&mut message).expect("a message");
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    };
    place.run(&["health"]).fails(1, "no daemon signs for");
    let daemon = place.start_logged(&["daemon", "--testnet"]);
    assert_eq!(hear(), "READY=1");
    assert_eq!(hear(), "WATCHDOG=1");
    let health = place.run(&["health"]).json();
    assert_eq!(health["store"], json!(place.store()));
    daemon.signal(Signal::TERM);
    until("STOPPING=1", || hear() == "STOPPING=1");
    assert_eq!(daemon.end(), Some(0));
    place.run(&["health"]).fails(1, "no daemon signs for");
}
