//! The daemon and the sample approver of `examples/`, which is written by the contract alone.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use data_encoding::BASE64;
use serde_json::json;

use crate::{
    certificates::{authority, certificate},
    daemon::{payload, pending, place},
    mock::Mock,
    program::Place,
    real,
};

struct Approver {
    child: Child,
    address: String,
}

impl Drop for Approver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Approver {
    fn start(
        python: &Path,
        place: &Place,
        question_key: &str,
        answer_key: &str,
        more: &[&str],
    ) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/four-eye/approver.py");
        let receiver = payload(0)["to"].as_str().expect("an address").to_owned();
        fs::write(place.path().join("allowed"), receiver).expect("written");
        let mut child = Command::new(python)
            .args([script, "--listen", "127.0.0.1:0", "--allow", "allowed", "--most", "1000"])
            .args(["--question-key", question_key, "--answer-key", answer_key])
            .args(more)
            .current_dir(place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, address }
    }
}

/// Writes a key's file, for its owner only.
fn key(place: &Place, name: &str, line: &str) -> PathBuf {
    place.write(name, &format!("{line}\n"), 0o600)
}

fn run(place: &Place, url: &str, own: &Path, approver: &Path, more: &[&str]) -> String {
    let own = own.to_str().expect("a path");
    let approver = approver.to_str().expect("a path");
    let mut arguments = vec!["daemon", "--testnet", "--runOnce", "--externalUrl", url];
    arguments.extend(["--four-eyes-key", own, "--four-eyes-approver-key", approver]);
    arguments.extend(more);
    place.run(&arguments).stderr
}

fn three(mock: &Mock) {
    let (mut much, mut other) = (payload(8), payload(9));
    much["value"] = json!("1001");
    other["to"] = json!("0x00000000000000000000000000000000000000aa");
    let list = [("good", payload(7)), ("much", much), ("other", other)];
    let list: Vec<_> = list.iter().map(|(id, payload)| pending(id, payload)).collect();
    mock.pending("ETH", &json!(list));
}

#[test]
fn only_what_the_approver_signs_for_is_signed() {
    let Some(python) = real::program("python") else { return };
    let mock = Mock::start();
    three(&mock);
    let place = place(&mock);
    let hmac = |id: &str, byte| format!("hmac-sha256:{id}:{}", BASE64.encode(&[byte; 32]));
    let own = key(&place, "own.key", &hmac("kms-1", 1));
    let theirs = key(&place, "approver.key", &hmac("approver-1", 2));
    let approver = Approver::start(&python, &place, "own.key", "approver.key", &[]);
    let url = format!("http://{}/check", approver.address);
    let stranger = key(&place, "stranger.key", &hmac("approver-1", 3));
    let log = run(&place, &url, &own, &stranger, &[]);
    assert!(log.contains("its signature is wrong"), "{log}");
    let log = run(&place, &url, &stranger, &theirs, &[]);
    assert!(log.contains("answered with status 403"), "{log}");
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 0));
    let log = run(&place, &url, &own, &theirs, &[]);
    assert_eq!(mock.broadcasts().len(), 1, "{log}");
    assert!(
        log.contains("much: held, not reported: the four-eye approver rejects it: 1001"),
        "{log}"
    );
    assert!(log.contains("other: waiting: the four-eye approver has not decided yet"), "{log}");
    assert_eq!(mock.reports(), []);
    drop(approver);
    let log = run(&place, &url, &own, &theirs, &[]);
    assert!(log.contains("other: waiting: the four-eye approver could not be reached"), "{log}");
}

