//! A transaction that the daemon signs is mined by a real node of Bitcoin or Litecoin on its
//! private chain. There is no node of Dogecoin to be had: a script of its kind names no network,
//! so Bitcoin's node judges it.

use std::process::Command;

use serde_json::{Value, json};

use super::{
    node::{Node, Rpc, free_port},
    program,
};
use crate::{
    mock::Mock,
    program::{Place, Ran},
};

/// A test key: 32 bytes of 0x46, compressed, as the testnets of all three write it.
const KEY: &str = "cPwJhzJHSNXeJ9jnGW9fMK3o26tsPqQmFEd3rCc5svm8Pbp5ujKd";
/// `test:test`
const AUTHORIZATION: &str = "Basic dGVzdDp0ZXN0";
const RECEIVER: &str = "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac";
/// Blocks until what a block pays its miner can be spent.
const MATURITY: usize = 100;

/// A chain, the node that judges it, what its wallets are paid by, and a fee in its base units.
struct Coin {
    chain: &'static str,
    /// The API's route to the chain's node.
    route: &'static str,
    node: &'static str,
    kinds: &'static [&'static str],
    fee: u64,
}

const COINS: [Coin; 3] = [
    Coin {
        chain: "BTC",
        route: "/v3/bitcoin/node",
        node: "bitcoind",
        kinds: &["wpkh", "pkh"],
        fee: 7_400,
    },
    Coin {
        chain: "LTC",
        route: "/v3/litecoin/node",
        node: "litecoind",
        kinds: &["pkh", "pkh"],
        fee: 7_400,
    },
    Coin {
        chain: "DOGE",
        route: "/v3/dogecoin/node",
        node: "bitcoind",
        kinds: &["pkh", "pkh"],
        fee: 100_000_000,
    },
];

struct Output {
    txid: String,
    satoshis: u64,
    script: String,
}

/// Mines a block that pays the wallet by a script of this kind.
fn mine_to(rpc: &Rpc, kind: &str) -> Output {
    let described = rpc.must("getdescriptorinfo", &json!([format!("{kind}({KEY})")]));
    let blocks = rpc.must("generatetodescriptor", &json!([1, described["descriptor"]]));
    let block = rpc.must("getblock", &json!([blocks[0], 2]));
    let transaction = &block["tx"][0];
    let output = &transaction["vout"][0];
    assert_eq!(output["value"], json!(50.0));
    Output {
        txid: transaction["txid"].as_str().expect("an id").to_owned(),
        satoshis: 5_000_000_000,
        script: output["scriptPubKey"]["hex"].as_str().expect("a script").to_owned(),
    }
}

/// Pays all but the fee of what the outputs are said to be worth.
fn pending(coin: &Coin, outputs: &[Output]) -> Value {
    let input = |output: &Output| {
        json!({
            "prevTxId": output.txid, "outputIndex": 0, "sequenceNumber": 0xffff_ffff_u32,
            "script": "", "scriptString": "",
            "output": { "satoshis": output.satoshis, "script": output.script },
        })
    };
    let inputs: Vec<_> = outputs.iter().map(input).collect();
    let spent: u64 = outputs.iter().map(|output| output.satoshis).sum();
    let payload = json!({
        "version": 2, "nLockTime": 0, "inputs": inputs,
        "outputs": [{ "satoshis": spent - coin.fee, "script": RECEIVER }],
    });
    json!([{
        "id": "t1", "chain": coin.chain, "hashes": ["w1"],
        "serializedTransaction": payload.to_string(),
    }])
}

fn judged(rpc: &Rpc, raw: &str) -> Value {
    // Whatever the fee: that of Dogecoin is absurd on Bitcoin.
    rpc.must("testmempoolaccept", &json!([[raw], 0]))[0].take()
}

/// One digit changed in a signature, which starts in one of two ways.
fn altered(raw: &str) -> String {
    let start = ["30440220", "3045022100"].iter().find_map(|mark| raw.find(mark));
    let place = start.expect("a signature") + 30;
    let mut bytes = raw.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
    String::from_utf8(bytes).expect("text")
}

