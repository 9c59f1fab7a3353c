use kms_core::{AddressIndex, KeyRef, Network, Sign as _, SignError, SignatureId};
use kms_keystore::{KdfCost, StoreError, Unlocked, WalletRecord};
use kms_secret::SecretText;

use crate::memory::{self, Memory, password};

/// Key and address of the example of EIP-155 (<https://eips.ethereum.org/EIPS/eip-155>).
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
const ADDRESS: &str = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

fn id(name: &str) -> SignatureId {
    SignatureId::parse(name).expect("an id")
}

fn wallet(name: &str, chain: &str) -> WalletRecord {
    let key = SecretText::new(KEY.to_owned());
    WalletRecord::new(id(name), vec![("privateKey", key)], chain, Network::Testnet)
}

fn stored(names: &[&str]) -> (Memory, Unlocked) {
    let memory = Memory::new();
    let mut store = memory.open().expect("it opens");
    let wallets: Vec<_> = names.iter().map(|name| wallet(name, "ETH")).collect();
    store.add(&wallets).expect("added");
    (memory, store)
}

fn names(store: &Unlocked) -> Vec<String> {
    let summaries = store.summaries().expect("listed");
    summaries.into_iter().map(|summary| summary.id.to_string()).collect()
}

fn is_tampered<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Damaged(_)))
}

#[test]
fn wallets_are_found_listed_newest_first_and_removed() {
    let (memory, mut store) = stored(&["a", "b"]);
    store.add(&[wallet("c", "ETH")]).expect("added");
    assert_eq!(names(&store), ["c", "b", "a"]);
    let found = store.get(&id("b")).expect("read").expect("found");
    let secret = found.secret("privateKey").expect("a key");
    assert_eq!(secret.expose(), KEY);
    assert!(store.get(&id("d")).expect("read").is_none());
    assert!(store.remove(&id("b")).expect("removed"));
    assert!(!store.remove(&id("b")).expect("nothing to remove"));
    assert_eq!(names(&memory.open().expect("it opens")), ["c", "a"]);
}

#[test]
fn an_id_is_taken_once_and_a_refused_batch_leaves_nothing() {
    let (_, mut store) = stored(&["a"]);
    for batch in [["b", "a"], ["b", "b"]] {
        let wallets = batch.map(|name| wallet(name, "ETH"));
        let taken = batch[1];
        match store.add(&wallets) {
            Err(StoreError::Duplicate(named)) => assert_eq!(named, taken),
            other => assert!(other.is_err(), "{batch:?} were added"),
        }
        assert_eq!(names(&store), ["a"]);
    }
}

#[test]
fn only_the_password_opens_a_store() {
    let (memory, _) = stored(&["a"]);
    for wrong in ["", "Pass", "pass "] {
        assert!(matches!(memory.open_with(wrong), Err(StoreError::WrongPassword)), "{wrong:?}");
    }
}

#[test]
fn a_password_is_changed_under_those_who_have_the_store_open() {
    let (memory, mut open) = stored(&["a"]);
    let change = |old: &str, new: &str| {
        let (old, new) = (password(old), password(new));
        Unlocked::change_password(Box::new(memory.clone()), &old, &new, KdfCost::FLOOR)
    };
    let before = memory.alter(|content| content.clone());
    assert!(matches!(change("wrong", "new"), Err(StoreError::WrongPassword)));
    assert!(matches!(change("pass", ""), Err(StoreError::EmptyPassword)));
    assert_eq!(memory.alter(|content| content.header.clone()), before.header);
    change("pass", "new").expect("changed");
    assert!(matches!(memory.open(), Err(StoreError::WrongPassword)));
    let header = memory.alter(|content| content.header.clone());
    let text =
        |header: &[u8]| -> serde_json::Value { serde_json::from_slice(header).expect("JSON") };
    assert_eq!(text(&header)["store"], text(&before.header)["store"]);
    assert_ne!(text(&header)["kdf"]["salt"], text(&before.header)["kdf"]["salt"]);
    open.add(&[wallet("b", "ETH")]).expect("it goes on");
    assert_eq!(names(&memory.open_with("new").expect("it opens")), ["b", "a"]);
}

#[test]
fn of_two_that_change_the_password_at_once_one_is_told() {
    let (memory, _) = stored(&["a"]);
    let other = memory.clone();
    let slow = memory::Between {
        own: memory.clone(),
        meanwhile: Box::new(move || {
            let (old, new) = (password("pass"), password("faster"));
            Unlocked::change_password(Box::new(other.clone()), &old, &new, KdfCost::FLOOR)
                .expect("changed");
        }),
    };
    let (old, new) = (password("pass"), password("slower"));
    let refused = Unlocked::change_password(Box::new(slow), &old, &new, KdfCost::FLOOR);
    assert!(matches!(refused, Err(StoreError::PasswordChangedMeanwhile)));
    assert!(memory.open_with("faster").is_ok());
}

