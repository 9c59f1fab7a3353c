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
    message::{split_transaction, version},
};
use crate::codec::reason::shortened;

/// The number of polls, the same as the original's, with its pauses: one second longer each time.
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

#[derive(Debug)]
pub(super) struct SolanaSubmission {
    raw: String,
    id: String,
    version: Option<u8>,
    /// True if these bytes were never given to anybody before.
    is_first: bool,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Sending,
    /// Sent, and looked for this many times.
    Sent(u64),
    /// It was not accepted for this reason: it is looked up once, because it may be in the chain
    /// all the same.
    NotTaken(String),
    Confirmed,
}

impl SolanaSubmission {
    pub(super) fn new(raw: &RawTransaction) -> Result<Self, BroadcastError> {
        let unreadable = || BroadcastError::Unknown {
            reason: String::from("the recorded bytes cannot be read"),
        };
        let bytes = BASE64.decode(raw.as_str().as_bytes()).map_err(|_| unreadable())?;
        let (signatures, message) = split_transaction(&bytes).ok_or_else(unreadable)?;
        Ok(Self {
            raw: raw.as_str().to_owned(),
            id: bs58::encode(signatures.first().ok_or_else(unreadable)?).into_string(),
            version: version(message),
            is_first: false,
            stage: Stage::Sending,
        })
    }

    fn sent(&self, outcome: Result<Value, LookupError>) -> Result<Stage, BroadcastError> {
        let error = match outcome {
            Ok(_) => return Ok(Stage::Sent(0)),
            Err(LookupError::NotAsked { reason, .. }) => {
                return Err(BroadcastError::NotSent { reason });
            }
            Err(error) => error,
        };
        let told = error.to_string().to_ascii_lowercase();
        let reason = shortened(&error.to_string());
        let says = |words: &[&str]| words.iter().any(|word| told.contains(word));
        if says(&PROCESSED) {
            return Ok(Stage::Sent(0));
        }
        if self.is_first && says(&NOT_PASSED_ON) && !says(&FOR_NOW) {
            Err(BroadcastError::Refused { reason, is_proved: true })
        } else {
            Ok(Stage::NotTaken(reason))
        }
    }

