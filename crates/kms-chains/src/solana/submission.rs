//! To the node first, then to the API: sent, and looked for until it is confirmed.

use std::time::Duration;

use data_encoding::BASE64;
use kms_core::{BroadcastError, LookupError, NodeCall, RawTransaction, Step, Submission};
use serde_json::{Value, json};

use super::{NODE, message::split_transaction};

/// As often as the original looks, with its pauses: one second more each time.
const POLLS_MAX: u64 = 9;
/// A node says so of a transaction it has processed already.
const PROCESSED: [&str; 2] = ["alreadyprocessed", "already been processed"];
/// Nodes say so of bytes that no node will ever take.
const NEVER: [&str; 2] = ["signature verification fail", "failed to deserialize"];

#[derive(Debug)]
pub(super) struct SolanaSubmission {
    raw: String,
    id: String,
    is_sent: bool,
    polls: u64,
    is_confirmed: bool,
}

impl SolanaSubmission {
    pub(super) fn new(raw: &RawTransaction) -> Result<Self, BroadcastError> {
        let bytes = BASE64.decode(raw.as_str().as_bytes()).ok();
        let first = bytes.and_then(|bytes| split_transaction(&bytes)?.0.first().copied());
        let first = first.ok_or_else(|| BroadcastError::Unknown {
            reason: String::from("what was signed cannot be read any more"),
        })?;
        Ok(Self {
            raw: raw.as_str().to_owned(),
            id: bs58::encode(first).into_string(),
            is_sent: false,
            polls: 0,
            is_confirmed: false,
        })
    }

    fn sent(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError> {
        self.is_sent = true;
        let Err(error) = outcome else { return Ok(()) };
        let reason = error.to_string();
        let told = reason.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
        match error {
            LookupError::Refused { .. } if says(&PROCESSED) => Ok(()),
            LookupError::Refused { .. } if says(&NEVER) => Err(BroadcastError::Rejected { reason }),
            // An earlier sending may still land, whatever the node thinks of this one.
            _ => Err(BroadcastError::Unknown { reason }),
        }
    }

    fn looked(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError> {
        self.polls = self.polls.saturating_add(1);
        let found = outcome.unwrap_or(Value::Null);
        if found.is_null() {
            return match self.polls < POLLS_MAX {
                true => Ok(()),
                false => Err(BroadcastError::Unknown {
                    reason: format!("{} is sent and not confirmed yet", self.id),
                }),
            };
        }
        match found.pointer("/meta/err") {
            None | Some(Value::Null) => {
                self.is_confirmed = true;
                Ok(())
            }
            Some(error) => {
                let reason = format!("{} is in a block and failed: {error}", self.id);
                Err(BroadcastError::Rejected { reason })
            }
        }
    }
}

impl Submission for SolanaSubmission {
    fn next_step(&mut self) -> Option<Step> {
        let (pause, method, params) = match (self.is_sent, self.is_confirmed) {
            (false, _) => {
                let options = json!({ "encoding": "base64", "preflightCommitment": "confirmed" });
                (0, "sendTransaction", json!([self.raw, options]))
            }
            (true, false) => {
                let params = json!([self.id, { "commitment": "confirmed" }]);
                (self.polls, "getTransaction", params)
            }
            (true, true) => return None,
        };
        let call = NodeCall::Rpc { path: NODE, method, params };
        Some(Step { pause: Duration::from_secs(pause), call })
    }

    fn outcome(&mut self, outcome: Result<Value, LookupError>) -> Result<(), BroadcastError> {
        match self.is_sent {
            false => self.sent(outcome),
            true => self.looked(outcome),
        }
    }

    fn tx_data(&self) -> String {
        self.id.clone()
    }
}