#[test]
fn a_wallet_that_seems_missing_is_damage_where_it_should_be() {
    let (memory, store) = stored(&["a", "b"]);
    memory.alter(|content| content.records.remove(0));
    assert!(is_tampered(&store.get(&id("a"))));
    assert!(is_tampered(&store.summaries()));
    assert!(is_tampered(&store.all()));
    assert!(store.get(&id("b")).expect("its bucket is whole").is_some());
}

#[test]
fn each_attack_has_its_own_error() {
    let (memory, mut store) = stored(&["a", "b"]);
    let (other, _) = stored(&["a", "b"]);
    let old = memory.alter(|content| content.clone());
    store.add(&[wallet("c", "ETH")]).expect("added");
    let whole = memory.alter(|content| content.clone());
    let said = |alter: &dyn Fn(&mut memory::Content)| {
        memory.alter(|content| {
            content.clone_from(&whole);
            alter(content);
        });
        match memory.open().and_then(|store| store.all()) {
            Err(StoreError::Damaged(problem)) => problem,
            other => panic!("{other:?}"),
        }
    };
    let foreign = other.alter(|content| content.clone());
    for (words, problem) in [
        ("was removed", said(&|content| drop(content.records.remove(1)))),
        ("was added", said(&|content| content.records.push(whole.records[0].clone()))),
        ("was replaced", said(&|content| content.records[2] = whole.records[0].clone())),
        (
            "comes from another store",
            said(&|content| content.records[0] = foreign.records[0].clone()),
        ),
        (
            "comes from another store",
            said(&|content| {
                content.records[0].secret = whole.records[1].secret.clone();
            }),
        ),
        ("contradicts itself", said(&|content| content.buckets.clone_from(&old.buckets))),
        ("contradicts itself", said(&|content| content.root.clone_from(&old.root))),
        ("that of another store", said(&|content| content.header.clone_from(&foreign.header))),
    ] {
        assert!(problem.contains(words), "{words}: {problem}");
    }
}

#[test]
fn no_part_of_a_store_can_be_rolled_back_alone() {
    let (memory, mut store) = stored(&["a", "b"]);
    let old = memory.alter(|content| content.clone());
    assert!(store.remove(&id("a")).expect("removed"));
    store.add(&[wallet("c", "ETH")]).expect("added");
    let new = memory.alter(|content| content.clone());
    memory.alter(|content| content.records.clone_from(&old.records));
    assert!(is_tampered(&store.summaries()));
    memory.alter(|content| content.buckets.clone_from(&old.buckets));
    assert!(is_tampered(&store.summaries()), "records and buckets, without the root");
    memory.alter(|content| content.records.clone_from(&new.records));
    assert!(is_tampered(&store.summaries()), "buckets alone");
    memory.alter(|content| content.root.clone_from(&old.root));
    assert!(is_tampered(&store.summaries()), "all but the records");
    memory.alter(|content| content.buckets.clone_from(&new.buckets));
    assert!(is_tampered(&memory.open().map(|_| ())), "the root alone");
    memory.alter(|content| content.root.clone_from(&new.root));
    assert_eq!(names(&store), ["c", "b"]);
}

#[test]
fn secrets_swapped_between_wallets_are_noticed() {
    let (memory, store) = stored(&["a", "b"]);
    memory.alter(|content| {
        let secret = content.records[0].secret.clone();
        content.records[0].secret = content.records[1].secret.clone();
        content.records[1].secret = secret;
    });
    assert!(is_tampered(&store.get(&id("a"))));
    assert!(is_tampered(&store.summaries()));
}

#[test]
fn every_flipped_bit_of_a_sealed_value_is_noticed() {
    let (memory, store) = stored(&["a"]);
    let whole = memory.alter(|content| content.clone());
    let record = &whole.records[0];
    for place in 0..record.public.len() {
        memory.alter(|content| content.records[0].public[place] ^= 1);
        assert!(is_tampered(&store.all()), "byte {place} of the public part");
        memory.alter(|content| content.clone_from(&whole));
    }
    for place in 0..record.secret.len() {
        memory.alter(|content| content.records[0].secret[place] ^= 1);
        assert!(is_tampered(&store.get(&id("a"))), "byte {place} of the secret part");
        memory.alter(|content| content.clone_from(&whole));
    }
    for place in 0..whole.root.len() {
        memory.alter(|content| content.root[place] ^= 1);
        assert!(is_tampered(&store.get(&id("a"))), "byte {place} of the root");
        memory.alter(|content| content.clone_from(&whole));
    }
    for place in 0..32 {
        memory.alter(|content| content.buckets[0].sum[place] ^= 1);
        assert!(is_tampered(&store.summaries()), "byte {place} of a bucket");
        memory.alter(|content| content.clone_from(&whole));
    }
}

