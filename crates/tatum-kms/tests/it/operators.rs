//! Operators' commands on pending transactions while the daemon runs.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    daemon::{WALLET, once, payload, pending, place},
    mock::{Mock, Reply},
    program::{Place, until},
};

const RUN: [&str; 4] = ["daemon", "--testnet", "--period", "1"];

fn standing(place: &Place, id: &str) -> Value {
    place.run(&["pending", "show", id, "--json"]).json()
}

fn refusal(reason: &str) -> Reply {
    let answer =
        json!({ "statusCode": 403, "errorCode": "eth.broadcast.failed", "message": reason });
    Reply::Json(403, answer)
}

#[test]
fn the_journal_tells_where_every_transaction_stands() {
    let mock = Mock::start();
    mock.pending(
        "ETH",
        &json!([
            pending("good", &payload(7)),
            pending("bad", &json!("x")),
            pending("gap", &payload(9))
        ]),
    );
    let place = place(&mock);
    place.run(&["pending", "list"]).fails(1, "no daemon has run on this store yet");
    once(&place);
    let list = place.run(&["pending", "list", "--json"]).json();
    let states: Vec<_> = list["transactions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["id"].as_str().expect("an id"), one["state"].as_str().expect("a state")))
        .collect();
    for expected in [("good", "sent"), ("bad", "rejected"), ("gap", "sent")] {
        assert!(states.contains(&expected), "{states:?}");
    }
    assert_eq!(list["gaps"][0]["first"], 8, "{list}");
    assert_eq!(list["gaps"][0]["waiting"], "gap");
    let good = standing(&place, "good");
    let txid = good["txId"].as_str().expect("an id");
    assert!(txid.len() == 66 && txid.starts_with("0x"), "its own, not the API's: {txid}");
    assert!(good["effects"].as_str().expect("effects").contains("1000 native to 0x5290"));
    let events: Vec<_> = good["history"].as_array().expect("events").iter().collect();
    let events: Vec<_> = events.iter().map(|event| event["event"].as_str()).collect();
    assert_eq!(events, [Some("signed"), Some("sent"), Some("the API named another id")]);
    let bad = standing(&place, "bad");
    let reported = bad["history"].as_array().expect("events").last().expect("an event");
    assert_eq!(reported["event"], "reported to the API");
    let table = place.run(&["pending", "list", "--state", "rejected"]);
    assert_eq!(table.stdout.lines().count(), 2, "{table:?}");
    assert!(
        table.stderr.contains("no transaction here uses nonce 8, which gap is waiting for"),
        "{table:?}"
    );
    place.run(&["pending", "show", "other"]).fails(1, "the journal knows no transaction other");
    place.run(&["pending", "list", "--state", "gone"]).fails(1, "the states are waiting");
    place.run(&["pending", "show", "../x"]).fails(1, "consists of letters");
}

#[test]
fn a_payment_that_may_be_in_the_chain_is_never_reported_as_failed() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Drop);
    mock.reply("POST /v3/ethereum/broadcast", refusal("nonce too low"));
    let place = place(&mock);
    for _ in 0..3 {
        assert_eq!(once(&place).code, Some(1));
    }
    assert_eq!(mock.reports(), []);
    let state = standing(&place, "t1")["state"].clone();
    assert!(state != "refused" && state != "rejected", "{state}");
    let is_look = |asked: &Value| asked["method"] == "eth_getTransactionReceipt";
    let looks = mock.asked().iter().filter(|asked| is_look(&asked.body)).count();
    assert_eq!(looks, 2, "the chain is asked before anything is said");
}

