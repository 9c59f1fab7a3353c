//! The fate of a transaction, by its status, or by its blockhash if it has no status.
//!
//! A blockhash counts for 150 blocks, less than a minute, and longer only when the network stands
//! still. A transaction without a status can never be in a block once its blockhash does not count
//! any more for a node that is in step with the network. But nodes forget: one that was started
//! from a snapshot, or that keeps the last days only, has no status of what it never saw. So the
//! slot in which the blockhash was the newest is kept with the bytes, and the node's first block
//! must be that old; the status is asked for again after that is known, of a node as far as the one
//! that does not count the blockhash. Without a slot nothing expires: what somebody else chose the
//! blockhash of, and what was signed before slots were kept.
//!
//! A node that lags may not know a blockhash yet, so nothing is asked before ten minutes have
//! passed. Durable nonces do not expire.

use std::time::Duration;

use data_encoding::BASE64;
use kms_core::{Fate, Inquiry, LookupError, NodeCall, SentTransaction};
use serde_json::{Value, json};

use super::{NODE, effects, message, txid};

const OLD: Duration = Duration::from_secs(600);
/// Blocks, each of a slot of its own, for which a blockhash counts.
const BLOCKHASH_SLOTS: u64 = 150;

#[derive(Debug)]
pub(super) struct SolanaInquiry {
    id: String,
    /// If it can expire, and is old enough to have done so.
    expiry: Option<Expiry>,
    stage: Stage,
}

#[derive(Debug)]
struct Expiry {
    blockhash: String,
    /// Before every slot that may have the transaction.
    first_slot: u64,
}

#[derive(Debug)]
enum Stage {
    Status,
    /// Is the node in step with the network?
    Health,
    Blockhash,
    /// The blockhash does not count in this slot any more; how far back does the node remember?
    Memory {
        slot: u64,
    },
    StatusAgain {
        slot: u64,
    },
    Done(Fate),
}

impl SolanaInquiry {
    pub(super) fn new(sent: &SentTransaction<'_>) -> Option<Self> {
        let bytes = BASE64.decode(sent.raw.as_str().as_bytes()).ok()?;
        let message = message::read(message::split_transaction(&bytes)?.1).ok()?;
        let can_expire = effects::durable_nonce(&message).is_none() && sent.age >= OLD;
        let expiry = sent.first_slot.filter(|_| can_expire).map(|first_slot| Expiry {
            blockhash: bs58::encode(message.blockhash).into_string(),
            first_slot,
        });
        Some(Self { id: txid::of(sent.raw).ok()?, expiry, stage: Stage::Status })
    }

    /// `None` for an answer that says nothing.
    fn after(&self, answer: &Value) -> Option<Stage> {
        let expiry = || self.expiry.as_ref();
        Some(match &self.stage {
            Stage::Status => match status(answer)? {
                Status::None if self.expiry.is_some() => Stage::Health,
                Status::None => Stage::Done(Fate::Open),
                Status::Known(fate) => Stage::Done(fate),
            },
            Stage::Health => {
                (answer.as_str() == Some("ok")).then_some(())?;
                Stage::Blockhash
            }
            Stage::Blockhash => {
                let slot = slot(answer)?;
                let end = expiry()?.first_slot.checked_add(BLOCKHASH_SLOTS)?;
                let is_over = answer.get("value") == Some(&json!(false)) && slot > end;
                is_over.then_some(Stage::Memory { slot })?
            }
            Stage::Memory { slot } => {
                (answer.as_u64()? <= expiry()?.first_slot).then_some(())?;
                Stage::StatusAgain { slot: *slot }
            }
            Stage::StatusAgain { slot: needed } => match status(answer)? {
                Status::None if slot(answer)? >= *needed => {
                    let Expiry { blockhash, first_slot } = expiry()?;
                    Stage::Done(Fate::Expired {
                        reason: format!(
                            "its blockhash {blockhash} is no longer valid, and no block since slot \
                             {first_slot} contains it"
                        ),
                    })
                }
                Status::None => Stage::Done(Fate::Open),
                Status::Known(fate) => Stage::Done(fate),
            },
            Stage::Done(fate) => Stage::Done(fate.clone()),
        })
    }
}

enum Status {
    None,
    Known(Fate),
}

fn status(answer: &Value) -> Option<Status> {
    let [status] = answer.get("value")?.as_array()?.as_slice() else { return None };
    if status.is_null() {
        return Some(Status::None);
    }
    let level = status.get("confirmationStatus").and_then(Value::as_str);
    Some(Status::Known(match (level, status.get("err")?) {
        (Some("finalized"), Value::Null) => Fate::Confirmed,
        (Some("finalized"), error) => Fate::Failed { reason: error.to_string() },
        _ => Fate::Open,
    }))
}

/// The slot that the answering node has reached.
fn slot(answer: &Value) -> Option<u64> {
    answer.pointer("/context/slot")?.as_u64()
}

impl Inquiry for SolanaInquiry {
    fn txid(&self) -> &str {
        &self.id
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let (method, params) = match &self.stage {
            Stage::Status | Stage::StatusAgain { .. } => {
                let options = json!({ "searchTransactionHistory": true });
                ("getSignatureStatuses", json!([[self.id], options]))
            }
            Stage::Health => ("getHealth", json!([])),
            Stage::Blockhash => {
                let options = json!({ "commitment": "finalized" });
                ("isBlockhashValid", json!([self.expiry.as_ref()?.blockhash, options]))
            }
            Stage::Memory { .. } => ("getFirstAvailableBlock", json!([])),
            Stage::Done(_) => return None,
        };
        Some(NodeCall::Rpc { path: NODE, method, params })
    }

