//! Wallets of every chain, and transactions for them that never run out.

use getrandom::SysRng;
use kms_chains::CHAINS;
use kms_core::{AddressIndex, Chain, Derivation, Network, PublicKey, SignatureId};
use kms_keys::{Account, generate, random_key};
use kms_keystore::WalletRecord;
use kms_sandbox::{Sample, Wallet, samples};
use serde_json::{Map, Value, json};

use super::dice::Dice;

const NETWORK: Network = Network::Testnet;
/// Chains on which one account pays the same again and again: a node tells the next nonce, or a
/// blockhash makes the difference.
const REPEATABLE: [&str; 10] =
    ["BSC", "CELO", "EGLD", "ETH", "KCS", "KLAY", "MATIC", "ONE", "SOL", "XDC"];
const REPEATS: usize = 3;
/// Chains where a payload can be made payable only once: with a given nonce, or by its outputs.
const RIVALS: [&str; 3] = ["ETH", "BTC", "DOGE"];

/// The intended fate of a transaction.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Fate {
    Paid,
    /// It can never be signed.
    Reported,
    /// One of the two of this name is paid, and the other never.
    OneOf(String),
}

pub(super) struct Offer {
    pub(super) sample: Sample,
    pub(super) fate: Fate,
}

/// The wallets of one chain.
struct Shelf {
    chain: &'static dyn Chain,
    /// Wallets of one key, each used once.
    singles: Vec<(SignatureId, PublicKey)>,
    /// A wallet of a phrase, each of its keys used once.
    phrase: Option<(SignatureId, Account)>,
    next_index: u32,
}

pub(super) struct Stock {
    shelves: Vec<Shelf>,
    bad: u64,
}

impl Stock {
    /// So many wallets of single keys on each chain, besides those with a phrase.
    pub(super) fn make(singles: usize) -> (Self, Vec<WalletRecord>) {
        let mut records = Vec::new();
        let shelves = CHAINS.iter().map(|chain| Shelf::make(*chain, singles, &mut records));
        let shelves = shelves.collect();
        (Self { shelves, bad: 0 }, records)
    }

    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.shelves.iter().map(|shelf| shelf.chain.spec().id.as_str()).collect()
    }

    /// The next payments of a chain's wallets; none if no wallet is left.
    pub(super) fn good(&mut self, code: &str, dice: &mut Dice) -> Vec<Offer> {
        let Some(samples) = self.shelf(code).next(dice) else { return Vec::new() };
        let repeats = if REPEATABLE.contains(&code) { REPEATS } else { 1 };
        let repeated = samples.iter().flat_map(|sample| {
            (0..repeats).map(|repeat| match repeat {
                0 => sample.clone(),
                _ => changed(sample, &format!("{repeat}"), |_| ()),
            })
        });
        repeated.map(|sample| Offer { sample, fate: Fate::Paid }).collect()
    }

    /// A transaction that can never be signed.
    pub(super) fn bad(&mut self, code: &str, dice: &mut Dice) -> Vec<Offer> {
        self.bad += 1;
        let number = self.bad;
        let Some(samples) = self.shelf(code).next(dice) else { return Vec::new() };
        let sample = changed(&samples[0], &format!("bad{number}"), |pending| {
            let is_foreign = code == "ETH" && number.is_multiple_of(2);
            let payload = if is_foreign {
                with_member(pending, "chainId", json!(1))
            } else {
                format!("no payload of {code}, number {number}")
            };
            pending.insert("serializedTransaction".to_owned(), json!(payload));
        });
        vec![Offer { sample, fate: Fate::Reported }]
    }

    /// Two transactions of which only one can be paid.
    pub(super) fn rivals(&mut self, dice: &mut Dice) -> Vec<Offer> {
        let code = *dice.one_of(&RIVALS);
        let Some(samples) = self.shelf(code).next(dice) else { return Vec::new() };
        let name = samples[0].pending()["id"].as_str().expect("an id").to_owned();
        let rival = |suffix: &str| {
            let sample = changed(&samples[0], suffix, |pending| {
                if code == "ETH" {
                    let payload = with_member(pending, "nonce", json!(7));
                    pending.insert("serializedTransaction".to_owned(), json!(payload));
                }
            });
            Offer { sample, fate: Fate::OneOf(name.clone()) }
        };
        vec![rival("one"), rival("other")]
    }

    fn shelf(&mut self, code: &str) -> &mut Shelf {
        let own = |shelf: &&mut Shelf| shelf.chain.spec().id.as_str() == code;
        self.shelves.iter_mut().find(own).expect("a chain")
    }
}

impl Shelf {
    fn make(chain: &'static dyn Chain, singles: usize, records: &mut Vec<WalletRecord>) -> Self {
        let spec = &chain.spec().key;
        let code = chain.spec().id.as_str();
        let mut made = Vec::new();
        for number in 0..singles {
            let Some(key) = random_key(spec, &mut SysRng).expect("randomness") else { break };
            let id = id(&format!("{code}-single-{number}"));
            let fields = vec![("privateKey", key.to_text(spec, NETWORK))];
            records.push(WalletRecord::new(id.clone(), fields, code, NETWORK));
            made.push((id, key.public_key().clone()));
        }
        let has_phrase = !matches!(spec.derivation, Derivation::Single { .. });
        let phrase = has_phrase.then(|| {
            let phrase = generate(&mut SysRng).expect("randomness");
            let account = Account::derive(spec, NETWORK, &phrase).expect("an account");
            let id = id(&format!("{code}-phrase"));
            let fields = vec![("mnemonic", phrase.to_text())];
            records.push(WalletRecord::new(id.clone(), fields, code, NETWORK));
            (id, account)
        });
        Self { chain, singles: made, phrase, next_index: 0 }
    }

    fn next(&mut self, dice: &mut Dice) -> Option<Vec<Sample>> {
        let takes_phrase = self.singles.is_empty() || dice.below(2) == 0;
        let (id, index, key) = match &self.phrase {
            Some((id, account)) if takes_phrase => {
                let index = AddressIndex::new(self.next_index).expect("an index");
                self.next_index += 1;
                let key = account.at(index).expect("a key").public_key().clone();
                (id.clone(), Some(index), key)
            }
            _ => {
                let (id, key) = self.singles.pop()?;
                (id, None, key)
            }
        };
        let wallet = Wallet { id: &id, index, public_key: &key };
        Some(samples(self.chain, NETWORK, wallet).expect("samples"))
    }
}

fn id(text: &str) -> SignatureId {
    SignatureId::parse(text).expect("an id")
}

/// Another transaction for the same wallet.
fn changed(sample: &Sample, suffix: &str, change: impl Fn(&mut Map<String, Value>)) -> Sample {
    let mut pending = sample.pending().clone();
    let id = pending["id"].as_str().expect("an id");
    pending["id"] = json!(format!("{id}-{suffix}"));
    change(&mut pending);
    let changed = Sample::new(pending, sample.expected().clone()).expect("a sample");
    changed.with_previous(sample.previous().clone())
}

/// The payload with a further member.
fn with_member(pending: &Map<String, Value>, name: &str, value: Value) -> String {
    let payload = pending["serializedTransaction"].as_str().expect("a payload");
    let mut payload: Value = serde_json::from_str(payload).expect("JSON");
    payload[name] = value;
    payload.to_string()
}
