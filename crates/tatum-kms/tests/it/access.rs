//! Secrets are shown after a yes on a terminal, and every access is written down.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Stdio,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Map, Value, json};

use crate::program::{Place, Ran};

const ID: &str = "7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c";
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";

fn place() -> Place {
    let place = Place::new();
    let wallet = json!({ "privateKey": KEY, "chain": "ETH", "testnet": true });
    place.put_wallets(&Map::from_iter([(ID.to_owned(), wallet)]));
    place
}

fn log(place: &Place) -> PathBuf {
    place.store().with_file_name("access.log")
}

fn lines(place: &Place) -> Vec<Value> {
    let text = fs::read_to_string(log(place)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Runs a command whose standard input is a terminal, at which `typed` is typed.
fn on_a_terminal(place: &Place, arguments: &[&str], typed: &str) -> Ran {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&own).and_then(|()| unlockpt(&own)).expect("it is unlocked");
    let name = ptsname(&own, Vec::new()).expect("a name").into_string().expect("text");
    let other = File::options().read(true).write(true).open(name).expect("its other end");
    File::from(own.try_clone().expect("a copy")).write_all(typed.as_bytes()).expect("typed");
    let output = place.command(arguments).stdin(Stdio::from(other)).output();
    drop(own);
    Ran::of(&output.expect("the program ends"))
}

#[test]
fn every_access_is_written_down_without_the_secret() {
    let place = place();
    for arguments in [
        ["getprivatekey", ID, "0"].as_slice(),
        &["getmanagedwallet", ID],
        &["export"],
        &["removewallet", ID],
    ] {
        assert_eq!(place.run(arguments).code, Some(0), "{arguments:?}");
    }
    let lines = lines(&place);
    let said: Vec<_> = lines.iter().map(|line| line["command"].as_str().expect("text")).collect();
    assert_eq!(said, ["getprivatekey", "getmanagedwallet", "export", "removewallet"]);
    assert_eq!((&lines[0]["signatureId"], &lines[0]["index"]), (&json!(ID), &json!(0)));
    assert_eq!(lines[2]["wallets"], 1);
    for line in &lines {
        assert!(line["time"].as_str().expect("text").ends_with('Z') && line["uid"].is_u64());
        assert!(line["pid"].is_u64() && !line.to_string().contains(&KEY[2..]));
    }
    let mode = fs::metadata(log(&place)).expect("a log").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_shows_no_secret_is_not_written_down() {
    let place = place();
    for arguments in [["getaddress", ID, "0"].as_slice(), &["list"], &["report"]] {
        assert_eq!(place.run(arguments).code, Some(0), "{arguments:?}");
    }
    place.run(&["getprivatekey", "nobody", "0"]).fails(1, "No such wallet");
    assert_eq!(lines(&place), Vec::<Value>::new());
}

#[test]
fn what_cannot_be_written_down_is_not_done() {
    let place = place();
    fs::create_dir(log(&place)).expect("something in its place");
    for arguments in [
        ["getprivatekey", ID, "0"].as_slice(),
        &["getmanagedwallet", ID],
        &["export"],
        &["removewallet", ID],
    ] {
        place.run(arguments).fails(1, "could not be recorded, so nothing was done");
    }
    assert_eq!(place.run(&["getaddress", ID, "0"]).code, Some(0));
}

#[test]
fn on_a_terminal_only_a_yes_is_a_yes() {
    let place = place();
    let commands = [
        ["getprivatekey", ID, "0"].as_slice(),
        &["getmanagedwallet", ID],
        &["export"],
        &["removewallet", ID],
    ];
    for arguments in commands {
        for typed in ["\n", "n\n", "no\n", "yep\n", "\u{4}"] {
            let ran = on_a_terminal(&place, arguments, typed);
            ran.fails(1, "not confirmed; nothing was done");
            assert!(ran.stderr.contains("[y/N]"), "{ran:?}");
        }
    }
    assert_eq!(lines(&place), Vec::<Value>::new());
    for (arguments, typed) in commands.into_iter().zip(["y\n", "YES\n", "Y\n", "yes\n"]) {
        let ran = on_a_terminal(&place, arguments, typed);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert_eq!(lines(&place).len(), 4);
}

#[test]
fn yes_is_not_asked_for_twice() {
    let place = place();
    for flag in ["--yes", "-y"] {
        let ran = on_a_terminal(&place, &["getprivatekey", ID, "0", flag], "");
        assert_eq!(ran.json(), json!({ "privateKey": KEY }));
        assert!(!ran.stderr.contains("[y/N]"), "{ran:?}");
    }
}