    fn outcome(&mut self, outcome: Result<Value, LookupError>) {
        let next = outcome.ok().and_then(|answer| self.after(&answer));
        self.stage = next.unwrap_or(Stage::Done(Fate::Open));
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

    /// The slot that was kept with the bytes, and one in which the blockhash counts no more.
    const SLOT: u64 = 300_000_000;
    const NOW: u64 = 300_005_000;

    /// Runs the inquiry for a transaction of this age, in seconds; returns the fate and the
    /// questions asked.
    fn ask_of(age: u64, first_slot: Option<u64>, told: &[Value]) -> (Fate, Vec<&'static str>) {
        let raw = RawTransaction::from_text(RAW.to_owned());
        let age = Duration::from_secs(age);
        let network = Network::Testnet;
        // Nobody looks up the id that the API named.
        let txid = Some("1111111111111111111111111111111111111111111111111111111111111111");
        let sent = SentTransaction { network, raw: &raw, txid, first_slot, claims: &[], age };
        let mut inquiry = SolanaInquiry::new(&sent).unwrap();
        assert_eq!(inquiry.txid(), ID);
        let (mut told, mut asked) = (told.iter(), Vec::new());
        while let Some(NodeCall::Rpc { method, params, .. }) = inquiry.next_call() {
            asked.push(method);
            if method == "getSignatureStatuses" {
                assert_eq!(params, json!([[ID], { "searchTransactionHistory": true }]));
            }
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

    fn ask(age: u64, told: &[Value]) -> Fate {
        ask_of(age, Some(SLOT), told).0
    }

    fn status(level: &str, error: Value) -> Value {
        json!({ "value": [{ "confirmationStatus": level, "err": error }] })
    }

    fn none_at(slot: u64) -> Value {
        json!({ "context": { "slot": slot }, "value": [null] })
    }

    fn valid_at(slot: u64, is_valid: bool) -> Value {
        json!({ "context": { "slot": slot }, "value": is_valid })
    }

    /// Answers of a node that is in step, remembers, and has no status.
    fn all() -> [Value; 5] {
        [none_at(NOW), json!("ok"), valid_at(NOW, false), json!(SLOT), none_at(NOW)]
    }

    #[test]
    fn only_what_is_final_is_certain() {
        assert_eq!(ask(0, &[status("finalized", Value::Null)]), Fate::Confirmed);
        for level in ["processed", "confirmed", ""] {
            assert_eq!(ask(9_999, &[status(level, Value::Null)]), Fate::Open);
        }
        let failed = ask(0, &[status("finalized", json!({ "Custom": 1 }))]);
        assert_eq!(failed, Fate::Failed { reason: String::from(r#"{"Custom":1}"#) });
    }

    #[test]
    fn without_a_status_it_expires_with_its_blockhash() {
        let (fate, asked) = ask_of(600, Some(SLOT), &all());
        assert!(matches!(fate, Fate::Expired { .. }), "{fate:?}");
        let questions = [
            "getSignatureStatuses",
            "getHealth",
            "isBlockhashValid",
            "getFirstAvailableBlock",
            "getSignatureStatuses",
        ];
        assert_eq!(asked, questions);
        let [none, ok, invalid, first, _] = all();
        assert_eq!(ask(599, std::slice::from_ref(&none)), Fate::Open, "too early to tell");
        let valid = valid_at(NOW, true);
        assert_eq!(ask(600, &[none.clone(), ok.clone(), valid]), Fate::Open);
        let late = [none, ok, invalid, first, status("finalized", Value::Null)];
        assert_eq!(ask(600, &late), Fate::Confirmed, "it came between the questions");
    }

    #[test]
    fn a_node_that_does_not_remember_the_slot_of_the_blockhash_says_nothing() {
        let [none, ok, invalid, ..] = all();
        for first in
            [json!(SLOT + 1), json!(NOW), json!("0"), json!(-1), json!(null), json!("lost")]
        {
            let told = [none.clone(), ok.clone(), invalid.clone(), first.clone()];
            assert_eq!(ask(600, &told), Fate::Open, "{first}");
        }
        let mut told = all();
        told[3] = json!(0);
        assert!(matches!(ask(600, &told), Fate::Expired { .. }), "it remembers everything");
    }

    #[test]
    fn without_the_slot_of_its_blockhash_it_never_expires() {
        let (fate, asked) = ask_of(u64::MAX, None, &[none_at(NOW)]);
        assert_eq!((fate, asked), (Fate::Open, vec!["getSignatureStatuses"]));
        let (fate, _) = ask_of(u64::MAX, Some(u64::MAX), &all()[..3]);
        assert_eq!(fate, Fate::Open, "a slot to come");
    }

    #[test]
    fn a_node_that_is_behind_says_nothing() {
        let [none, ok, invalid, first, _] = all();
        assert_eq!(ask(600, &[none.clone(), json!("behind")]), Fate::Open);
        let early = valid_at(SLOT + BLOCKHASH_SLOTS, false);
        assert_eq!(ask(600, &[none.clone(), ok.clone(), early]), Fate::Open, "not known yet");
        let unsaid = json!({ "value": false });
        assert_eq!(ask(600, &[none.clone(), ok.clone(), unsaid]), Fate::Open);
        for status in [none_at(NOW - 1), json!({ "value": [null] })] {
            let other = [none.clone(), ok.clone(), invalid.clone(), first.clone(), status.clone()];
            assert_eq!(ask(600, &other), Fate::Open, "another node's status: {status}");
        }
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
            for place in 0..5 {
                let mut told = all()[..=place].to_vec();
                told[place] = odd.clone();
                assert_eq!(ask(600, &told), Fate::Open, "{place} {odd}");
            }
        }
    }
}
