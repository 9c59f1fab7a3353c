//! Whole rounds: what is signed, what is reported, what is tried again, what stops the start.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    mock::{Mock, Reply},
    program::{Place, Ran},
};

/// Test key of EIP-155's example.
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
/// Of a wallet of mainnet. A key that is stored for both networks signs on neither alone.
const MAINNET_KEY: &str = "0x4747474747474747474747474747474747474747474747474747474747474747";
const RECEIVER: &str = "0x52908400098527886E0F7030069857D2E4169EE7";
const API_KEY: &str = "t-secret-api-key";

/// The id of the wallet that signs.
pub(crate) const WALLET: &str = "a0000000-0000-4000-8000-000000000001";

pub(crate) fn place(mock: &Mock) -> Place {
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", API_KEY);
    let wallet = json!({ "privateKey": KEY, "chain": "ETH", "testnet": true });
    let other = json!({ "privateKey": MAINNET_KEY, "chain": "ETH", "testnet": false });
    let wallets = json!({ WALLET: wallet, "main": other });
    place.put_wallets(wallets.as_object().expect("an object"));
    place
}

pub(crate) fn payload(nonce: u64) -> Value {
    json!({
        "to": RECEIVER, "value": "1000", "gas": 21000, "gasPrice": "1000000000",
        "nonce": nonce, "chainId": 11_155_111,
    })
}

pub(crate) fn pending(id: &str, payload: &Value) -> Value {
    json!({
        "id": id, "chain": "ETH", "hashes": [WALLET], "serializedTransaction": payload.to_string(),
    })
}

pub(crate) fn once(place: &Place) -> Ran {
    place.run(&["daemon", "--testnet", "--runOnce"])
}

#[test]
fn one_bad_transaction_harms_no_other_and_is_reported_once() {
    let mock = Mock::start();
    let mut absurd = payload(2);
    absurd["gas"] = json!("0xffffffffffff");
    let list = json!([
        "nonsense",
        { "id": "b1", "chain": "ETH", "hashes": "w1", "serializedTransaction": "{}" },
        pending("b2", &json!("hello")),
        pending("b3", &absurd),
        pending("good", &payload(7)),
    ]);
    mock.pending("ETH", &list);
    let place = place(&mock);
    assert_eq!(once(&place).code, Some(1));
    assert_eq!(mock.broadcasts().len(), 1);
    let reported: Vec<_> = mock.reports().into_iter().map(|(id, _)| id).collect();
    assert_eq!(reported, ["b1", "b2", "b3"]);
    once(&place);
    assert_eq!(mock.reports().len(), 3, "what was reported is not reported again");
}

#[test]
fn a_proxy_that_is_named_in_an_env_file_is_used() {
    let proxy = Mock::start();
    proxy.pending("ETH", &json!([pending("good", &payload(7))]));
    let place = place(&proxy).with("TATUM_API_URL", "http://api.invalid");
    std::fs::write(place.path().join(".env"), format!("HTTP_PROXY={}\n", proxy.url()))
        .expect("written");
    let ran = once(&place);
    assert_eq!((ran.code, proxy.broadcasts().len()), (Some(0), 1), "{ran:?}");
}

#[test]
fn a_lost_answer_leads_to_the_same_bytes_and_no_other() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Drop);
    mock.reply("POST /v3/ethereum/broadcast", Reply::Text(502, "<html>"));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Json(200, json!({ "txId": "0x1" })));
    let place = place(&mock);
    let codes: Vec<_> = (0..4).map(|_| once(&place).code).collect();
    assert_eq!(codes, [Some(1), Some(1), Some(0), Some(0)]);
    let broadcasts = mock.broadcasts();
    assert_eq!(broadcasts.len(), 4);
    assert!(broadcasts.iter().all(|bytes| *bytes == broadcasts[0]), "{broadcasts:?}");
    assert_eq!(mock.reports(), []);
}

#[test]
fn an_id_with_other_content_is_held() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.pending("ETH", &json!([pending("t1", &payload(8))]));
    let place = place(&mock);
    assert_eq!(once(&place).code, Some(0));
    let second = once(&place);
    assert!(second.stderr.contains("held"), "{second:?}");
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (1, 0));
}

#[test]
fn two_transactions_of_one_nonce_are_not_both_signed() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7)), pending("t2", &payload(7))]));
    let ran = once(&place(&mock));
    assert_eq!(mock.broadcasts().len(), 1);
    assert!(ran.stderr.contains("only one of the two can be confirmed"), "{ran:?}");
}