#[test]
fn both_sides_know_each_other_by_certificates() {
    let Some(python) = real::program("python") else { return };
    let mock = Mock::start();
    three(&mock);
    let place = place(&mock);
    authority(place.path());
    certificate(place.path(), "approver", "IP:127.0.0.1", "serverAuth");
    certificate(place.path(), "daemon", "IP:127.0.0.1", "clientAuth");
    let read = |name: &str| fs::read_to_string(place.path().join(name)).expect("a file");
    let identity = read("daemon.pem") + &read("daemon.key.pem");
    let identity = key(&place, "daemon.identity", &identity);
    // Seeds of RFC 8032, 7.1, tests 1 and 2, and the public key of the second.
    let seed =
        |hex: &str| BASE64.encode(&data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex"));
    let own = seed("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let own_public = seed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let theirs = seed("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let their_public = seed("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let own = key(&place, "own.key", &format!("ed25519:k:{own}"));
    key(&place, "own.pub", &format!("ed25519-public:k:{own_public}"));
    key(&place, "approver.key", &format!("ed25519:a:{theirs}"));
    let public = key(&place, "approver.pub", &format!("ed25519-public:a:{their_public}"));
    let tls =
        ["--tls-cert", "approver.pem", "--tls-key", "approver.key.pem", "--client-ca", "ca.pem"];
    let approver = Approver::start(&python, &place, "own.pub", "approver.key", &tls);
    let url = format!("https://{}/check", approver.address);
    let ca = place.path().join("ca.pem");
    let ca = ["--four-eyes-ca", ca.to_str().expect("a path")];
    let identity = ["--four-eyes-identity", identity.to_str().expect("a path")];
    let log = run(&place, &url, &own, &public, &identity);
    assert!(log.contains("(for the approver: --four-eyes-ca)"), "{log}");
    let log = run(&place, &url, &own, &public, &ca);
    assert!(log.contains("could not be reached"), "{log}");
    assert_eq!(mock.broadcasts().len(), 0);
    let looks =
        |more: &[&str]| place.run(&[&["doctor", "--externalUrl", &url][..], more].concat()).stdout;
    let (nobody, known) = (looks(&ca), looks(&[ca, identity].concat()));
    assert!(nobody.contains("wrong    four-eye endpoint"), "{nobody}");
    assert!(known.contains("good     four-eye endpoint  answers with status"), "{known}");
    let log = run(&place, &url, &own, &public, &[ca, identity].concat());
    assert_eq!(mock.broadcasts().len(), 1, "{log}");
}

#[test]
fn a_url_that_no_id_can_be_put_at_the_end_of_stops_the_start_in_every_mode() {
    let mock = Mock::start();
    let place = place(&mock);
    let line = format!("hmac-sha256:k:{}", BASE64.encode(&[1; 32]));
    let own = key(&place, "own", &line);
    let own = own.to_str().expect("a path");
    let signed = ["--four-eyes-key", own, "--four-eyes-approver-key", own];
    for mode in [&[][..], &["--externalUrlMethod", "POST"], &signed] {
        for (end, what) in [("?tenant=hunter2", "a query"), ("/#hunter2", "a fragment")] {
            let url = format!("{}/eyes{end}", mock.url());
            for start in [&["daemon", "--runOnce"][..], &["daemon", "--testnet", "--dry-run"]] {
                let ran = place.run(&[start, &["--externalUrl", &url], mode].concat());
                assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
                ran.fails(2, what);
            }
        }
    }
    let url = mock.url().replace("http://", "http://user:hunter2@");
    place.run(&["daemon", "--runOnce", "--externalUrl", &url]).fails(2, "credentials");
    assert!(mock.asked_at("/eyes").is_empty());
    let told = place.run(&["doctor", "--externalUrl", "https://approver/?a"]).stdout;
    assert!(told.contains("wrong    four-eye endpoint"), "{told}");
}

#[test]
fn a_check_up_finds_an_approver_that_allows_everything() {
    let mock = Mock::start();
    let place = place(&mock);
    let url = format!("{}/eyes", mock.url());
    for mode in ["GET", "POST"] {
        let look = || {
            let flags = ["doctor", "--externalUrl", &url, "--externalUrlMethod", mode];
            place.run(&flags).stdout
        };
        mock.relay(|_, _| None);
        let told = look();
        assert!(told.contains("approves a transaction that does not exist"), "{told}");
        mock.relay(|path, _| path.starts_with("/eyes/").then(|| (403, json!({}))));
        let told = look();
        assert!(told.contains("good     four-eye endpoint  answers with status 200"), "{told}");
    }
}

#[test]
fn a_mainnet_daemon_takes_no_approver_that_allows_everything() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([]));
    let place = place(&mock);
    let url = format!("{}/eyes", mock.url());
    for mode in ["GET", "POST"] {
        let start = |more: &[&str]| {
            let flags = ["daemon", "--runOnce", "--externalUrl", &url, "--externalUrlMethod", mode];
            place.run(&[&flags[..], more].concat())
        };
        mock.relay(|_, _| None);
        start(&[]).fails(2, "approves a transaction that does not exist");
        let told = start(&["--four-eyes-yes-to-all"]).stderr;
        assert!(told.contains("WARNING: --four-eyes-yes-to-all"), "{told}");
        assert!(!start(&["--testnet"]).stderr.contains("does not exist"));
        mock.relay(|path, _| path.starts_with("/eyes/").then(|| (404, json!({}))));
        let told = start(&[]).stderr;
        assert!(!told.contains("approves") && !told.contains("WARNING"), "{told}");
        mock.relay(|path, _| path.starts_with("/eyes/").then(|| (503, json!({}))));
        let told = start(&[]).stderr;
        assert!(told.contains("nothing is signed until it denies"), "{told}");
    }
}

#[test]
fn an_approver_that_was_away_at_the_start_is_found_out_before_it_approves_anything() {
    for (tells_apart, sent) in [(false, 0), (true, 1)] {
        let mock = Mock::start();
        let mut paying = pending("t1", &payload(0));
        let mut fields = payload(7);
        fields["chainId"] = json!(1);
        paying["hashes"] = json!(["main"]);
        paying["serializedTransaction"] = json!(fields.to_string());
        mock.pending("ETH", &json!([paying]));
        let place = place(&mock);
        let questions = AtomicUsize::new(0);
        mock.relay(move |path, _| {
            let id = path.strip_prefix("/eyes/")?;
            if questions.fetch_add(1, Ordering::SeqCst) == 0 {
                return Some((503, json!({})));
            }
            (tells_apart && id != "t1").then(|| (404, json!({})))
        });
        let url = format!("{}/eyes", mock.url());
        let told = place.run(&["daemon", "--runOnce", "--externalUrl", &url]).stderr;
        assert!(told.contains("nothing is signed until it denies"), "{told}");
        assert_eq!(mock.broadcasts().len(), sent, "{told}");
        let is_refused = told.contains("it approves a transaction that does not exist");
        assert_eq!(is_refused, !tells_apart, "{told}");
        assert_eq!(mock.reports(), []);
    }
}

#[test]
fn keys_that_are_no_keys_stop_the_start() {
    let mock = Mock::start();
    let place = place(&mock);
    let good = format!("hmac-sha256:k:{}", BASE64.encode(&[1; 32]));
    let good = key(&place, "good", &good);
    let bad = key(&place, "bad", "hmac-sha256:k:c2hvcnQ=");
    let good = good.to_str().expect("a path");
    let url = ["daemon", "--testnet", "--runOnce", "--externalUrl", "http://127.0.0.1:9"];
    let with = |more: &[&str]| place.run(&[&url[..], more].concat());
    with(&["--four-eyes-key", good]).fails(2, "--four-eyes-approver-key");
    with(&["--four-eyes-approver-key", good]).fails(2, "--four-eyes-key");
    let bad = bad.to_str().expect("a path");
    with(&["--four-eyes-key", bad, "--four-eyes-approver-key", good]).fails(2, "a four-eye key is");
    let missing = ["--four-eyes-key", "/nonexistent", "--four-eyes-approver-key", good];
    with(&missing).fails(3, "/nonexistent");
    fs::set_permissions(good, fs::Permissions::from_mode(0o644)).expect("set");
    with(&["--four-eyes-key", good, "--four-eyes-approver-key", good]).fails(3, "chmod 600");
    with(&["--four-eyes-ca", "/nonexistent"]).fails(2, "/nonexistent");
}

#[test]
fn the_sample_approver_decides_by_its_rules() {
    let Some(python) = real::program("python") else { return };
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/four-eye/test_approver.py");
    let run = Command::new(python).args(["-B", tests]).output().expect("python3 runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("Ran 10 tests"), "{said}");
}
