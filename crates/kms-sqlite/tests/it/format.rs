//! The published format: a store of version 1 opens for ever, and a reader that shares no code
//! with this one reads what is written now.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use kms_secret::Password;
use rusqlite::Connection;

use crate::scene::{PASSWORD, content, file, password, read, wallet};

const MANY: usize = 600;

fn vector(end: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/store");
    folder.join(format!("version1.{end}"))
}

/// The reader in Python, or `None` where it is to be left out.
fn read_in_python(store: &Path, password: &str) -> Option<Output> {
    if std::env::var_os("KMS_SKIP_REAL").is_some() {
        return None;
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut python = Command::new(root.join("target/real/run-python"))
        .arg(root.join("tools/read_wallet.py"))
        .arg("--secrets")
        .arg(store)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python runs: `cargo xtask real` installs it, KMS_SKIP_REAL=1 does without");
    let line = format!("{password}\n");
    python.stdin.take().expect("stdin").write_all(line.as_bytes()).expect("it reads");
    Some(python.wait_with_output().expect("it ends"))
}

fn assert_refused(output: Option<Output>, words: &str) {
    let Some(output) = output else { return };
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains(words), "{error}");
    assert_eq!(output.stdout, b"");
}

#[test]
fn a_store_of_version_1_opens_here_and_in_python() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wallet.dat");
    fs::copy(vector("dat"), &path).expect("a copy");
    let text = |end| fs::read_to_string(vector(end)).expect("a text");
    let (typed, export) = (text("password.txt"), text("export.json"));
    let typed = typed.trim_end();
    for password in [typed, "caf\u{e9} 4\u{1f511}"] {
        let store = file(&path).open(&Password::new(password.to_owned())).expect("it opens");
        assert_eq!(content(&store).expect("it is read").trim(), export.trim());
        if let Some(output) = read_in_python(&path, password) {
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), export.trim());
        }
    }
}

#[test]
fn python_reads_what_is_written_now_and_notices_what_was_altered() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wallet.dat");
    let wallets: Vec<_> = (0..MANY).map(|number| wallet(&format!("id-{number}"))).collect();
    let (mut store, _) = file(&path).open_for_writing(&password()).expect("a store");
    store.add(&wallets).expect("they are stored");
    store.remove(wallet("id-7").id()).expect("it is removed");
    drop(store);
    let content = read(&path).expect("it is read");
    if let Some(output) = read_in_python(&path, PASSWORD) {
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), content.trim());
    }
    assert_refused(read_in_python(&path, "wrong"), "wrong password?");
    for (sql, words) in [
        ("delete from record where place = 3", "added, removed"),
        (
            "update record set public = (select public from record where place = 5) where place = 4",
            "added, removed",
        ),
        ("update record set bucket = (bucket + 1) % 1024 where place = 6", "wrong bucket"),
        ("update root set bytes = zeroblob(length(bytes))", "manifest"),
    ] {
        let altered = directory.path().join("altered.dat");
        fs::copy(&path, &altered).expect("a copy");
        let connection = Connection::open(&altered).expect("a database");
        connection.execute_batch(sql).expect("it is altered");
        drop(connection);
        assert_refused(read_in_python(&altered, PASSWORD), words);
    }
}
