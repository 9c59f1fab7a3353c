//! What became of a transaction, by its receipt, and by its block reference where it has none.

use std::time::Duration;

use alloy_rlp::{Decodable as _, Header};
use kms_core::{Fate, Inquiry, LookupError, NodeCall, SentTransaction};
use serde_json::Value;

use super::VeChain;
use crate::{codec::hex, evm::answers::read_u64};

/// Blocks on top of one after which nothing in it changes any more: two rounds of checkpoints
/// make a block final (VIP-220), and a round has 180 blocks.
const DEPTH: u64 = 360;
/// Nodes behind one address may lag behind each other, but not by this much.
const OLD: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct VeChainInquiry {
    base: &'static str,
    id: String,
    /// The last block that may have it, if it is old enough to ask.
    last_block: Option<u64>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Receipt,
    HeightAbove { block: u64, reverted: bool },
    Height,
    ReceiptAgain,
    Done(Fate),
}

impl VeChainInquiry {
    /// The id is that which the API names.
    pub(super) fn new(row: &VeChain, sent: &SentTransaction<'_>) -> Option<Self> {
        let id = sent.txid?;
        hex::decode_array::<32>(id.strip_prefix("0x")?)?;
        Some(Self {
            base: row.node.on(sent.network),
            id: id.to_owned(),
            last_block: (sent.age >= OLD).then(|| last_block(sent.raw.as_str())).flatten(),
            stage: Stage::Receipt,
        })
    }

    fn after(&self, answer: &Value) -> Option<Stage> {
        let height = || read_u64("number", answer.get("number")?).ok();
        Some(match &self.stage {
            Stage::Receipt | Stage::ReceiptAgain => self.receipt(answer)?,
            Stage::HeightAbove { block, reverted } => {
                match (height()? >= block.checked_add(DEPTH)?, reverted) {
                    (false, _) => Stage::Done(Fate::Open),
                    (true, false) => Stage::Done(Fate::Confirmed),
                    (true, true) => Stage::Done(Fate::Failed {
                        reason: format!("it was reverted in block {block}"),
                    }),
                }
            }
            Stage::Height => match height()? > self.last_block?.checked_add(DEPTH)? {
                true => Stage::ReceiptAgain,
                false => Stage::Done(Fate::Open),
            },
            Stage::Done(fate) => Stage::Done(fate.clone()),
        })
    }

    fn receipt(&self, answer: &Value) -> Option<Stage> {
        if answer.is_null() {
            return Some(match (&self.stage, self.last_block) {
                (Stage::ReceiptAgain, Some(last)) => Stage::Done(Fate::Expired {
                    reason: format!("block {last} was the last that could have it"),
                }),
                (_, Some(_)) => Stage::Height,
                (_, None) => Stage::Done(Fate::Open),
            });
        }
        let meta = answer.get("meta")?;
        let is_own = meta.get("txID").and_then(Value::as_str)?.eq_ignore_ascii_case(&self.id);
        let block = read_u64("blockNumber", meta.get("blockNumber")?).ok()?;
        let reverted = answer.get("reverted").and_then(Value::as_bool)?;
        is_own.then_some(Stage::HeightAbove { block, reverted })
    }
}

/// The block that a transaction refers to, and how many may follow until one has it: its second
/// and third field. <https://docs.vechain.org/core-concepts/transactions/transaction-model>
fn last_block(raw: &str) -> Option<u64> {
    let bytes = hex::decode(raw.strip_prefix("0x")?)?;
    let mut fields = bytes.as_slice();
    let header = Header::decode(&mut fields).ok().filter(|header| header.list)?;
    if header.payload_length != fields.len() {
        return None;
    }
    let _chain_tag = u8::decode(&mut fields).ok()?;
    let reference = u64::decode(&mut fields).ok()?;
    let expiration = u32::decode(&mut fields).ok()?;
    (reference >> 32).checked_add(u64::from(expiration))
}

impl Inquiry for VeChainInquiry {
    fn txid(&self) -> &str {
        &self.id
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let path = match &self.stage {
            Stage::Receipt | Stage::ReceiptAgain => {
                format!("/transactions/{}/receipt", self.id).into()
            }
            Stage::HeightAbove { .. } | Stage::Height => "/blocks/best".into(),
            Stage::Done(_) => return None,
        };
        Some(NodeCall::External { default_base: self.base, path, body: None })
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
    use serde_json::json;

    use super::{super::VECHAIN, *};

    /// The signed transaction of the VeChain documentation's example: block reference
    /// 0x00000000aabbccdd, expiration 32.
    const RAW: &str = "0xf8970184aabbccdd20f840df947567d83b7b8d80addcb281a71d54fc7b3364ffed82271086000000606060df947567d83b7b8d80addcb281a71d54fc7b3364ffed824e208600000060606081808252088083bc614ec0b841f76f3c91a834165872aa9464fc55b03a13f46ea8d3b858e528fcceaf371ad6884193c3f313ff8effbb57fe4d1adc13dceb933bedbf9dbb528d2936203d5511df00";

    fn id() -> String {
        format!("0x{}", "ab".repeat(32))
    }

    fn ask(age: u64, told: &[Value]) -> Fate {
        let (raw, id) = (RawTransaction::from_text(RAW.to_owned()), id());
        let mut inquiry = VeChainInquiry::new(
            &VECHAIN,
            &SentTransaction {
                network: Network::Testnet,
                raw: &raw,
                txid: Some(&id),
                claims: &[],
                age: Duration::from_secs(age),
            },
        )
        .unwrap();
        let mut told = told.iter();
        while inquiry.next_call().is_some() {
            inquiry.outcome(Ok(told.next().expect("one question too many").clone()));
        }
        assert!(told.next().is_none(), "a question was left out");
        inquiry.fate()
    }

    fn receipt(reverted: bool) -> Value {
        json!({ "reverted": reverted, "meta": { "txID": id(), "blockNumber": 100 } })
    }

    fn best(number: u64) -> Value {
        json!({ "number": number, "id": "0x" })
    }

    #[test]
    fn a_receipt_counts_once_it_is_deep_enough() {
        assert_eq!(ask(0, &[receipt(false), best(460)]), Fate::Confirmed);
        assert_eq!(ask(0, &[receipt(false), best(459)]), Fate::Open);
        let failed = ask(0, &[receipt(true), best(460)]);
        assert!(matches!(failed, Fate::Failed { .. }), "{failed:?}");
    }

    #[test]
    fn it_expires_when_the_last_block_that_could_have_it_is_deep() {
        assert_eq!(last_block(RAW), Some(32));
        let none = Value::Null;
        let fate = ask(600, &[none.clone(), best(393), none.clone()]);
        assert!(matches!(fate, Fate::Expired { .. }), "{fate:?}");
        assert_eq!(ask(600, &[none.clone(), best(392)]), Fate::Open);
        assert_eq!(ask(599, std::slice::from_ref(&none)), Fate::Open);
        assert_eq!(ask(600, &[none, best(393), receipt(false), best(460)]), Fate::Confirmed);
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        let other = json!({ "reverted": false, "meta": { "txID": "0x00", "blockNumber": 100 } });
        for odd in [other, json!({}), json!("x"), json!({ "reverted": false })] {
            assert_eq!(ask(600, std::slice::from_ref(&odd)), Fate::Open, "{odd}");
        }
        assert_eq!(ask(0, &[receipt(false), json!({ "number": "many" })]), Fate::Open);
        assert_eq!(last_block("0xc0"), None);
        assert_eq!(last_block("zz"), None);
    }
}
