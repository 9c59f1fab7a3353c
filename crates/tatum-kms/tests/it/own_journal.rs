//! The store knows its journal: without it, with an older copy or with another's, nothing is
//! signed until an operator says so.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    mock::{Mock, Reply},
    program::{PASSWORD, Place, Ran},
};

const ONCE: [&str; 5] = ["daemon", "--testnet", "--runOnce", "--chain", "ETH"];
const JOURNAL: [&str; 3] = ["journal.db", "journal.db-wal", "journal.db-shm"];

/// An account whose next nonce is another one each time, and an API whose answers to broadcasts
/// get lost: what is signed again is another payment.
struct Scene {
    mock: Mock,
    place: Place,
}

impl Scene {
    fn new() -> Self {
        let scene = Self::without_store();
        let wallet = json!({ "w1": { "privateKey": key(), "chain": "ETH", "testnet": true } });
        scene.place.put_wallets(wallet.as_object().expect("an object"));
        scene
    }

    /// With the original's file in the store's place.
    fn of_original() -> Self {
        let scene = Self::without_store();
        let wallet = json!({ "w1": { "privateKey": key(), "chain": "ETH", "testnet": true } });
        fs::create_dir(scene.folder()).expect("a folder");
        fs::write(scene.place.store(), legacy(&wallet)).expect("a store");
        scene
    }

    fn without_store() -> Self {
        let mock = Mock::start();
        let account = "/v3/ethereum/transaction/count/0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
        for nonce in 5..40 {
            mock.reply(&format!("GET {account}"), Reply::Json(200, json!(nonce)));
        }
        mock.reply("POST /v3/ethereum/broadcast", Reply::Json(504, json!("lost")));
        let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
        Self { mock, place }
    }

    fn offers(self, ids: &[&str]) -> Self {
        let payload = json!({
            "to": "0x52908400098527886E0F7030069857D2E4169EE7", "value": "1000", "gas": 21000,
            "gasPrice": "1000000000", "chainId": 11_155_111,
        });
        let one = |id: &&str| {
            json!({
                "id": id, "chain": "ETH", "hashes": ["w1"],
                "serializedTransaction": payload.to_string(),
            })
        };
        self.mock.pending("ETH", &Value::Array(ids.iter().map(one).collect()));
        self
    }