#[test]
fn what_the_network_refuses_is_reported_and_its_nonce_is_free() {
    let mock = Mock::start();
    let refusal = json!({
        "statusCode": 403, "errorCode": "eth.broadcast.failed", "message": "invalid signature",
    });
    mock.pending("ETH", &json!([pending("t1", &payload(7)), pending("t2", &payload(7))]));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Json(403, refusal));
    mock.reply("POST /v3/ethereum/broadcast", Reply::Json(200, json!({ "txId": "0x1" })));
    once(&place(&mock));
    assert_eq!(mock.broadcasts().len(), 2);
    let reports = mock.reports();
    assert_eq!(reports.len(), 1);
    assert!(reports[0].1.contains("invalid signature"), "{reports:?}");
}

#[test]
fn the_api_being_away_is_no_reason_to_report() {
    for status in [401, 403, 429, 500, 503] {
        let mock = Mock::start();
        mock.pending("ETH", &json!([pending("t1", &payload(7))]));
        let answer =
            json!({ "statusCode": status, "errorCode": "subscription.invalid", "message": "x" });
        mock.reply("POST /v3/ethereum/broadcast", Reply::Json(status, answer.clone()));
        let place = place(&mock);
        assert_eq!(once(&place).code, Some(1), "{status}");
        assert_eq!(mock.reports(), [], "{status}");
        let polled = Mock::start();
        polled.reply("POST /v3/kms/pending/ETH", Reply::Json(status, answer));
        let place = place.with("TATUM_API_URL", &polled.url());
        assert_eq!(once(&place).code, Some(1), "{status}");
        assert_eq!((polled.broadcasts().len(), polled.reports().len()), (0, 0), "{status}");
    }
}

#[test]
fn a_body_without_end_is_given_up() {
    let mock = Mock::start();
    mock.reply("POST /v3/kms/pending/ETH", Reply::Flood(100 << 20));
    let ran = once(&place(&mock));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("could not poll ETH"), "{ran:?}");
}

#[test]
fn mainnet_signs_only_what_the_four_eye_endpoint_allows() {
    let cases = [
        (Reply::Json(200, json!({})), 1),
        (Reply::Json(403, json!({})), 0),
        (Reply::Json(404, json!({})), 0),
        (Reply::Redirect("/login"), 0),
        (Reply::Json(500, json!({})), 0),
    ];
    for (reply, signed) in cases {
        let mock = Mock::start();
        let mut own = pending("t1", &payload(7));
        own["hashes"] = json!(["main"]);
        own["serializedTransaction"] = json!(payload(7).to_string().replace("11155111", "1"));
        mock.pending("ETH", &json!([own]));
        mock.reply("POST /eyes/t1", reply.clone());
        let url = format!("{}/eyes", mock.url());
        let place = place(&mock);
        place.run(&[
            "daemon",
            "--runOnce",
            "--externalUrl",
            &url,
            "--externalUrlMethod",
            "post",
            "--four-eyes-yes-to-all",
        ]);
        assert_eq!(mock.broadcasts().len(), signed, "{reply:?}");
        assert_eq!(mock.reports(), [], "{reply:?}");
        let asked = mock.asked_at("/eyes/t1");
        assert_eq!(asked.len(), 1, "{reply:?}");
        assert_eq!((&asked[0].body, asked[0].api_key.as_deref()), (&own, None));
    }
}

#[test]
fn a_fee_above_the_owners_ceiling_is_held_and_not_reported() {
    let mut dear = payload(7);
    dear["gasPrice"] = json!("10000000000000"); // 10,000 gwei: 0.21 ETH for 21,000 gas
    let offered = || {
        let mock = Mock::start();
        mock.pending("ETH", &json!([pending("t1", &dear)]));
        mock
    };
    let start = ["daemon", "--testnet", "--runOnce"];
    for more in [&[][..], &["--skip-fee-checks"], &["--fee-most", "ETH=0.209999999999999999"]] {
        let mock = offered();
        let ran = place(&mock).run(&[&start[..], more].concat());
        assert!(
            ran.stderr.contains("t1: held, not reported: the fee of up to 0.21 ETH"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("--fee-most ETH=0.21"), "{ran:?}");
        assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 0));
    }
    let mock = offered();
    place(&mock).run(&[&start[..], &["--fee-most", "BTC=1,eth=0.21"]].concat());
    assert_eq!(mock.broadcasts().len(), 1);
    let mock = offered();
    place(&mock).with("TATUM_KMS_FEE_MOST", "ETH=0.3").run(&start);
    assert_eq!(mock.broadcasts().len(), 1);
    let mock = offered();
    let flag = [&start[..], &["--fee-most", "ETH=0.1"]].concat();
    place(&mock).with("TATUM_KMS_FEE_MOST", "ETH=0.3").run(&flag);
    assert_eq!(mock.broadcasts().len(), 0, "the flag wins");
    place(&mock).run(&[&start[..], &["--fee-most", "ETH=much"]].concat()).fails(2, "--fee-most");
    place(&mock).with("TATUM_KMS_FEE_MOST", "NOPE=1").run(&start).fails(2, "NOPE");
}

