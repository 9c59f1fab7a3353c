//! Whatever is done to a sealed store: an error, or exactly the wallets that were stored.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kms_core::{KeyRef, Sign as _, SignError};
use kms_keystore::StoreError;
use rusqlite::Connection;

use crate::scene::{file, password, read, store, wallet};

const NAMES: [&str; 3] = ["one", "two", "three"];

struct Scene {
    directory: tempfile::TempDir,
    bytes: Vec<u8>,
    content: String,
}

impl Scene {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("wallet.dat");
        store(&path, &NAMES);
        let content = read(&path).expect("a store");
        let bytes = fs::read(&path).expect("a file");
        Self { directory, bytes, content }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("wallet.dat")
    }

    /// Puts these bytes in the store's place, and says what comes of opening and reading it.
    fn read_altered(&self, bytes: &[u8]) -> Result<String, StoreError> {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(self.directory.path().join(format!("wallet.dat{end}")));
        }
        fs::write(self.path(), bytes).expect("written");
        read(&self.path())
    }

    /// Runs SQL on the store as it was, and says what comes of opening and reading it.
    fn read_after(&self, sql: &str) -> Result<String, StoreError> {
        self.read_altered(&self.bytes)?;
        execute(&self.path(), sql);
        read(&self.path())
    }
}

fn execute(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a database");
    connection.execute_batch(sql).expect("it is done");
}

#[test]
fn a_flipped_bit_anywhere_is_noticed_or_harms_nothing() {
    let scene = Scene::new();
    let mut refused = 0;
    let places: Vec<_> = (0..scene.bytes.len()).step_by(97).collect();
    for place in &places {
        let mut altered = scene.bytes.clone();
        altered[*place] ^= 1 << (place % 8);
        match scene.read_altered(&altered) {
            Ok(content) => assert_eq!(content, scene.content, "byte {place}"),
            Err(_) => refused += 1,
        }
    }
    println!("{refused} of {} flipped bits were refused", places.len());
    assert!(refused > 0);
}