#[test]
fn a_pause_works_at_once_and_survives_a_restart() {
    let mock = Mock::start();
    let place = place(&mock);
    let receiver = payload(0)["to"].as_str().expect("an address").to_ascii_lowercase();
    let (capitals, wallet) = (receiver.to_ascii_uppercase(), WALLET.to_ascii_uppercase());
    let xdc = receiver.replace("0x", "xdc");
    let scopes = [
        vec![],
        vec!["--chain", "eth"],
        vec!["--wallet", WALLET],
        vec!["--wallet", wallet.as_str()],
        vec!["--to", receiver.as_str()],
        vec!["--to", &capitals],
        vec!["--to", capitals.trim_start_matches("0X")],
        vec!["--to", &xdc],
    ];
    for (nonce, flags) in scopes.into_iter().enumerate() {
        let nonce = nonce as u64 + 1;
        let id = format!("t{nonce}");
        let arguments = |word| [&[word], flags.as_slice()].concat();
        let paused = place.run(&arguments("pause")).json();
        assert_eq!(paused["paused"].as_array().map(Vec::len), Some(1), "{paused}");
        mock.pending("ETH", &json!([pending(&id, &payload(nonce))]));
        // The list before this one is used up by the first poll.
        mock.pending("ETH", &json!([pending(&id, &payload(nonce))]));
        let sent = mock.broadcasts().len();
        let daemon = place.start_logged(&RUN);
        daemon.says(&format!("{id}: waiting: signing is paused"));
        std::thread::sleep(Duration::from_millis(1_200));
        assert_eq!(mock.broadcasts().len(), sent, "{flags:?}");
        assert_eq!(standing(&place, &id)["state"], "waiting");
        let resumed = place.run(&arguments("resume")).json();
        assert_eq!(resumed, json!({ "paused": [] }));
        until("the payment goes on", || mock.broadcasts().len() > sent);
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.end(), Some(0));
        place.run(&arguments("resume")).fails(1, "is not paused");
    }
    place.run(&["pause"]).json();
    place.run(&["pause", "--chain", "BTC"]).json();
    assert_eq!(place.run(&["resume", "--all"]).json(), json!({ "paused": [] }));
    place.run(&["pause", "--chain", "NOPE"]).fails(2, "NOPE");
    assert_eq!(place.run(&["pause", "--chain", "ETH", "--wallet", WALLET]).code, Some(2));
}

#[test]
fn a_pause_of_nothing_that_exists_is_an_error() {
    let mock = Mock::start();
    let place = place(&mock);
    for address in ["", "garbage", "0x123", "0x52908400098527886e0F7030069857D2E4169EE7"] {
        place.run(&["pause", "--to", address]).fails(2, "is no address that any");
    }
    for wallet in ["", "not-an-id", "customer 7"] {
        place.run(&["pause", "--wallet", wallet]).fails(2, "is no signature id");
    }
    once(&place);
    // Both have addresses of this kind, for different accounts.
    let address = "1PQPheJQSauxRPTxzNMUco1XmoCyPoEJCp";
    let paused = place.run(&["pause", "--to", address]).json();
    let what = |place: usize| paused["paused"][place]["what"].clone();
    let cash = json!("bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2");
    assert_eq!([what(0), what(1)], [json!(address), cash]);
    let token_aware = "zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe";
    let left = place.run(&["resume", "--to", token_aware]).json();
    assert_eq!(left["paused"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(place.run(&["resume", "--to", address]).json(), json!({ "paused": [] }));
    place.run(&["resume", "--to", "garbage"]).fails(1, "is not paused");
}

#[test]
fn what_keeps_failing_is_parked_and_tried_again_when_told() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Json(500, json!({})));
    let place = place(&mock);
    let arguments = ["daemon", "--testnet", "--runOnce", "--park-after", "3"];
    for next in ["waiting", "waiting", "parked", "parked"] {
        assert_eq!(place.run(&arguments).code, Some(1));
        let standing = standing(&place, "t1");
        assert_eq!((&standing["state"], &standing["next"]), (&json!("signed"), &json!(next)));
    }
    assert_eq!(mock.broadcasts().len(), 3, "what is parked is left alone");
    assert_eq!(mock.reports(), []);
    place.run(&["pending", "retry", "t1"]).json();
    place.run(&arguments);
    assert_eq!(mock.broadcasts().len(), 4);
    place.run(&["pending", "retry", "t2"]).fails(1, "the journal knows no transaction t2");
}

#[test]
fn what_is_skipped_or_cancelled_is_not_signed_and_what_was_sent_is_not_cancelled() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7)), pending("t2", &payload(8))]));
    let place = place(&mock);
    place.run(&["pause"]).json();
    once(&place);
    place.run(&["resume"]).json();
    let skipped = place.run(&["pending", "skip", "t1"]).json();
    assert_eq!(skipped["state"], "skipped");
    once(&place);
    assert_eq!(mock.broadcasts().len(), 1);
    place
        .run(&["pending", "cancel", "t2"])
        .fails(1, "its bytes are in the chain or may still enter it");
    assert!(!mock.asked().iter().any(|asked| asked.method == "DELETE"));
    let cancelled = place.run(&["pending", "cancel", "t1", "--revert"]).json();
    assert_eq!(cancelled["state"], "cancelled");
    let deleted: Vec<_> = mock.asked().into_iter().filter(|one| one.method == "DELETE").collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0].path, "/v3/kms/t1");
    once(&place);
    assert_eq!(mock.reports(), []);
    let bare = place.with("TATUM_API_KEY", "");
    bare.run(&["pending", "cancel", "t1"]).fails(5, "TATUM_API_KEY");
}