#[test]
fn a_key_that_is_stored_for_mainnet_too_does_not_sign_alone_on_testnet() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    mock.reply("GET /eyes/t1", Reply::Json(200, json!({})));
    let both = place(&mock);
    let twin = json!({ "privateKey": KEY, "chain": "TRON", "testnet": false });
    both.put_wallets(json!({ "twin": twin }).as_object().expect("an object"));
    let ran = once(&both);
    let held = format!("t1: held, not reported: wallet {WALLET} has a key");
    assert!(ran.stderr.contains(&held), "{ran:?}");
    assert_eq!((mock.broadcasts().len(), mock.reports().len()), (0, 0));
    let url = format!("{}/eyes", mock.url());
    both.run(&["daemon", "--testnet", "--runOnce", "--externalUrl", &url]);
    assert_eq!(mock.broadcasts().len(), 1, "with four eyes");
}

#[test]
fn storing_a_key_of_the_other_network_is_told_on_stderr() {
    let mock = Mock::start();
    let place = place(&mock);
    let store = ["storemanagedprivatekey", "TRON"];
    let stored = place.run_with_input(&store, &format!("{}\n", &KEY[2..]));
    assert_eq!(stored.code, Some(0), "{stored:?}");
    let same = format!("wallet {WALLET} of the other network has the same phrase or key");
    assert!(stored.stderr.contains(&same), "{stored:?}");
    let shown: Value = serde_json::from_str(&stored.stdout).expect("JSON");
    assert!(shown["signatureId"].is_string() && shown.as_object().is_some_and(|o| o.len() == 1));
    let other = place.run_with_input(&store, &format!("{}\n", "48".repeat(32)));
    assert!(!other.stderr.contains("of the other network"), "{other:?}");
}

#[test]
fn the_filters_of_a_single_run_are_kept() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7)), pending("t2", &payload(8))]));
    let place = place(&mock);
    let ran = place.run(&[
        "daemon",
        "--testnet",
        "--runOnce",
        "--wallets",
        WALLET,
        "--transactionIds",
        "t2",
        "--chain",
        "eth",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let sent = mock.asked_at("/v3/ethereum/broadcast");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].body["signatureId"], "t2");
    let polls = mock.asked_at("/v3/kms/pending/ETH");
    assert_eq!(polls[0].body, json!({ "signatureIds": [WALLET] }));
}

#[test]
fn what_is_wrong_stops_the_start_with_a_code_of_its_own() {
    let mock = Mock::start();
    let start = ["daemon", "--testnet", "--runOnce"];
    place(&mock).with("TATUM_KMS_PASSWORD", "wrong").run(&start).fails(3, "wrong password");
    place(&mock).with("TATUM_API_KEY", "").run(&start).fails(5, "TATUM_API_KEY");
    let bare = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", API_KEY);
    bare.run(&start).fails(4, "no wallet store");
    let damaged = place(&mock);
    std::fs::write(damaged.store(), "SQLite format 3\0 and then nothing").expect("written");
    damaged.run(&start).fails(4, "truncated or damaged");
    place(&mock).run(&["daemon"]).fails(2, "--externalUrl is missing");
    place(&mock).run(&["daemon", "--testnet", "--period", "0"]).fails(2, "--period");
    place(&mock).run(&["daemon", "--testnet", "--chain", "NOPE"]).fails(2, "NOPE");
    place(&mock).with("TATUM_API_URL", "ftp://x").run(&start).fails(2, "TATUM_API_URL");
    let journal = place(&mock);
    std::fs::write(
        journal.store().with_file_name("journal.db"),
        "not a database, and long enough to be read as one",
    )
    .expect("written");
    journal.run(&start).fails(6, "journal");
    assert_eq!(mock.broadcasts(), Vec::<String>::new());
}

#[test]
fn a_signal_ends_the_daemon_in_order() {
    let mock = Mock::start();
    mock.pending("ETH", &json!([pending("t1", &payload(7))]));
    let place = place(&mock);
    for signal in ["TERM", "INT"] {
        let before = mock.polled("ETH").len();
        let child = place.start(&["daemon", "--testnet", "--period", "1"]);
        let deadline = Instant::now() + Duration::from_secs(20);
        let is_working = || mock.polled("ETH").len() > before && !mock.broadcasts().is_empty();
        while !is_working() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        let id = child.id().to_string();
        let kill = std::process::Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.expect("kill runs").success());
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        assert_eq!(ran.code, Some(0), "{signal}: {ran:?}");
    }
    let broadcasts = mock.broadcasts();
    assert!(broadcasts.iter().all(|bytes| *bytes == broadcasts[0]));
}
