//! From payload to complete transaction: whose inputs are spent, and what the node builds.

use kms_core::{
    Answer, ChainOptions, DecodeError, DecodeInput, Draft, KeyRef, Network, Query, ResolveError,
    SignatureId, SignerError, Unsigned,
};
use serde_json::{Map, Value};

use super::{
    address::{Address, KEY_BYTES},
    finish::{self, Complete},
    payload::{self, Input, Payload},
    rosetta::{self, Built},
};

/// Above any real transaction's number of signers, duplicates included.
const NAMED_KEYS_MAX: usize = 256;

/// A key that the transaction names, with what it can spend.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) key: KeyRef,
    pub(super) public: [u8; KEY_BYTES],
    pub(super) address: Address,
}

#[derive(Debug)]
pub(super) struct CardanoDraft {
    network: Network,
    options: ChainOptions,
    payload: Payload,
    /// Keys that the transaction names, and then those that were answered.
    asked: Vec<KeyRef>,
    own: Vec<Own>,
    without_index: Vec<SignatureId>,
    preprocessed: Option<Map<String, Value>>,
    metadata: Option<(Map<String, Value>, u64)>,
    built: Option<Built>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Question {
    /// The public key of the next key that is named.
    Owner,
    Preprocess,
    Metadata,
    Payloads,
}

impl CardanoDraft {
    pub(super) fn new(input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        Ok(Self {
            network: pending.network,
            options: options.clone(),
            payload: payload::read(pending.network, &pending.payload, options)?,
            asked: named_keys(input)?,
            own: Vec::new(),
            without_index: signers.without_index(),
            preprocessed: None,
            metadata: None,
            built: None,
        })
    }

    fn take_key(&mut self, public: &[u8]) -> Result<(), ResolveError> {
        let missing = || ResolveError::Incomplete("public key");
        let key = self.asked.get(self.own.len()).cloned().ok_or_else(missing)?;
        let public = public.try_into().map_err(|_| missing())?;
        let address = Address::of_key(self.network, &public);
        self.own.push(Own { key, public, address });
        // The owners of the inputs are known before the node is asked for anything.
        if self.own.len() == self.asked.len() { self.needed().map(drop) } else { Ok(()) }
    }

    /// The first that has no answer yet.
    fn next_question(&self) -> Option<Question> {
        let asks = [
            (Question::Owner, self.own.len() < self.asked.len()),
            (Question::Preprocess, self.preprocessed.is_none()),
            (Question::Metadata, self.metadata.is_none()),
            (Question::Payloads, self.built.is_none()),
        ];
        asks.into_iter().find(|(_, is_open)| *is_open).map(|(question, _)| question)
    }

    fn ask(&self, question: Question) -> Option<Query> {
        let (network, operations) = (self.network, &self.payload.operations);
        Some(Query::Node(match question {
            Question::Owner => {
                return self.asked.get(self.own.len()).cloned().map(Query::PublicKey);
            }
            Question::Preprocess => rosetta::preprocess(network, operations),
            Question::Metadata => rosetta::metadata(network, self.preprocessed.as_ref()?),
            Question::Payloads => {
                rosetta::payloads(network, operations, &self.metadata.as_ref()?.0)
            }
        }))
    }

    /// The keys that spend the inputs, each once, in the order of inputs.
    fn needed(&self) -> Result<Vec<&Own>, ResolveError> {
        let mut needed: Vec<&Own> = Vec::new();
        for (place, input) in self.payload.inputs.iter().enumerate() {
            let own = self.own.iter().find(|own| own.address == input.address);
            let own = own.ok_or_else(|| self.unsigned_input(place, input))?;
            if !needed.iter().any(|one| one.address == own.address) {
                needed.push(own);
            }
        }
        Ok(needed)
    }

    fn unsigned_input(&self, input: usize, spent: &Input) -> ResolveError {
        ResolveError::UnsignedInput {
            input,
            outpoint: format!("{} of {}", spent.outpoint, spent.address),
            keys: self.asked.len(),
            without_index: self.without_index.clone(),
        }
    }
}

/// Every key that the transaction names, once. Those of a withdrawal are derived from mnemonics.
fn named_keys(input: &DecodeInput<'_>) -> Result<Vec<KeyRef>, DecodeError> {
    let DecodeInput { pending, signers, .. } = *input;
    let mut keys: Vec<KeyRef> = Vec::new();
    let mut underived = None;
    for key in signers.keys() {
        let is_in_signatures = || pending.signatures.iter().any(|one| one.wallet == key.wallet);
        match (&pending.withdrawal, key.index) {
            (Some(_), None) if is_in_signatures() => {
                return Err(SignerError::WithdrawalNeedsMnemonic(key.wallet).into());
            }
            (Some(_), None) => underived = Some(key.wallet),
            _ if keys.contains(&key) => (),
            _ => keys.push(key),
        }
        if keys.len() > NAMED_KEYS_MAX {
            return Err(DecodeError::Unsupported("so many keys".into()));
        }
    }
    if !keys.is_empty() {
        return Ok(keys);
    }
    let of_withdrawal = underived.map(SignerError::WithdrawalNeedsMnemonic);
    let without_index = || signers.without_index().into_iter().next();
    let error = of_withdrawal.or_else(|| without_index().map(SignerError::MissingIndex));
    Err(error.unwrap_or(SignerError::NoneNamed).into())
}

impl Draft for CardanoDraft {
    fn next_query(&mut self) -> Option<Query> {
        self.next_question().and_then(|question| self.ask(question))
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match (self.next_question(), answer) {
            (Some(Question::Owner), Answer::PublicKey(key)) => self.take_key(key.as_bytes())?,
            (Some(Question::Preprocess), Answer::Node(value)) => {
                self.preprocessed = Some(rosetta::read_preprocess(value)?);
            }
            (Some(Question::Metadata), Answer::Node(value)) => {
                self.metadata = Some(rosetta::read_metadata(value)?);
            }
            (Some(Question::Payloads), Answer::Node(value)) => {
                self.built = Some(Built::read(self.network, &value)?);
            }
            _ => return Err(ResolveError::Incomplete("answer to what was asked")),
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let needed = self.needed()?.into_iter().cloned().collect();
        let Self { network, options, payload, own, metadata, built, .. } = *self;
        let (_, last_slot) = metadata.ok_or(ResolveError::Incomplete("metadata"))?;
        let built = built.ok_or(ResolveError::Incomplete("payloads"))?;
        finish::check(&built.body, &payload, last_slot, &options)?;
        let complete = Complete::new(network, built, needed, &own)?;
        Ok(Box::new(complete))
    }
}
