//! Two signatures of the API's keys, then the network, then the API again.
//!
//! What is certain, and what is not: all sendings of one transaction have the same payload, hence
//! the same key and sequence number of the proposer, and the network takes each number once: at
//! most one of them is executed, even if the API signs differently each time and their ids differ.
//! A refusal is final when nothing was sent before; otherwise an earlier sending, its answer lost,
//! may have been taken. Then the transaction is dead for sure only when its reference block is too
//! old for anybody to take it and the proposer's number is still unused.

use std::time::Duration;

use data_encoding::BASE64;
use kms_core::{BroadcastError, LookupError, Network, NodeCall, RawTransaction, Step, Submission};
use serde_json::{Value, json};

use super::{
    draft::{account_call, block_call, node, read_block, read_sequence, release},
    fate::{self, SealResult},
    transaction::{Signature, Signed},
    unsigned::Authorized,
};
use crate::codec::{hex, reason::shortened};

const PAUSE: Duration = Duration::from_millis(2_500);
/// Two minutes; the network seals within one.
const POLLS_MAX: u32 = 48;
/// Blocks after the reference block in which a transaction can be taken (600), and some more.
const BLOCKS_MAX: u64 = 700;

#[derive(Debug)]
pub(super) struct FlowSubmission {
    network: Network,
    authorized: Authorized,
    /// True if nothing was sent before.
    is_first: bool,
    id: String,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    Proposing,
    Paying([Signed; 2]),
    /// Was it taken before?
    Looking([Signed; 2], Signed),
    Sending([Signed; 2], Signed),
    Sent(u32),
    /// Not taken, for a reason: is the reference block too old by now?
    Judging(String),
    /// It is: is the proposer's number used?
    Counting(String),
    /// Over, for good or not: the API gets its key back, and the id of what was taken.
    Releasing {
        taken: bool,
        verdict: Result<(), String>,
    },
    Done,
}

type Outcome = Result<Value, LookupError>;

impl FlowSubmission {
    pub(super) fn new(network: Network, raw: &RawTransaction) -> Result<Self, BroadcastError> {
        let authorized = Authorized::read(raw)
            .ok_or_else(|| unknown(String::from("the recorded bytes cannot be read")))?;
        let (is_first, id, stage) = (false, String::new(), Stage::Proposing);
        Ok(Self { network, authorized, is_first, id, stage })
    }

    /// The API signs what is shown to it: the message, and in which role.
    fn sign(message: &[u8], is_payer: bool) -> NodeCall {
        let body = json!({ "data": hex::encode(message), "isPayer": is_payer });
        NodeCall::Api { path: String::from("/v3/flow/sign"), body: Some(body) }
    }

    fn send(&self, signatures: &[Signed], envelope: &Signed) -> NodeCall {
        let payload = &self.authorized.payload;
        let signature = |signed: &Signed| {
            json!({
                "address": signed.by.account.digits(),
                "key_index": signed.by.key.to_string(),
                "signature": BASE64.encode(&signed.signature),
            })
        };
        let arguments = payload.arguments.iter().map(|one| BASE64.encode(one.as_bytes()));
        let body = json!({
            "script": BASE64.encode(payload.script.as_bytes()),
            "arguments": arguments.collect::<Vec<_>>(),
            "reference_block_id": payload.reference_block,
            "gas_limit": payload.gas_limit.to_string(),
            "payer": payload.payer.account.digits(),
            "proposal_key": {
                "address": payload.proposer.account.digits(),
                "key_index": payload.proposer.key.to_string(),
                "sequence_number": payload.sequence.to_string(),
            },
            "authorizers": [payload.authorizer.digits()],
            "payload_signatures": signatures.iter().map(signature).collect::<Vec<_>>(),
            "envelope_signatures": [signature(envelope)],
        });
        node(self.network, String::from("/v1/transactions"), Some(body))
    }

    fn result_call(&self) -> NodeCall {
        node(self.network, format!("/v1/transaction_results/{}", self.id), None)
    }

    fn after(&mut self, stage: Stage, outcome: Outcome) -> Result<Stage, BroadcastError> {
        match stage {
            Stage::Proposing | Stage::Paying(_) | Stage::Sending(..) => match outcome {
                Err(LookupError::Unreachable { reason, .. }) => Err(unknown(reason)),
                Err(LookupError::NotAsked { reason, .. }) => {
                    Err(BroadcastError::NotSent { reason })
                }
                Err(error @ LookupError::Refused { .. }) => Ok(self.not_taken(&error.to_string())),
                // A kind that is not known here says nothing for certain.
                Err(error) => Err(unknown(error.to_string())),
                Ok(answer) => Ok(self.next(stage, &answer)),
            },
            Stage::Looking(signatures, payer) => {
                let fate = fate::read(&outcome.unwrap_or(Value::Null));
                Ok(self.decided(fate).unwrap_or(Stage::Sending(signatures, payer)))
            }
            Stage::Sent(polls) => self.found(polls, outcome),
            Stage::Judging(reason) => self.judged(reason, outcome),
            Stage::Counting(reason) => self.counted(reason, outcome),
            Stage::Releasing { verdict: Err(reason), .. } => {
                Err(BroadcastError::Refused { reason, is_proved: true })
            }
            // If the API was not told, it frees its key in time.
            Stage::Releasing { .. } | Stage::Done => Ok(Stage::Done),
        }
    }

