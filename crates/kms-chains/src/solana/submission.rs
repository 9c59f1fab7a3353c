//! To the node first, then to the API: sent, and looked for until it is confirmed.
//!
//! What is certain, and what is not: a transaction that is in a block succeeded or failed there
//! for good. One that is in none may still come into one as long as its blockhash counts, however
//! often a node refused to take it, because an earlier sending may be on its way, its answer lost.
//! So a refusal is final only when the bytes were never given to anybody before, and the node
//! says that it did not pass them on. Everything else is looked for once more and then sent again
//! in the next round; nodes take the same bytes twice without harm.

use std::time::Duration;

use data_encoding::BASE64;
use kms_core::{BroadcastError, LookupError, NodeCall, RawTransaction, Step, Submission};
use serde_json::{Value, json};

use super::{
    NODE,
    message::{VERSION_0, split_transaction},
};

/// As often as the original looks, with its pauses: one second more each time.
const POLLS_MAX: u64 = 9;
/// A node says so of a transaction it has processed already.
const PROCESSED: [&str; 2] = ["alreadyprocessed", "already been processed"];
/// A node says so of bytes that it did not pass on: they are not well formed, or do not succeed
/// when it tries them out.
const NOT_PASSED_ON: [&str; 5] = [
    "simulation failed",
    "signature verification fail",
    "failed to deserialize",
    "failed to sanitize",
    "too large",
];
/// The same, for reasons that may be gone with the next try: a node that lags behind, a full
/// block, an account in use.
const FOR_NOW: [&str; 5] =
    ["blockhash not found", "blockhashnotfound", "would exceed", "in use", "maintenance"];
/// Characters of what a node says that an error repeats.
const REASON_MAX_CHARS: usize = 300;

#[derive(Debug)]
pub(super) struct SolanaSubmission {
    raw: String,
    id: String,
    is_version_0: bool,
    /// Whether these bytes were never given to anybody before.
    is_first: bool,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Sending,
    /// Sent, and looked for this many times.
    Sent(u64),
    /// Not taken for this reason: looked for once, because it may be there nevertheless.
    NotTaken(String),
    Confirmed,
}

impl SolanaSubmission {
    pub(super) fn new(raw: &RawTransaction) -> Result<Self, BroadcastError> {
        let unreadable = || BroadcastError::Unknown {
            reason: String::from("what was signed cannot be read any more"),
        };
        let bytes = BASE64.decode(raw.as_str().as_bytes()).map_err(|_| unreadable())?;
        let (signatures, message) = split_transaction(&bytes).ok_or_else(unreadable)?;
        Ok(Self {
            raw: raw.as_str().to_owned(),
            id: bs58::encode(signatures.first().ok_or_else(unreadable)?).into_string(),
            is_version_0: message.first() == Some(&VERSION_0),
            is_first: false,
            stage: Stage::Sending,
        })
    }

    fn sent(&self, outcome: Result<Value, LookupError>) -> Result<Stage, BroadcastError> {
        let Err(error) = outcome else { return Ok(Stage::Sent(0)) };
        let told = error.to_string().to_ascii_lowercase();
        let reason = shortened(&error.to_string());
        let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
        if says(&PROCESSED) {
            return Ok(Stage::Sent(0));
        }
        match self.is_first && says(&NOT_PASSED_ON) && !says(&FOR_NOW) {
            true => Err(BroadcastError::Rejected { reason }),
            false => Ok(Stage::NotTaken(reason)),
        }
    }

    /// What a look for the transaction brought; `None` when it is not there.
    fn found(&self, outcome: Result<Value, LookupError>) -> Result<Option<Stage>, BroadcastError> {
        let found = outcome.unwrap_or(Value::Null);
        if found.is_null() {
            return Ok(None);
        }
        match found.pointer("/meta/err") {
            None | Some(Value::Null) => Ok(Some(Stage::Confirmed)),
            Some(error) => {
                let error = shortened(&error.to_string());
                let reason = format!("{} is in a block and failed: {error}", self.id);
                Err(BroadcastError::Rejected { reason })
            }
        }
    }

    fn missed(&self, stage: Stage) -> Result<Stage, BroadcastError> {
        match stage {
            Stage::Sent(polls) if polls.saturating_add(1) < POLLS_MAX => {
                Ok(Stage::Sent(polls.saturating_add(1)))
            }
            Stage::NotTaken(reason) => Err(BroadcastError::Unknown { reason }),
            Stage::Sending | Stage::Sent(_) | Stage::Confirmed => Err(BroadcastError::Unknown {
                reason: format!("{} is sent and not confirmed yet", self.id),
            }),
        }
    }

    fn look(&self, pause: u64) -> Step {
        let options = match self.is_version_0 {
            // Without it a node does not show messages of version 0.
            true => json!({ "commitment": "confirmed", "maxSupportedTransactionVersion": 0 }),
            false => json!({ "commitment": "confirmed" }),
        };
        let params = json!([self.id, options]);
        let call = NodeCall::Rpc { path: NODE, method: "getTransaction", params };
        Step { pause: Duration::from_secs(pause), call }
    }
}

impl Submission for SolanaSubmission {
    fn note_first_sending(&mut self) {
        self.is_first = true;
    }

    fn next_step(&mut self) -> Option<Step> {
        match &self.stage {
            Stage::Sending => {
                let options = json!({ "encoding": "base64", "preflightCommitment": "confirmed" });
                let params = json!([self.raw, options]);
                let call = NodeCall::Rpc { path: NODE, method: "sendTransaction", params };
                Some(Step { pause: Duration::ZERO, call })
            }
            Stage::Sent(polls) => Some(self.look(*polls)),
            Stage::NotTaken(_) => Some(self.look(0)),
            Stage::Confirmed => None,
        }
    }

    fn outcome(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError> {
        self.stage = match self.stage.clone() {
            Stage::Sending => self.sent(outcome)?,
            stage => match self.found(outcome)? {
                Some(confirmed) => confirmed,
                None => self.missed(stage)?,
            },
        };
        Ok(())
    }

    fn tx_data(&self) -> String {
        self.id.clone()
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(REASON_MAX_CHARS).collect()
}
