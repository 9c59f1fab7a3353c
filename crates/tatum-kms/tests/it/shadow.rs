//! `daemon --shadow` beside a played daemon of the original's, against the sandbox.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Child,
};

use kms_sandbox::{Running, Sandbox, State};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    daemon::payload,
    migrate::{original, picture},
    mock::Mock,
    program::{Place, until},
};

/// Of EIP-155's example key, as `payload` asks for nonce 7, signed by viem 2.57.
const RIGHT: &str = "0xf86907843b9aca008252089452908400098527886e0f7030069857d2e4169ee78203e8808401546d71a00e219b5de4a647885ffab712d798e44eeafc949231e93feb9bf69537d29a6cefa07c37a0b89a8ca1a6f9887b6c6e9bb22a55552a29501c51c5c3488c4ca39ff08e";
const RIGHT_TXID: &str = "0x82d2ab73185a96498df1dbb5d7b807e28fcf82534d4f7957e046c1222e93070b";
/// The same key's payment of nonce 8 to 0x8617E340B3D01FA5F11F306F4090FD50E238070D, by viem.
const OTHER_RECEIVER: &str = "0xf86908843b9aca00825208948617e340b3d01fa5f11f306f4090fd50e238070d8203e8808401546d71a079682eca7306da88c8ef59193cb2245a3ed6b8373fbc63c1c15ea70ee71f92c8a0400208fb1cd86bbabecfad46ab804a6dbab40abcc999304f2aded22fcf948153";
const OTHER_RECEIVER_TXID: &str =
    "0x09394e573dbbe0c66ecb7fde7a52f844d03dc7d4c3916eb34f859998582fb17b";
/// And of nonce 9, with 2000 instead of 1000.
const OTHER_AMOUNT: &str = "0xf86909843b9aca008252089452908400098527886e0f7030069857d2e4169ee78207d0808401546d72a0d379e613ebf6e94b4bb863a9fa0790fd7f1d14cd766b33b2d3088a3aa5ad7043a07fc8aacc4844e9f624735c5d9c8f4a5fe35356d7befe08b082efba98baa13233";
const OTHER_AMOUNT_TXID: &str =
    "0x3a83a8c96820ed0a439a09fe3e03dc24df92dd7948b5e3e55fb9fa4e40ef60e1";
const KEY: &str = "0x4646464646464646464646464646464646464646464646464646464646464646";
const ADDRESS: &str = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

struct Scene {
    runtime: tokio::runtime::Runtime,
    sandbox: Running,
    place: Place,
}

impl Scene {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start(None)).expect("a sandbox");
        let place = original(&json!({
            "w1": { "privateKey": KEY, "chain": "ETH", "testnet": true },
        }));
        let place = place.with("TATUM_API_URL", &format!("http://{}", sandbox.address()));
        Self { runtime, sandbox, place }
    }

    /// Calls the API in place of the original's daemon, or of whoever creates transactions.
    fn call(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let mut stream = TcpStream::connect(self.sandbox.address()).expect("it listens");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: sandbox\r\nx-api-key: t\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let status = answer.get(9..12).and_then(|status| status.parse().ok());
        (status.expect("a status"), answer)
    }

    fn offer(&self, id: &str, payload: &Value) {
        let offer = json!({
            "pending": { "id": id, "chain": "ETH", "hashes": ["w1"],
                         "serializedTransaction": payload.to_string() },
            "expect": { "signers": [{ "address": ADDRESS }] },
        });
        let (status, answer) = self.call("POST", "/sandbox/transactions", &offer);
        assert_eq!(status, 201, "{answer}");
    }

    /// The other daemon's bytes. The sandbox does not take what was not asked for; the API would.
    fn send(&self, id: &str, raw: &str, txid: &str) {
        let body = json!({ "signatureId": id, "txData": raw });
        self.call("POST", "/v3/ethereum/broadcast", &body);
        assert_eq!(self.call("PUT", &format!("/v3/kms/{id}/{txid}"), &Value::Null).0, 204);
    }

    fn state(&self, id: &str) -> State {
        let states = self.sandbox.states();
        states.into_iter().find(|one| one.id.as_str() == id).expect("offered").state
    }

    fn look_on(&self, more: &[&str]) -> Onlooker {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |name| File::create(folder.path().join(name)).expect("a file");
        let arguments = ["daemon", "--testnet", "--shadow", "--period", "1"];
        let arguments = [arguments.as_slice(), more].concat();
        let mut command = self.place.command(&arguments);
        command.stdout(open("out")).stderr(open("log"));
        Onlooker { child: command.spawn().expect("it starts"), folder }
    }
}