/// Bytes that hold something: each of them is noticed.
#[test]
fn a_flipped_bit_in_any_sealed_value_is_noticed() {
    let scene = Scene::new();
    for (table, column) in
        [("root", "bytes"), ("bucket", "sum"), ("record", "public"), ("record", "secret")]
    {
        for place in [1, 13, 28] {
            let flip = format!(
                "update {table} set {column} = \
                 cast(substr({column}, 1, {place} - 1) || \
                 case when substr({column}, {place}, 1) = x'00' then x'01' else x'00' end || \
                 substr({column}, {place} + 1) as blob)
                 where rowid = (select min(rowid) from {table})"
            );
            let outcome = scene.read_after(&flip);
            assert!(
                matches!(outcome, Err(StoreError::Damaged(_))),
                "{table} {column}: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_store_that_was_cut_off_is_refused() {
    let scene = Scene::new();
    for length in (0..scene.bytes.len()).step_by(511) {
        let outcome = scene.read_altered(&scene.bytes[..length]);
        assert!(outcome.is_err(), "{length} of {} bytes: {outcome:?}", scene.bytes.len());
    }
}

#[test]
fn rows_that_were_removed_swapped_or_invented_are_noticed() {
    let scene = Scene::new();
    for sql in [
        "delete from record where place = 2",
        "delete from record",
        "delete from bucket",
        "delete from root",
        "delete from header",
        "update record set place = place + 10 where place = 1; delete from record where place = 2",
        "update record set secret = (select secret from record where place = 2) where place = 1",
        "update record set public = (select public from record where place = 2) where place = 1",
        "update record set public = other.public, secret = other.secret
         from (select public, secret from record where place = 2) as other where place = 1",
        "insert into record (blind_index, bucket, public, secret)
         select randomblob(32), bucket, public, secret from record where place = 1",
        "update record set blind_index = randomblob(32) where place = 1",
        "update record set bucket = bucket + 1 where place = 1",
        "update bucket set number = number + 1",
        "update record set public = x'', secret = x'' where place = 1",
        "update header set bytes = cast(replace(bytes, 'argon2id', 'argon2d') as blob)",
        "update header set bytes = cast(replace(bytes, '19456', '8') as blob)",
        "update header set bytes = cast(replace(bytes, '19456', '4294967295') as blob)",
        "update header set bytes = x'7b7d'",
        "drop table record",
        "create table record2 as select * from record; drop table record;
         alter table record2 rename to record; delete from record where place = 3",
    ] {
        let outcome = scene.read_after(sql);
        let one = file(&scene.path()).open(&password()).and_then(|store| {
            let wallets = NAMES.map(|name| store.get(wallet(name).id()));
            wallets.into_iter().collect::<Result<Vec<_>, _>>()
        });
        assert!(outcome.is_err(), "{sql}: {outcome:?}");
        if let Ok(found) = one {
            assert!(found.iter().all(Option::is_some), "{sql}: a wallet seems not to exist");
        }
    }
}

/// A daemon looks at the manifest when it reads its list, and at each record when it signs.
#[test]
fn a_record_that_changes_under_a_running_daemon_is_noticed_when_it_is_to_sign() {
    for (sql, is_refused) in [
        ("update record set place = place where place = 1", false),
        (
            "update record set secret = (select secret from record where place = 2) where place = 1",
            true,
        ),
        (
            "update record set public = other.public, secret = other.secret
          from (select public, secret from record where place = 2) as other where place = 1",
            true,
        ),
        (
            "update record set secret = cast(zeroblob(length(secret) - 16) || substr(secret, -16) as blob)
          where place = 1",
            true,
        ),
        ("delete from record where place = 1", true),
    ] {
        let scene = Scene::new();
        let mut store = file(&scene.path()).open(&password()).expect("a store");
        store.refresh().expect("a list");
        let attacker = Connection::open(scene.path()).expect("a file");
        attacker.execute_batch(sql).expect("it is changed");
        let key = KeyRef { wallet: wallet(NAMES[0]).id().clone(), index: None };
        let signed = store.public_key(&key);
        if is_refused {
                assert!(matches!(signed, Err(SignError::DamagedRecord(_))), "{sql}: {signed:?}")
            } else { assert!(signed.is_ok(), "{sql}: {signed:?}") }
    }
}

#[test]
fn older_parts_of_the_same_store_are_noticed() {
    let scene = Scene::new();
    let old = scene.directory.path().join("old.dat");
    fs::write(&old, &scene.bytes).expect("written");
    let (mut store, _) = file(&scene.path()).open_for_writing(&password()).expect("a store");
    store.remove(wallet("two").id()).expect("removed");
    store.add(&[wallet("four")]).expect("added");
    drop(store);
    let newer = fs::read(scene.path()).expect("a file");
    let current = read(&scene.path()).expect("a store");
    let attach = format!("attach '{}' as old;", old.display());
    for sql in [
        "replace into root select * from old.root",
        "delete from bucket; insert into bucket select * from old.bucket",
        "insert into record select * from old.record where place = 2",
        "delete from record; insert into record select * from old.record",
        "delete from record; insert into record select * from old.record;
         delete from bucket; insert into bucket select * from old.bucket",
    ] {
        scene.read_altered(&newer).expect("a store");
        execute(&scene.path(), &format!("{attach} {sql}"));
        let outcome = read(&scene.path());
        assert!(matches!(outcome, Err(StoreError::Damaged(_))), "{sql}: {outcome:?}");
    }
    assert_eq!(scene.read_altered(&newer).expect("a store"), current);
}

#[test]
fn records_of_another_store_of_the_same_password_are_noticed() {
    let scene = Scene::new();
    let other = scene.directory.path().join("other.dat");
    store(&other, &NAMES);
    for sql in [
        "delete from record; insert into record select * from other.record",
        "delete from record; insert into record select * from other.record;
         delete from bucket; insert into bucket select * from other.bucket;
         replace into root select * from other.root",
    ] {
        let outcome = scene.read_after(&format!("attach '{}' as other; {sql}", other.display()));
        assert!(outcome.is_err(), "{sql}: {outcome:?}");
    }
}
