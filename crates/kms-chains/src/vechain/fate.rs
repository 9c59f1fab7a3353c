//! The fate of a transaction, by its receipt, or by its block reference if it has no receipt.
//!
//! A transaction can be in the blocks behind the one that it refers to, up to a last one. Once
//! that is deep, the node is asked for the block referred to, by its number: only one that has it,
//! with the id referred to, is of the same chain and remembers that far back. Then the receipt is
//! asked for again, as of the newest block that was named: a node that does not have that block
//! refuses to answer. <https://github.com/vechain/thor/blob/master/api/doc/thor.yaml>

use std::time::Duration;

use alloy_rlp::Decodable as _;
use kms_core::{Fate, Inquiry, LookupError, NodeCall, SentTransaction};
use serde_json::Value;

use super::{VeChain, txid};
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
    /// The blocks that may have it, if it is old enough to ask.
    window: Option<Window>,
    stage: Stage,
}

/// The block that a transaction refers to, and the last that may have it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Window {
    /// The first bytes of the block's id, of which the first four are its number.
    reference: [u8; 8],
    first: u64,
    last: u64,
}

#[derive(Debug)]
enum Stage {
    Receipt,
    HeightAbove {
        block: u64,
        reverted: bool,
    },
    Height,
    /// Does the node have the block referred to?
    Memory {
        head: String,
    },
    ReceiptAgain {
        head: String,
    },
    Done(Fate),
}

impl VeChainInquiry {
    pub(super) fn new(row: &VeChain, sent: &SentTransaction<'_>) -> Option<Self> {
        Some(Self {
            base: row.node.on(sent.network),
            id: txid::of(sent.raw).ok()?,
            window: (sent.age >= OLD).then(|| window(sent.raw.as_str())).flatten(),
            stage: Stage::Receipt,
        })
    }

    fn after(&self, answer: &Value) -> Option<Stage> {
        let height = || read_u64("number", answer.get("number")?).ok();
        Some(match &self.stage {
            Stage::Receipt | Stage::ReceiptAgain { .. } => self.receipt(answer)?,
            Stage::HeightAbove { block, reverted } => {
                if height()? < block.checked_add(DEPTH)? {
                    Stage::Done(Fate::Open)
                } else if *reverted {
                    let reason = format!("it was reverted in block {block}");
                    Stage::Done(Fate::Failed { reason })
                } else {
                    Stage::Done(Fate::Confirmed)
                }
            }
            Stage::Height => {
                (height()? > self.window?.last.checked_add(DEPTH)?).then_some(())?;
                Stage::Memory { head: hex::encode_prefixed(&block_id(answer)?) }
            }
            Stage::Memory { head } => {
                let Window { reference, first, .. } = self.window?;
                let is_it = height()? == first && block_id(answer)?.starts_with(&reference);
                is_it.then(|| Stage::ReceiptAgain { head: head.clone() })?
            }
            Stage::Done(fate) => Stage::Done(fate.clone()),
        })
    }