    fn folder(&self) -> PathBuf {
        self.place.store().parent().expect("a folder").to_owned()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn once(&self, more: &[&str]) -> Ran {
        self.place.run(&[&ONCE, more].concat())
    }

    fn lose_journal(&self) {
        JOURNAL.iter().for_each(|name| drop(fs::remove_file(self.file(name))));
    }

    fn signed(&self) -> usize {
        self.mock.broadcasts().into_iter().collect::<std::collections::HashSet<_>>().len()
    }

    fn refuses(&self, words: &str) {
        let before = self.mock.asked().len();
        let ran = self.once(&[]);
        ran.fails(6, words);
        assert!(ran.stderr.contains("--new-journal") && ran.stderr.contains("docs/daemon.md"));
        assert_eq!(self.mock.asked().len(), before, "not even polled");
    }
}

fn key() -> String {
    format!("0x{}", "46".repeat(32))
}

/// Encrypts a file in the original's format.
fn legacy(wallets: &Value) -> Vec<u8> {
    let mut openssl = std::process::Command::new("openssl")
        .args(["enc", "-aes-256-cbc", "-md", "md5", "-salt", "-a", "-A", "-pass"])
        .arg(format!("pass:{PASSWORD}"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("openssl");
    let mut stdin = openssl.stdin.take().expect("stdin");
    std::io::Write::write_all(&mut stdin, wallets.to_string().as_bytes()).expect("written");
    drop(stdin);
    openssl.wait_with_output().expect("openssl ends").stdout
}

#[test]
fn a_journal_that_is_gone_stops_the_daemon_before_anything_is_signed() {
    for scene in [Scene::new(), Scene::of_original()] {
        let scene = scene.offers(&["t1"]);
        scene.once(&[]);
        assert_eq!(scene.signed(), 1);
        scene.lose_journal();
        scene.refuses("it is missing");
        // The store, or the file beside it, tells it without a password.
        scene.place.run(&["pause"]).fails(1, "nothing was paused: the store's journal");
        scene.refuses("it is missing");
        // A command that makes a journal does not make it the store's.
        scene.place.run(&["resume", "--all"]).json();
        scene.refuses("but the store's is");
        assert_eq!(scene.signed(), 1);
    }
}

#[test]
fn an_older_copy_of_the_journal_is_noticed_even_if_nothing_was_told_to_the_store_since() {
    for is_original in [false, true] {
        let scene = if is_original { Scene::of_original() } else { Scene::new() };
        let scene = scene.offers(&[]);
        assert_eq!(scene.once(&[]).code, Some(0));
        fs::copy(scene.file("journal.db"), scene.file("backup.db")).expect("a copy");
        let stores: Vec<_> = ["wallet.dat", "wallet.dat.journal"]
            .into_iter()
            .filter_map(|name| Some((name, fs::read(scene.file(name)).ok()?)))
            .collect();
        // The first list is used up; then t1 is offered.
        let scene = Scene { mock: Mock::start(), ..scene };
        let place = scene.place.with("TATUM_API_URL", &scene.mock.url());
        let scene = Scene { mock: scene.mock, place }.offers(&["t1"]);
        let account = "/v3/ethereum/transaction/count/0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
        scene.mock.reply(&format!("GET {account}"), Reply::Json(200, json!(7)));
        scene.once(&[]);
        assert_eq!(scene.signed(), 1);
        // An older store with the newer journal is no trouble.
        let newer: Vec<_> =
            stores.iter().map(|(name, _)| fs::read(scene.file(name)).expect("read")).collect();
        for (name, old) in &stores {
            fs::write(scene.file(name), old).expect("written");
        }
        let ran = scene.once(&[]);
        assert!(!ran.stderr.contains("--new-journal"), "{ran:?}");
        for ((name, _), new) in stores.iter().zip(newer) {
            fs::write(scene.file(name), new).expect("written");
        }
        scene.lose_journal();
        fs::copy(scene.file("backup.db"), scene.file("journal.db")).expect("a copy");
        scene.refuses("copy");
        assert_eq!(scene.signed(), 1);
    }
}

#[test]
fn another_stores_journal_is_not_taken() {
    let (scene, other) = (Scene::new().offers(&["t1"]), Scene::new().offers(&["t9"]));
    scene.once(&[]);
    other.once(&[]);
    scene.lose_journal();
    fs::copy(other.file("journal.db"), scene.file("journal.db")).expect("a copy");
    scene.refuses("but the store's is");
    assert_eq!(scene.signed(), 1);
}

#[test]
fn what_the_store_knows_cannot_be_changed_or_emptied_unnoticed() {
    let scene = Scene::of_original().offers(&["t1"]);
    scene.once(&[]);
    for bad in ["", "{}", "{\"format\":1,\"sealed\":\"00\"}"] {
        fs::write(scene.file("wallet.dat.journal"), bad).expect("written");
        scene.refuses("cannot be read");
    }
    assert_eq!(scene.signed(), 1);
}

#[test]
fn a_new_journal_is_taken_when_told_and_signs_no_id_that_the_api_holds_for_paid() {
    for scene in [Scene::new(), Scene::of_original()] {
        let scene = scene.offers(&["paid", "new", "unclear", "forgotten"]);
        scene
            .mock
            .reply("GET /v3/kms/paid", Reply::Json(200, json!({ "id": "paid", "txId": "abc" })));
        scene.mock.reply("GET /v3/kms/new", Reply::Json(200, json!({ "id": "new" })));
        scene.mock.reply("GET /v3/kms/unclear", Reply::Json(503, json!("later")));
        let none = json!({ "statusCode": 404, "errorCode": "pending.transaction.not.found" });
        scene.mock.reply("GET /v3/kms/forgotten", Reply::Json(404, none));
        let ids = |mock: &Mock| {
            let id =
                |asked: &crate::mock::Asked| asked.body["signatureId"].as_str().map(str::to_owned);
            let mut ids: Vec<_> = mock.asked_at("/broadcast").iter().filter_map(id).collect();
            ids.sort_unstable();
            ids
        };
        scene.once(&["--transactionIds", "none"]);
        scene.lose_journal();
        fs::write(scene.file("journal.db"), "damaged").expect("written");
        let ran = scene.once(&["--new-journal"]);
        assert!(ran.stderr.contains("journal.db.old-1"), "{ran:?}");
        assert_eq!(ids(&scene.mock), ["new"], "{ran:?}");
        let kept = fs::read(scene.file("journal.db.old-1")).expect("kept");
        assert_eq!(String::from_utf8_lossy(&kept), "damaged");
        let show = scene.place.run(&["pending", "show", "paid", "--json"]).json();
        assert_eq!(show["state"], "held", "{show}");
        assert!(show["reason"].as_str().is_some_and(|reason| reason.contains("abc")), "{show}");
        let show = scene.place.run(&["pending", "show", "forgotten", "--json"]).json();
        assert_eq!(show["state"], "waiting", "{show}");
        assert!(
            show["reason"].as_str().is_some_and(|why| why.contains("does not know it")),
            "{show}"
        );
        // It is the store's from now on, and the flag alone changes nothing.
        let journal = fs::metadata(scene.file("journal.db")).expect("a journal");
        let again = scene.once(&["--new-journal"]);
        assert!(again.stderr.contains("has no effect"), "{again:?}");
        assert!(!scene.file("journal.db.old-2").exists());
        let unchanged = fs::metadata(scene.file("journal.db")).expect("a journal");
        assert_eq!(
            std::os::unix::fs::MetadataExt::ino(&journal),
            std::os::unix::fs::MetadataExt::ino(&unchanged)
        );
        assert_eq!(scene.signed(), 1);
    }
}

#[test]
fn a_first_start_asks_nothing_unless_it_is_wanted_of_every_id() {
    let scene = Scene::new().offers(&["t1"]);
    scene.once(&[]);
    assert_eq!(scene.mock.asked_at("/v3/kms/t1").len(), 0);
    assert!(!scene.file("wallet.dat.claim").exists(), "taken away at the end");
    let wary = Scene::new().offers(&["t1"]);
    wary.mock.reply("GET /v3/kms/t1", Reply::Json(200, json!({ "id": "t1", "txId": "abc" })));
    let ran = wary.once(&["--ask-before-signing"]);
    assert!(ran.stderr.contains("lists it as paid (abc)"), "{ran:?}");
    assert_eq!(wary.signed(), 0);
}

#[test]
fn two_daemons_on_one_journal_are_welcome_and_one_with_another_journal_is_not() {
    let scene = Scene::new().offers(&["t1"]);
    let daemon = scene.place.start_logged(&["daemon", "--testnet", "--chain", "ETH"]);
    daemon.says("started");
    crate::program::until("a claim", || scene.file("wallet.dat.claim").exists());
    scene.once(&[]);
    assert_eq!(scene.signed(), 1);
    // The first daemon's journal is deleted under its hands.
    scene.lose_journal();
    scene.once(&["--new-journal"]).fails(6, "another daemon (process");
    drop(daemon);
    // It is gone, so its claim counts for nothing.
    let ran = scene.once(&["--new-journal", "--transactionIds", "none"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(scene.signed(), 1);
    // That of a machine that is not known to be gone.
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
    let claim = json!([{ "host": "there", "system": "x", "pid": 1, "journal": "00", "at": now }]);
    fs::write(scene.file("wallet.dat.claim"), claim.to_string()).expect("written");
    scene.once(&["--transactionIds", "none"]).fails(6, "--take-over");
    let taken = scene.once(&["--take-over", "--transactionIds", "none"]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
}

#[test]
fn a_daemon_whose_store_was_given_another_journal_stops() {
    let scene = Scene::new().offers(&["t1"]);
    let daemon =
        scene.place.start_logged(&["daemon", "--testnet", "--chain", "ETH", "--period", "1"]);
    crate::program::until("a broadcast", || scene.signed() == 1);
    fs::rename(scene.file("journal.db"), scene.file("gone.db")).expect("moved");
    scene.lose_journal();
    let ran = scene.once(&["--new-journal", "--take-over", "--transactionIds", "none"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(daemon.end(), Some(6));
    assert_eq!(scene.signed(), 1);
}

#[test]
fn commands_that_need_no_password_say_that_the_journal_is_lost_or_go_on_with_a_new_one() {
    let scene = Scene::new().offers(&["t1"]);
    scene.once(&[]);
    scene.lose_journal();
    scene.place.run(&["pause"]).fails(1, "is missing, but a daemon may still be using it");
    scene.place.run(&["pending", "list"]).fails(1, "the store's journal is missing");
    for command in [&["resume", "--all"][..], &["pending", "list", "--json"], &["pause"]] {
        assert_eq!(scene.place.run(command).code, Some(0), "{command:?}");
    }
}

#[test]
fn the_check_up_tells_of_a_journal_that_is_gone_or_anothers() {
    let scene = Scene::new().offers(&["t1"]);
    let finding = |arguments: &[&str]| {
        let ran = scene.place.run(arguments);
        let all: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let all = all.as_array().expect("a list").clone();
        all.into_iter().rfind(|one| one["subject"] == "journal")
    };
    assert!(finding(&["doctor", "--json"]).is_none(), "a store that was never used has none");
    scene.once(&[]);
    assert_eq!(finding(&["doctor", "--json"]).expect("a finding")["verdict"], "good");
    scene.lose_journal();
    assert_eq!(finding(&["doctor", "--json"]).expect("a finding")["verdict"], "wrong");
    scene.place.run(&["resume", "--all"]).json();
    assert_eq!(finding(&["doctor", "--json", "--try"]).expect("a finding")["verdict"], "wrong");
}

/// Root may write what nobody may, so a store that is read only is mounted so.
#[test]
fn a_folder_that_cannot_be_written_is_said() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let scene = Scene::of_original().offers(&["t1"]);
    scene.once(&["--transactionIds", "none"]);
    fs::remove_file(scene.file("wallet.dat.journal")).expect("removed");
    let only_read = std::os::unix::fs::PermissionsExt::from_mode(0o500);
    fs::set_permissions(scene.folder(), only_read).expect("set");
    let ran = scene.once(&["--transactionIds", "none"]);
    assert!(
        ran.stderr.contains("WARNING: the store's record of its journal cannot be written"),
        "{ran:?}"
    );
    let all = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(scene.folder(), all).expect("set");
}
