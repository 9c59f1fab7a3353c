//! The fate of a transaction, by its receipt and its account's nonce.
//!
//! A receipt counts once enough blocks are on top of its own. A transaction without a receipt can
//! never be in the chain once another one that deep has used its nonce; the receipt is asked for
//! again after that is known, and only for a transaction that is old enough for every node behind
//! the API to have heard of its block.

use std::time::Duration;

use kms_core::{Claim, Fate, Inquiry, LookupError, NodeCall, SentTransaction};
use serde_json::{Value, json};

use super::{Dialect, Evm, answers::read_u64, txid};

/// Nodes behind one address may lag behind each other, but not by this much.
const OLD: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct EvmInquiry {
    row: Row,
    hash: String,
    /// The account and nonce that it uses, if it is old enough to ask about them.
    nonce: Option<(String, u64)>,
    stage: Stage,
}

/// The part of the chain's row that is needed.
#[derive(Clone, Copy, Debug)]
struct Row {
    path: &'static str,
    methods: Methods,
    depth: u64,
}

#[derive(Clone, Copy, Debug)]
struct Methods {
    receipt: &'static str,
    height: &'static str,
    count: &'static str,
}

const WEB3: Methods = Methods {
    receipt: "eth_getTransactionReceipt",
    height: "eth_blockNumber",
    count: "eth_getTransactionCount",
};
const KLAYTN: Methods = Methods {
    receipt: "klay_getTransactionReceipt",
    height: "klay_blockNumber",
    count: "klay_getTransactionCount",
};

#[derive(Debug)]
enum Stage {
    Receipt,
    /// It is in this block; how deep?
    HeightAbove {
        block: u64,
        succeeded: bool,
    },
    /// There is no receipt; which nonces are final?
    Height,
    Count {
        block: u64,
    },
    /// Another transaction used the nonce, unless a receipt came meanwhile.
    ReceiptAgain,
    Done(Fate),
}

impl EvmInquiry {
    pub(super) fn new(evm: &Evm, sent: &SentTransaction<'_>) -> Option<Self> {
        let methods = if evm.dialect == Dialect::Klaytn { KLAYTN } else { WEB3 };
        Some(Self {
            row: Row { path: evm.rpc_path, methods, depth: evm.depth },
            hash: txid::of(evm.dialect, sent.raw).ok()??,
            nonce: (sent.age >= OLD).then(|| read_claim(sent.claims)).flatten(),
            stage: Stage::Receipt,
        })
    }

    /// Reads a receipt, or its absence.
    fn receipt(&self, answer: &Value) -> Stage {
        match (read_receipt(answer, &self.hash), &self.stage) {
            (Receipt::Found { block, succeeded }, _) => Stage::HeightAbove { block, succeeded },
            (Receipt::None, Stage::ReceiptAgain) => Stage::Done(Fate::Dropped {
                reason: match &self.nonce {
                    Some((account, nonce)) => {
                        format!("another transaction of {account} used nonce {nonce}")
                    }
                    None => String::from("another transaction used its nonce"),
                },
            }),
            (Receipt::None, _) if self.nonce.is_some() => Stage::Height,
            (Receipt::None | Receipt::Odd, _) => Stage::Done(Fate::Open),
        }
    }

    fn after(&self, answer: &Value) -> Option<Stage> {
        let number = || read_u64("height", answer).ok();
        Some(match &self.stage {
            Stage::Receipt | Stage::ReceiptAgain => self.receipt(answer),
            Stage::HeightAbove { block, succeeded } => {
                match (number()? >= block.checked_add(self.row.depth)?, succeeded) {
                    (false, _) => Stage::Done(Fate::Open),
                    (true, true) => Stage::Done(Fate::Confirmed),
                    (true, false) => Stage::Done(Fate::Failed {
                        reason: format!("it was reverted in block {block}"),
                    }),
                }
            }
            Stage::Height => Stage::Count { block: number()?.checked_sub(self.row.depth)? },
            Stage::Count { .. } => {
                let (_, nonce) = self.nonce.as_ref()?;
                if number()? > *nonce { Stage::ReceiptAgain } else { Stage::Done(Fate::Open) }
            }
            Stage::Done(fate) => Stage::Done(fate.clone()),
        })
    }
}

impl Inquiry for EvmInquiry {
    fn txid(&self) -> &str {
        &self.hash
    }

