//! The effects that a transaction is said to have are those of its signed bytes: they are decoded
//! again here, by readers that share no code with the chains, for every recorded case and for
//! made-up payloads.

mod accounts;
mod algorand;
mod bnb;
mod calls;
mod cardano;
mod evm;
mod evm_payloads;
mod flow;
mod hostile;
mod multiversx;
mod own_types;
mod permissions;
mod road;
mod solana;
mod stellar;
mod told;
mod tron;
mod utxo;
mod utxo_payloads;
mod vechain;
mod wire;
mod xrpl;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::U256;
use kms_core::{Amount, Asset, Chain, Coverage, Effects};
use kms_testkit::vectors::{File, SignCase, load};
use proptest::{
    strategy::BoxedStrategy,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::Value;

use self::road::Signed;
pub(crate) use self::road::with_payload;
use crate::vectors::folder;

/// Made-up payloads of a chain, unless `PROPTEST_CASES` says otherwise.
const PAYLOADS: u32 = 64;

/// The content of signed bytes.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) moved: Vec<Moved>,
    pub(crate) allowed: Vec<Allowed>,
    pub(crate) fee: (Asset, U256),
    /// True if there is more than that in them.
    pub(crate) is_opaque: bool,
    /// Addresses of those who sign.
    pub(crate) own: Vec<String>,
    /// The other requested content: nonces, data, memos, in the chain's words.
    pub(crate) beside: String,
}

pub(crate) type Moved = (Asset, String, U256);
pub(crate) type Allowed = (Asset, String, Option<U256>);

/// A made-up payload and what it asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) payload: String,
    pub(crate) moved: Vec<Moved>,
    pub(crate) allowed: Vec<Allowed>,
    /// The fee, if the payload or the node's answers state it.
    pub(crate) fee: Option<U256>,
    /// True if it asks for anything that effects have no word for.
    pub(crate) is_opaque: bool,
    pub(crate) beside: String,
}