#[test]
fn a_dry_run_prints_what_it_would_do_and_does_nothing() {
    let mock = Mock::start();
    let list = json!([
        pending("good", &payload(7)),
        pending("bad", &json!("x")),
        pending("odd", &json!({}))
    ]);
    mock.pending("ETH", &list);
    let place = place(&mock);
    let ran = place.run(&["daemon", "--testnet", "--runOnce", "--dry-run"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3, "{ran:?}");
    let good = lines.iter().find(|line| line["id"] == "good").expect("a line");
    assert_eq!(good["would"], "sign and send");
    assert_eq!(good["effects"]["transfers"][0]["amount"], "1000");
    assert_eq!(good["effects"]["maxFee"]["amount"], "21000000000000");
    let bad = lines.iter().find(|line| line["id"] == "bad").expect("a line");
    assert_eq!(bad["would"], "report that it cannot be signed");
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 0));
    once(&place);
    assert_eq!(mock.broadcasts().len(), 1, "nothing was claimed");
    let again = place.run(&["daemon", "--testnet", "--runOnce", "--dry-run"]);
    assert!(again.stdout.contains("send the bytes signed earlier"), "{again:?}");
}

#[test]
fn a_chain_that_hangs_costs_the_others_nothing() {
    let mock = Mock::start();
    let place = place(&mock);
    let wallet = |chain: &str| {
        json!({
            "mnemonic": "test test test test test test test test test test test junk",
            "chain": chain, "testnet": true,
        })
    };
    let wallets = json!({ "hangs": wallet("BSC"), "fails": wallet("MATIC") });
    place.put_wallets(wallets.as_object().expect("an object"));
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("POST /v3/kms/pending/BSC", Reply::Hang);
    mock.reply("POST /v3/kms/pending/MATIC", Reply::Json(500, json!({})));
    let mut daemon = place.start_logged(&RUN);
    until("ETH is polled for the fourth time", || mock.asked_at("/pending/ETH").len() >= 4);
    assert_eq!(mock.asked_at("/pending/BSC").len(), 1);
    assert!(mock.asked_at("/pending/MATIC").len() < mock.asked_at("/pending/ETH").len());
    assert!(!mock.broadcasts().is_empty());
    assert!(daemon.is_running());
    daemon.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(300));
    assert!(daemon.is_running(), "the poll that hangs is waited for");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
}

#[test]
fn a_new_configuration_is_taken_and_a_bad_one_is_refused() {
    let (old, new) = (Mock::start(), Mock::start());
    let place = place(&old).without("TATUM_API_URL");
    let file = place.path().join(".env");
    let write = |text: &str| std::fs::write(&file, text).expect("written");
    write(&format!("TATUM_API_URL={}\n", old.url()));
    let daemon = place.start_logged(&RUN);
    until("the old API is polled", || !old.asked_at("/pending/ETH").is_empty());
    for bad in ["TATUM_API_URL=ftp://x\n", "TATUM_API_URL=nowhere\n"] {
        write(bad);
        daemon.signal(Signal::HUP);
        until("it is refused", || {
            daemon.log().matches("the new configuration is invalid, so the old one stays").count()
                > 0
        });
    }
    let polls = old.asked_at("/pending/ETH").len();
    until("the old one is still polled", || old.asked_at("/pending/ETH").len() > polls);
    assert!(new.asked().is_empty());
    write(&format!("TATUM_API_URL={}\n", new.url()));
    daemon.signal(Signal::HUP);
    until("the new API is polled", || !new.asked_at("/pending/ETH").is_empty());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
}

#[test]
fn a_forecast_tells_what_polling_costs() {
    let mock = Mock::start();
    let place = place(&mock);
    let report = place.run(&["report", "--testnet", "--forecast", "5"]).json();
    let forecast = json!({
        "network": "testnet", "periodSeconds": 5.0, "chains": 1,
        "creditsPerRound": 1, "creditsPerDay": 17_280,
    });
    assert_eq!(report["forecast"], forecast);
    assert!(place.run(&["report"]).json().get("forecast").is_none(), "as the original's");
    place.run(&["report", "--forecast", "0"]).fails(2, "--period");
}

#[test]
fn polls_keep_to_a_budget() {
    let mock = Mock::start();
    let place = place(&mock);
    // An hour's part may be spent at once: two credits.
    let daemon = place.start_logged(&[&RUN[..], &["--credits-per-day", "48"]].concat());
    until("two polls", || mock.asked_at("/pending/ETH").len() == 2);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(mock.asked_at("/pending/ETH").len(), 2);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0), "a wait for credits is no reason to stay");
}
