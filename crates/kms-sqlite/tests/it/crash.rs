//! The writer is killed, or its disk fails, at every step in turn: the store holds the old wallets
//! or the new ones, the journal all that was acknowledged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kms_core::{Entry, Journal as _, Recalled};
use kms_sqlite::SqliteJournal;

use crate::{
    journal::{clock, pending, record, reserve},
    scene::{content, file, password, read, store, vectors, wallet},
};

const TASK: &str = "KMS_CRASH_TASK";
const PLACE: &str = "KMS_CRASH_PLACE";
/// The system calls that change files. Each is counted separately.
const CALLS: [&str; 9] =
    ["openat", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "link", "unlink"];
/// Calls of one kind that a task makes, at most.
const CALLS_MAX: usize = 400;

/// The work of the writer that is killed; runs only as a child of the tests below.
#[tokio::test]
async fn child() {
    let (Ok(task), Ok(place)) = (std::env::var(TASK), std::env::var(PLACE)) else { return };
    let place = Path::new(&place);
    match task.as_str() {
        "add" => {
            let (mut store, _) = writable(place);
            store.add(&[wallet("new")]).expect("added");
        }
        "remove" => {
            let (mut store, _) = writable(place);
            assert!(store.remove(wallet("old").id()).expect("removed"));
        }
        "convert" => drop(writable(place)),
        _ => return keep_journal(place).await,
    }
    println!("ACKNOWLEDGED");
}

fn writable(place: &Path) -> (kms_keystore::Unlocked, Option<kms_sqlite::Converted>) {
    file(&place.join("wallet.dat")).open_for_writing(&password()).expect("a store")
}

async fn keep_journal(place: &Path) {
    let journal = SqliteJournal::open(&place.join("journal.db"), clock).expect("a journal");
    for number in 0..2 {
        let pending = pending(number, 0);
        let reservation = reserve(&journal, &pending, number).await.expect("reserved");
        let raw = format!("bytes {number}");
        record(&journal, &pending, &reservation, &raw).await.expect("recorded");
        println!("RECORDED {number}");
        journal.close(&pending.id, None, None).await.expect("closed");
    }
    println!("ACKNOWLEDGED");
}

/// Runs a task with a fault at the `when`-th call of one kind.
fn run(task: &str, place: &Path, fault: &str) -> Output {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(strace());
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={fault}")]);
    command.arg(program).args(["--exact", "crash::child", "--nocapture", "--test-threads=1"]);
    command.env(TASK, task).env(PLACE, place);
    command
        .output()
        .expect("strace runs: `cargo xtask real` installs it, KMS_SKIP_REAL=1 does without")
}

/// Installed by `cargo xtask test`.
fn strace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/real/run-strace")
}

fn said(output: &Output, word: &str) -> bool {
    String::from_utf8_lossy(&output.stdout).contains(word)
}

fn leave_out() -> bool {
    std::env::var_os("KMS_SKIP_REAL").is_some()
}

/// Every fault at every step of a task, each in a fresh copy of a place; `check` sees what is
/// left and whether the task acknowledged. Says how many faults there were.
fn sweep(task: &str, faults: &[&str], set: impl Fn(&Path), check: impl Fn(&Path, &Output, &str)) {
    let mut points = 0;
    for call in CALLS {
        for fault in faults {
            for when in 1..=CALLS_MAX {
                let directory = tempfile::tempdir().expect("a directory");
                set(directory.path());
                let fault = format!("{call}:{fault}:when={when}");
                let output = run(task, directory.path(), &fault);
                check(directory.path(), &output, &format!("{task}, {fault}"));
                if output.status.success() && said(&output, "ACKNOWLEDGED") {
                    break;
                }
                points += 1;
            }
        }
    }
    println!("{task}: {points} faults");
    assert!(points >= 20, "{task}: only {points} faults");
}

const KILL: &[&str] = &["signal=SIGKILL"];
const DISK: &[&str] = &["error=ENOSPC", "error=EIO"];

/// Opens and writes, as the next command would.
fn content_after(place: &Path, fault: &str) -> String {
    let path = place.join("wallet.dat");
    let found = read(&path).unwrap_or_else(|error| panic!("{fault}: {error}"));
    let (store, _) = file(&path).open_for_writing(&password()).expect(fault);
    assert_eq!(content(&store).expect(fault), found, "{fault}");
    found
}

fn check_change(task: &str, faults: &[&str], names: &[&str], new_names: &[&str]) {
    let place = tempfile::tempdir().expect("a directory");
    let (old_path, new_path) = (place.path().join("old.dat"), place.path().join("new.dat"));
    store(&old_path, names);
    store(&new_path, new_names);
    let (old, new) = (read(&old_path).expect("a store"), read(&new_path).expect("a store"));
    let set = |place: &Path| {
        fs::copy(&old_path, place.join("wallet.dat")).expect("a copy");
    };
    sweep(task, faults, set, |place, output, fault| {
        let found = content_after(place, fault);
        assert!(found == old || found == new, "{fault}: {found}");
        if said(output, "ACKNOWLEDGED") {
            assert_eq!(found, new, "{fault}");
        }
    });
}

#[test]
fn a_killed_addition_leaves_the_old_wallets_or_the_new_ones() {
    if !leave_out() {
        check_change("add", KILL, &["old"], &["old", "new"]);
    }
}

#[test]
fn a_full_or_broken_disk_leaves_the_old_wallets_or_the_new_ones() {
    if !leave_out() {
        check_change("add", DISK, &["old"], &["old", "new"]);
    }
}

#[test]
fn a_killed_removal_leaves_the_old_wallets_or_the_new_ones() {
    if !leave_out() {
        check_change("remove", KILL, &["other", "old"], &["other"]);
    }
}

#[test]
fn a_killed_conversion_leaves_a_complete_store() {
    if leave_out() {
        return;
    }
    let legacy = vectors().join("mixed.dat");
    let export = fs::read_to_string(vectors().join("mixed.export.json")).expect("an export");
    let set = |place: &Path| {
        fs::copy(&legacy, place.join("wallet.dat")).expect("a copy");
    };
    sweep("convert", KILL, set, |place, _, fault| {
        assert_eq!(content_after(place, fault).trim(), export.trim(), "{fault}");
    });
}

#[test]
fn a_killed_journal_forgets_nothing_that_was_recorded() {
    if leave_out() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    sweep(
        "journal",
        KILL,
        |_| (),
        |place, output, fault| {
            let journal = SqliteJournal::open(&place.join("journal.db"), clock).expect(fault);
            for number in 0..2 {
                let pending = pending(number, 0);
                let entry = runtime.block_on(journal.recall(&pending));
                match entry.expect(fault) {
                    Recalled::Known(Entry::Signed(raw) | Entry::Sent(raw)) => {
                        assert_eq!(raw.as_str(), format!("bytes {number}"));
                    }
                    Recalled::New(_) => {
                        assert!(!said(output, &format!("RECORDED {number}")), "{fault}: forgotten");
                        runtime.block_on(reserve(&journal, &pending, number)).expect(fault);
                    }
                    other => panic!("{fault}: {other:?}"),
                }
            }
        },
    );
}
