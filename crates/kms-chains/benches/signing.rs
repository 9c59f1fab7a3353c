//! From JSON to signed bytes, as a multiple of the raw signatures it takes.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures and cannot go on without its input"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bitcoin::secp256k1::{Message, Secp256k1, SecretKey};
use kms_core::{
    Acceptance, Approve, ApproveError, Broadcast, BroadcastError, ChainId, ChainOptions, FourEyes,
    Gate, KeyRef, KeySignature, Lookup, LookupError, Network, NodeCall, Ports, Proposal, PublicKey,
    Recorded, Road, Sign, SignError, SignatureId, SigningDigest, SigningRequest, WalletFacts,
    process,
};
use kms_keys::SigningKey;
use kms_secret::SecretText;
use serde_json::{Value, json};

const ROUNDS: u32 = 400;
const SAMPLES: usize = 15;

/// One key at hand, as the keystore has one that it used before.
struct OneKey {
    key: SigningKey,
    chain: ChainId,
}

impl Sign for OneKey {
    fn wallet(&self, _: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        Ok(Some(WalletFacts {
            chain: self.chain,
            network: Network::Testnet,
            has_mnemonic: false,
            has_private_key: true,
            shared_with_mainnet: false,
        }))
    }

    fn public_key(&self, _: &KeyRef) -> Result<PublicKey, SignError> {
        Ok(self.key.public_key().clone())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        let scheme = |_| SignError::Scheme(request.key().wallet.clone());
        self.key.sign(request.scheme(), request.message()).map_err(scheme)
    }
}

/// Ports that cost nothing: the journal's and the network's time is measured elsewhere.
struct Nothing;

#[async_trait]
impl Lookup for Nothing {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let (what, reason) = (format!("{call:?}"), String::from("the payload is complete"));
        Err(LookupError::Refused { what, reason })
    }
}

#[async_trait]
impl Broadcast for Nothing {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        black_box(recorded.raw());
        Ok(Acceptance::default())
    }
}

#[async_trait]
impl Approve for Nothing {
    async fn approve(&self, _: &Proposal, _: Option<&SigningDigest>) -> Result<(), ApproveError> {
        Ok(())
    }
}

/// The median of several runs, each of many rounds: the time of one round.
fn measure(mut round: impl FnMut()) -> Duration {
    let mut samples: Vec<_> = (0..SAMPLES)
        .map(|_| {
            let start = Instant::now();
            (0..ROUNDS).for_each(|_| round());
            start.elapsed() / ROUNDS
        })
        .collect();
    samples.sort_unstable();
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn raw_signature() -> Duration {
    let context = Secp256k1::signing_only();
    let key = SecretKey::from_slice(&[7; 32]).expect("a key");
    let message = Message::from_digest([9; 32]);
    measure(|| {
        black_box(context.sign_ecdsa_recoverable(black_box(&message), &key));
    })
}

fn road(code: &str, key: &str, pending: &Value) -> Duration {
    let chain = kms_chains::find(code).expect("a chain");
    let text = SecretText::new(key.to_owned());
    let key = SigningKey::parse(&chain.spec().key, Network::Testnet, &text).expect("a key");
    let keys = OneKey { key, chain: chain.spec().id };
    let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(Nothing)));
    let options = ChainOptions { trust_input_amounts: true, ..ChainOptions::default() };
    let ports = Ports {
        lookup: &Nothing,
        keys: &keys,
        journal: &kms_testkit::NoJournal,
        broadcaster: &Nothing,
    };
    let list = json!([pending]).to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    measure(|| {
        let road = Road { chain, options: &options, gate: &gate, ports };
        let mut read =
            kms_api::read_pending_list(&list, chain.spec(), Network::Testnet).expect("a list");
        let pending = read.pop().expect("one").expect("a pending transaction");
        black_box(runtime.block_on(process(pending, road)).expect("it is signed"));
    })
}

fn ethereum() -> Value {
    let payload = json!({
        "from": 0, "to": "0x52908400098527886E0F7030069857D2E4169EE7", "value": "1000000000",
        "gas": "21000", "gasPrice": "20000000000", "nonce": 7, "chainId": 11_155_111,
    });
    json!({
        "id": "6161e92aec789f44a7b01d8d", "chain": "ETH",
        "hashes": ["7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c"],
        "serializedTransaction": payload.to_string(),
    })
}

/// Ten inputs of one P2WPKH key.
fn bitcoin(key: &str) -> Value {
    let chain = kms_chains::find("BTC").expect("a chain");
    let text = SecretText::new(key.to_owned());
    let key = SigningKey::parse(&chain.spec().key, Network::Testnet, &text).expect("a key");
    let key = bitcoin::PublicKey::from_slice(key.public_key().as_bytes()).expect("a key");
    let script = bitcoin::ScriptBuf::new_p2wpkh(&key.wpubkey_hash().expect("compressed"));
    let script = script.to_hex_string();
    let inputs: Vec<_> = (0..10)
        .map(|place| {
            json!({
                "prevTxId": format!("{place:064x}"), "outputIndex": place,
                "sequenceNumber": 0xffff_ffff_u32, "script": "",
                "output": { "satoshis": 100_000, "script": script },
            })
        })
        .collect();
    let outputs = json!([{ "satoshis": 990_000, "script": script }]);
    let payload = json!({ "version": 2, "inputs": inputs, "outputs": outputs, "nLockTime": 0 });
    json!({
        "id": "6161e92aec789f44a7b01d8d", "chain": "BTC",
        "hashes": ["7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c"],
        "serializedTransaction": payload.to_string(),
    })
}

fn main() {
    let wif = "cMzLdeGd5vEqxB8B6VFQoRopQ3sLAAvEzDAoQgvX54xwofSWj1fx";
    // The raw signature is measured between the others, so that a busy machine is as hard on it.
    let before = raw_signature();
    let evm = road("ETH", &"46".repeat(32), &ethereum());
    let between = raw_signature();
    let btc = road("BTC", wif, &bitcoin(wif));
    let raw = before.min(between).min(raw_signature());
    println!("R, one raw recoverable signature of libsecp256k1: {raw:?}");
    let ratio = evm.as_secs_f64() / raw.as_secs_f64();
    println!("one EVM transfer, JSON to signed bytes: {evm:?} = {ratio:.2} R (reach: 2 R)");
    let ratio = btc.as_secs_f64() / raw.as_secs_f64() / 10.0;
    println!("one Bitcoin transaction of ten inputs: {btc:?} = {ratio:.2} × 10 R (reach: 1.5)");
}