    /// On the way to the network, which took the step before.
    fn next(&mut self, stage: Stage, answer: &Value) -> Stage {
        let unsigned = "the API did not sign";
        match (stage, api_signature(answer)) {
            (Stage::Sending(..), _) => Stage::Sent(0),
            (Stage::Paying(signatures), Some(signature)) => {
                let payer = Signed { by: self.authorized.payload.payer, signature };
                self.id = self.authorized.payload.id(&signatures, &[payer]);
                if self.is_first {
                    Stage::Sending(signatures, payer)
                } else {
                    Stage::Looking(signatures, payer)
                }
            }
            (_, Some(signature)) => match self.authorized.signatures(signature) {
                Some(signatures) => Stage::Paying(signatures),
                None => self.not_taken(unsigned),
            },
            (_, None) => self.not_taken(unsigned),
        }
    }

    /// No node accepted it now; an earlier sending may have been accepted.
    fn not_taken(&self, reason: &str) -> Stage {
        let reason = shortened(reason);
        if self.is_first {
            Stage::Releasing { taken: false, verdict: Err(reason) }
        } else {
            Stage::Judging(reason)
        }
    }

    fn found(&self, polls: u32, outcome: Outcome) -> Result<Stage, BroadcastError> {
        let fate = fate::read(&outcome.unwrap_or(Value::Null));
        let polls = polls.saturating_add(1);
        match self.decided(fate) {
            Some(stage) => Ok(stage),
            None if polls < POLLS_MAX => Ok(Stage::Sent(polls)),
            None => Err(unknown(format!("{} was sent but is not sealed yet", self.id))),
        }
    }

    /// The stage that follows from a fate, unless it is open.
    fn decided(&self, fate: SealResult) -> Option<Stage> {
        match fate {
            SealResult::Open => None,
            SealResult::Succeeded => Some(Stage::Releasing { taken: true, verdict: Ok(()) }),
            SealResult::Expired => Some(self.not_taken(&format!("{} has expired", self.id))),
            SealResult::Failed { reason, has_run } => {
                let reason = format!("{} was sealed but failed: {}", self.id, shortened(&reason));
                Some(if has_run || self.is_first {
                    Stage::Releasing { taken: true, verdict: Err(reason) }
                } else {
                    Stage::Judging(reason)
                })
            }
        }
    }

    fn judged(&self, reason: String, outcome: Outcome) -> Result<Stage, BroadcastError> {
        let block = outcome.ok().and_then(|answer| read_block(&answer).ok());
        let last = self.authorized.reference_height.saturating_add(BLOCKS_MAX);
        if block.is_some_and(|block| block.height > last) {
            Ok(Stage::Counting(reason))
        } else {
            Err(unknown(reason))
        }
    }

    fn counted(&self, reason: String, outcome: Outcome) -> Result<Stage, BroadcastError> {
        let payload = &self.authorized.payload;
        let next = outcome.ok().and_then(|answer| read_sequence(&answer, payload.proposer).ok());
        if next == Some(payload.sequence) {
            let verdict = Err(format!("it can no longer be executed: {reason}"));
            Ok(Stage::Releasing { taken: false, verdict })
        } else {
            Err(unknown(reason))
        }
    }
}

fn api_signature(answer: &Value) -> Option<Signature> {
    hex::decode_array(answer.get("signature")?.as_str()?)
}

const fn unknown(reason: String) -> BroadcastError {
    BroadcastError::Unknown { reason }
}

impl Submission for FlowSubmission {
    fn note_first_sending(&mut self) {
        self.is_first = true;
    }

    fn next_step(&mut self) -> Option<Step> {
        let payload = &self.authorized.payload;
        let (pause, call) = match &self.stage {
            Stage::Proposing => (Duration::ZERO, Self::sign(&payload.message(), false)),
            Stage::Paying(signatures) => {
                (Duration::ZERO, Self::sign(&payload.envelope_message(signatures), true))
            }
            Stage::Looking(..) | Stage::Sent(0) => (Duration::ZERO, self.result_call()),
            Stage::Sending(signatures, payer) => (Duration::ZERO, self.send(signatures, payer)),
            Stage::Sent(_) => (PAUSE, self.result_call()),
            Stage::Judging(_) => (Duration::ZERO, block_call(self.network)),
            Stage::Counting(_) => {
                (Duration::ZERO, account_call(self.network, &payload.proposer.account))
            }
            Stage::Releasing { taken, .. } => {
                let id = if *taken { self.id.as_str() } else { "" };
                (Duration::ZERO, release(payload.proposer, id))
            }
            Stage::Done => return None,
        };
        Some(Step { pause, call })
    }

    fn outcome(&mut self, outcome: Outcome) -> Result<(), BroadcastError> {
        self.stage = self.after(self.stage.clone(), outcome)?;
        Ok(())
    }

    fn tx_data(&self) -> String {
        self.id.clone()
    }
}
