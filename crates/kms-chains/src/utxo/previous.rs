//! The transactions whose outputs are spent: what an input is worth is what its own transaction
//! says, and which transaction that is, its hash says.

use bitcoin::{
    TxIn, TxOut, Txid,
    consensus::{Decodable, encode::deserialize_partial},
    hashes::{Hash as _, HashEngine as _, sha256d},
};
use kms_core::{NodeCall, ResolveError};
use serde_json::{Value, json};

use crate::codec::hex;

/// Bytes of the longest transaction that is read: no block of these chains holds more.
const TRANSACTION_MAX: usize = 4_000_000;
const METHOD: &str = "getrawtransaction";
/// Of the version before what is hashed, and of the lock time after it.
const NUMBER: usize = 4;
/// A list of no inputs, where old software looks for inputs (BIP-144).
const MARKER: u8 = 0;

/// Asks a full node of the chain for a transaction's bytes.
pub(super) fn call(api_path: &str, txid: Txid) -> NodeCall {
    NodeCall::FullNode {
        path: format!("/v3/{api_path}/node"),
        method: METHOD,
        params: json!([txid.to_string(), false]),
    }
}

/// The outputs of the transaction with this id, from the node's answer: its bytes in hexadecimal.
///
/// # Errors
/// When the answer is something else, or bytes with another hash.
pub(super) fn outputs(txid: Txid, answer: &Value) -> Result<Vec<TxOut>, ResolveError> {
    let unexpected = |problem: String| ResolveError::UnexpectedAnswer(METHOD, problem.into());
    let digits = answer.as_str().filter(|digits| digits.len() <= 2 * TRANSACTION_MAX);
    let bytes = digits.and_then(hex::decode);
    let bytes = bytes.ok_or_else(|| unexpected(format!("not the bytes of {txid}")))?;
    let hashed = read(&bytes).ok_or_else(|| unexpected(format!("{txid} is not a transaction")))?;
    let found = hashed.txid();
    if found == txid {
        Ok(hashed.outputs)
    } else {
        Err(unexpected(format!("{found} was returned for {txid}")))
    }
}

/// The parts of a transaction that make up its id.
struct Hashed<'a> {
    version: &'a [u8],
    inputs_and_outputs: &'a [u8],
    lock_time: &'a [u8],
    outputs: Vec<TxOut>,
}

impl Hashed<'_> {
    fn txid(&self) -> Txid {
        let mut engine = sha256d::Hash::engine();
        engine.input(self.version);
        engine.input(self.inputs_and_outputs);
        engine.input(self.lock_time);
        Txid::from_raw_hash(sha256d::Hash::from_engine(engine))
    }
}

/// Reads what is hashed and passes over what is not: the witness (BIP-144), and on Litecoin what
/// concerns its extension blocks (LIP-3), whose flag marks the transaction that pays out of them.
/// Both lie between the outputs and the lock time; the hash tells whether that was so.
fn read(bytes: &[u8]) -> Option<Hashed<'_>> {
    let (version, rest) = bytes.split_at_checked(NUMBER)?;
    let is_extended = rest.first() == Some(&MARKER);
    let body = if is_extended { rest.get(2..)? } else { rest };
    let (inputs, after_inputs) = take::<Vec<TxIn>>(body)?;
    let (outputs, after_outputs) = take::<Vec<TxOut>>(after_inputs)?;
    let lock_time_at = after_outputs.len().checked_sub(NUMBER)?;
    let is_whole = !inputs.is_empty() && (is_extended || lock_time_at == 0);
    Some(Hashed {
        version,
        inputs_and_outputs: body.get(..body.len().checked_sub(after_outputs.len())?)?,
        lock_time: after_outputs.get(lock_time_at..)?,
        outputs: is_whole.then_some(outputs)?,
    })
}

fn take<T: Decodable>(bytes: &[u8]) -> Option<(T, &[u8])> {
    let (value, length) = deserialize_partial(bytes).ok()?;
    Some((value, bytes.get(length..)?))
}
