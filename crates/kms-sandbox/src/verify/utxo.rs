//! Bitcoin and its descendants.

mod bitcash;
mod bitcoin;
mod content;

use ::bitcoin::{Transaction, consensus::deserialize};
use kms_core::PublicKey;

use self::content::{Content, Spent};
use super::{Case, InputProblem, Rejection, Valid, hex, require_equal, to_point};
use crate::{limits::WEIGHT_MAX, offer::Signer};

/// Bitcoin and Litecoin.
pub(super) fn verify_bitcoin(case: &Case<'_>) -> Result<Valid, Rejection> {
    verify(case, Content::read_bitcore(case.sample.payload())?, |transaction, place, spent| {
        bitcoin::shown_key(transaction, place, spent, true)
    })
}

/// As Bitcoin, without segregated witness.
pub(super) fn verify_dogecoin(case: &Case<'_>) -> Result<Valid, Rejection> {
    verify(case, Content::read_bitcore(case.sample.payload())?, |transaction, place, spent| {
        bitcoin::shown_key(transaction, place, spent, false)
    })
}

pub(super) fn verify_bitcoin_cash(case: &Case<'_>) -> Result<Valid, Rejection> {
    let signers = &case.sample.expected().signers;
    let content = Content::read_bitcash(case.sample.payload())?;
    // The payload says nothing of scripts, so an input's key is known by its place.
    let by_place = signers.len() > 1;
    if by_place && signers.len() != content.inputs.len() {
        return Err(Rejection::Expected("there is neither one for all inputs nor one for each"));
    }
    let valid = verify(case, content, bitcash::shown_key)?;
    if by_place {
        let transaction = decode(case.raw)?;
        for (place, (input, signer)) in transaction.input.iter().zip(signers).enumerate() {
            let problem = |problem| Rejection::Input { place, problem };
            let key = bitcash::key_of(input).map_err(problem)?;
            if !is(case, signer, &key)? {
                return Err(problem(InputProblem::OtherSigner(hex(key.as_bytes()))));
            }
        }
    }
    Ok(valid)
}

/// The key that an input shows, once its signature is found to be valid.
type ShownKey = fn(&Transaction, usize, &Spent) -> Result<PublicKey, InputProblem>;

fn verify(case: &Case<'_>, content: Content, shown_key: ShownKey) -> Result<Valid, Rejection> {
    let transaction = decode(case.raw)?;
    compare(&transaction, &content)?;
    for (place, spent) in content.inputs.iter().enumerate() {
        let problem = |problem| Rejection::Input { place, problem };
        let key = shown_key(&transaction, place, spent).map_err(problem)?;
        let signers = &case.sample.expected().signers;
        let fits = signers.iter().map(|signer| is(case, signer, &key));
        if !fits.collect::<Result<Vec<_>, _>>()?.contains(&true) {
            return Err(problem(InputProblem::OtherSigner(hex(key.as_bytes()))));
        }
    }
    let chain = case.sample.chain().spec().id;
    let spends = transaction.input.iter();
    Ok(Valid {
        txid: transaction.compute_txid().to_string(),
        uses: spends.map(|input| format!("{chain} output {}", input.previous_output)).collect(),
        nonce: None,
    })
}

fn decode(raw: &str) -> Result<Transaction, Rejection> {
    let plain = raw.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bytes = alloy_primitives::hex::decode(raw).ok().filter(|_| plain);
    let bytes = bytes.ok_or(Rejection::Malformed("it is not hexadecimal"))?;
    let transaction: Transaction = deserialize(&bytes)
        .map_err(|_| Rejection::Malformed("its bytes are not one transaction"))?;
    match transaction.weight().to_wu() > WEIGHT_MAX {
        true => Err(Rejection::Malformed("it is larger than nodes relay")),
        false => Ok(transaction),
    }
}

fn compare(transaction: &Transaction, content: &Content) -> Result<(), Rejection> {
    require_equal("version", transaction.version.0, content.version, i32::to_string)?;
    let lock_time = transaction.lock_time.to_consensus_u32();
    require_equal("nLockTime", lock_time, content.lock_time, u32::to_string)?;
    let (inputs, outputs) = (&transaction.input, &transaction.output);
    require_equal("the number of inputs", inputs.len(), content.inputs.len(), usize::to_string)?;
    for (place, (found, asked)) in inputs.iter().zip(&content.inputs).enumerate() {
        let (output, sequence) = (found.previous_output, found.sequence.0);
        let field = |name: &str| format!("{name} of input {place}");
        require_equal(field("the output"), output, asked.outpoint, ToString::to_string)?;
        require_equal(field("the sequence"), sequence, asked.sequence, u32::to_string)?;
    }
    require_equal("the number of outputs", outputs.len(), content.outputs.len(), usize::to_string)?;
    for (place, (found, (amount, script))) in outputs.iter().zip(&content.outputs).enumerate() {
        let field = |name: &str| format!("{name} of output {place}");
        require_equal(field("the amount"), found.value.to_sat(), *amount, u64::to_string)?;
        require_equal(field("the script"), found.script_pubkey.as_bytes(), script, |it| hex(it))?;
    }
    Ok(())
}

/// Whether `key` is the one that is expected.
fn is(case: &Case<'_>, signer: &Signer, key: &PublicKey) -> Result<bool, Rejection> {
    match signer {
        Signer::PublicKey(expected) => {
            let point = to_point(expected)
                .ok_or(Rejection::Expected("a public key is not one of secp256k1"))?;
            Ok(to_point(key) == Some(point))
        }
        Signer::Address(expected) => {
            let network = case.sample.expected().network;
            let own = case.sample.chain().address(network, key);
            let own = own.map_err(|_| Rejection::Expected("the key shown has no address"))?;
            // Bitcoin Cash's prefix may be left out.
            let bare = own.as_str().rsplit(':').next().unwrap_or_default();
            Ok(own.as_str() == expected || bare == expected)
        }
    }
}