struct Onlooker {
    child: Child,
    folder: tempfile::TempDir,
}

impl Onlooker {
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("text")
    }

    fn says(&self, words: &str) {
        until(&format!("`{words}` in the log"), || self.read("log").contains(words));
    }

    fn told(&self) -> BTreeMap<String, Value> {
        let out = self.read("out");
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.map(|line| (line["id"].as_str().expect("an id").to_owned(), line)).collect()
    }

    fn stop(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("told");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_the_other_daemon_does_is_compared_and_nothing_is_done() {
    let (scene, approver) = (Scene::new(), Mock::start());
    scene.offer("right", &payload(7));
    scene.offer("receiver", &payload(8));
    scene.offer("amount", &payload(9));
    scene.offer("failed", &payload(10));
    scene.offer("left", &payload(11));
    let mut foreign = payload(12);
    foreign["chainId"] = json!(1);
    scene.offer("refused", &foreign);
    scene.offer("both", &json!("no transaction"));
    let before = picture(scene.place.path());
    let url = format!("{}/ask", approver.url());
    let mut onlooker = scene.look_on(&["--externalUrl", &url]);
    for id in ["right", "receiver", "amount", "failed", "left"] {
        onlooker.says(&format!("{id}: here: sign"));
    }
    onlooker.says("refused: here: refuse");
    onlooker.says("both: here: refuse");
    assert!(scene.sandbox.states().iter().all(|one| one.state == State::Pending));

    scene.send("right", RIGHT, RIGHT_TXID);
    scene.send("receiver", OTHER_RECEIVER, OTHER_RECEIVER_TXID);
    scene.send("amount", OTHER_AMOUNT, OTHER_AMOUNT_TXID);
    scene.send("refused", "0x", &format!("0x{}", "ab".repeat(32)));
    let errors = ["failed", "both"].map(|id| json!({ "signatureId": id, "error": "no money" }));
    scene.call("POST", "/v3/tatum/kms/batch", &json!({ "errors": errors }));
    until("what is sent is told while it runs", || onlooker.told().len() >= 4);
    assert_eq!(onlooker.stop(), Some(1));

    let told = onlooker.told();
    let verdict = |id: &str| told[id]["verdict"].as_str().expect("a verdict").to_owned();
    for (id, expected) in [
        ("right", "same-payment"),
        ("receiver", "other-receiver"),
        ("amount", "other-amount"),
        ("failed", "signed-here-only"),
        ("left", "still-pending"),
        ("refused", "refused-here-only"),
        ("both", "both-refuse"),
    ] {
        assert_eq!(verdict(id), expected, "{id}: {told:?}");
    }
    assert_eq!(told.len(), 7);
    assert_eq!(told["right"]["txId"], RIGHT_TXID);
    assert_eq!(told["right"]["effects"]["maxFee"]["amount"], "21000000000000");
    let paid = &told["receiver"]["sent"]["transfers"][0];
    assert_eq!(paid["to"], "0x8617e340b3d01fa5f11f306f4090fd50e238070d");
    assert_eq!(told["amount"]["sent"]["transfers"][0]["amount"], "2000");
    let differing: Vec<_> = told.iter().filter(|(_, one)| one["differs"] == true).collect();
    assert_eq!(differing.len(), 4, "{differing:?}");
    let log = onlooker.read("log");
    assert!(log.contains("transactions seen: 7; different: 4"), "{log}");
    assert!(log.contains("1000 native to 0x52908400098527886e0f7030069857d2e4169ee7"), "{log}");

    assert_eq!(picture(scene.place.path()), before, "nothing is written");
    assert!(approver.asked().is_empty(), "nobody is asked");
    let broadcasts = scene.sandbox.broadcasts();
    assert!(!broadcasts.contains_key("left") && !broadcasts.contains_key("failed"));
    let reports = scene.sandbox.states().iter().map(|one| one.reports).sum::<u64>();
    assert_eq!(reports, 2, "the other daemon's");
    assert_eq!(scene.state("left"), State::Pending);
    // The change-over: what the old daemon left is signed.
    let ran = scene.place.run(&["daemon", "--testnet", "--runOnce"]);
    assert_eq!((ran.code, scene.state("left")), (Some(0), State::Verified), "{ran:?}");
    drop(scene.runtime);
}

#[test]
fn one_round_tells_what_would_be_done_and_that_it_is_pending() {
    let scene = Scene::new();
    scene.offer("left", &payload(7));
    let ran = scene.place.run(&["daemon", "--testnet", "--shadow", "--runOnce"]);
    let line: Value = serde_json::from_str(ran.stdout.trim()).expect("a line of JSON");
    assert_eq!((ran.code, &line["verdict"]), (Some(0), &json!("still-pending")), "{ran:?}");
    assert_eq!(line["effects"]["transfers"][0]["amount"], "1000");
    assert!(ran.stderr.contains("transactions seen: 1; different: 0"), "{ran:?}");
}

#[test]
fn a_mainnet_shadow_needs_no_approver_and_goes_with_no_flag_that_acts() {
    let place = original(&json!({
        "w1": { "privateKey": KEY, "chain": "ETH", "testnet": false },
    }));
    let mock = Mock::start();
    let place = place.with("TATUM_API_URL", &mock.url());
    assert_eq!(place.run(&["daemon", "--shadow", "--runOnce"]).code, Some(0));
    for flag in ["--dry-run", "--new-journal", "--take-over", "--ask-before-signing"] {
        place.run(&["daemon", "--shadow", flag]).fails(2, "cannot be used with");
    }
    place.run(&["daemon", "--testnet", "--shadow-for", "5"]).fails(2, "--shadow");
}

#[test]
fn it_runs_beside_a_daemon_of_ours_without_disturbing_its_claim() {
    let mock = Mock::start();
    let place = crate::daemon::place(&mock);
    let mut daemon = place.start_logged(&["daemon", "--testnet", "--period", "1"]);
    daemon.says("started on");
    let claim = |place: &Place| {
        fs::read_dir(place.store().parent().expect("a folder")).expect("read").count()
    };
    let files = claim(&place);
    assert_eq!(place.run(&["daemon", "--testnet", "--shadow", "--runOnce"]).code, Some(0));
    assert!(daemon.is_running());
    assert_eq!(claim(&place), files);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(), Some(0));
}

/// The proposer's keys are the API's, and few.
#[test]
fn nothing_is_taken_that_the_other_daemon_would_wait_for() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../kms-chains/vectors/FLOW/sign.json");
    let recorded: Value = serde_json::from_slice(&fs::read(path).expect("vectors")).expect("JSON");
    let mut cases = recorded["cases"].as_array().expect("cases").iter();
    let case = cases.find(|case| case["testnet"] == true && !case["signed"].is_null());
    let case = case.expect("a case");
    let mock = Mock::start();
    mock.pending("FLOW", &json!([case["pending"]]));
    let place = original(&case["wallets"]).with("TATUM_API_URL", &mock.url());
    let ran = place.run(&["daemon", "--testnet", "--shadow", "--runOnce"]);
    let line: Value = serde_json::from_str(ran.stdout.trim()).expect("a line of JSON");
    assert_eq!(line["would"], "undecided", "{ran:?}");
    let reason = line["reason"].as_str().expect("words");
    assert!(reason.contains("from the other daemon"), "{reason}");
    let asked = mock.asked();
    assert!(asked.iter().all(|asked| !asked.path.starts_with("/v3/flow/")), "{asked:?}");
}
