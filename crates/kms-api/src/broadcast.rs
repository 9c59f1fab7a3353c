use async_trait::async_trait;
use kms_core::{
    Acceptance, Broadcast, BroadcastError, ChainSpec, Lookup as _, NodeWords, Pending, Recorded,
    Submission, is_same_txid,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::Api,
    error::ApiError,
    limits::BODY_MAX,
    outcome::read_txid,
    refusal::{self, Meaning},
    transport::{Answer, with_json},
};

/// A submission with more steps than this is looping.
const SUBMISSION_STEPS_MAX: u32 = 100;

const WITHDRAWAL_PATH: &str = "/v3/offchain/withdrawal/broadcast";

#[async_trait]
impl Broadcast for Api {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let pending = recorded.pending();
        let Some(chain) = self.chain(pending.chain) else {
            let reason = format!("the API client does not know chain {}", pending.chain);
            return Err(BroadcastError::Unknown { reason });
        };
        let own = chain.txid(pending.network, recorded.raw());
        let own = own.map_err(|error| BroadcastError::Unknown { reason: error.to_string() })?;
        let Some(mut submission) = chain.submission(pending.network, recorded.raw())? else {
            let named = self.tell(chain.spec(), pending, recorded.raw().as_str()).await?;
            return Ok(accepted(own, named));
        };
        if recorded.is_new() {
            submission.note_first_sending();
        }
        let tx_data = self.submit(pending, submission).await?;
        let told = self.tell(chain.spec(), pending, &tx_data).await;
        let named = told.map_err(|error| match error {
            // The chain has it: whatever the API does with its id, the payment is neither failed
            // nor unsent.
            BroadcastError::Refused { reason, .. }
            | BroadcastError::NotNow { reason }
            | BroadcastError::Doubtful { reason }
            | BroadcastError::NotSent { reason } => BroadcastError::Unknown { reason },
            other => other,
        })?;
        Ok(accepted(own.or_else(|| read_txid(&tx_data)), named))
    }
}

impl Api {
    /// Sends the transaction to its chain's node, and then the result to the API.
    async fn submit(
        &self,
        pending: &Pending,
        mut submission: Box<dyn Submission>,
    ) -> Result<String, BroadcastError> {
        for _ in 0..SUBMISSION_STEPS_MAX {
            let Some(step) = submission.next_step() else { return Ok(submission.tx_data()) };
            tokio::time::sleep(step.pause).await;
            submission.outcome(self.call(pending.chain, pending.network, &step.call).await)?;
        }
        let reason = String::from("its submission has too many steps");
        Err(BroadcastError::Unknown { reason })
    }

    /// Tells the API of the transaction; the id that it names, if it does.
    async fn tell(
        &self,
        spec: &ChainSpec,
        pending: &Pending,
        tx_data: &str,
    ) -> Result<Option<String>, BroadcastError> {
        let (path, body) = compose(spec, pending, tx_data);
        judge(self.broadcast_once(spec, &path, &body).await, &spec.node_words)
    }

    async fn broadcast_once(
        &self,
        spec: &ChainSpec,
        path: &str,
        body: &Value,
    ) -> Result<Option<String>, ApiError> {
        let request = with_json(self.chain_request(spec.id, Method::POST, path)?, body);
        let mut answer = self.send(request, BODY_MAX).await?;
        answer.body = self.redact(&answer.body);
        self.check_success(&answer).map_err(|error| error.map_text(|text| self.redact(text)))
    }

    /// A status of 2xx is a success if the body is the API's: a page of a login portal is not. The
    /// member `failed` only says that the API could not note the success.
    fn check_success(&self, answer: &Answer) -> Result<Option<String>, ApiError> {
        let told = answer.json()?;
        let Value::Object(members) = &told else {
            return Err(answer.garbled(&"it is not a JSON object"));
        };
        let is_error = members.contains_key("errorCode") && !members.contains_key("txId");
        if is_error {
            let status = members.get("statusCode").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
            Err(self.read_error_body(status, &told))
        } else {
            let txid = members.get("txId").and_then(Value::as_str);
            Ok(txid.and_then(read_txid))
        }
    }
}

/// The route and the body of a broadcast.
fn compose(spec: &ChainSpec, pending: &Pending, raw: &str) -> (String, Value) {
    let signature_id = pending.id.as_str();
    match &pending.withdrawal {
        Some(withdrawal) if spec.withdrawals => {
            let body = json!({
                "currency": spec.id.as_str(),
                "signatureId": signature_id,
                "withdrawalId": withdrawal.id.as_str(),
                "txData": raw,
            });
            (WITHDRAWAL_PATH.to_owned(), body)
        }
        // A withdrawal id on any other chain is ignored by the original too.
        _ => {
            let body = json!({ "txData": raw, "signatureId": signature_id });
            (format!("/v3/{}/broadcast", spec.api_path), body)
        }
    }
}

/// The own id, and the one that the API named if that is another.
fn accepted(own: Option<String>, named: Option<String>) -> Acceptance {
    let is_own = |named: &String| own.as_ref().is_some_and(|own| is_same_txid(own, named));
    Acceptance { foreign: named.filter(|named| !is_own(named)), txid: own }
}

fn judge(
    outcome: Result<Option<String>, ApiError>,
    words: &NodeWords,
) -> Result<Option<String>, BroadcastError> {
    let error = match outcome {
        Ok(named) => return Ok(named),
        Err(error) => error.with_words(words),
    };
    let reason = error.to_string();
    if error.is_unsent() {
        return Err(BroadcastError::NotSent { reason });
    }
    match refusal::meaning(&error, words) {
        Meaning::AlreadyKnown => Ok(None),
        Meaning::MayBeIncluded => Err(BroadcastError::Doubtful { reason }),
        Meaning::NotNow => Err(BroadcastError::NotNow { reason }),
        Meaning::Rejected => Err(BroadcastError::Refused { reason, is_proved: false }),
        Meaning::Unknown => Err(BroadcastError::Unknown { reason }),
    }
}
