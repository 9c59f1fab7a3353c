//! The fate of a transaction, by a node's answer about the id under which it was sent.

use kms_core::{Fate, Inquiry, LookupError, Network, NodeCall, SentTransaction};
use serde_json::Value;

use super::{
    draft::node,
    fate::{self, SealResult},
};

#[derive(Debug)]
pub(super) struct FlowInquiry {
    network: Network,
    id: String,
    fate: Option<Fate>,
}

impl FlowInquiry {
    /// The id follows from signatures that the API makes when it is sent: it is the one that the
    /// submission computed from them.
    pub(super) fn new(sent: &SentTransaction<'_>) -> Option<Self> {
        let id = sent.txid?;
        let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| Self { network: sent.network, id: id.to_owned(), fate: None })
    }
}

impl Inquiry for FlowInquiry {
    fn txid(&self) -> &str {
        &self.id
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let resource = format!("/v1/transaction_results/{}", self.id);
        self.fate.is_none().then(|| node(self.network, resource, None))
    }

    /// Reads an outcome. If one sending expired, that says nothing about others, which have other
    /// ids.
    fn outcome(&mut self, outcome: Result<Value, LookupError>) {
        self.fate = Some(match fate::read(&outcome.unwrap_or(Value::Null)) {
            SealResult::Succeeded => Fate::Confirmed,
            SealResult::Failed { reason, has_run: true } => Fate::Failed { reason },
            SealResult::Failed { .. } | SealResult::Open | SealResult::Expired => Fate::Open,
        });
    }

    fn fate(&self) -> Fate {
        self.fate.clone().unwrap_or(Fate::Open)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kms_core::RawTransaction;
    use serde_json::json;

    use super::*;

    fn ask(answer: Result<Value, LookupError>) -> Fate {
        let (raw, id) = (RawTransaction::from_text(String::new()), "ab".repeat(32));
        let mut inquiry = FlowInquiry::new(&SentTransaction {
            network: Network::Testnet,
            raw: &raw,
            txid: Some(&id),
            first_slot: None,
            claims: &[],
            age: Duration::ZERO,
        })
        .unwrap();
        let Some(NodeCall::External { default_base, path, .. }) = inquiry.next_call() else {
            panic!("nothing is asked")
        };
        assert_eq!(default_base, "https://rest-testnet.onflow.org");
        assert_eq!(path, format!("/v1/transaction_results/{id}"));
        inquiry.outcome(answer);
        assert!(inquiry.next_call().is_none());
        inquiry.fate()
    }

    #[test]
    fn only_what_is_sealed_is_certain() {
        let sealed = |code: u32, error: &str| {
            json!({
                "status": "Sealed", "status_code": code, "error_message": error,
                "execution": if code == 0 { "Success" } else { "Failure" },
            })
        };
        assert_eq!(ask(Ok(sealed(0, ""))), Fate::Confirmed);
        let failed = ask(Ok(sealed(1, "[Error Code: 1101] no funds")));
        assert!(matches!(failed, Fate::Failed { .. }), "{failed:?}");
        for open in [
            sealed(1, "[Error Code: 1006] invalid signature"),
            json!({ "status": "Expired" }),
            json!({ "status": "Executed" }),
            json!(null),
        ] {
            assert_eq!(ask(Ok(open.clone())), Fate::Open, "{open}");
        }
        let (what, reason) = (String::new(), String::new());
        assert_eq!(ask(Err(LookupError::Refused { what, reason })), Fate::Open);
    }
}