#[test]
fn wallets_of_other_processes_are_noticed_at_the_next_refresh() {
    let (memory, mut store) = stored(&["a"]);
    store.refresh().expect("listed");
    memory.open().expect("it opens").add(&[wallet("b", "ETH"), wallet("c", "BTC")]).expect("added");
    assert_eq!(store.ids("ETH", Network::Testnet), [id("a")]);
    store.refresh().expect("listed");
    assert_eq!(store.ids("ETH", Network::Testnet), [id("a"), id("b")]);
    assert_eq!(store.ids("ETH", Network::Mainnet), []);
}

#[test]
fn a_refresh_reads_what_was_added_and_all_only_after_a_removal() {
    let (memory, mut store) = stored(&["a", "b", "c"]);
    let mut other = memory.open().expect("it opens");
    let ids = |store: &Unlocked| {
        let ids = store.ids("ETH", Network::Testnet).into_iter();
        ids.map(|id| id.to_string()).collect::<Vec<_>>().concat()
    };
    let refreshed = |store: &mut Unlocked| {
        memory.take_read();
        store.refresh().expect("listed");
        (ids(store), memory.take_read())
    };
    assert_eq!(refreshed(&mut store), (String::from("abc"), 3));
    assert_eq!(refreshed(&mut store), (String::from("abc"), 0));
    other.add(&[wallet("d", "ETH")]).expect("added");
    assert_eq!(refreshed(&mut store), (String::from("abcd"), 1));
    other.remove(&id("b")).expect("removed");
    assert_eq!(refreshed(&mut store), (String::from("acd"), 3));
    other.remove(&id("a")).expect("removed");
    other.add(&[wallet("e", "ETH"), wallet("f", "ETH")]).expect("added");
    assert_eq!(refreshed(&mut store).0, "cdef");
    store.add(&[wallet("g", "ETH")]).expect("added");
    assert_eq!(refreshed(&mut store), (String::from("cdefg"), 1));
    assert!(store.remove(&id("c")).expect("removed"));
    assert_eq!(ids(&store), "defg");
    assert_eq!(refreshed(&mut store).0, "defg");
}

#[test]
fn a_refresh_notices_what_was_tampered_with() {
    let (memory, mut store) = stored(&["a", "b"]);
    store.refresh().expect("listed");
    memory.open().expect("it opens").add(&[wallet("c", "ETH")]).expect("added");
    let whole = memory.alter(|content| content.clone());
    memory.alter(|content| content.records.truncate(2));
    assert!(is_tampered(&store.refresh()), "the new one is gone");
    memory.alter(|content| content.records[1] = whole.records[2].clone());
    assert!(is_tampered(&store.refresh()), "it lies in another one's place");
    memory.alter(|content| content.clone_from(&whole));
    memory.alter(|content| content.records[2].public[20] ^= 1);
    assert!(is_tampered(&store.refresh()), "it was changed");
    assert_eq!(store.ids("ETH", Network::Testnet), [id("a"), id("b")]);
    memory.alter(|content| content.clone_from(&whole));
    store.refresh().expect("listed");
    assert_eq!(store.ids("ETH", Network::Testnet), [id("a"), id("b"), id("c")]);
}

/// More than are read at once.
#[test]
fn many_pages_are_one_list() {
    let memory = Memory::new();
    let mut store = memory.open().expect("it opens");
    let wallets: Vec<_> = (0..9_000).map(|number| wallet(&format!("{number:05}"), "ETH")).collect();
    store.add(&wallets).expect("added");
    let expected: Vec<_> = wallets.iter().rev().map(|own| own.id().to_string()).collect();
    assert_eq!(names(&store), expected);
    store.refresh().expect("listed");
    assert_eq!(store.ids("ETH", Network::Testnet).len(), 9_000);
    assert_eq!(store.all().expect("read").len(), 9_000);
}

#[test]
fn the_key_of_a_wallet_is_its_own_until_the_wallet_is_removed() {
    let (_, mut store) = stored(&["a"]);
    let key = KeyRef { wallet: id("a"), index: None };
    let chain = kms_chains::find_wallet_code("ETH").expect("a chain");
    let public = store.public_key(&key).expect("a key");
    let address = chain.address(Network::Testnet, &public).expect("an address");
    assert_eq!(address.as_str().to_ascii_lowercase(), ADDRESS);
    let facts = store.wallet(&id("a")).expect("read").expect("known");
    assert!(facts.has_private_key && !facts.has_mnemonic);
    assert!(store.remove(&id("a")).expect("removed"));
    assert!(matches!(store.public_key(&key), Err(SignError::UnknownWallet(_))));
}

