//! From payload to complete transaction: every input finds its key.

use std::collections::{HashMap, HashSet};

use bitcoin::{OutPoint, PublicKey, TxOut, Txid};
use kms_core::{
    Answer, ChainOptions, DecodeError, DecodeInput, Draft, KeyRef, Network, Query, ResolveError,
    SignatureId, SignerError, Unsigned, WithdrawalKey,
};

use super::{
    Described, PayloadFormat, Utxo, bitcash, bitcore, burns,
    finish::{Complete, Spend, checked_fee},
    previous,
    script::{self, Unlock},
};
use crate::codec::hex;

/// Transactions whose outputs one transaction spends. Nodes relay none with so many inputs.
const PREVIOUS_MAX: usize = 2_000;

#[derive(Debug)]
pub(super) struct UtxoDraft {
    pub(super) row: &'static Utxo,
    pub(super) network: Network,
    pub(super) options: ChainOptions,
    pub(super) described: Described,
    choice: Choice,
    /// Wallets named without an index, which may be why an input has no key.
    without_index: Vec<SignatureId>,
    asked: Vec<KeyRef>,
    public_keys: Vec<(KeyRef, PublicKey)>,
    /// Found when all public keys are known.
    spends: Vec<Spend>,
    /// Transactions that say what the inputs are worth, and are still to be read.
    previous: Vec<Txid>,
}

/// The rule by which an input's key is found.
#[derive(Debug)]
enum Choice {
    /// By the script that the input unlocks.
    ByScript(Vec<KeyRef>),
    /// By place: the payload says nothing of scripts.
    ByPlace(Vec<KeyRef>),
}

impl Choice {
    fn keys(&self) -> &[KeyRef] {
        match self {
            Self::ByScript(keys) | Self::ByPlace(keys) => keys,
        }
    }
}