    fn next_call(&mut self) -> Option<NodeCall> {
        let Methods { receipt, height, count } = self.row.methods;
        let (method, params) = match &self.stage {
            Stage::Receipt | Stage::ReceiptAgain => (receipt, json!([self.hash])),
            Stage::HeightAbove { .. } | Stage::Height => (height, json!([])),
            Stage::Count { block } => {
                let (account, _) = self.nonce.as_ref()?;
                (count, json!([account, format!("0x{block:x}")]))
            }
            Stage::Done(_) => return None,
        };
        Some(NodeCall::Rpc { path: self.row.path, method, params })
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

enum Receipt {
    None,
    Found {
        block: u64,
        succeeded: bool,
    },
    /// Receipts of another transaction, without a block, or without a status.
    Odd,
}

fn read_receipt(answer: &Value, hash: &str) -> Receipt {
    if answer.is_null() {
        return Receipt::None;
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let is_own = text("transactionHash").is_some_and(|found| found.eq_ignore_ascii_case(hash));
    let block = answer.get("blockNumber").and_then(|block| read_u64("blockNumber", block).ok());
    let succeeded = match text("status") {
        Some("0x1") => Some(true),
        Some("0x0") => Some(false),
        _ => None,
    };
    match (is_own, block, succeeded) {
        (true, Some(block), Some(succeeded)) => Receipt::Found { block, succeeded },
        _ => Receipt::Odd,
    }
}

/// The account and its nonce.
fn read_claim(claims: &[String]) -> Option<(String, u64)> {
    let [claim] = claims else { return None };
    match Claim::parse_nonce(claim)? {
        Claim::Nonce { account, number, .. } => Some((account, number)),
        Claim::Output { .. } | Claim::Once { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use kms_core::{Network, RawTransaction};

    use super::{super::networks::ETHEREUM, *};

    /// The signed transaction of EIP-155's example, and its hash.
    const RAW: &str = "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
    const HASH: &str = "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788";
    const ACCOUNT: &str = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

    type Told = Vec<Result<Value, &'static str>>;

    /// Runs the inquiry with these answers; returns the fate and the questions asked.
    fn ask(age: u64, told: Told) -> (Fate, Vec<String>) {
        let raw = RawTransaction::from_text(RAW.to_owned());
        let claims = [format!("evm:1:{ACCOUNT}:9")];
        let sent = SentTransaction {
            network: Network::Mainnet,
            raw: &raw,
            txid: None,
            first_slot: None,
            claims: &claims,
            age: Duration::from_secs(age),
        };
        let mut inquiry = EvmInquiry::new(&ETHEREUM, &sent).unwrap();
        assert_eq!(inquiry.txid(), HASH);
        let (mut told, mut asked) = (told.into_iter(), Vec::new());
        while let Some(NodeCall::Rpc { method, params, .. }) = inquiry.next_call() {
            asked.push(format!("{method} {params}"));
            let answer = told.next().expect("one question too many");
            inquiry.outcome(answer.map_err(|reason| LookupError::Unreachable {
                what: method.to_owned(),
                reason: reason.to_owned(),
            }));
        }
        assert!(told.next().is_none(), "{asked:?}");
        (inquiry.fate(), asked)
    }

    fn receipt(status: &str) -> Result<Value, &'static str> {
        Ok(json!({ "transactionHash": HASH, "blockNumber": "0x64", "status": status }))
    }

    #[test]
    fn a_receipt_counts_once_it_is_deep_enough() {
        let (fate, asked) = ask(0, vec![receipt("0x1"), Ok(json!("0xa4"))]);
        assert_eq!(fate, Fate::Confirmed);
        let questions =
            [format!("eth_getTransactionReceipt [\"{HASH}\"]"), "eth_blockNumber []".into()];
        assert_eq!(asked, questions);
        assert_eq!(ask(0, vec![receipt("0x1"), Ok(json!("0xa3"))]).0, Fate::Open);
        let failed = ask(0, vec![receipt("0x0"), Ok(json!("0xa4"))]).0;
        assert!(matches!(failed, Fate::Failed { .. }), "{failed:?}");
    }

    #[test]
    fn a_nonce_that_another_used_for_good_drops_the_transaction() {
        let none = || Ok(Value::Null);
        let (fate, asked) = ask(600, vec![none(), Ok(json!("0x80")), Ok(json!("0xa")), none()]);
        assert!(matches!(fate, Fate::Dropped { .. }), "{fate:?}");
        assert_eq!(asked[2], format!("eth_getTransactionCount [\"{ACCOUNT}\",\"0x40\"]"));
        let unused = ask(600, vec![none(), Ok(json!("0x80")), Ok(json!("0x9"))]).0;
        assert_eq!(unused, Fate::Open, "its nonce is the next one");
        assert_eq!(ask(599, vec![none()]).0, Fate::Open, "a node may not have heard of it yet");
        let late =
            vec![none(), Ok(json!("0x80")), Ok(json!("0xa")), receipt("0x1"), Ok(json!("0xff"))];
        assert_eq!(ask(600, late).0, Fate::Confirmed, "it came between the questions");
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        let other = json!({ "transactionHash": "0x00", "blockNumber": "0x1", "status": "0x1" });
        let no_block = json!({ "transactionHash": HASH, "blockNumber": null, "status": "0x1" });
        let no_status = json!({ "transactionHash": HASH, "blockNumber": "0x1" });
        for odd in [other, no_block, no_status, json!("x"), json!([]), json!({ "txId": "taken" })] {
            assert_eq!(ask(600, vec![Ok(odd.clone())]).0, Fate::Open, "{odd}");
        }
        assert_eq!(ask(600, vec![Err("down")]).0, Fate::Open);
        for odd in [json!(null), json!("many"), json!(-1), json!({})] {
            assert_eq!(ask(0, vec![receipt("0x1"), Ok(odd.clone())]).0, Fate::Open, "{odd}");
            assert_eq!(ask(600, vec![Ok(Value::Null), Ok(odd.clone())]).0, Fate::Open, "{odd}");
        }
        assert_eq!(ask(600, vec![Ok(Value::Null), Ok(json!("0x3f"))]).0, Fate::Open, "a new chain");
        let lost = vec![Ok(Value::Null), Ok(json!("0x80")), Ok(json!("0xa")), Err("down")];
        assert_eq!(ask(600, lost).0, Fate::Open);
    }
}
