//! Payloads of thieves, chain by chain: what leaves now, what may leave later, who else can move or
//! block the account afterwards. A rule that is written here anew has to deny each of them with an
//! empty list of receivers, or it is not signed at all.

mod accounts;
mod algorand;
mod evm;
mod multiversx;
mod solana;
mod stellar;
mod tron;
mod utxo;
mod vechain;
mod xrpl;

use kms_core::{Chain, ChainOptions, Effects};
use kms_testkit::vectors::SignCase;
use serde_json::Value;

use super::{READERS, cases, chain, road};

/// The required outcome of a payload.
#[derive(Clone, Debug)]
pub(super) enum Ends {
    /// Never signed.
    Refused,
    /// Signed if somebody lets it, and told with these among those who are or may be paid.
    Told(Vec<String>),
    /// The same as `Told` if the operator allows account changes; otherwise never signed.
    TakesOver(Vec<String>),
}

#[derive(Clone, Debug)]
pub(super) struct Hostile {
    what: String,
    payload: String,
    ends: Ends,
}

impl Hostile {
    pub(super) fn told(what: &str, payload: &impl ToString, receivers: &[&str]) -> Self {
        Self::new(what, payload, Ends::Told(owned(receivers)))
    }

    pub(super) fn takes_over(what: &str, payload: &impl ToString, receivers: &[&str]) -> Self {
        Self::new(what, payload, Ends::TakesOver(owned(receivers)))
    }

    pub(super) fn refused(what: &str, payload: &impl ToString) -> Self {
        Self::new(what, payload, Ends::Refused)
    }

    fn new(what: &str, payload: &impl ToString, ends: Ends) -> Self {
        Self { what: what.to_owned(), payload: payload.to_string(), ends }
    }
}

fn owned(receivers: &[&str]) -> Vec<String> {
    receivers.iter().map(|receiver| (*receiver).to_owned()).collect()
}

/// Payloads made of a base case, whose own address is given.
type Make = fn(&SignCase, &str) -> Vec<Hostile>;

const MAKERS: &[(&str, Make)] = &[
    ("ADA", accounts::cardano),
    ("ALGO", algorand::make),
    ("BCH", utxo::bitcash),
    ("BNB", accounts::bnb),
    ("BSC", evm::web3),
    ("BTC", utxo::bitcore),
    ("CELO", evm::celo),
    ("DOGE", utxo::bitcore),
    ("EGLD", multiversx::make),
    ("ETH", evm::web3),
    ("FLOW", accounts::flow),
    ("KCS", evm::web3),
    ("KLAY", evm::klaytn),
    ("LTC", utxo::bitcore),
    ("MATIC", evm::web3),
    ("ONE", evm::web3),
    ("SOL", solana::make),
    ("TRON", tron::make),
    ("VET", vechain::make),
    ("XDC", evm::web3),
    ("XLM", stellar::make),
    ("XRP", xrpl::make),
];

/// An approver's rule with an empty list: all is told, nobody may move anything later, and nothing
/// leaves but to oneself.
fn approves_with_an_empty_list(effects: &Value) -> bool {
    let is_empty = |name: &str| effects[name].as_array().is_some_and(Vec::is_empty);
    let transfers = effects["transfers"].as_array().expect("transfers");
    effects["isComplete"] == true
        && is_empty("unexplained")
        && is_empty("calls")
        && is_empty("allowances")
        && transfers.iter().all(|transfer| transfer["toSelf"] == true)
}

fn told(effects: &Effects, receivers: &[String]) -> Result<(), String> {
    let missing = receivers.iter().find(|one| !effects.receivers().contains(one.as_str()));
    match missing {
        _ if approves_with_an_empty_list(&effects.to_json()) => Err(format!("approved: {effects}")),
        Some(missing) => Err(format!("does not tell {missing}: {effects:?}")),
        None => Ok(()),
    }
}

/// The difference between a payload's outcome and the required one.
fn fault(chain: &'static dyn Chain, base: &SignCase, hostile: &Hostile) -> Result<(), String> {
    let case = road::with_payload(base, &hostile.payload);
    let (usual, allowing) = (road::usual(), allowing());
    let signed = |options| road::answered_with(chain, &case, options).map(|(effects, _)| effects);
    match (&hostile.ends, signed(&usual)) {
        (Ends::Refused | Ends::TakesOver(_), Some(effects)) => Err(format!("signed: {effects}")),
        (Ends::Refused, None) => match signed(&allowing) {
            Some(effects) => Err(format!("signed where account changes are allowed: {effects}")),
            None => Ok(()),
        },
        (Ends::Told(_), None) => Err(String::from("not signed, so the test tells nothing")),
        (Ends::Told(receivers), Some(effects)) => told(&effects, receivers),
        (Ends::TakesOver(receivers), None) => {
            let effects = signed(&allowing).ok_or("not signed where it is allowed either")?;
            told(&effects, receivers)
        }
    }
}

fn allowing() -> ChainOptions {
    ChainOptions { allow_account_changes: true, ..road::usual() }
}

#[test]
fn with_an_empty_list_of_receivers_nothing_leaves_on_any_chain() {
    let mut faults = Vec::new();
    assert!(MAKERS.iter().map(|(code, _)| code).eq(READERS.iter().map(|(code, ..)| code)));
    for ((code, make), (_, read, _, base)) in MAKERS.iter().zip(READERS) {
        let base = cases(code).into_iter().find(|case| case.name == *base).expect("a base case");
        let (_, raw) = road::answered(chain(code), &base).expect("a base case that is signed");
        let said = read(&road::Signed { case: &base, raw: &raw });
        let all = make(&base, said.own.first().expect("an own address"));
        assert!(all.len() >= 3, "{code} has {} payloads", all.len());
        for hostile in all {
            if let Err(fault) = fault(chain(code), &base, &hostile) {
                faults.push(format!("{code}, {}: {fault}\n  {}", hostile.what, hostile.payload));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
