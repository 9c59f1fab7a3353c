//! In a container nothing is made that is gone with it, and in a service the manager is told how
//! the daemon fares.

mod engine;

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, net::UnixDatagram},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::{Value, json};

use self::engine::{Container, folder_of, give};
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
    assert_eq!(hear(), "READY=1\nSTATUS=polling on testnet every 5s");
    assert_eq!(hear(), "WATCHDOG=1");
    let health = place.run(&["health"]).json();
    assert_eq!(health["store"], json!(place.store()));
    daemon.signal(Signal::TERM);
    until("STOPPING=1", || hear().starts_with("STOPPING=1\n"));
    assert_eq!(daemon.end(), Some(0));
    place.run(&["health"]).fails(1, "no daemon signs for");
    let refused = place.with("TATUM_KMS_PASSWORD", "wrong");
    while manager.set_nonblocking(true).and_then(|()| manager.recv(&mut [0; 256])).is_ok() {}
    refused.run(&["daemon", "--testnet"]).fails(3, "wrong password");
    assert!(manager.recv(&mut [0; 256]).is_err(), "who does not start is not ready");
}

const OWN_STORE: &str = "/home/node/.tatumrc";
const FORMER_STORE: &str = "/root/.tatumrc";

/// Names of what lies in a folder, and who owns the folder with which mode.
fn look(folder: &Path) -> (Vec<String>, (u32, u32, u32)) {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("a file").file_name().into_string().expect("a name"))
        .collect();
    names.sort_unstable();
    let found = folder.metadata().expect("a folder");
    (names, (found.uid(), found.gid(), found.mode() & 0o7777))
}

fn is_made(ran: &Ran) {
    assert!(ran.json()["signatureId"].is_string(), "{ran:?}");
}

fn count(ran: &Ran) -> Option<usize> {
    ran.json().as_array().map(Vec::len)
}

const GENERATE: [&str; 3] = ["generatemanagedwallet", "ETH", "--testnet"];

#[test]
fn nothing_is_made_on_a_containers_own_layer() {
    for user in [0, 1000, 12345] {
        let Some(container) = Container::of(user) else { return };
        for container in [container.clone(), container.clone().hardened()] {
            let ran = container.run(&GENERATE);
            ran.fails(2, "it is on the container's writable layer");
            assert!(ran.stderr.contains("-v $HOME/.tatumrc:/home/node/.tatumrc"), "{ran:?}");
        }
        let script = "! tatum-kms generatemanagedwallet ETH; ls -A /home/node";
        assert_eq!(container.shell(script).stdout, "", "nothing is left behind");
        is_made(&container.run(&[&GENERATE[..], &["--ephemeral"]].concat()));
        container.run(&["list"]).fails(4, "there is no wallet store");
    }
}

#[test]
fn a_mounted_folder_keeps_the_store_and_its_mode_and_owner() {
    for (user, mode) in [(0, 0o755), (1000, 0o700), (12345, 0o2770)] {
        let folder = folder_of(user, mode);
        let Some(container) = Container::of(user) else { return };
        let container = container.mount(folder.path(), OWN_STORE);
        is_made(&container.run(&GENERATE));
        is_made(&container.clone().hardened().run(&GENERATE));
        assert_eq!(count(&container.run(&["list"])), Some(2));
        let (names, owned) = look(folder.path());
        assert_eq!(
            (names.as_slice(), owned),
            (&[String::from("wallet.dat")][..], (user, user, mode))
        );
    }
}

#[test]
fn a_home_that_is_mounted_where_the_original_had_it_is_used_and_named() {
    let home = folder_of(1000, 0o750);
    let Some(container) = Container::of(1000) else { return };
    let container = container.mount(home.path(), FORMER_STORE);
    let ran = container.run(&GENERATE);
    is_made(&ran);
    assert!(ran.stderr.contains("the wallet store is /root/.tatumrc/wallet.dat"), "{ran:?}");
    assert_eq!(look(home.path()), (vec![String::from("wallet.dat")], (1000, 1000, 0o750)));
    assert_eq!(count(&container.run(&["list"])), Some(1));

    let inner = home.path().join(".tatumrc");
    fs::create_dir(&inner).expect("made");
    give(&inner, 1000, 1000, 0o700);
    fs::copy(home.path().join("wallet.dat"), inner.join("wallet.dat")).expect("copied");
    give(&inner.join("wallet.dat"), 1000, 1000, 0o600);
    for arguments in [&GENERATE[..], &["list"]] {
        let ran = container.run(arguments);
        ran.fails(2, "/root/.tatumrc/wallet.dat, /root/.tatumrc/.tatumrc/wallet.dat");
    }
    let named = ["list", "--path", "/root/.tatumrc/.tatumrc/wallet.dat"];
    assert_eq!(count(&container.run(&named)), Some(1));
    fs::remove_file(home.path().join("wallet.dat")).expect("removed");
    let ran = container.run(&["list"]);
    assert_eq!(count(&ran), Some(1));
    assert!(ran.stderr.contains("/root/.tatumrc/.tatumrc/wallet.dat"), "{ran:?}");
}