impl UtxoDraft {
    pub(super) fn new(row: &'static Utxo, input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let described = match row.payload {
            PayloadFormat::Bitcore => bitcore::read(&pending.payload, row, options)?,
            PayloadFormat::HexAndAmounts => bitcash::read(&pending.payload)?,
        };
        check_inputs(&described, row.has_witness)?;
        burns::check(row, &described.outputs, options)?;
        let without_index = signers.without_index();
        let choice = match (&pending.withdrawal, row.payload) {
            (Some(withdrawal), format) => {
                let keys = signers.withdrawal_keys(withdrawal.entries.as_deref())?;
                match format {
                    PayloadFormat::Bitcore => {
                        Choice::ByScript(distinct(keys.into_iter().map(|key| key.key)))
                    }
                    PayloadFormat::HexAndAmounts => Choice::ByPlace(by_outpoint(&described, keys)?),
                }
            }
            (None, format) => {
                let keys = signers.keys();
                if keys.is_empty() {
                    return Err(no_key(pending.hashes.first(), &without_index).into());
                }
                match format {
                    PayloadFormat::Bitcore => Choice::ByScript(distinct(keys)),
                    PayloadFormat::HexAndAmounts => Choice::ByPlace(by_place(&described, keys)?),
                }
            }
        };
        let is_known = options.trust_input_amounts || row.commits_to_amount(&described);
        let mut asked = distinct(choice.keys().iter().cloned());
        asked.reverse();
        Ok(Self {
            row,
            network: pending.network,
            options: options.clone(),
            previous: if is_known { Vec::new() } else { transactions_to_read(&described)? },
            described,
            choice,
            without_index,
            asked,
            public_keys: Vec::new(),
            spends: Vec::new(),
        })
    }

    /// The key of each input and what it has to show.
    pub(super) fn spends(&self) -> Result<Vec<Spend>, ResolveError> {
        match &self.choice {
            Choice::ByScript(_) => self.spends_by_script(),
            Choice::ByPlace(keys) => {
                let by_key: HashMap<_, _> =
                    self.public_keys.iter().map(|(key, public)| (key, *public)).collect();
                let spend = |key: &KeyRef| {
                    let public = by_key.get(key).ok_or(ResolveError::Incomplete("public key"))?;
                    Ok(Spend { key: key.clone(), public: *public, unlock: Unlock::P2pkh })
                };
                keys.iter().map(spend).collect()
            }
        }
    }

    fn spends_by_script(&self) -> Result<Vec<Spend>, ResolveError> {
        let find = |(place, input): (usize, &super::Input)| {
            let script = input.script.as_ref().ok_or(ResolveError::Incomplete("script"))?;
            let fits = self.public_keys.iter().find_map(|(key, public)| {
                let unlock = self.row.unlock(script, public)?;
                Some(Spend { key: key.clone(), public: *public, unlock })
            });
            fits.ok_or_else(|| ResolveError::UnsignedInput {
                input: place,
                outpoint: input.outpoint.to_string(),
                keys: self.public_keys.len(),
                without_index: self.without_index.clone(),
            })
        };
        self.described.inputs.iter().enumerate().map(find).collect()
    }

    /// Returns true if what a script is paid can be spent here again with one of the keys that
    /// sign.
    pub(super) fn is_own(&self, script: &bitcoin::Script) -> bool {
        self.public_keys.iter().any(|(_, key)| self.row.unlock(script, key).is_some())
    }

    fn take_key(&mut self, key: &[u8]) -> Result<(), ResolveError> {
        let asked = self.asked.pop().ok_or(ResolveError::Incomplete("question"))?;
        let public = PublicKey::from_slice(key).map_err(|_| {
            ResolveError::UnexpectedAnswer("public key", "is not a secp256k1 key".into())
        })?;
        self.public_keys.push((asked, public));
        if self.asked.is_empty() {
            self.spends = self.spends()?;
            // A payload that its own numbers rule out needs no look-up.
            checked_fee(self, &self.spends)?;
        }
        Ok(())
    }

    /// Holds what the payload says of the outputs that are spent against their own transaction.
    fn take_previous(&mut self, answer: &serde_json::Value) -> Result<(), ResolveError> {
        let txid = self.previous.pop().ok_or(ResolveError::Incomplete("question"))?;
        let outputs = previous::outputs(txid, answer)?;
        let inputs = self.described.inputs.iter().enumerate();
        for (place, input) in inputs.filter(|(_, input)| input.outpoint.txid == txid) {
            let spend = self.spends.get(place).ok_or(ResolveError::Incomplete("public key"))?;
            check_spent(place, input, spend, &outputs)?;
        }
        Ok(())
    }
}

/// The transactions that the inputs' amounts are to be read from, the first one last.
fn transactions_to_read(described: &Described) -> Result<Vec<Txid>, DecodeError> {
    let mut seen = HashSet::new();
    let ids = described.inputs.iter().rev().map(|input| input.outpoint.txid);
    let ids: Vec<_> = ids.filter(|id| seen.insert(*id)).collect();
    if ids.len() > PREVIOUS_MAX {
        return Err(DecodeError::field(
            "inputs",
            format!("spend outputs of {} transactions; the maximum is {PREVIOUS_MAX}", ids.len()),
        ));
    }
    Ok(ids)
}

fn check_spent(
    place: usize,
    input: &super::Input,
    spend: &Spend,
    outputs: &[TxOut],
) -> Result<(), ResolveError> {
    let outpoint = || input.outpoint.to_string();
    let vout = usize::try_from(input.outpoint.vout).ok();
    let Some(spent) = vout.and_then(|vout| outputs.get(vout)) else {
        let outputs = outputs.len();
        return Err(ResolveError::SpentMissing { input: place, outpoint: outpoint(), outputs });
    };
    let differs = |subject, found: String, stated: String| {
        Err(ResolveError::SpentDiffers {
            input: place,
            outpoint: outpoint(),
            subject,
            found,
            stated,
        })
    };
    let script = input.script.clone().unwrap_or_else(|| script::p2pkh(&spend.public));
    if spent.script_pubkey != script {
        let text = |script: &bitcoin::Script| hex::encode(script.as_bytes());
        return differs("script", text(&spent.script_pubkey), text(&script));
    }
    let found = spent.value.to_sat();
    if found == input.amount {
        Ok(())
    } else {
        differs("amount", format!("{found} base units"), format!("{} base units", input.amount))
    }
}

