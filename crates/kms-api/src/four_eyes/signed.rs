//! The signed question and the signed answer: `docs/four-eye.md` is their contract.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use kms_core::{ApproveError, Outcome, Proposal, SigningDigest, TransactionId};
use reqwest::{RequestBuilder, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::keys::{ApproverKey, FourEyesKey};
use crate::{
    error::{SetupError, one_line},
    transport::Answer,
};

/// The prefixes of the bytes that are signed, so that a question cannot pass for an answer.
const QUESTION: &[u8] = b"tatum-kms four-eye question 1\n";
const OUTCOME: &[u8] = b"tatum-kms four-eye outcome 1\n";
const ANSWER: &[u8] = b"tatum-kms four-eye answer 1\n";
pub(super) const SIGNATURE: &str = "tatum-kms-signature";
const VERSION: u64 = 1;
/// Seconds that the two clocks may differ.
const CLOCKS_DIFFER_MAX: u64 = 300;

pub(super) struct Protocol {
    own: FourEyesKey,
    approver: Vec<ApproverKey>,
}

pub(super) struct Question {
    id: String,
    digest: String,
    nonce: String,
    body: String,
    signature: String,
}

impl Question {
    pub(super) fn put_into(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header(CONTENT_TYPE, "application/json")
            .header(SIGNATURE, &self.signature)
            .body(self.body.clone())
    }
}

impl Protocol {
    pub(super) fn new(own: FourEyesKey, approver: Vec<ApproverKey>) -> Result<Self, SetupError> {
        if approver.is_empty() { Err(SetupError::ApproverKey) } else { Ok(Self { own, approver }) }
    }

    pub(super) fn question(
        &self,
        proposal: &Proposal,
        digest: &SigningDigest,
    ) -> Result<Question, ApproveError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)
            .map_err(|_| invalid("the operating system provides no randomness"))?;
        let (pending, digest) = (proposal.pending(), HEXLOWER.encode(digest.as_bytes()));
        let nonce = HEXLOWER.encode(&nonce);
        let body = json!({
            "version": VERSION,
            "id": pending.id.as_str(),
            "chain": pending.chain.as_str(),
            "network": pending.network.to_string(),
            "contentDigest": HEXLOWER.encode(pending.digest().as_bytes()),
            "signingDigest": digest,
            "signingDigestWithout": proposal.late_value(),
            "effects": proposal.effects().to_json(),
            "attempt": proposal.attempt().number,
            "formerTxIds": proposal.attempt().former,
            "duplicateOf": proposal.duplicate_of(),
            "pending": pending.as_received,
            "nonce": nonce,
            "time": now(),
            "keyId": self.own.id(),
        })
        .to_string();
        let signature = self.own.sign(&[QUESTION, body.as_bytes()]);
        Ok(Question { id: pending.id.to_string(), digest, nonce, body, signature })
    }

    /// The report of a transaction's outcome to its approver; the path distinguishes it from a
    /// question.
    pub(super) fn outcome(
        &self,
        id: &TransactionId,
        digest: &SigningDigest,
        outcome: &Outcome,
    ) -> (String, String) {
        let (word, txid, reason) = match outcome {
            Outcome::Signed { txid } => ("signed", txid.as_deref(), None),
            Outcome::NotSigned { reason } => ("not signed", None, Some(one_line(reason))),
        };
        let body = json!({
            "version": VERSION,
            "id": id.as_str(),
            "signingDigest": HEXLOWER.encode(digest.as_bytes()),
            "outcome": word,
            "txId": txid,
            "reason": reason,
            "time": now(),
            "keyId": self.own.id(),
        })
        .to_string();
        let signature = self.own.sign(&[OUTCOME, body.as_bytes()]);
        (body, signature)
    }

    /// Checks that the answer approves exactly this question.
    pub(super) fn judge(&self, question: &Question, answer: &Answer) -> Result<(), ApproveError> {
        let signature = answer.headers.get(SIGNATURE).and_then(|text| text.to_str().ok());
        let signature = signature.ok_or_else(|| invalid("it is not signed"))?;
        let told = answer.json().map_err(|_| invalid("it is not JSON"))?;
        let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        let key = self.approver.iter().find(|key| key.id() == text("keyId"));
        let key = key.ok_or_else(|| invalid("it is signed with an unknown key"))?;
        if !key.verifies(&[ANSWER, answer.body.as_bytes()], signature) {
            return Err(invalid("its signature is wrong"));
        }
        if told.get("version").and_then(Value::as_u64) != Some(VERSION) {
            return Err(invalid("it has an unknown version"));
        }
        for (name, expected) in
            [("id", &question.id), ("signingDigest", &question.digest), ("nonce", &question.nonce)]
        {
            if text(name) != expected {
                return Err(invalid(format!("its `{name}` is that of another question")));
            }
        }
        let time = told.get("time").and_then(Value::as_u64).unwrap_or_default();
        if now().abs_diff(time) > CLOCKS_DIFFER_MAX {
            return Err(invalid("its time is more than five minutes off"));
        }
        match text("decision") {
            "approve" => Ok(()),
            "reject" => Err(ApproveError::Rejected(one_line(text("reason")))),
            "wait" => Err(ApproveError::Undecided),
            _ => Err(invalid("its decision is not approve, reject or wait")),
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn invalid(problem: impl ToString) -> ApproveError {
    ApproveError::Invalid(problem.to_string())
}
