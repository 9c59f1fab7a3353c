//! Bitcoin and its descendants.

mod bitcash;
mod bitcoin;
mod content;

use ::bitcoin::{Transaction, consensus::deserialize};
use k256::ecdsa::VerifyingKey;
use kms_core::PublicKey;

use self::content::{Content, Spent};
use super::address;
use crate::verify::{Case, InputProblem, Rejection, Valid, hex, require_equal, to_point};
use crate::{limits::WEIGHT_MAX, offer::Signer};

/// Bitcoin and Litecoin.
pub(super) fn verify_bitcoin(case: &Case<'_>) -> Result<Valid, Rejection> {
    verify(case, Content::read_bitcore(case.sample.payload())?, |transaction, place, spent| {
        bitcoin::shown_key(transaction, place, spent, true)
    })
}

/// Verifies like Bitcoin, without segregated witness.
pub(super) fn verify_dogecoin(case: &Case<'_>) -> Result<Valid, Rejection> {
    verify(case, Content::read_bitcore(case.sample.payload())?, |transaction, place, spent| {
        bitcoin::shown_key(transaction, place, spent, false)
    })
}

pub(super) fn verify_bitcoin_cash(case: &Case<'_>) -> Result<Valid, Rejection> {
    verify(case, Content::read_bitcash(case.sample.payload())?, bitcash::shown_key)
}

/// The key that an input shows, once its signature is found to be valid.
type ShownKey = fn(&Transaction, usize, &Spent) -> Result<PublicKey, InputProblem>;

fn verify(case: &Case<'_>, content: Content, shown_key: ShownKey) -> Result<Valid, Rejection> {
    let transaction = decode(case.raw)?;
    compare(&transaction, &content)?;
    let signers = read_signers(case)?;
    for (place, spent) in content.inputs.iter().enumerate() {
        let problem = |problem| Rejection::Input { place, problem };
        let key = shown_key(&transaction, place, spent).map_err(problem)?;
        let owner = Owner::of(case, &key)?;
        let is_expected = match own_signer(&signers, place, &content)? {
            Some(signer) => owner.is(signer),
            None => signers.iter().any(|signer| owner.is(signer)),
        };
        if !is_expected {
            return Err(problem(InputProblem::OtherSigner(hex(key.as_bytes()))));
        }
    }
    let chain = case.sample.coin().id;
    let spends = transaction.input.iter();
    Ok(Valid {
        txid: transaction.compute_txid().to_string(),
        uses: spends.map(|input| format!("{chain} output {}", input.previous_output)).collect(),
        nonce: None,
    })
}

/// The signer of one input, where the payload says nothing of scripts: then it is known by its
/// place, unless there is one for all.
fn own_signer<'a>(
    signers: &'a [Known],
    place: usize,
    content: &Content,
) -> Result<Option<&'a Known>, Rejection> {
    let has_scripts = content.inputs.iter().all(|input| input.script.is_some());
    match signers {
        _ if has_scripts => Ok(None),
        [signer] => Ok(Some(signer)),
        signers if signers.len() == content.inputs.len() => Ok(signers.get(place)),
        _ => Err(Rejection::Expected("there is neither one for all inputs nor one per input")),
    }
}

fn decode(raw: &str) -> Result<Transaction, Rejection> {
    let plain = raw.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bytes = alloy_primitives::hex::decode(raw).ok().filter(|_| plain);
    let bytes = bytes.ok_or(Rejection::Malformed("it is not hexadecimal"))?;
    let transaction: Transaction = deserialize(&bytes)
        .map_err(|_| Rejection::Malformed("its bytes are not one transaction"))?;
    if transaction.weight().to_wu() > WEIGHT_MAX {
        Err(Rejection::Malformed("it is larger than nodes relay"))
    } else {
        Ok(transaction)
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

/// A key as it can be compared with an expected one.
struct Owner {
    point: Option<VerifyingKey>,
    address: String,
}

/// An expected signer, read once for all inputs.
enum Known {
    Point(VerifyingKey),
    Address(String),
}

impl Owner {
    fn of(case: &Case<'_>, key: &PublicKey) -> Result<Self, Rejection> {
        let address = address::of(case.sample.coin(), case.sample.expected().network, key);
        let address = address.ok_or(Rejection::Expected("the key shown has no address"))?;
        Ok(Self { point: to_point(key), address })
    }

    fn is(&self, known: &Known) -> bool {
        match known {
            Known::Point(expected) => self.point.as_ref() == Some(expected),
            Known::Address(expected) => {
                // Bitcoin Cash's prefix may be left out.
                let bare = self.address.rsplit(':').next();
                self.address == *expected || bare == Some(expected)
            }
        }
    }
}

fn read_signers(case: &Case<'_>) -> Result<Vec<Known>, Rejection> {
    let read = |signer: &Signer| match signer {
        Signer::Address(address) => Ok(Known::Address(address.clone())),
        Signer::PublicKey(key) => to_point(key)
            .map(Known::Point)
            .ok_or(Rejection::Expected("a public key is not a point of secp256k1")),
    };
    case.sample.expected().signers.iter().map(read).collect()
}
