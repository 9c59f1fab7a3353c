//! The payload of Bitcoin, Litecoin and Dogecoin: bitcore's `Transaction.toObject()`.

use std::str::FromStr as _;

use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, TxOut, Txid, absolute::LockTime, transaction::Version,
};
use kms_core::{ChainOptions, DecodeError};
use ruint::aliases::U256;

use super::{Described, Input, Utxo, script};
use crate::codec::{
    json::{self, Json, Object},
    members, quantity,
};

/// # Errors
/// When the payload is not a transaction, or contradicts itself.
pub(super) fn read(
    payload: &str,
    row: &Utxo,
    options: &ChainOptions,
) -> Result<Described, DecodeError> {
    let object = json::parse_object(payload)?;
    let (inputs, scripts) = read_inputs(&object)?;
    let outputs = read_outputs(&object)?;
    let change_script = object.get("changeScript").filter(|script| !script.is_falsy());
    let described = Described {
        version: Version(read_version(&object)?),
        lock_time: LockTime::from_consensus(read_u32(&object, "nLockTime", 0)?),
        inputs,
        outputs,
        stated_fee: read_fee(&object)?,
        has_change_script: change_script.is_some(),
    };
    check_hash(&object, &described, scripts)?;
    check_change(&object, &described)?;
    members::check_all_read(&object, row, options)?;
    Ok(described)
}

/// The inputs, and the scripts that stand where signatures will: these are part of the hash.
fn read_inputs(object: &Object) -> Result<(Vec<Input>, Vec<ScriptBuf>), DecodeError> {
    let list = object.get("inputs").and_then(Json::as_list).unwrap_or_default();
    if list.is_empty() {
        return Err(DecodeError::Missing("inputs"));
    }
    let read = |(place, input): (usize, &Json)| {
        read_input(input).map_err(|problem| {
            DecodeError::field(format!("inputs[{place}].{}", problem.0), problem.1)
        })
    };
    let inputs = list.iter().enumerate().map(read);
    inputs.collect::<Result<Vec<_>, _>>().map(|inputs| inputs.into_iter().unzip())
}

/// The member at fault and what is wrong with it.
type Problem = (&'static str, &'static str);

fn read_input(input: &Json) -> Result<(Input, ScriptBuf), Problem> {
    let input = input.as_object().ok_or(("", "is not an object"))?;
    let txid =
        input.get("prevTxId").and_then(Json::as_text).and_then(|text| Txid::from_str(text).ok());
    let vout = input.get("outputIndex").and_then(to_u32);
    let sequence = match input.get("sequenceNumber") {
        None => Some(u32::MAX),
        Some(sequence) => to_u32(sequence),
    };
    let spent = input
        .get("output")
        .and_then(Json::as_object)
        .ok_or(("output", "is missing: the amount and script that it spends are needed to sign"))?;
    let script_sig = input.get("script").and_then(Json::as_text).unwrap_or_default();
    let input = Input {
        outpoint: OutPoint {
            txid: txid.ok_or(("prevTxId", "is not a transaction id of 64 hexadecimal digits"))?,
            vout: vout.ok_or(("outputIndex", "is not a number below 2^32"))?,
        },
        sequence: Sequence(sequence.ok_or(("sequenceNumber", "is not a number below 2^32"))?),
        amount: to_satoshis(spent).ok_or(("output.satoshis", "is not a natural number"))?,
        script: Some(to_script(spent).ok_or(("output.script", "is not a script"))?),
    };
    let script_sig = script::read(script_sig).ok_or(("script", "is not a script"))?;
    Ok((input, script_sig))
}

fn read_outputs(object: &Object) -> Result<Vec<TxOut>, DecodeError> {
    let list = object.get("outputs").and_then(Json::as_list).unwrap_or_default();
    if list.is_empty() {
        return Err(DecodeError::Missing("outputs"));
    }
    let read = |(place, output): (usize, &Json)| {
        let problem = |member: &str, problem: &'static str| {
            DecodeError::field(format!("outputs[{place}]{member}"), problem)
        };
        let output = output.as_object().ok_or_else(|| problem("", "is not an object"))?;
        let value = to_satoshis(output).map(Amount::from_sat);
        Ok(TxOut {
            value: value.ok_or_else(|| problem(".satoshis", "is not a natural number"))?,
            script_pubkey: to_script(output)
                .ok_or_else(|| problem(".script", "is not a script"))?,
        })
    };
    list.iter().enumerate().map(read).collect()
}

fn to_satoshis(output: &Object) -> Option<u64> {
    let value = output.get("satoshis")?;
    let units: U256 = quantity::read("satoshis", value).ok()?;
    // Beyond this, JavaScript no longer tells neighbours apart.
    u64::try_from(units).ok().filter(|units| *units <= 1 << 53)
}

fn to_script(output: &Object) -> Option<ScriptBuf> {
    output.get("script").and_then(Json::as_text).and_then(script::read)
}

fn to_u32(value: &Json) -> Option<u32> {
    u32::try_from(quantity::read("number", value).ok()?).ok()
}

fn read_u32(object: &Object, field: &'static str, missing: u32) -> Result<u32, DecodeError> {
    match object.get(field) {
        None => Ok(missing),
        Some(value) => {
            to_u32(value).ok_or_else(|| DecodeError::field(field, "is not a number below 2^32"))
        }
    }
}

fn read_version(object: &Object) -> Result<i32, DecodeError> {
    i32::try_from(read_u32(object, "version", 0)?)
        .map_err(|_| DecodeError::field("version", "is 2^31 or more"))
}

fn read_fee(object: &Object) -> Result<Option<u64>, DecodeError> {
    let fee = object.get("fee").filter(|fee| !fee.is_falsy());
    fee.map(|fee| quantity::read_u64("fee", fee)).transpose()
}

fn check_hash(
    object: &Object,
    described: &Described,
    scripts: Vec<ScriptBuf>,
) -> Result<(), DecodeError> {
    let Some(hash) = object.get("hash").filter(|hash| !hash.is_falsy()) else { return Ok(()) };
    let mut transaction = described.unsigned();
    for (input, script_sig) in transaction.input.iter_mut().zip(scripts) {
        input.script_sig = script_sig;
    }
    let stated = hash.as_text().and_then(|hash| Txid::from_str(hash).ok());
    if stated == Some(transaction.compute_txid()) {
        Ok(())
    } else {
        Err(DecodeError::field("hash", "is not the hash of the transaction"))
    }
}

/// The original never checks index zero; here it is as good as any.
fn check_change(object: &Object, described: &Described) -> Result<(), DecodeError> {
    let Some(index) = object.get("changeIndex").filter(|index| !index.is_falsy()) else {
        return Ok(());
    };
    let place = to_u32(index).and_then(|index| usize::try_from(index).ok());
    let output = place.and_then(|place| described.outputs.get(place));
    let output = output.ok_or_else(|| DecodeError::field("changeIndex", "names no output"))?;
    let script = object.get("changeScript").and_then(Json::as_text).and_then(script::read);
    if script == Some(output.script_pubkey.clone()) {
        Ok(())
    } else {
        Err(DecodeError::field(
            "changeIndex",
            "names an output with another script than `changeScript`",
        ))
    }
}
