//! Solana's blockhashes count for half a minute: they are fetched after a verdict, however long that
//! takes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use data_encoding::BASE64;
use kms_core::{
    Acceptance, Approve, ApproveError, Broadcast, BroadcastError, ChainId, ChainOptions, FourEyes,
    Gate, Lookup, LookupError, Network, NodeCall, Ports, Proposal, Recorded, Road, SigningDigest,
    process,
};
use kms_testkit::{
    MemoryJournal, TestKeys,
    vectors::{File, SignCase, load},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep};

use crate::vectors::folder;

const VERDICT: Duration = Duration::from_secs(40);

/// An approver that takes its time.
#[derive(Clone, Default)]
struct Slow(Arc<Mutex<Option<SigningDigest>>>);

#[async_trait]
impl Approve for Slow {
    fn wants_digest(&self) -> bool {
        true
    }

    async fn approve(
        &self,
        proposal: &Proposal,
        digest: Option<&SigningDigest>,
    ) -> Result<(), ApproveError> {
        sleep(VERDICT).await;
        let without = proposal.late_value();
        assert_eq!(without.is_none(), proposal.pending().id.as_str().contains("fixed"));
        *self.0.lock().expect("a lock") = digest.copied();
        Ok(())
    }
}

/// A node whose blockhash says at which second it was asked.
struct Node(Instant);

#[async_trait]
impl Lookup for Node {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let is_asked = matches!(call, NodeCall::Rpc { method: "getLatestBlockhash", .. });
        assert!(is_asked, "nothing else is asked: {call:?}");
        let seconds = u8::try_from(self.0.elapsed().as_secs()).expect("a short time");
        let blockhash = bs58::encode([seconds + 1; 32]).into_string();
        Ok(json!({ "context": { "slot": 7 }, "value": { "blockhash": blockhash } }))
    }
}

#[derive(Default)]
struct Kept(Mutex<Vec<u8>>);

#[async_trait]
impl Broadcast for Kept {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let bytes = BASE64.decode(recorded.raw().as_str().as_bytes()).expect("base64");
        *self.0.lock().expect("a lock") = bytes;
        Ok(Acceptance::default())
    }
}

/// A case, and the whole of what was recorded.
fn case(file: &str, name: &str) -> (SignCase, Value) {
    let path = folder().join("SOL").join(file);
    let (cases, texts): (File<SignCase>, File<Value>) = (load(&path), load(&path));
    let mut both = cases.cases.into_iter().zip(texts.cases);
    both.find(|(case, _)| case.name == name).expect("a case")
}

/// The signed bytes, and the digest that the approver was told.
async fn sign(case: &SignCase, id: &str) -> (Vec<u8>, [u8; 32]) {
    let chain = kms_chains::find("SOL").expect("a chain");
    let mut pending = case.pending.clone();
    pending["id"] = json!(id);
    let network = Network::from_testnet_flag(case.testnet);
    let list = kms_api::read_pending_list(&format!("[{pending}]"), chain.spec(), network);
    let pending = list.expect("a list").pop().expect("a list of one").expect("a transaction");
    let keys = TestKeys::new(&case.wallets, kms_chains::find_wallet_code);
    let (slow, kept, journal) = (Slow::default(), Kept::default(), MemoryJournal::default());
    let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(slow.clone())));
    let lookup = Node(Instant::now());
    let ports = Ports { lookup: &lookup, keys: &keys, journal: &journal, broadcaster: &kept };
    let options = ChainOptions::default();
    process(pending, Road { chain, options: &options, gate: &gate, ports }).await.expect("signed");
    let digest = slow.0.lock().expect("a lock").take().expect("a digest");
    (kept.0.into_inner().expect("a lock"), *digest.as_bytes())
}

/// The position of the blockhash in a legacy message of few keys.
fn position(message: &[u8]) -> usize {
    4 + 32 * usize::from(message[3])
}

#[tokio::test(start_paused = true)]
async fn a_slow_approver_gets_a_blockhash_of_after_the_verdict() {
    let (case, _) = case("sign.json", "sol-native-transfer");
    let (raw, digest) = sign(&case, "slow").await;
    let mut message = raw[65..].to_vec();
    let place = position(&message);
    assert_eq!(message[place..place + 32], [41; 32], "the node was asked after 40 seconds");

    // The digest of `docs/four-eye.md`: over the message with zeros in the place of the blockhash.
    message[place..place + 32].fill(0);
    let wallet = case.pending["hashes"][0].as_str().expect("a wallet");
    let mut hash = Sha256::new();
    for field in [b"ed25519", wallet.as_bytes(), b"", b"whole", &message] {
        hash.update(u64::try_from(field.len()).expect("a length").to_be_bytes());
        hash.update(field);
    }
    assert_eq!(digest, <[u8; 32]>::from(hash.finalize()));
}

/// Others have signed over theirs, or it is the value of a nonce.
#[tokio::test(start_paused = true)]
async fn a_blockhash_that_is_fixed_is_kept() {
    for name in ["sol-sdk-v0-durable-nonce", "sol-sdk-v0-signed-by-payer"] {
        let (case, recorded) = case("sdk.json", name);
        let (raw, _) = sign(&case, "fixed").await;
        assert_eq!(BASE64.encode(&raw), recorded["signed"]["rawTransactionBase64"], "{name}");
    }
}