    fn receipt(&self, answer: &Value) -> Option<Stage> {
        if answer.is_null() {
            return Some(match (&self.stage, self.window) {
                (Stage::ReceiptAgain { .. }, Some(Window { last, .. })) => {
                    let reason = format!("block {last} was the last that could contain it");
                    Stage::Done(Fate::Expired { reason })
                }
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

fn block_id(answer: &Value) -> Option<[u8; 32]> {
    hex::decode_array(answer.get("id")?.as_str()?.strip_prefix("0x")?)
}

/// The second and the third field of a transaction: the block that it refers to, and how many may
/// follow until one has it.
/// <https://docs.vechain.org/core-concepts/transactions/transaction-model>
fn window(raw: &str) -> Option<Window> {
    let bytes = hex::decode(raw.strip_prefix("0x")?)?;
    let mut fields = txid::fields(&bytes)?;
    let _chain_tag = u8::decode(&mut fields).ok()?;
    let reference = u64::decode(&mut fields).ok()?;
    let expiration = u32::decode(&mut fields).ok()?;
    let first = reference >> 32;
    let last = first.checked_add(u64::from(expiration))?;
    Some(Window { reference: reference.to_be_bytes(), first, last })
}

impl Inquiry for VeChainInquiry {
    fn txid(&self) -> &str {
        &self.id
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let path = match &self.stage {
            Stage::Receipt => format!("/transactions/{}/receipt", self.id).into(),
            Stage::ReceiptAgain { head } => {
                format!("/transactions/{}/receipt?head={head}", self.id).into()
            }
            Stage::HeightAbove { .. } | Stage::Height => "/blocks/best".into(),
            Stage::Memory { .. } => format!("/blocks/{}", self.window?.first).into(),
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

    /// The id that thor-devkit 2.2.0 computes.
    const ID: &str = "0xda90eaea52980bc4bb8d40cb2ff84d78433b3b4a6e7d50b75736c5e3e77b71ec";
    const HEAD: &str = "0x000001890000000000000000000000000000000000000000000000000000beef";

    /// Runs the inquiry for a transaction of this age, in seconds; returns the fate and the
    /// questions asked.
    fn ask(age: u64, told: &[Value]) -> (Fate, Vec<String>) {
        let raw = RawTransaction::from_text(RAW.to_owned());
        // Nobody looks up the id that the API named.
        let foreign = format!("0x{}", "ab".repeat(32));
        let mut inquiry = VeChainInquiry::new(
            &VECHAIN,
            &SentTransaction {
                network: Network::Testnet,
                raw: &raw,
                txid: Some(&foreign),
                first_slot: None,
                claims: &[],
                age: Duration::from_secs(age),
            },
        )
        .unwrap();
        assert_eq!(inquiry.txid(), ID);
        let (mut told, mut asked) = (told.iter(), Vec::new());
        while let Some(NodeCall::External { path, .. }) = inquiry.next_call() {
            asked.push(path.into_owned());
            let answer = told.next().expect("one question too many").clone();
            inquiry.outcome(match answer.as_str() {
                Some(lost @ "lost") => {
                    let (what, reason) = (String::new(), lost.to_owned());
                    Err(LookupError::Refused { what, reason })
                }
                _ => Ok(answer),
            });
        }
        assert!(told.next().is_none(), "a question was left out");
        (inquiry.fate(), asked)
    }

    fn fate(age: u64, told: &[Value]) -> Fate {
        ask(age, told).0
    }

    fn receipt(reverted: bool) -> Value {
        json!({ "reverted": reverted, "meta": { "txID": ID, "blockNumber": 100 } })
    }

    fn best(number: u64) -> Value {
        json!({ "number": number, "id": HEAD })
    }

    /// The block that the transaction refers to.
    fn reference() -> Value {
        json!({ "number": 0, "id": format!("0x00000000aabbccdd{}", "00".repeat(24)) })
    }

    #[test]
    fn a_receipt_counts_once_it_is_deep_enough() {
        assert_eq!(fate(0, &[receipt(false), best(460)]), Fate::Confirmed);
        assert_eq!(fate(0, &[receipt(false), best(459)]), Fate::Open);
        let failed = fate(0, &[receipt(true), best(460)]);
        assert!(matches!(failed, Fate::Failed { .. }), "{failed:?}");
    }

    #[test]
    fn it_expires_when_the_last_block_that_could_have_it_is_deep() {
        let reference_bytes = [0, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd];
        assert_eq!(window(RAW), Some(Window { reference: reference_bytes, first: 0, last: 32 }));
        let none = Value::Null;
        let (end, asked) = ask(600, &[none.clone(), best(393), reference(), none.clone()]);
        assert!(matches!(end, Fate::Expired { .. }), "{end:?}");
        assert_eq!(
            asked,
            [
                format!("/transactions/{ID}/receipt"),
                String::from("/blocks/best"),
                String::from("/blocks/0"),
                format!("/transactions/{ID}/receipt?head={HEAD}"),
            ]
        );
        assert_eq!(fate(599, std::slice::from_ref(&none)), Fate::Open);
        let late = [none, best(393), reference(), receipt(false), best(460)];
        assert_eq!(fate(600, &late), Fate::Confirmed, "it came between the questions");
    }

    #[test]
    fn a_node_that_is_behind_says_nothing() {
        let none = Value::Null;
        assert_eq!(fate(600, &[none.clone(), best(392)]), Fate::Open);
        let unknown_head = [none, best(393), reference(), json!("lost")];
        assert_eq!(fate(600, &unknown_head), Fate::Open, "it does not have the newest block");
    }

    #[test]
    fn a_node_that_does_not_have_the_block_referred_to_says_nothing() {
        let other = json!({ "number": 0, "id": format!("0x{}", "00".repeat(32)) });
        let misnumbered = json!({ "number": 1, "id": reference()["id"] });
        let unnamed = json!({ "number": 0 });
        for told in [Value::Null, other, misnumbered, unnamed, json!("lost")] {
            assert_eq!(fate(600, &[Value::Null, best(393), told.clone()]), Fate::Open, "{told}");
        }
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        let other = json!({ "reverted": false, "meta": { "txID": "0x00", "blockNumber": 100 } });
        for odd in [other, json!({}), json!("x"), json!({ "reverted": false })] {
            assert_eq!(fate(600, std::slice::from_ref(&odd)), Fate::Open, "{odd}");
        }
        assert_eq!(fate(0, &[receipt(false), json!({ "number": "many" })]), Fate::Open);
        let headless = json!({ "number": 393, "id": "0x" });
        assert_eq!(fate(600, &[Value::Null, headless]), Fate::Open);
        assert_eq!(window("0xc0"), None);
        assert_eq!(window("zz"), None);
    }
}
