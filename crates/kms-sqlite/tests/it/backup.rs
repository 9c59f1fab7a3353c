//! Backups are whole, are made while others write, change nothing and overwrite nothing.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use kms_keystore::StoreError;
use kms_secret::Password;

use crate::scene::{content, file, password, read, store, vectors, wallet};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        store(&place.path("wallet.dat"), &["one", "two"]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn back_up(&self, to: &str) -> Result<usize, StoreError> {
        file(&self.path("wallet.dat")).back_up(&self.path(to), &password())
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a directory");
        let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("text");
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort_unstable();
        names
    }
}

fn read_unchanged(path: &Path) -> Result<String, StoreError> {
    let before = fs::read(path).expect("a file");
    let read = content(&file(path).open_unchanged(&password())?);
    assert_eq!(fs::read(path).expect("a file"), before);
    read
}

#[test]
fn a_backup_is_one_file_that_opens_and_is_put_back() {
    let place = Place::new();
    let content = read(&place.path("wallet.dat")).expect("a store");
    assert_eq!(place.back_up("odd ?#%41.dat").expect("a backup"), 2);
    let backup = place.path("odd ?#%41.dat");
    assert_eq!(place.names(), ["odd ?#%41.dat", "wallet.dat"]);
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&backup), 0o600);
    assert_eq!(read_unchanged(&backup).expect("it opens"), content);
    assert_eq!(place.names(), ["odd ?#%41.dat", "wallet.dat"]);
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o444)).expect("set");
    let restored = place.path("deep/wallet.dat");
    assert_eq!(file(&restored).restore(&backup, &password()).expect("restored"), 2);
    assert_eq!(read(&restored).expect("it opens"), content);
    assert_eq!(mode(&restored), 0o600);
    let (mut store, _) = file(&restored).open_for_writing(&password()).expect("a store");
    store.add(&[wallet("three")]).expect("it is a store as any other");
    store.remove(wallet("one").id()).expect("removed");
    assert_eq!(read(&place.path("wallet.dat")).expect("a store"), content);
}

#[test]
fn nothing_is_overwritten() {
    let place = Place::new();
    for taken in ["file", "link", "wallet.dat"] {
        match taken {
            "file" => fs::write(place.path(taken), "precious").expect("written"),
            "link" => std::os::unix::fs::symlink("nowhere", place.path(taken)).expect("linked"),
            _ => (),
        }
        assert!(matches!(place.back_up(taken), Err(StoreError::AlreadyThere(_))), "{taken}");
        let restored = file(&place.path(taken)).restore(&place.path("wallet.dat"), &password());
        assert!(matches!(restored, Err(StoreError::AlreadyThere(_))), "{taken}");
    }
    assert_eq!(fs::read_to_string(place.path("file")).expect("a file"), "precious");
    assert_eq!(place.names(), ["file", "link", "wallet.dat"]);
}

#[test]
fn what_is_no_whole_store_is_no_backup() {
    let place = Place::new();
    let wrong = Password::new(String::from("wrong"));
    let (store_path, backup) = (place.path("wallet.dat"), place.path("backup.dat"));
    let refused = file(&store_path).back_up(&backup, &wrong);
    assert!(matches!(refused, Err(StoreError::WrongPassword)));
    assert_eq!(place.names(), ["wallet.dat"]);
    let missing = file(&place.path("none.dat")).back_up(&backup, &password());
    assert!(matches!(missing, Err(StoreError::Missing(_))));
    place.back_up("backup.dat").expect("a backup");
    let whole = fs::read(&backup).expect("a backup");
    let new = place.path("new.dat");
    for length in (0..whole.len()).step_by(1021) {
        fs::write(&backup, &whole[..length]).expect("written");
        assert!(file(&new).restore(&backup, &password()).is_err(), "{length} bytes");
    }
    let mut refused = 0;
    for at in (0..whole.len()).step_by(331) {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&backup, &altered).expect("written");
        match file(&new).restore(&backup, &password()) {
            Ok(wallets) => {
                assert_eq!(
                    (wallets, read(&new).expect("it opens")),
                    (2, read(&store_path).expect(""))
                );
                fs::remove_file(&new).expect("removed");
            }
            Err(_) => refused += 1,
        }
        assert!(!new.exists());
    }
    assert!(refused >= 5, "only {refused} were refused");
    fs::write(&backup, &whole).expect("written");
    assert!(matches!(file(&new).restore(&backup, &wrong), Err(StoreError::WrongPassword)));
    fs::copy(vectors().join("one.dat"), place.path("old.dat")).expect("a copy");
    let legacy = file(&place.path("old.dat")).back_up(&new, &password());
    assert!(matches!(legacy, Err(StoreError::LegacyReadOnly)));
}

#[test]
fn a_log_beside_a_backup_is_not_passed_over() {
    let place = Place::new();
    place.back_up("backup.dat").expect("a backup");
    fs::write(place.path("backup.dat-wal"), "a log").expect("written");
    let outcome = file(&place.path("backup.dat")).open_unchanged(&password());
    assert!(matches!(outcome, Err(StoreError::NotAStore { .. })));
    fs::write(place.path("new.dat-wal"), "a log").expect("written");
    let outcome = file(&place.path("new.dat")).restore(&place.path("wallet.dat"), &password());
    assert!(matches!(outcome, Err(StoreError::AlreadyThere(_))));
}

#[test]
fn backups_are_consistent_while_others_write() {
    let place = Place::new();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut store, _) =
                file(&place.path("wallet.dat")).open_for_writing(&password()).expect("a store");
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                // Always two more, never one.
                let pair = [format!("a{number}"), format!("b{number}")];
                store.add(&pair.map(|name| wallet(&name))).expect("added");
                number += 1;
            }
        });
        let mut sizes = Vec::new();
        for number in 0..12 {
            let wallets = place.back_up(&format!("backup-{number}")).expect("a backup");
            assert!(wallets.is_multiple_of(2), "{wallets} wallets");
            sizes.push(wallets);
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(sizes.is_sorted() && sizes.first() < sizes.last(), "{sizes:?}");
    });
}
