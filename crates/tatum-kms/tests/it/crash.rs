//! The daemon is killed at every step in turn and started again: one payment, signed once.

use std::{collections::HashSet, process::Command};

use serde_json::{Value, json};

use crate::{
    mock::{Mock, Reply},
    program::{Place, Ran},
    real,
};

/// The system calls that the daemon's steps consist of: files that change, requests that leave,
/// answers that arrive. Each is counted separately.
const CALLS: [&str; 6] = ["openat", "pwrite64", "fdatasync", "fsync", "sendto", "recvfrom"];
/// Calls of one kind, at most, that a round makes.
const CALLS_MAX: usize = 400;
const ONCE: [&str; 3] = ["daemon", "--testnet", "--runOnce"];

/// An account whose next nonce is another one each time it is asked for: what is signed again is
/// another payment.
fn scene() -> (Mock, Place) {
    let mock = Mock::start();
    let key = format!("0x{}", "46".repeat(32));
    let account = "/v3/ethereum/transaction/count/0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
    for nonce in 5..15 {
        mock.reply(&format!("GET {account}"), Reply::Json(200, json!(nonce)));
    }
    let payload = json!({
        "to": "0x52908400098527886E0F7030069857D2E4169EE7", "value": "1000", "gas": 21000,
        "gasPrice": "1000000000", "chainId": 11_155_111,
    });
    let pending = json!([{
        "id": "t1", "chain": "ETH", "hashes": ["w1"],
        "serializedTransaction": payload.to_string(),
    }]);
    mock.pending("ETH", &pending);
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
    let wallet: Value = json!({ "w1": { "privateKey": key, "chain": "ETH", "testnet": true } });
    place.put_wallets(wallet.as_object().expect("an object"));
    (mock, place)
}

#[test]
fn a_daemon_that_is_killed_at_any_step_pays_once() {
    let Some(strace) = real::program("strace") else { return };
    let mut kills = 0;
    for call in CALLS {
        for when in 1..=CALLS_MAX {
            let (mock, place) = scene();
            let fault = format!("inject={call}:signal=SIGKILL:when={when}");
            let mut killer = Command::new(&strace);
            killer.args(["-f", "-qq", "-o", "/dev/null", "-e", &fault]);
            let killed = Ran::of(&place.run_by(killer, &ONCE));
            let again = place.run(&ONCE);
            assert_eq!(again.code, Some(0), "{fault}: {again:?}");
            let broadcasts = mock.broadcasts();
            let distinct: HashSet<_> = broadcasts.iter().collect();
            assert_eq!(distinct.len(), 1, "{fault}: {broadcasts:?}");
            assert_eq!(mock.reports(), [], "{fault}");
            if killed.code == Some(0) {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 50, "only {kills} steps");
}

/// Whatever is written when it is killed, one of both passwords opens the store.
#[test]
fn a_change_of_the_password_that_is_killed_at_any_step_loses_nothing() {
    let Some(strace) = real::program("strace") else { return };
    let (mut kills, mut changed) = (0, 0);
    for call in ["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"] {
        for when in 1..=CALLS_MAX {
            let place = Place::new();
            let key = "46".repeat(32);
            let wallet = json!({ "w1": { "privateKey": key, "chain": "ETH", "testnet": true } });
            place.put_wallets(wallet.as_object().expect("an object"));
            let file = place.path().join("new");
            std::fs::write(&file, "another horse\n").expect("written");
            let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&file, owner_only).expect("set");
            let place = place.with("TATUM_KMS_NEW_PASSWORD_FILE", file.to_str().expect("a path"));
            let fault = format!("inject={call}:signal=SIGKILL:when={when}");
            let mut killer = Command::new(&strace);
            killer.args(["-f", "-qq", "-o", "/dev/null", "-e", &fault]);
            let killed = Ran::of(&place.run_by(killer, &["changepassword"]));
            let with_old = place.run(&["getaddress", "w1"]);
            let place = place.with("TATUM_KMS_PASSWORD", "another horse");
            let with_new = place.run(&["getaddress", "w1"]);
            assert_eq!(
                [with_old.code, with_new.code].iter().filter(|code| **code == Some(0)).count(),
                1,
                "{fault}: {with_old:?} {with_new:?}"
            );
            changed += usize::from(with_new.code == Some(0));
            if killed.code == Some(0) {
                assert_eq!(with_new.code, Some(0), "{fault}");
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 8 && changed >= 2, "{kills} kills, {changed} changed");
}