#[test]
fn what_a_wallet_cannot_do_is_said() {
    let (_, mut store) = stored(&["a"]);
    let index = AddressIndex::parse("0").ok();
    let indexed = store.public_key(&KeyRef { wallet: id("a"), index });
    assert!(matches!(indexed, Err(SignError::NotAMnemonic(_))));
    let garbage = SecretText::new(String::from("zzz-not-a-key"));
    let odd = WalletRecord::new(id("o"), vec![("privateKey", garbage)], "ETH", Network::Testnet);
    store.add(&[odd, wallet("n", "NOPE")]).expect("kept as they are");
    let unreadable = store.public_key(&KeyRef { wallet: id("o"), index: None });
    let text = unreadable.expect_err("no key").to_string();
    assert!(!text.contains("zzz"), "{text}");
    assert!(matches!(store.wallet(&id("n")), Err(SignError::UnreadableKey { .. })));
}

#[test]
fn a_label_changes_one_wallet_and_keeps_its_place() {
    let (memory, mut store) = stored(&["a", "b", "c"]);
    assert!(store.label(&id("b"), Some("cold one")).expect("labelled"));
    assert!(!store.label(&id("d"), Some("nobody")).expect("not there"));
    let labels = |store: &Unlocked| {
        let summaries = store.summaries().expect("listed").into_iter();
        summaries.map(|one| (one.id.to_string(), one.label)).collect::<Vec<_>>()
    };
    let own = |name: &str, label: Option<&str>| (name.to_owned(), label.map(str::to_owned));
    let expected = [own("c", None), own("b", Some("cold one")), own("a", None)];
    assert_eq!(labels(&memory.open().expect("it opens")), expected);
    let found = store.get(&id("b")).expect("read").expect("found");
    assert_eq!(found.secret("privateKey").map(SecretText::expose), Some(KEY));
    assert!(store.label(&id("b"), None).expect("taken away"));
    assert_eq!(labels(&store)[1], own("b", None));
}

#[test]
fn a_removed_wallet_is_used_for_nothing_until_it_is_restored() {
    let (memory, mut store) = stored(&["a", "b"]);
    let mut daemon = memory.open().expect("it opens");
    daemon.refresh().expect("listed");
    let key = KeyRef { wallet: id("a"), index: None };
    assert!(daemon.public_key(&key).is_ok());
    assert!(store.remove_later(&id("a"), 1_000).expect("removed"));
    assert!(!store.remove_later(&id("a"), 2_000).expect("is gone"));
    daemon.refresh().expect("listed");
    assert_eq!(daemon.ids("ETH", Network::Testnet), [id("b")]);
    assert!(matches!(daemon.public_key(&key), Err(SignError::UnknownWallet(_))));
    assert!(daemon.wallet(&id("a")).expect("read").is_none());
    assert_eq!(names(&store), ["b"]);
    assert_eq!(store.all().expect("read").len(), 1);
    assert!(store.get(&id("a")).expect("read").is_none());
    assert!(!store.label(&id("a"), Some("x")).expect("is gone"));
    let removed = store.removed().expect("listed");
    assert_eq!((removed.len(), removed[0].purge_after), (1, Some(1_000)));
    assert!(matches!(store.add(&[wallet("a", "ETH")]), Err(StoreError::Duplicate(_))));
    assert!(store.restore(&id("a")).expect("restored"));
    assert!(!store.restore(&id("a")).expect("is there"));
    assert_eq!(names(&store), ["b", "a"]);
    daemon.refresh().expect("listed");
    assert!(daemon.public_key(&key).is_ok());
}

#[test]
fn what_was_removed_is_taken_out_when_its_time_is_over() {
    let (memory, mut store) = stored(&["a", "b", "c"]);
    for (name, time) in [("a", 1_000), ("b", 2_000)] {
        assert!(store.remove_later(&id(name), time).expect("removed"));
    }
    assert_eq!(store.purge(999).expect("purged"), 0);
    assert_eq!(store.purge(1_000).expect("purged"), 1);
    assert!(!store.restore(&id("a")).expect("is gone"));
    assert!(store.restore(&id("b")).expect("restored"));
    assert_eq!(store.purge(u64::MAX).expect("purged"), 0);
    assert!(store.remove(&id("c")).expect("removed"));
    assert_eq!(names(&memory.open().expect("it opens")), ["b"]);
}