/// Reads the signed bytes of a chain.
pub(crate) type Read = fn(&Signed<'_>) -> Said;
/// Makes payloads out of a recorded case, whose keys and answers they share.
pub(crate) type Make = fn(&SignCase) -> BoxedStrategy<Asked>;

/// One line per chain: its reader, its maker, and the case that its payloads are made of.
const READERS: &[(&str, Read, Make, &str)] = &[
    ("ADA", cardano::read, cardano::make, "ada-utxo-single-mnemonic-signature-change"),
    ("ALGO", algorand::read, algorand::make, "algo-payment-note"),
    ("BCH", utxo::read, utxo_payloads::bitcash, "bch-2in-2keys-2out"),
    ("BNB", bnb::read, bnb::make, "bnb-transfer-bnb-testnet"),
    ("BSC", evm::read, evm_payloads::web3, "bsc-native-explicit"),
    ("BTC", utxo::read, utxo_payloads::bitcore, "btc-4in-mixed-p2pkh-p2wpkh-3keys"),
    ("CELO", evm::read, evm_payloads::celo, "celo-native-celo-fee-explicit-v1"),
    ("DOGE", utxo::read, utxo_payloads::bitcore, "doge-2in-2keys"),
    ("EGLD", multiversx::read, multiversx::make, "egld-native-transfer"),
    ("ETH", evm::read, evm_payloads::web3, "eth-native-explicit"),
    ("FLOW", flow::read, flow::make, "flow-transfer-flow-private-key"),
    ("KCS", evm::read, evm_payloads::web3, "kcs-native-explicit"),
    ("KLAY", evm::read, evm_payloads::klaytn, "klay-native-explicit"),
    ("LTC", utxo::read, utxo_payloads::bitcore, "ltc-4in-mixed-p2pkh-p2wpkh-3keys"),
    ("MATIC", evm::read, evm_payloads::web3, "matic-native-explicit"),
    ("ONE", evm::read, evm_payloads::web3, "one-native-explicit"),
    ("SOL", solana::read, solana::make, "sol-native-transfer"),
    ("TRON", tron::read, tron::make, "tron-trx-transfer"),
    ("VET", vechain::read, vechain::make, "vet-transfer-with-nonce"),
    ("XDC", evm::read, evm_payloads::web3, "xdc-native-explicit"),
    ("XLM", stellar::read, stellar::make, "xlm-native-payment-no-memo"),
    ("XRP", xrpl::read, xrpl::make, "xrp-native-payment-ed25519"),
];

/// Transfers and allowances as lines, those of nothing left out. An asset says its kind.
fn lines(moved: &[Moved], allowed: &[Allowed], own: &[String]) -> BTreeMap<String, usize> {
    let moved = moved.iter().filter(|(.., units)| !units.is_zero()).map(|(asset, to, units)| {
        let address = to.split('#').next().unwrap_or_default();
        let mark = if own.iter().any(|own| own == address) { " (own)" } else { "" };
        format!("{units} {asset:?} to {to}{mark}")
    });
    let allowed = allowed.iter().map(|(asset, spender, units)| {
        format!("{spender} may spend {} {asset:?}", units.map_or("any".into(), |u| u.to_string()))
    });
    let mut counts = BTreeMap::new();
    moved.chain(allowed).for_each(|line| *counts.entry(line).or_default() += 1);
    counts
}

fn told_lines(effects: &Effects) -> BTreeMap<String, usize> {
    let units = |amount: &Amount| amount.as_u256();
    let moved = effects.transfers().iter().map(|one| {
        (one.asset.clone(), tagged(one.to.clone(), one.tag.clone()), units(&one.amount))
    });
    let moved: Vec<_> = moved.collect();
    let own = effects.transfers().iter().filter(|one| one.to_self).map(|one| one.to.clone());
    let allowed = effects.allowances().iter();
    let allowed: Vec<_> = allowed
        .map(|one| (one.asset.clone(), one.spender.clone(), one.amount.as_ref().map(units)))
        .collect();
    lines(&moved, &allowed, &own.collect::<Vec<_>>())
}

/// The receiver with what it tells its customers' payments apart by.
pub(crate) fn tagged(to: String, tag: Option<String>) -> String {
    match tag {
        Some(tag) => format!("{to}#{tag}"),
        None => to,
    }
}

/// A note that is text, or bytes.
pub(crate) fn note(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8(bytes.to_vec()).ok();
    match text.filter(|text| !text.contains(char::is_control)) {
        Some(text) if text.is_empty() => None,
        Some(text) => Some(format!("text:{text}")),
        None => Some(format!("hex:{}", wire::digits(bytes))),
    }
}

/// Nobody pays for a transaction that does nothing: what shows nothing does something else.
fn shows_nothing(moved: &[Moved], allowed: &[Allowed]) -> bool {
    allowed.is_empty() && moved.iter().all(|(.., units)| units.is_zero())
}

/// The difference between the effects and the bytes. Effects that are marked incomplete may omit
/// something, but nothing of the chain's coin.
fn fault(effects: &Effects, said: &Said) -> Option<String> {
    let (told, read) = (told_lines(effects), lines(&said.moved, &said.allowed, &said.own));
    let is_partial = effects.coverage() == Coverage::Partial;
    assert_eq!(effects.unexplained().next().is_some(), is_partial, "{effects:?}");
    let is_opaque = said.is_opaque || shows_nothing(&said.moved, &said.allowed);
    let stranger = effects.from().iter().find(|payer| !said.own.contains(payer));
    if effects.from().is_empty() || stranger.is_some() {
        return Some(format!("{:?} pay, not {stranger:?}\n  bytes {said:?}", effects.from()));
    }
    let count = |lines: &BTreeMap<String, usize>, line| lines.get(line).copied().unwrap_or(0);
    let invented = told.iter().find(|(line, times)| **times > count(&read, *line));
    let left_out = read.iter().find(|(line, times)| {
        let is_owed = !is_partial || line.contains(" Native to ");
        is_owed && **times > count(&told, *line)
    });
    let fee = (effects.max_fee().asset.clone(), effects.max_fee().amount.as_u256());
    let problem = match (invented, left_out) {
        (Some((line, _)), _) => format!("the bytes do not say {line}"),
        (_, Some((line, _))) => format!("the effects do not tell {line}"),
        _ if is_opaque && !is_partial => String::from("the effects claim to tell all"),
        _ if fee != said.fee => format!("the fee is {:?}", said.fee),
        _ => return None,
    };
    Some(format!("{problem}\n  effects {effects:?}\n  bytes {said:?}"))
}

fn cases(code: &str) -> Vec<SignCase> {
    let file: File<SignCase> = load(&folder().join(code).join("sign.json"));
    file.cases
}

fn chain(code: &str) -> &'static dyn Chain {
    kms_chains::find(code).expect("a chain of the registry")
}

