//! What became of a transaction, by its status, and by its blockhash where it has none.
//!
//! A blockhash counts for 150 blocks, about a minute, and longer only when the network stands
//! still. A transaction without a status can never be in a block once its blockhash does not count
//! any more for a node that is in step with the network; the status is asked for again after that
//! is known. A node that lags may not know a blockhash yet, so nothing is asked before ten minutes
//! have passed. Durable nonces do not expire.

use std::time::Duration;

use data_encoding::BASE64;
use kms_core::{Fate, Inquiry, LookupError, NodeCall, SentTransaction};
use serde_json::{Value, json};

use super::{NODE, effects, message};

const OLD: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct SolanaInquiry {
    id: String,
    /// If it can expire, and is old enough to have done so.
    blockhash: Option<String>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Status,
    /// Is the node in step with the network?
    Health,
    Blockhash,
    StatusAgain,
    Done(Fate),
}

impl SolanaInquiry {
    pub(super) fn new(sent: &SentTransaction<'_>) -> Option<Self> {
        let bytes = BASE64.decode(sent.raw.as_str().as_bytes()).ok()?;
        let (signatures, message) = message::split_transaction(&bytes)?;
        let message = message::read(message).ok()?;
        let can_expire = effects::durable_nonce(&message).is_none() && sent.age >= OLD;
        Some(Self {
            id: bs58::encode(signatures.first()?).into_string(),
            blockhash: can_expire.then(|| bs58::encode(message.blockhash).into_string()),
            stage: Stage::Status,
        })
    }

    fn after(&self, answer: &Value) -> Stage {
        let open = Stage::Done(Fate::Open);
        match &self.stage {
            Stage::Status | Stage::StatusAgain => self.status(answer),
            Stage::Health if answer.as_str() == Some("ok") => Stage::Blockhash,
            Stage::Blockhash if answer.get("value") == Some(&json!(false)) => Stage::StatusAgain,
            Stage::Health | Stage::Blockhash => open,
            Stage::Done(fate) => Stage::Done(fate.clone()),
        }
    }

    fn status(&self, answer: &Value) -> Stage {
        let Some([status]) = answer.get("value").and_then(Value::as_array).map(Vec::as_slice)
        else {
            return Stage::Done(Fate::Open);
        };
        if status.is_null() {
            return match (&self.stage, &self.blockhash) {
                (Stage::StatusAgain, Some(blockhash)) => Stage::Done(Fate::Expired {
                    reason: format!("its blockhash {blockhash} does not count any more"),
                }),
                (_, Some(_)) => Stage::Health,
                (_, None) => Stage::Done(Fate::Open),
            };
        }
        let is_final =
            status.get("confirmationStatus").and_then(Value::as_str) == Some("finalized");
        Stage::Done(match (is_final, status.get("err")) {
            (true, Some(Value::Null)) => Fate::Confirmed,
            (true, Some(error)) => Fate::Failed { reason: error.to_string() },
            _ => Fate::Open,
        })
    }
}

impl Inquiry for SolanaInquiry {
    fn txid(&self) -> &str {
        &self.id
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let (method, params) = match &self.stage {
            Stage::Status | Stage::StatusAgain => {
                let options = json!({ "searchTransactionHistory": true });
                ("getSignatureStatuses", json!([[self.id], options]))
            }
            Stage::Health => ("getHealth", json!([])),
            Stage::Blockhash => {
                let options = json!({ "commitment": "finalized" });
                ("isBlockhashValid", json!([self.blockhash.as_ref()?, options]))
            }
            Stage::Done(_) => return None,
        };
        Some(NodeCall::Rpc { path: NODE, method, params })
    }

    fn outcome(&mut self, outcome: Result<Value, LookupError>) {
        self.stage = match outcome {
            Ok(answer) => self.after(&answer),
            Err(_) => Stage::Done(Fate::Open),
        };
    }

