//! One key of 32 bytes 0x46 on all four chains. Its scripts were made by a program of its own in
//! Python, the previous transactions by the library, the ids given as text by Python's hashlib.

mod amounts;
mod burns;
mod fees;
mod own;

use std::collections::HashMap;

use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime, consensus::encode::serialize_hex, hashes::Hash as _, transaction::Version,
};
use kms_core::{
    Answer, Chain as _, ChainOptions, DecodeInput, Network, NodeCall, Pending, Query, Sign as _,
    Signers, Unsigned,
};
use kms_testkit::TestKeys;
use serde_json::{Value, json};

use super::{PayloadFormat, Utxo, networks};

const P2PKH: &str = "76a914bd92088bb7e82d611a9b94fbb74a0908152b784f88ac";
const P2PK: &str = "21024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382ac";
const P2WPKH: &str = "0014bd92088bb7e82d611a9b94fbb74a0908152b784f";
const P2SH_P2WPKH: &str = "a914fb71ddebb5454a966d5fecb83eef81b5339dd4d987";
const STRANGER: &str = "76a914111111111111111111111111111111111111111188ac";

const COMPRESSED: &str = "cPwJhzJHSNXeJ9jnGW9fMK3o26tsPqQmFEd3rCc5svm8Pbp5ujKd";

static ALL: [&Utxo; 4] =
    [&networks::BITCOIN, &networks::LITECOIN, &networks::DOGECOIN, &networks::BITCOIN_CASH];

fn script(digits: &str) -> ScriptBuf {
    ScriptBuf::from_hex(digits).unwrap()
}

/// A fee that is usual for a few hundred bytes.
fn usual_fee(chain: &Utxo) -> u64 {
    if chain.spec.id.as_str() == "DOGE" { 30_000_000 } else { 2_000 }
}

/// An output that is spent: its transaction, and what the payload says of it.
#[derive(Clone)]
struct Spent {
    transaction: Transaction,
    vout: u32,
    stated_amount: u64,
    stated_script: String,
}

impl Spent {
    fn outpoint(&self) -> OutPoint {
        OutPoint { txid: self.transaction.compute_txid(), vout: self.vout }
    }
}

/// A transaction that pays these, told from others by a number.
fn paying(number: u8, outputs: &[(u64, &str)]) -> Transaction {
    let output = |(amount, digits): &(u64, &str)| TxOut {
        value: Amount::from_sat(*amount),
        script_pubkey: script(digits),
    };
    Transaction {
        version: Version::TWO,
        lock_time: LockTime::from_consensus(u32::from(number)),
        input: vec![TxIn {
            previous_output: OutPoint { txid: Txid::from_byte_array([number; 32]), vout: 7 },
            script_sig: ScriptBuf::from_bytes(vec![0x51]),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: outputs.iter().map(output).collect(),
    }
}

/// The first output of a transaction of its own, told truly.
fn spent(number: u8, amount: u64, digits: &str) -> Spent {
    Spent {
        transaction: paying(number, &[(amount, digits)]),
        vout: 0,
        stated_amount: amount,
        stated_script: digits.to_owned(),
    }
}

fn payload(chain: &Utxo, spent: &[Spent], outputs: &[(u64, &str)]) -> String {
    if chain.payload == PayloadFormat::HexAndAmounts {
        let mut transaction = paying(0, outputs);
        transaction.lock_time = LockTime::ZERO;
        let input = |spent: &Spent| TxIn {
            previous_output: spent.outpoint(),
            sequence: Sequence::MAX,
            ..TxIn::default()
        };
        transaction.input = spent.iter().map(input).collect();
        let amounts: Vec<u64> = spent.iter().map(|spent| spent.stated_amount).collect();
        return format!("{}:{}", serialize_hex(&transaction), json!(amounts));
    }
    let input = |spent: &Spent| {
        json!({
            "prevTxId": spent.outpoint().txid.to_string(), "outputIndex": spent.vout,
            "output": { "satoshis": spent.stated_amount, "script": spent.stated_script },
        })
    };
    let output = |(amount, digits): &(u64, &str)| json!({ "satoshis": amount, "script": digits });
    json!({
        "version": 2,
        "inputs": spent.iter().map(input).collect::<Vec<_>>(),
        "outputs": outputs.iter().map(output).collect::<Vec<_>>(),
    })
    .to_string()
}

/// The pending transaction of a wallet that holds one key, and the keys.
fn pending(chain: &Utxo, key: &str, payload: &str) -> (Pending, TestKeys) {
    let code = chain.spec.id.as_str();
    let wallets = json!({ "w": { "privateKey": key, "chain": code, "testnet": true } });
    let list = json!([{
        "id": "p", "chain": code, "hashes": ["w"], "serializedTransaction": payload,
    }]);
    let list = kms_api::read_pending_list(&list.to_string(), &chain.spec, Network::Testnet);
    let pending = list.unwrap().into_iter().next().unwrap().unwrap();
    (pending, TestKeys::new(wallets.as_object().unwrap(), crate::find_wallet_code))
}

/// The result for a payload, and the transactions that were requested.
struct Ended {
    outcome: Result<Box<dyn Unsigned>, String>,
    asked: Vec<String>,
}

impl Ended {
    fn refusal(self) -> String {
        self.outcome.expect_err("a refusal")
    }
}

/// Drafts the payload and answers all its questions; a node's by `node`, from the id.
fn run(
    chain: &'static Utxo,
    payload: &str,
    options: &ChainOptions,
    node: &dyn Fn(&str) -> Value,
) -> Ended {
    let (pending, keys) = pending(chain, COMPRESSED, payload);
    run_pending(chain, &pending, &keys, options, node)
}

fn run_pending(
    chain: &'static Utxo,
    pending: &Pending,
    keys: &TestKeys,
    options: &ChainOptions,
    node: &dyn Fn(&str) -> Value,
) -> Ended {
    let signers = Signers::find(pending, keys).unwrap();
    let input = DecodeInput { pending, signers: &signers, options };
    let mut asked = Vec::new();
    let outcome = (|| {
        let mut draft = chain.decode(&input).map_err(|error| error.to_string())?;
        while let Some(query) = draft.next_query() {
            let answer = match query {
                Query::PublicKey(key) => Answer::PublicKey(keys.public_key(&key).unwrap()),
                Query::Node(NodeCall::FullNode { path, method, params }) => {
                    assert_eq!(path, format!("/v3/{}/node", chain.spec.api_path));
                    assert_eq!((method, &params[1]), ("getrawtransaction", &json!(false)));
                    asked.push(params[0].as_str().unwrap().to_owned());
                    Answer::Node(node(asked.last().unwrap()))
                }
                Query::Node(other) => panic!("not asked for: {other:?}"),
            };
            draft.answer(answer).map_err(|error| error.to_string())?;
        }
        draft.finish().map_err(|error| error.to_string())
    })();
    Ended { outcome, asked }
}

/// Like [`run`], with a node that has the transactions that are spent.
fn run_honestly(chain: &'static Utxo, spent: &[Spent], outputs: &[(u64, &str)]) -> Ended {
    let known: HashMap<String, String> = spent
        .iter()
        .map(|spent| (spent.outpoint().txid.to_string(), serialize_hex(&spent.transaction)))
        .collect();
    let payload = payload(chain, spent, outputs);
    run(chain, &payload, &ChainOptions::default(), &|id| json!(known[id]))
}
