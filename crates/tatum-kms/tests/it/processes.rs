//! Several processes on one store: no update is lost, none fails, and what was printed is there.

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader},
    process::Child,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    mock::Mock,
    program::{Place, Ran},
};

const WRITERS: usize = 8;
/// `KMS_LONG_TESTS=1` makes a minute of it.
const SHORT: Duration = Duration::from_secs(6);
const LONG: Duration = Duration::from_secs(60);
const KILLS: u64 = 25;

fn id_of(line: &str) -> String {
    let line: Value = serde_json::from_str(line).expect("JSON");
    line["signatureId"].as_str().expect("an id").to_owned()
}

fn stored(place: &Place) -> HashSet<String> {
    let list = place.run(&["list"]).json();
    let ids = list.as_array().expect("a list").iter().map(|one| one["signatureId"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

/// A fast derivation: what is tested is the store.
fn place() -> Place {
    let place = Place::new();
    place.put_wallets(&serde_json::Map::new());
    place
}

fn duration() -> Duration {
    match std::env::var_os("KMS_LONG_TESTS") {
        Some(_) => LONG,
        None => SHORT,
    }
}

/// Adds three, removes one of them, again and again. What is left when the time is over.
fn write_until(place: &Place, end: Instant) -> Vec<String> {
    let mut own = Vec::new();
    while Instant::now() < end {
        let made = place.run(&["generatemanagedprivatekeybatch", "ETH", "3", "--testnet"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let mut ids: Vec<_> = made.stdout.lines().map(id_of).collect();
        assert_eq!(ids.len(), 3);
        let removed = place.run(&["removewallet", &ids.remove(0)]);
        assert_eq!(removed.code, Some(0), "{removed:?}");
        own.extend(ids);
    }
    own
}

fn stop(daemon: Child) -> Ran {
    let id = rustix::process::Pid::from_child(&daemon);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it is told");
    Ran::of(&daemon.wait_with_output().expect("it ends"))
}

#[test]
fn eight_writers_and_a_daemon_lose_nothing() {
    let mock = Mock::start();
    let place = place().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "key");
    let first = place.run(&["generatemanagedprivatekeybatch", "ETH", "1", "--testnet"]);
    let daemon = place.start(&["daemon", "--testnet", "--period", "1"]);
    let end = Instant::now() + duration();
    let mut expected: HashSet<String> = std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..WRITERS).map(|_| scope.spawn(|| write_until(&place, end))).collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("it wrote")).collect()
    });
    expected.extend(first.stdout.lines().map(id_of));
    assert!(expected.len() > WRITERS, "only {} were written", expected.len());
    assert_eq!(stored(&place), expected);
    // The last poll asks for all of them.
    let deadline = Instant::now() + Duration::from_secs(20);
    let asked = || mock.polled("ETH").into_iter().collect::<HashSet<_>>() == expected;
    while !asked() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(asked(), "the daemon polls for all of them");
    let ended = stop(daemon);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("damaged") && !ended.stderr.contains("locked"), "{ended:?}");
}

#[test]
fn a_batch_that_is_killed_keeps_what_it_printed() {
    let place = place();
    let mut printed = HashSet::new();
    for kill in 0..KILLS {
        let mut batch = place.start(&["generatemanagedprivatekeybatch", "ETH", "100000"]);
        let mut lines = BufReader::new(batch.stdout.take().expect("stdout")).lines();
        printed.insert(id_of(&lines.next().expect("a line").expect("text")));
        std::thread::sleep(Duration::from_millis(kill * 7));
        batch.kill().expect("it is killed");
        let whole = lines.map_while(Result::ok).filter(|line| line.ends_with('}'));
        printed.extend(whole.map(|line| id_of(&line)));
        batch.wait().expect("it ends");
    }
    let stored = stored(&place);
    assert!(printed.len() > usize::try_from(KILLS).expect("a number"));
    assert!(printed.is_subset(&stored), "{} of {}", printed.len(), stored.len());
}