    fn fate(&self) -> Fate {
        match &self.stage {
            Stage::Done(fate) => fate.clone(),
            _ => Fate::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use kms_core::{Network, RawTransaction};

    use super::*;

    const RAW: &str = "AQmhYPx3H/1bZ0zWdmOAjIn6TDa6GHgm20079NMVTez0yuBcJmW80PGmJdivTyCk7WCqigJ2IS0/8jcNE0cB5QoBAAEDPaeMygfw9W5ZHrjVRmTtgN6OPItaQ6gqOToG1YX9874DaoOExLCpzo/JVt510isozqO46qUBgA0BrIJu1czSKwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAUmZtLxNiGnavYb4Ckk9R1Lj4oiyeaCVGGIofrWM4dkgBAgIAAQwCAAAAAGXNHQAAAAA=";
    const ID: &str =
        "CAiJmZFyZewVDi9TAHBqy4BdX8jh3PBUmsmyyDjs7A3RTDai6kwP5GEFbfxcyWFy5eG7BZW2uX5uXwPd9BrxTBw";

    fn ask(age: u64, told: &[Value]) -> (Fate, Vec<&'static str>) {
        let raw = RawTransaction::from_text(RAW.to_owned());
        let age = Duration::from_secs(age);
        let network = Network::Testnet;
        let sent = SentTransaction { network, raw: &raw, txid: None, claims: &[], age };
        let mut inquiry = SolanaInquiry::new(&sent).unwrap();
        assert_eq!(inquiry.txid(), ID);
        let (mut told, mut asked) = (told.iter(), Vec::new());
        while let Some(NodeCall::Rpc { method, .. }) = inquiry.next_call() {
            asked.push(method);
            inquiry.outcome(match told.next().expect("one question too many") {
                Value::String(lost) if lost == "lost" => {
                    Err(LookupError::Unreachable { what: method.to_owned(), reason: lost.clone() })
                }
                answer => Ok(answer.clone()),
            });
        }
        assert!(told.next().is_none(), "{asked:?}");
        (inquiry.fate(), asked)
    }

    fn status(level: &str, error: Value) -> Value {
        json!({ "value": [{ "confirmationStatus": level, "err": error }] })
    }

    #[test]
    fn only_what_is_final_is_certain() {
        assert_eq!(ask(0, &[status("finalized", Value::Null)]).0, Fate::Confirmed);
        for level in ["processed", "confirmed", ""] {
            assert_eq!(ask(9_999, &[status(level, Value::Null)]).0, Fate::Open);
        }
        let failed = ask(0, &[status("finalized", json!({ "Custom": 1 }))]).0;
        assert_eq!(failed, Fate::Failed { reason: String::from(r#"{"Custom":1}"#) });
    }

    #[test]
    fn without_a_status_it_expires_with_its_blockhash() {
        let none = json!({ "value": [null] });
        let invalid = json!({ "value": false });
        let all = [none.clone(), json!("ok"), invalid.clone(), none.clone()];
        let (fate, asked) = ask(600, &all);
        assert!(matches!(fate, Fate::Expired { .. }), "{fate:?}");
        let questions =
            ["getSignatureStatuses", "getHealth", "isBlockhashValid", "getSignatureStatuses"];
        assert_eq!(asked, questions);
        assert_eq!(ask(599, std::slice::from_ref(&none)).0, Fate::Open, "too early to tell");
        assert_eq!(ask(600, &[none.clone(), json!("behind")]).0, Fate::Open, "the node lags");
        let valid = json!({ "value": true });
        assert_eq!(ask(600, &[none.clone(), json!("ok"), valid]).0, Fate::Open);
        let late = [none, json!("ok"), invalid, status("finalized", Value::Null)];
        assert_eq!(ask(600, &late).0, Fate::Confirmed, "it came between the questions");
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for odd in [
            json!("lost"),
            json!(null),
            json!({ "value": [] }),
            json!({ "value": [null, null] }),
            json!({ "value": [{ "confirmationStatus": "finalized" }] }),
            json!({ "value": null }),
        ] {
            assert_eq!(ask(600, std::slice::from_ref(&odd)).0, Fate::Open, "{odd}");
            let none = json!({ "value": [null] });
            let last = [none.clone(), json!("ok"), json!({ "value": false }), odd.clone()];
            assert_eq!(ask(600, &last).0, Fate::Open, "{odd}");
            assert_eq!(ask(600, &[none.clone(), odd.clone()]).0, Fate::Open, "{odd}");
            assert_eq!(ask(600, &[none, json!("ok"), odd]).0, Fate::Open);
        }
    }
}
