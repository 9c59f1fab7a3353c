//! The content of a UTXO payload.

use std::str::FromStr as _;

use alloy_primitives::U256;
use bitcoin::{OutPoint, Transaction, Txid, consensus::deserialize};
use serde::Deserialize;

use crate::verify::{
    Rejection,
    json::{self, Quantity},
};

#[derive(Debug)]
pub(super) struct Content {
    pub(super) version: i32,
    pub(super) lock_time: u32,
    pub(super) inputs: Vec<Spent>,
    /// Amounts in base units, and scripts.
    pub(super) outputs: Vec<(u64, Vec<u8>)>,
}

#[derive(Debug)]
pub(super) struct Spent {
    pub(super) outpoint: OutPoint,
    pub(super) sequence: u32,
    /// In base units.
    pub(super) amount: u64,
    /// The script, if the payload has it.
    pub(super) script: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bitcore {
    #[serde(default)]
    version: Quantity,
    inputs: Vec<BitcoreInput>,
    outputs: Vec<BitcoreOutput>,
    #[serde(default)]
    n_lock_time: Quantity,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BitcoreInput {
    prev_tx_id: String,
    output_index: Quantity,
    #[serde(default)]
    sequence_number: Quantity,
    output: BitcoreOutput,
}

#[derive(Deserialize)]
struct BitcoreOutput {
    satoshis: Quantity,
    script: String,
}

impl Content {
    /// Reads bitcore's `Transaction.toObject()`, with scripts in hexadecimal.
    pub(super) fn read_bitcore(payload: &str) -> Result<Self, Rejection> {
        let wire: Bitcore = json::read(payload)?;
        let version = narrow("version", wire.version.or_zero())?;
        let inputs = wire.inputs.into_iter().map(BitcoreInput::read);
        let outputs = wire.outputs.into_iter().map(BitcoreOutput::read);
        Ok(Self {
            version,
            lock_time: narrow("nLockTime", wire.n_lock_time.or_zero())?,
            inputs: inputs.collect::<Result<_, _>>()?,
            outputs: outputs.collect::<Result<_, _>>()?,
        })
    }

    /// Reads `<unsigned transaction in hexadecimal>:<JSON list of input amounts>`.
    pub(super) fn read_bitcash(payload: &str) -> Result<Self, Rejection> {
        let bad = |problem: &str| Rejection::Payload(problem.to_owned());
        let mut parts = payload.split(':');
        let bytes = parts.next().and_then(|digits| alloy_primitives::hex::decode(digits).ok());
        let transaction: Option<Transaction> = bytes.and_then(|bytes| deserialize(&bytes).ok());
        let transaction = transaction.ok_or_else(|| bad("it does not begin with a transaction"))?;
        let amounts = parts.next().ok_or_else(|| bad("it has no amounts"))?;
        let amounts: Vec<u64> = json::read(amounts)?;
        if amounts.len() != transaction.input.len() {
            return Err(bad("it does not have one amount per input"));
        }
        let inputs = transaction.input.iter().zip(amounts).map(|(input, amount)| Spent {
            outpoint: input.previous_output,
            sequence: input.sequence.0,
            amount,
            script: None,
        });
        let outputs = transaction.output.iter();
        let outputs =
            outputs.map(|output| (output.value.to_sat(), output.script_pubkey.to_bytes()));
        Ok(Self {
            version: transaction.version.0,
            lock_time: transaction.lock_time.to_consensus_u32(),
            inputs: inputs.collect(),
            outputs: outputs.collect(),
        })
    }
}

impl BitcoreInput {
    fn read(self) -> Result<Spent, Rejection> {
        let txid = Txid::from_str(&self.prev_tx_id).map_err(|_| {
            Rejection::Payload(String::from("a `prevTxId` is not a transaction id"))
        })?;
        let vout = narrow("outputIndex", self.output_index.or_zero())?;
        let (amount, script) = self.output.read()?;
        Ok(Spent {
            outpoint: OutPoint { txid, vout },
            sequence: match self.sequence_number.0 {
                Some(sequence) => narrow("sequenceNumber", sequence)?,
                None => u32::MAX,
            },
            amount,
            script: Some(script),
        })
    }
}

impl BitcoreOutput {
    fn read(self) -> Result<(u64, Vec<u8>), Rejection> {
        let script = alloy_primitives::hex::decode(&self.script).map_err(|_| {
            Rejection::Payload(String::from(
                "a script is not hexadecimal, the only form that the sandbox reads",
            ))
        })?;
        Ok((narrow("satoshis", self.satoshis.or_zero())?, script))
    }
}

fn narrow<T: TryFrom<U256>>(field: &str, number: U256) -> Result<T, Rejection> {
    T::try_from(number).map_err(|_| Rejection::Payload(format!("`{field}` is too large")))
}