    /// The result of looking for the transaction; `None` if it is not found.
    fn found(&self, outcome: Result<Value, LookupError>) -> Result<Option<Stage>, BroadcastError> {
        let found = outcome.unwrap_or(Value::Null);
        if found.is_null() {
            return Ok(None);
        }
        match found.pointer("/meta/err") {
            None | Some(Value::Null) => Ok(Some(Stage::Confirmed)),
            Some(error) => {
                let error = shortened(&error.to_string());
                let reason = format!("{} is in a block but failed: {error}", self.id);
                Err(BroadcastError::Refused { reason, is_proved: true })
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
                reason: format!("{} was sent but is not confirmed yet", self.id),
            }),
        }
    }

    fn look(&self, pause: u64) -> Step {
        let options = match self.version {
            // Without it a node does not show messages that have a version.
            Some(version) => {
                json!({ "commitment": "confirmed", "maxSupportedTransactionVersion": version })
            }
            None => json!({ "commitment": "confirmed" }),
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

#[cfg(test)]
mod tests {
    use super::{super::message::VERSION_0, *};

    const RAW: &str = "AQmhYPx3H/1bZ0zWdmOAjIn6TDa6GHgm20079NMVTez0yuBcJmW80PGmJdivTyCk7WCqigJ2IS0/8jcNE0cB5QoBAAEDPaeMygfw9W5ZHrjVRmTtgN6OPItaQ6gqOToG1YX9874DaoOExLCpzo/JVt510isozqO46qUBgA0BrIJu1czSKwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAUmZtLxNiGnavYb4Ckk9R1Lj4oiyeaCVGGIofrWM4dkgBAgIAAQwCAAAAAGXNHQAAAAA=";
    const ID: &str =
        "CAiJmZFyZewVDi9TAHBqy4BdX8jh3PBUmsmyyDjs7A3RTDai6kwP5GEFbfxcyWFy5eG7BZW2uX5uXwPd9BrxTBw";

    type Outcome = Result<Value, LookupError>;

    /// Runs a submission with these answers; returns its result and the number of answers used.
    fn end(is_first: bool, answers: Vec<Outcome>) -> (Result<String, BroadcastError>, usize) {
        let raw = RawTransaction::from_text(RAW.to_owned());
        let mut submission = SolanaSubmission::new(&raw).unwrap();
        if is_first {
            submission.note_first_sending();
        }
        let mut answers = answers.into_iter();
        let mut asked = 0;
        while submission.next_step().is_some() {
            asked += 1;
            if let Err(error) = submission.outcome(answers.next().unwrap()) {
                return (Err(error), asked);
            }
        }
        (Ok(submission.tx_data()), asked)
    }

    fn node_says(message: &str) -> Outcome {
        // As the API client words an error of code -32002.
        Err(LookupError::Unreachable {
            what: String::from("sendTransaction"),
            reason: format!("no answer: the node answered: {message} (code -32002)"),
        })
    }

    fn nothing() -> Outcome {
        Ok(Value::Null)
    }

    fn landed(error: Value) -> Outcome {
        Ok(json!({ "slot": 1, "meta": { "err": error } }))
    }

    fn sent() -> Outcome {
        Ok(json!(ID))
    }

    const POOR: &str = "Transaction simulation failed: Attempt to debit an account but found no \
                        record of a prior credit.";
    const DONE: &str = "Transaction simulation failed: This transaction has already been processed";
    const LAGS: &str = "Transaction simulation failed: Blockhash not found";

    fn is_unknown(outcome: Result<String, BroadcastError>) -> bool {
        matches!(outcome, Err(BroadcastError::Unknown { .. }))
    }

    fn is_rejected(outcome: Result<String, BroadcastError>) -> bool {
        matches!(outcome, Err(BroadcastError::Refused { .. }))
    }

    #[test]
    fn a_transaction_is_sent_and_looked_for_with_growing_pauses() {
        let raw = RawTransaction::from_text(RAW.to_owned());
        let mut submission = SolanaSubmission::new(&raw).unwrap();
        let step = submission.next_step().unwrap();
        let options = json!({ "encoding": "base64", "preflightCommitment": "confirmed" });
        let params = json!([RAW, options]);
        let call = NodeCall::Rpc { path: NODE, method: "sendTransaction", params };
        assert_eq!(step, Step { pause: Duration::ZERO, call });
        submission.outcome(sent()).unwrap();
        for pause in 0..9 {
            let step = submission.next_step().unwrap();
            let params = json!([ID, { "commitment": "confirmed" }]);
            let call = NodeCall::Rpc { path: NODE, method: "getTransaction", params };
            assert_eq!(step, Step { pause: Duration::from_secs(pause), call });
            assert_eq!(submission.outcome(nothing()).is_err(), pause == 8);
        }
    }

    #[test]
    fn what_is_in_a_block_is_done_or_failed_for_good() {
        for is_first in [true, false] {
            let (outcome, asked) = end(is_first, vec![sent(), nothing(), landed(Value::Null)]);
            assert_eq!((outcome.unwrap().as_str(), asked), (ID, 3));
            let failed = landed(json!({ "InstructionError": [0, { "Custom": 1 }] }));
            let (outcome, _) = end(is_first, vec![sent(), failed]);
            assert!(is_rejected(outcome));
        }
    }

    #[test]
    fn what_the_node_has_already_is_looked_for_as_if_it_was_sent() {
        let (outcome, asked) = end(false, vec![node_says(DONE), nothing(), landed(Value::Null)]);
        assert_eq!((outcome.unwrap().as_str(), asked), (ID, 3));
    }

    #[test]
    fn a_lost_answer_is_no_refusal() {
        let lost = || {
            Err(LookupError::Unreachable { what: String::from("x"), reason: String::from("time") })
        };
        for is_first in [true, false] {
            assert!(is_unknown(end(is_first, vec![lost(), nothing()]).0));
            assert!(is_unknown(end(is_first, vec![lost(), lost()]).0));
            assert_eq!(end(is_first, vec![lost(), landed(Value::Null)]).0.unwrap(), ID);
            assert!(is_rejected(end(is_first, vec![lost(), landed(json!("x"))]).0));
            let answers = std::iter::once(sent()).chain((0..9).map(|_| lost())).collect();
            assert!(is_unknown(end(is_first, answers).0));
        }
    }

    #[test]
    fn what_no_node_was_asked_to_take_is_not_sent() {
        let unasked = || {
            let (what, reason) = (String::from("sendTransaction"), String::from("too large"));
            Err(LookupError::NotAsked { what, reason })
        };
        for is_first in [true, false] {
            let (outcome, asked) = end(is_first, vec![unasked()]);
            assert!(matches!(outcome, Err(BroadcastError::NotSent { .. })), "{outcome:?}");
            assert_eq!(asked, 1);
            assert!(is_unknown(end(is_first, vec![node_says(LAGS), unasked()]).0));
        }
    }

    #[test]
    fn only_the_first_refusal_of_new_bytes_is_final() {
        for refusal in [POOR, "Transaction signature verification failure"] {
            assert!(is_rejected(end(true, vec![node_says(refusal)]).0), "{refusal}");
            assert!(is_unknown(end(false, vec![node_says(refusal), nothing()]).0), "{refusal}");
        }
    }

    #[test]
    fn a_blockhash_that_is_not_found_is_too_new_or_too_old() {
        for is_first in [true, false] {
            assert!(is_unknown(end(is_first, vec![node_says(LAGS), nothing()]).0));
            assert_eq!(end(is_first, vec![node_says(LAGS), landed(Value::Null)]).0.unwrap(), ID);
        }
    }

    #[test]
    fn a_message_of_version_0_is_shown_only_to_who_asks_for_it() {
        let mut bytes = BASE64.decode(RAW.as_bytes()).unwrap();
        bytes.insert(65, VERSION_0);
        let raw = RawTransaction::from_text(BASE64.encode(&bytes));
        let mut submission = SolanaSubmission::new(&raw).unwrap();
        submission.next_step().unwrap();
        submission.outcome(sent()).unwrap();
        let Some(Step { call: NodeCall::Rpc { params, .. }, .. }) = submission.next_step() else {
            panic!("it is not looked for")
        };
        assert_eq!(params[1]["maxSupportedTransactionVersion"], 0);
    }

    #[test]
    fn bytes_that_cannot_be_read_are_not_called_refused() {
        for bad in ["", "zz", "AA==", "AQAA"] {
            let error = SolanaSubmission::new(&RawTransaction::from_text(bad.to_owned()));
            assert!(matches!(error, Err(BroadcastError::Unknown { .. })), "{bad}");
        }
    }
}
