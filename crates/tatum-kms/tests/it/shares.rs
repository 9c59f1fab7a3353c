//! A store is opened by shares of its key.

use std::fs;

use serde_json::Value;

use crate::program::Place;

fn shares(place: &Place, threshold: &str, count: &str) -> Vec<String> {
    let made = place.run(&["shares", "create", "--threshold", threshold, "--count", count]);
    let made = made.json();
    assert_eq!(made["threshold"].to_string(), threshold);
    let words = |share: &Value| share.as_str().expect("words").to_owned();
    made["shares"].as_array().expect("a list").iter().map(words).collect()
}

fn recover(place: &Place, lines: &[&str]) -> crate::program::Ran {
    place.run_with_input(&["shares", "recover"], &lines.join("\n"))
}

#[test]
fn shares_give_a_store_a_new_password() {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH"]).code, Some(0));
    let list = place.run(&["list"]).json();
    let made = shares(&place, "3", "5");
    assert_eq!(made.len(), 5);
    assert!(made.iter().all(|share| share.split(' ').count() == 33));
    let log = fs::read_to_string(place.store().with_file_name("access.log")).expect("a log");
    assert!(log.contains("\"shares create\"") && !log.contains(&made[0]));
    let upper = made[4].to_uppercase();
    let ran = recover(&place, &[&made[3], &format!("  {upper} "), &made[0], "a new one"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    place.run(&["list"]).fails(3, "wrong password");
    let place = place.with("TATUM_KMS_PASSWORD", "a new one");
    assert_eq!(place.run(&["list"]).json(), list);
    // The key is the same: the old shares open the store after its password was changed.
    let again = recover(&place, &[&made[1], &made[2], &made[3], "another"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let place = place.with("TATUM_KMS_PASSWORD", "another");
    assert_eq!(place.run(&["list"]).json(), list);
}

#[test]
fn what_are_no_shares_of_the_store_change_nothing() {
    let place = Place::new();
    assert_eq!(place.run(&["generatemanagedwallet", "ETH"]).code, Some(0));
    let before = fs::read(place.store()).expect("a store");
    let made = shares(&place, "2", "3");
    let other = Place::new();
    assert_eq!(other.run(&["generatemanagedwallet", "ETH"]).code, Some(0));
    let foreign = shares(&other, "2", "2");
    let (first, rest) = made[0].split_once(' ').expect("words");
    let misspelt = format!("{first}x {rest}");
    let swapped = format!("{} {first}", rest);
    for (lines, code, words) in [
        (vec![], 1, "no input was given"),
        (vec!["one two three"], 1, "share 1: "),
        (vec![misspelt.as_str()], 1, "share 1: "),
        (vec![swapped.as_str()], 1, "share 1: "),
        (vec![&made[0]], 1, "no input was given"),
        (vec![&made[0], &made[0], "new"], 1, ""),
        (vec![&made[0], &foreign[0], "new"], 1, ""),
        (vec![&foreign[0], &foreign[1], "new"], 4, "the key belongs to another wallet store"),
        (vec![&made[0], &made[1]], 1, "no input was given"),
    ] {
        let ran = recover(&place, &lines);
        ran.fails(code, words);
        assert!(!ran.stderr.contains(rest), "{ran:?}");
    }
    assert_eq!(fs::read(place.store()).expect("a store"), before);
    assert_eq!(place.run(&["list"]).code, Some(0));
    for (threshold, count, code) in [("3", "2", 1), ("1", "2", 1), ("0", "2", 2), ("2", "17", 2)] {
        let create = ["shares", "create", "--threshold", threshold, "--count", count];
        let ran = place.run(&create);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    }
    let wrong = place.with("TATUM_KMS_PASSWORD", "wrong");
    let create = ["shares", "create", "--threshold", "2", "--count", "2"];
    wrong.run(&create).fails(3, "wrong password");
    Place::new().run(&create).fails(4, "there is no wallet store");
}