#[test]
fn a_folder_of_somebody_else_is_left_as_it_is_and_one_error_says_what_to_do() {
    let folder = folder_of(1000, 0o755);
    let Some(container) = Container::of(12345) else { return };
    let container = container.mount(folder.path(), OWN_STORE);
    let ran = container.run(&GENERATE);
    ran.fails(2, "belongs to user 1000:1000, but this is user 12345:12345");
    assert!(ran.stderr.contains("--user 1000:1000"), "{ran:?}");
    assert_eq!(ran.stderr.matches("\"error\":").count(), 1, "{ran:?}");
    assert_eq!(look(folder.path()), (Vec::new(), (1000, 1000, 0o755)));
    // Root without capabilities is no more than any other user.
    let root = Container::of(0).expect("as before").mount(folder.path(), OWN_STORE).hardened();
    root.run(&GENERATE).fails(2, "belongs to user 1000:1000, but this is user 0:0");
    assert_eq!(look(folder.path()), (Vec::new(), (1000, 1000, 0o755)));
}

#[test]
fn the_group_of_a_pod_has_access_to_what_another_user_of_it_made() {
    let folder = folder_of(0, 0o2775);
    give(folder.path(), 0, 2000, 0o2775);
    let Some(container) = Container::of(1000) else { return };
    is_made(&container.in_group(2000).mount(folder.path(), OWN_STORE).run(&GENERATE));
    // The kubelet does so when the volume is mounted again.
    give(&folder.path().join("wallet.dat"), 1000, 2000, 0o660);
    let other = Container::of(12345).expect("as before").in_group(2000);
    let other = other.mount(folder.path(), OWN_STORE).hardened();
    is_made(&other.run(&GENERATE));
    assert_eq!(count(&other.run(&["list"])), Some(2));
    assert_eq!(look(folder.path()).1, (0, 2000, 0o2775));
}

#[test]
fn a_folder_that_is_mounted_read_only_is_read_and_says_why_it_is_not_written() {
    let folder = folder_of(1000, 0o700);
    let Some(container) = Container::of(1000) else { return };
    let locked = container.clone().mount_read_only(folder.path(), OWN_STORE).hardened();
    locked.run(&GENERATE).fails(2, "is mounted read-only");
    is_made(&container.mount(folder.path(), OWN_STORE).run(&GENERATE));
    let before = fs::read(folder.path().join("wallet.dat")).expect("a store");
    assert_eq!(count(&locked.run(&["list"])), Some(1));
    locked.run(&GENERATE).fails(4, "without `ro`");
    let daemon = locked.with("TATUM_API_KEY", "key").run(&["daemon", "--testnet"]);
    daemon.fails(2, "is mounted read-only");
    assert_eq!(look(folder.path()).0, ["wallet.dat"]);
    assert_eq!(fs::read(folder.path().join("wallet.dat")).expect("a store"), before);
}

/// Runs each line, and then tells what lies beside the store.
const CHANGES: &str = "\
    printf new >/tmp/new; chmod 600 /tmp/new; export TATUM_KMS_NEW_PASSWORD_FILE=/tmp/new
    for line in 'generatemanagedwallet ETH' migrate changepassword 'label a b' 'kdf upgrade' \
        'removewallet a --yes' 'daemon' 'pause'; do
        code=0; tatum-kms $line --testnet </dev/null || code=$?; echo $line: $code
    done
    ls -A /home/node/.tatumrc";

