//! Bitcoin Cash: its payload, and its way to hash what is signed.

use bitcoin::{
    ScriptBuf, Transaction,
    consensus::{Encodable, deserialize},
    hashes::{Hash as _, HashEngine as _, sha256, sha256d},
};
use kms_core::DecodeError;

use super::{Described, Input};
use crate::codec::{
    hex,
    json::{self, Json},
    quantity,
};

/// ALL, with the bit that tells Bitcoin Cash from Bitcoin.
pub(super) const SIGHASH_ALL_FORKID: u8 = 0x41;

/// Reads `<unsigned transaction in hexadecimal>:<JSON list of input amounts>`; the original
/// ignores what follows a further colon.
///
/// # Errors
/// When the payload is not of that form.
pub(super) fn read(payload: &str) -> Result<Described, DecodeError> {
    let mut parts = payload.split(':');
    let bytes = parts.next().and_then(hex::decode);
    let bytes = bytes.ok_or_else(|| DecodeError::field("transaction", "is not hexadecimal"))?;
    let transaction: Transaction = deserialize(&bytes)
        .map_err(|_| DecodeError::field("transaction", "is not a Bitcoin Cash transaction"))?;
    let amounts = parts.next().ok_or(DecodeError::Missing("amounts"))?;
    let amounts = read_amounts(amounts)?;
    if amounts.len() != transaction.input.len() {
        return Err(DecodeError::field("amounts", "do not match the number of inputs"));
    }
    if transaction.output.is_empty() {
        return Err(DecodeError::Missing("outputs"));
    }
    let input = |(input, amount): (&bitcoin::TxIn, u64)| Input {
        outpoint: input.previous_output,
        sequence: input.sequence,
        amount,
        script: None,
    };
    Ok(Described {
        version: transaction.version,
        lock_time: transaction.lock_time,
        inputs: transaction.input.iter().zip(amounts).map(input).collect(),
        outputs: transaction.output,
        stated_fee: None,
        has_change_script: false,
    })
}

fn read_amounts(text: &str) -> Result<Vec<u64>, DecodeError> {
    let json = json::parse(text)?;
    let list = json.as_list().ok_or_else(|| DecodeError::field("amounts", "are not a list"))?;
    let amount = |value: &Json| match value {
        Json::Number(_) => quantity::read_u64("amounts", value).and_then(|units| {
            (units <= 1 << 53)
                .then_some(units)
                .ok_or(DecodeError::field("amounts", "are above 2^53"))
        }),
        _ => Err(DecodeError::field("amounts", "are not numbers")),
    };
    list.iter().map(amount).collect()
}

/// The parts of the digest that all inputs share.
/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/replay-protected-sighash.md>
#[derive(Debug)]
pub(super) struct Digests {
    prevouts: sha256d::Hash,
    sequences: sha256d::Hash,
    outputs: sha256d::Hash,
}

impl Digests {
    pub(super) fn of(transaction: &Transaction) -> Self {
        Self {
            prevouts: hash(transaction.input.iter().map(|input| input.previous_output)),
            sequences: hash(transaction.input.iter().map(|input| input.sequence)),
            outputs: hash(transaction.output.iter().cloned()),
        }
    }

    /// The hash that input `place` signs, as one that spends `amount` locked by `script`.
    pub(super) fn sighash(
        &self,
        transaction: &Transaction,
        place: usize,
        script: &ScriptBuf,
        amount: u64,
    ) -> Option<[u8; 32]> {
        let input = transaction.input.get(place)?;
        let mut engine = sha256d::Hash::engine();
        encode(&transaction.version, &mut engine);
        engine.input(self.prevouts.as_byte_array());
        engine.input(self.sequences.as_byte_array());
        encode(&input.previous_output, &mut engine);
        encode(script, &mut engine);
        encode(&amount, &mut engine);
        encode(&input.sequence, &mut engine);
        engine.input(self.outputs.as_byte_array());
        encode(&transaction.lock_time, &mut engine);
        encode(&u32::from(SIGHASH_ALL_FORKID), &mut engine);
        Some(sha256d::Hash::from_engine(engine).to_byte_array())
    }
}

fn hash<T: Encodable>(items: impl Iterator<Item = T>) -> sha256d::Hash {
    let mut engine = sha256d::Hash::engine();
    items.for_each(|item| encode(&item, &mut engine));
    sha256d::Hash::from_engine(engine)
}

/// Writing into a hash cannot fail; were it to, the digest would be one that nobody accepts.
fn encode(item: &impl Encodable, engine: &mut sha256::HashEngine) {
    let _ = item.consensus_encode(engine);
}