fn check_inputs(described: &Described, has_witness: bool) -> Result<(), DecodeError> {
    let mut seen = HashSet::with_capacity(described.inputs.len());
    for (place, input) in described.inputs.iter().enumerate() {
        if !seen.insert(input.outpoint) {
            return Err(DecodeError::field(
                format!("inputs[{place}]"),
                format!("spends {} twice", input.outpoint),
            ));
        }
        let supported = |script: &bitcoin::ScriptBuf| script::is_supported(script, has_witness);
        if input.script.as_ref().is_some_and(|script| !supported(script)) {
            return Err(DecodeError::field(
                format!("inputs[{place}]"),
                "spends a kind of script that is not supported",
            ));
        }
    }
    if described.inputs.is_empty() { Err(DecodeError::Missing("inputs")) } else { Ok(()) }
}

fn no_key(named: Option<&SignatureId>, without_index: &[SignatureId]) -> SignerError {
    match (without_index.first(), named) {
        (Some(wallet), _) => SignerError::MissingIndex(wallet.clone()),
        (None, Some(wallet)) => SignerError::NoKey(wallet.clone()),
        (None, None) => SignerError::NoneNamed,
    }
}

/// The keys without repeats, in order of first appearance.
fn distinct(keys: impl IntoIterator<Item = KeyRef>) -> Vec<KeyRef> {
    let mut seen = HashSet::new();
    keys.into_iter().filter(|key| seen.insert(key.clone())).collect()
}

/// Assigns keys: as many keys as inputs sign by position; a single key signs all.
fn by_place(described: &Described, keys: Vec<KeyRef>) -> Result<Vec<KeyRef>, DecodeError> {
    let inputs = described.inputs.len();
    if keys.len() == inputs {
        return Ok(keys);
    }
    match distinct(keys).as_slice() {
        [key] => Ok(vec![key.clone(); inputs]),
        keys => Err(DecodeError::field(
            "hashes",
            format!(
                "name {} keys for {inputs} inputs; name one key for all, or one for each",
                keys.len()
            ),
        )),
    }
}

/// The keys of a withdrawal, each at the place of the input that spends its output.
fn by_outpoint(
    described: &Described,
    keys: Vec<WithdrawalKey>,
) -> Result<Vec<KeyRef>, DecodeError> {
    let spends = |key: &WithdrawalKey, outpoint: &OutPoint| {
        key.transaction.eq_ignore_ascii_case(&outpoint.txid.to_string())
            && key.output.is_none_or(|output| output == outpoint.vout)
    };
    let find = |(place, input): (usize, &super::Input)| {
        let key = keys.iter().find(|key| spends(key, &input.outpoint));
        key.map(|key| key.key.clone()).ok_or_else(|| {
            DecodeError::field(
                "withdrawalResponses",
                format!("name no key for input {place}, which spends {}", input.outpoint),
            )
        })
    };
    described.inputs.iter().enumerate().map(find).collect()
}

impl Draft for UtxoDraft {
    fn next_query(&mut self) -> Option<Query> {
        if let Some(key) = self.asked.last() {
            return Some(Query::PublicKey(key.clone()));
        }
        let txid = self.previous.last()?;
        Some(Query::Node(previous::call(self.row.spec.api_path, *txid)))
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::PublicKey(key) => self.take_key(key.as_bytes()),
            Answer::Node(answer) => self.take_previous(&answer),
        }
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        if !self.previous.is_empty() {
            return Err(ResolveError::Incomplete("amount of an input"));
        }
        Complete::new(*self).map(|complete| Box::new(complete) as Box<dyn Unsigned>)
    }
}
