//! The business gets true reports of its payments: failed means failed, paid means paid, and once
//! means once.

use std::{
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    daemon::{once, payload, pending, place},
    mock::{Mock, Reply},
    program::{Place, until},
};

const RUN: [&str; 6] = ["daemon", "--testnet", "--period", "1", "--chain", "ETH"];

/// A node that has the transaction in block 16, with so many on top.
fn chain_says(mock: &Mock, status: &'static str) {
    let told = AtomicUsize::new(0);
    mock.relay(move |path, body| {
        // The API takes no correction the first time.
        if path.starts_with("/v3/kms/t1/") && told.fetch_add(1, Ordering::Relaxed) == 0 {
            return Some((503, json!({})));
        }
        let result = match body["method"].as_str()? {
            "eth_getTransactionReceipt" => json!({
                "transactionHash": body["params"][0], "blockNumber": "0x10", "status": status,
            }),
            "eth_blockNumber" => json!("0x1000"),
            _ => return None,
        };
        Some((200, json!({ "jsonrpc": "2.0", "id": body["id"], "result": result })))
    });
}

fn puts(mock: &Mock) -> usize {
    mock.asked().iter().filter(|asked| asked.method == "PUT").count()
}

fn standing(place: &Place, id: &str) -> Value {
    place.run(&["pending", "show", id, "--json"]).json()
}

/// Whoever gave the balance back on a report would pay twice.
#[test]
fn trouble_that_passes_is_not_reported_and_the_payment_is_made() {
    let rpc_error = |message: &str| {
        let error = json!({ "code": -32000, "message": message });
        Reply::Json(200, json!({ "jsonrpc": "2.0", "id": 0, "error": error }))
    };
    let mut bare = payload(0);
    bare.as_object_mut().expect("an object").remove("nonce");
    let nonce = "GET /v3/ethereum/transaction/count/0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
    for trouble in [
        rpc_error("insufficient funds for gas * price + value"),
        Reply::Text(404, "<html>404 page not found</html>"),
        Reply::Json(400, json!({ "statusCode": 400, "errorCode": "node.error", "message": "x" })),
        Reply::Json(200, json!(null)),
    ] {
        let mock = Mock::start();
        mock.pending("ETH", &json!([pending("t1", &bare)]));
        mock.reply(nonce, trouble.clone()).reply(nonce, Reply::Json(200, json!(7)));
        let place = place(&mock);
        assert_eq!(once(&place).code, Some(1), "{trouble:?}");
        assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 0), "{trouble:?}");
        assert_eq!(standing(&place, "t1")["state"], "waiting", "{trouble:?}");
        assert_eq!(once(&place).code, Some(0), "{trouble:?}");
        assert_eq!((mock.broadcasts().len(), mock.reports().len()), (1, 0), "{trouble:?}");
    }
}

#[test]
fn what_was_reported_is_signed_only_when_an_operator_says_so() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &json!("hello"))]));
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    let place = place(&mock);
    once(&place);
    assert_eq!(mock.reports().len(), 1);
    once(&place);
    once(&place);
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 1));
    place.run(&["pending", "retry", "t1"]).json();
    assert_eq!(once(&place).code, Some(0));
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (1, 1));
}

/// The answer to a report can be lost: from before it is made the id is not signed.
#[test]
fn a_report_is_repeated_until_the_api_has_it_and_holds_from_the_first() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &json!("hello"))]));
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("POST /v3/tatum/kms/batch", Reply::Drop);
    mock.reply("POST /v3/tatum/kms/batch", Reply::Json(200, json!({})));
    let place = place(&mock);
    for reports in [1, 2, 2] {
        once(&place);
        assert_eq!(mock.reports().len(), reports);
    }
    assert_eq!(mock.broadcasts().len(), 0);
}

#[test]
fn what_the_chain_has_is_never_reported_and_the_api_is_told_until_it_takes_it() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    let refusal = json!({
        "statusCode": 403, "errorCode": "eth.broadcast.failed", "message": "nonce too low",
    });
    mock.reply("POST /v3/ethereum/broadcast", Reply::Json(403, refusal));
    mock.reply("GET /v3/kms/t1", Reply::Json(200, json!({ "id": "t1" })));
    let place = place(&mock);
    chain_says(&mock, "0x1");
    let daemon = place.start_logged(&RUN);
    until("the API is told in vain", || puts(&mock) == 1);
    until("it is owed", || standing(&place, "t1")["owed"] == "completed");
    until("the API is told again", || puts(&mock) == 2);
    until("nothing is owed", || standing(&place, "t1")["owed"] == json!(null));
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
    assert_eq!(standing(&place, "t1")["state"], "confirmed");
    assert_eq!(mock.reports(), []);
}