#[test]
fn what_the_daemon_signs_is_mined_and_what_is_altered_is_not() {
    COINS.iter().for_each(judge);
}

fn judge(coin: &Coin) {
    let Some(program) = program(coin.node) else { return };
    let (port, folder) = (free_port(), tempfile::tempdir().expect("a directory"));
    let mut command = Command::new(program);
    command.args(["-regtest", "-rpcuser=test", "-rpcpassword=test", "-listen=0", "-connect=0"]);
    command.args([
        "-dnsseed=0",
        "-disablewallet",
        "-txindex=1",
        "-acceptnonstdtxn=0",
        "-rpcallowip=127.0.0.1",
    ]);
    command.args([
        format!("-datadir={}", folder.path().display()),
        format!("-rpcport={port}"),
        String::from("-rpcbind=127.0.0.1"),
    ]);
    let node = Node::start(&mut command, port, AUTHORIZATION, "getblockcount");
    let rpc = node.rpc();
    let outputs: Vec<_> = coin.kinds.iter().map(|kind| mine_to(rpc, kind)).collect();
    let others = rpc.must("getdescriptorinfo", &json!([format!("raw({RECEIVER})")]));
    rpc.must("generatetodescriptor", &json!([MATURITY, others["descriptor"]]));

    a_lie_about_an_amount_is_found_out(coin, rpc, &outputs);
    let (ran, mock) = run_daemon(coin, rpc, &outputs);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(mock.asked_at(coin.route).len(), outputs.len());
    let raw = mock.broadcasts().pop().expect("a broadcast");

    for (bad, reason) in [
        (altered(&raw), "Signature must be zero for failed CHECK"),
        (
            raw.replace(
                &format!("{:016x}", (10_000_000_000 - coin.fee).swap_bytes()),
                "0000000001000000",
            ),
            "script",
        ),
    ] {
        let judged = judged(rpc, &bad);
        assert_eq!(judged["allowed"], false, "{judged}");
        let told = judged["reject-reason"].as_str().unwrap_or_default();
        assert!(told.contains(reason), "{judged}");
    }
    assert_eq!(judged(rpc, &raw)["allowed"], true);
    let txid = rpc.must("sendrawtransaction", &json!([raw, 0]));
    let blocks = rpc.must("generatetodescriptor", &json!([1, others["descriptor"]]));
    let block = rpc.must("getblock", &json!([blocks[0], 1]));
    assert_eq!(block["tx"][1], txid);
}

/// A daemon's round, in which the API's node is the real one.
fn run_daemon(coin: &Coin, rpc: &Rpc, outputs: &[Output]) -> (Ran, Mock) {
    let mock = Mock::start();
    let (node, route) = (rpc.clone(), coin.route);
    mock.relay(move |path, call| {
        let method = call["method"].as_str().filter(|_| path == route)?;
        let result = node.must(method, &call["params"]);
        Some((200, json!({ "result": result, "error": null, "id": call["id"] })))
    });
    mock.pending(coin.chain, &pending(coin, outputs));
    let place = Place::new().with("TATUM_API_URL", &mock.url()).with("TATUM_API_KEY", "any");
    let wallets = json!({ "w1": { "privateKey": KEY, "chain": coin.chain, "testnet": true } });
    place.put_wallets(wallets.as_object().expect("an object"));
    (place.run(&["daemon", "--testnet", "--runOnce"]), mock)
}

/// The second output is said to be worth a hundredth: what it is worth would be the miner's.
fn a_lie_about_an_amount_is_found_out(coin: &Coin, rpc: &Rpc, outputs: &[Output]) {
    let output = |output: &Output, satoshis: u64| Output {
        txid: output.txid.clone(),
        satoshis,
        script: output.script.clone(),
    };
    let lie = [output(&outputs[0], outputs[0].satoshis), output(&outputs[1], 50_000_000)];
    let (_, mock) = run_daemon(coin, rpc, &lie);
    assert_eq!(mock.broadcasts(), Vec::<String>::new());
    let reports = mock.reports();
    let told = "whose amount is 5000000000 base units, but the payload says 50000000";
    assert!(reports.iter().any(|(_, error)| error.contains(told)), "{reports:?}");
}