#[test]
fn every_chain_has_a_reader() {
    let read: BTreeSet<_> = READERS.iter().map(|(code, ..)| *code).collect();
    let all: BTreeSet<_> =
        kms_chains::CHAINS.iter().map(|chain| chain.spec().id.as_str()).collect();
    assert_eq!(read, all);
}

#[tokio::test]
async fn recorded_bytes_say_what_their_effects_tell() {
    let mut counts = BTreeMap::new();
    let mut faults = Vec::new();
    for (code, read, ..) in READERS {
        for case in cases(code) {
            let Some((effects, raw)) = road::recorded(chain(code), &case).await else { continue };
            let said = read(&Signed { case: &case, raw: &raw });
            faults.extend(fault(&effects, &said).map(|fault| format!("{}: {fault}", case.name)));
            *counts.entry(*code).or_insert(0) += 1;
        }
    }
    println!("recorded: {counts:?}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(counts.len() == READERS.len() && counts.values().all(|count| *count >= 4));
}

fn config() -> Config {
    let config = Config { failure_persistence: None, ..Config::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => Config { cases: PAYLOADS, ..config },
    }
}

/// Signs what is asked, or refuses it; gives whether it signed.
fn ask(code: &str, base: &SignCase, read: Read, asked: &Asked) -> Result<bool, TestCaseError> {
    let failed = |problem: String| Err(TestCaseError::fail(problem));
    let case = road::with_payload(base, &asked.payload);
    let Some((effects, raw)) = road::answered(chain(code), &case) else { return Ok(false) };
    let said = read(&Signed { case: &case, raw: &raw });
    if let Some(fault) = fault(&effects, &said) {
        return failed(fault);
    }
    let (read, wanted) = (
        lines(&said.moved, &said.allowed, &said.own),
        lines(&asked.moved, &asked.allowed, &said.own),
    );
    if read != wanted {
        return failed(format!("asked was {wanted:?}, the bytes say {read:?}"));
    }
    if asked.beside != said.beside {
        return failed(format!("beside was asked {}, not {}", asked.beside, said.beside));
    }
    if asked.fee.is_some_and(|fee| fee != said.fee.1) {
        return failed(format!("a fee of {:?} was asked, not {:?}", asked.fee, said.fee));
    }
    let is_opaque = asked.is_opaque || shows_nothing(&asked.moved, &asked.allowed);
    if (effects.coverage() == Coverage::Partial) != is_opaque {
        return failed(format!("{effects:?} of {asked:?}"));
    }
    Ok(true)
}

#[test]
fn made_up_payloads_are_refused_or_signed_as_asked_and_told() {
    let mut counts = BTreeMap::new();
    let mut faults = Vec::new();
    for (code, read, make, base) in READERS {
        let base = cases(code).into_iter().find(|case| case.name == *base).expect("a base case");
        let config = config();
        let signed = std::cell::Cell::new(0);
        let result = TestRunner::new(config).run(&make(&base), |asked| {
            signed.set(signed.get() + u32::from(ask(code, &base, *read, &asked)?));
            Ok(())
        });
        faults.extend(result.err().map(|error| format!("{code}: {error}")));
        counts.insert(*code, signed.get());
    }
    println!("made up and signed: {counts:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(counts.values().all(|signed| *signed >= PAYLOADS / 8), "{counts:?}");
}

/// The payload of a case as JSON.
pub(crate) fn payload(case: &SignCase) -> Value {
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    serde_json::from_str(text).expect("a payload in JSON")
}