#[test]
fn a_payment_that_reverted_is_told_to_the_api_to_the_hook_and_to_nobody_twice() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.pending("ETH", &json!([]));
    mock.reply("GET /v3/kms/t1", Reply::Json(200, json!({ "id": "t1", "txId": "0xab" })));
    let place = place(&mock);
    let hook = place.write("hook", "#!/bin/sh\ncat >> \"$0.said\"\n", 0o700);
    assert_eq!(hook.metadata().expect("a file").permissions().mode() & 0o777, 0o700);
    let said = hook.with_extension("said");
    chain_says(&mock, "0x0");
    let run = [&RUN[..], &["--hook", hook.to_str().expect("a path")]].concat();
    let daemon = place.start_logged(&run);
    until("it is reported", || mock.reports().len() == 1);
    until("the hook hears of it", || said.exists());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
    assert!(mock.reports()[0].1.contains("no payment was made"), "{:?}", mock.reports());
    let told: Value = serde_json::from_slice(&std::fs::read(&said).expect("a file")).expect("JSON");
    assert_eq!((&told["event"], &told["id"]), (&json!("failed"), &json!("t1")));
    assert_eq!((&told["chain"], &told["network"]), (&json!("ETH"), &json!("testnet")));
    let again = place.start_logged(&run);
    let polls = mock.asked_at("/v3/kms/pending/ETH").len();
    until("two rounds more", || mock.asked_at("/v3/kms/pending/ETH").len() > polls + 1);
    again.signal(Signal::TERM);
    assert_eq!((again.end(), mock.reports().len()), (Some(0), 1));
}

#[test]
fn an_id_that_is_offered_twice_with_different_content_is_not_touched() {
    let mock = Mock::start();
    let list =
        json!(
            [pending("t1", &payload(7)), pending("t1", &payload(8)), pending("t2", &payload(9)),]
        );
    mock.pending("ETH", &list);
    let ran = once(&place(&mock));
    assert_eq!((ran.code, mock.broadcasts().len()), (Some(1), 1), "{ran:?}");
    assert!(ran.stderr.contains("t1: held: the API offers it twice"), "{ran:?}");
    assert_eq!(mock.reports(), []);
}

#[test]
fn the_same_payment_under_another_id_is_told_or_held() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7)), pending("t2", &payload(8))]));
    let place = place(&mock);
    let hold = ["daemon", "--testnet", "--runOnce", "--hold-duplicates"];
    let ran = place.run(&hold);
    assert_eq!((ran.code, mock.broadcasts().len()), (Some(1), 1), "{ran:?}");
    assert!(ran.stderr.contains("transaction t1 paid the same"), "{ran:?}");
    assert_eq!(mock.reports(), []);
    assert_eq!(once(&place).code, Some(0));
    assert_eq!(mock.broadcasts().len(), 3, "the first again, and the second");
    let history = standing(&place, "t2")["history"].to_string();
    assert!(history.contains("pays the same as another"), "{history}");
}

/// A file without a name disappears with the daemon that signs on it, and no `pause` reaches it.
#[test]
fn a_daemon_whose_journal_is_taken_away_stops() {
    let mock = Mock::start();
    let place = place(&mock);
    Place::new().run(&["pause"]).fails(1, "nothing was paused: there is no wallet store");
    let daemon = place.start_logged(&RUN);
    until("it polls", || !mock.asked_at("/v3/kms/pending/ETH").is_empty());
    let journal = place.store().with_file_name("journal.db");
    std::fs::rename(&journal, journal.with_file_name("away.db")).expect("moved");
    daemon.says("the journal's file was removed or replaced");
    assert_eq!(daemon.end(), Some(6));
}

#[test]
fn a_payment_that_was_dropped_and_is_offered_no_more_is_reported() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.pending("ETH", &json!([]));
    let unknown = json!({ "statusCode": 404, "errorCode": "kms.tx.not.found", "message": "none" });
    mock.reply("GET /v3/kms/t1", Reply::Json(404, unknown));
    let place = place(&mock);
    chain_says(&mock, "0x0");
    let daemon = place.start_logged(&RUN);
    until("it is reported", || mock.reports().len() == 1);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
}

#[test]
fn settings_that_could_do_nothing_are_refused_at_the_start() {
    let place = place(&Mock::start());
    let plain = place.write("notes.txt", "no program", 0o600);
    for (flags, problem) in [
        (&["--hook", "/nowhere/hook"][..], "`/nowhere/hook` is not a program"),
        (&["--hook", "no-such-program-anywhere"], "is not a program"),
        (&["--hook", plain.to_str().expect("a path")], "is not a program"),
        (&["--hold-duplicates", "--duplicate-window", "0"], "--duplicate-window"),
    ] {
        place.run(&[&RUN[..], flags].concat()).fails(2, problem);
    }
}