#[test]
fn a_store_that_is_mounted_without_its_folder_is_read_and_not_changed() {
    let place = Place::new();
    place.put_wallets(json!({ "a": ethereum() }).as_object().expect("wallets"));
    let legacy = place.path().join("legacy.dat");
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-sqlite/vectors/legacy/one.dat");
    fs::copy(vectors, &legacy).expect("copied");
    for (file, password) in [(place.store(), PASSWORD), (legacy, "x")] {
        let Some(container) = Container::of(0) else { return };
        give(&file, 0, 0, 0o600);
        let before = fs::read(&file).expect("a store");
        let container = container.mount(&file, "/home/node/.tatumrc/wallet.dat");
        let container = container.with("TATUM_API_KEY", "key").with("TATUM_KMS_PASSWORD", password);
        assert_eq!(count(&container.run(&["list"])), Some(1), "{}", file.display());
        let ran = container.shell(CHANGES);
        let expected = match password {
            PASSWORD => [4, 0, 4, 4, 4, 4, 2, 2],
            // The original's file holds another wallet.
            _ => [4, 4, 4, 1, 4, 1, 2, 2],
        };
        let told: Vec<_> = ran.stdout.lines().filter_map(|line| line.split_once(": ")).collect();
        let codes: Vec<i32> = told.iter().map(|(_, code)| code.parse().expect("a code")).collect();
        assert_eq!(codes, expected, "{ran:?}");
        let refused = codes.iter().filter(|code| **code == 4).count();
        assert_eq!(ran.stderr.matches("mount the folder, not the file alone").count(), refused);
        let beside: Vec<_> = ran.stdout.lines().skip(codes.len()).collect();
        assert!(["wallet.dat", "access.log wallet.dat"].contains(&&*beside.join(" ")), "{ran:?}");
        assert_eq!(fs::read(&file).expect("a store"), before);
    }
}

/// Waits for the daemon, and asks after it as an engine does.
const HEALTH: &str = "\
    ! tatum-kms health 2>/dev/null
    tatum-kms daemon --testnet --path /data/wallet.dat 2>/data/log & daemon=$!
    for try in $(seq 600); do tatum-kms health >/data/health 2>/dev/null && break; sleep .1; done
    tr -d '\n' </data/health; echo
    tatum-kms health --path /data/wallet.dat | tr -d '\n'; echo
    code=0; tatum-kms health --path /data/other.dat || code=$?; echo $code
    kill -KILL $daemon; wait $daemon || true
    code=0; tatum-kms health --path /data/wallet.dat || code=$?; echo $code
    code=0; tatum-kms health || code=$?; echo $code";

#[test]
fn health_needs_no_password_and_nothing_that_a_hardened_container_has_not() {
    for user in [0, 1000] {
        let folder = folder_of(user, 0o700);
        let Some(container) = Container::of(user) else { return };
        let container = container.mount(folder.path(), "/data");
        is_made(&container.run(&[&GENERATE[..], &["--path", "/data/wallet.dat"]].concat()));
        let ran = container.hardened().shell(&format!(
            "export TATUM_API_KEY=key TATUM_API_URL=http://127.0.0.1:9
             {HEALTH}"
        ));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let lines: Vec<_> = ran.stdout.lines().collect();
        assert_eq!(lines.len(), 5, "{ran:?}");
        for told in &lines[..2] {
            let told: Value = serde_json::from_str(told).expect("JSON");
            assert_eq!(told["store"], "/data/wallet.dat");
            assert!(told["process"].is_u64() && told["renewedSecondsAgo"].is_u64(), "{told}");
        }
        assert_eq!(lines[2..], ["1", "1", "1"], "{ran:?}");
        let log = fs::read_to_string(folder.path().join("log")).expect("a log");
        assert!(!log.contains("claim"), "{log}");
    }
}

#[test]
fn memory_that_cannot_be_locked_is_told_of_once() {
    let folder = folder_of(1000, 0o700);
    let Some(container) = Container::of(1000) else { return };
    let container = container.mount(folder.path(), OWN_STORE);
    is_made(&container.run(&GENERATE));
    let container =
        container.with("TATUM_API_KEY", "key").with("TATUM_API_URL", "http://127.0.0.1:9");
    for (limit, times) in [("0", 1), ("unlimited", 0)] {
        // More than the hard limit is refused.
        let ran = container.shell(&format!(
            "ulimit -l {limit} || exit 77; timeout -s TERM 5 tatum-kms daemon --testnet --period 1 || true"
        ));
        if (ran.code, limit) == (Some(77), "unlimited") {
            continue;
        }
        let told = ran.stderr.matches("limit of locked memory is reached").count();
        assert!(ran.stderr.matches("could not poll ETH").count() > 1, "{ran:?}");
        assert_eq!(told, times, "{ran:?}");
    }
}

fn ethereum() -> Value {
    let key = format!("0x{}", "46".repeat(32));
    json!({ "privateKey": key, "chain": "ETH", "testnet": true })
}
