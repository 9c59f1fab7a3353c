//! Bitcoin's scripts and signatures, with and without segregated witness.

use bitcoin::{
    Amount, PublicKey as Shown, Script, ScriptBuf, Transaction, TxIn,
    hashes::Hash as _,
    script::Instruction,
    sighash::{EcdsaSighashType, SighashCache},
};
use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use kms_core::PublicKey;

use super::Spent;
use crate::verify::InputProblem;

/// The only hash type that is signed.
const ALL: u8 = 0x01;

/// The data with which an input spends an output.
struct Unlocked {
    key: Shown,
    signature: Vec<u8>,
    sighash: [u8; 32],
}

/// The key that input `place` shows, if its signature is valid for the output it spends.
pub(super) fn shown_key(
    transaction: &Transaction,
    place: usize,
    spent: &Spent,
    has_witness: bool,
) -> Result<PublicKey, InputProblem> {
    let input = transaction.input.get(place).ok_or(InputProblem::Unsigned)?;
    if input.script_sig.is_empty() && input.witness.is_empty() {
        return Err(InputProblem::Unsigned);
    }
    let script = spent.script.as_deref().ok_or(InputProblem::Script)?;
    let script = Script::from_bytes(script);
    let is_witness = script.is_p2wpkh() || script.is_p2sh();
    let unlocked = match is_witness {
        true if has_witness => unlock_witness(transaction, place, input, script, spent.amount)?,
        true => return Err(InputProblem::Script),
        false => unlock_legacy(transaction, place, input, script)?,
    };
    verify(&unlocked)?;
    Ok(PublicKey::from_bytes(unlocked.key.to_bytes()))
}

fn unlock_legacy(
    transaction: &Transaction,
    place: usize,
    input: &TxIn,
    script: &Script,
) -> Result<Unlocked, InputProblem> {
    if !input.witness.is_empty() {
        return Err(InputProblem::Unlock);
    }
    let (signature, key) = match pushes(&input.script_sig)?.as_slice() {
        [signature, key] if script.is_p2pkh() => {
            let key = Shown::from_slice(key).map_err(|_| InputProblem::Unlock)?;
            let own = ScriptBuf::new_p2pkh(&key.pubkey_hash());
            (signature.clone(), (*own == *script).then_some(key).ok_or(InputProblem::Key)?)
        }
        [signature] if script.is_p2pk() => {
            (signature.clone(), script.p2pk_public_key().ok_or(InputProblem::Script)?)
        }
        _ if script.is_p2pkh() || script.is_p2pk() => return Err(InputProblem::Unlock),
        _ => return Err(InputProblem::Script),
    };
    let sighash = SighashCache::new(transaction)
        .legacy_signature_hash(place, script, u32::from(ALL))
        .map_err(|_| InputProblem::Script)?;
    Ok(Unlocked { key, signature, sighash: sighash.to_byte_array() })
}

/// P2WPKH, plain or behind the hash of its script (BIP-141, BIP-143).
fn unlock_witness(
    transaction: &Transaction,
    place: usize,
    input: &TxIn,
    script: &Script,
    amount: u64,
) -> Result<Unlocked, InputProblem> {
    let witness: Vec<&[u8]> = input.witness.iter().collect();
    let [signature, key] = witness.as_slice() else { return Err(InputProblem::Unlock) };
    let key = Shown::from_slice(key).map_err(|_| InputProblem::Unlock)?;
    let hash = key.wpubkey_hash().map_err(|_| InputProblem::Unlock)?;
    let program = ScriptBuf::new_p2wpkh(&hash);
    if script.is_p2wpkh() {
        match (input.script_sig.is_empty(), *program == *script) {
            (true, true) => (),
            (true, false) => return Err(InputProblem::Key),
            (false, _) => return Err(InputProblem::Unlock),
        }
    } else {
        let shown = pushes(&input.script_sig)?;
        match (shown.as_slice() == [program.to_bytes()], *program.to_p2sh() == *script) {
            (true, true) => (),
            (_, false) => return Err(InputProblem::Key),
            (false, true) => return Err(InputProblem::Unlock),
        }
    }
    let sighash = SighashCache::new(transaction)
        .p2wpkh_signature_hash(place, &program, Amount::from_sat(amount), EcdsaSighashType::All)
        .map_err(|_| InputProblem::Script)?;
    Ok(Unlocked { key, signature: signature.to_vec(), sighash: sighash.to_byte_array() })
}

/// The data that a script pushes, each in the shortest way; nothing else may be in it.
pub(super) fn pushes(script: &Script) -> Result<Vec<Vec<u8>>, InputProblem> {
    let push = |instruction| match instruction {
        Ok(Instruction::PushBytes(bytes)) => Ok(bytes.as_bytes().to_vec()),
        _ => Err(InputProblem::Unlock),
    };
    script.instructions_minimal().map(push).collect()
}

/// Strict DER and low `s` (BIP-66, BIP-146).
fn verify(unlocked: &Unlocked) -> Result<(), InputProblem> {
    let der = match unlocked.signature.split_last() {
        Some((&ALL, der)) => der,
        Some(_) => return Err(InputProblem::HashType(ALL)),
        None => return Err(InputProblem::Unsigned),
    };
    let signature = Signature::from_der(der).map_err(|_| InputProblem::Form)?;
    if signature.normalize_s() != signature {
        return Err(InputProblem::Form);
    }
    let key = VerifyingKey::from_sec1_bytes(&unlocked.key.to_bytes());
    let key = key.map_err(|_| InputProblem::Unlock)?;
    key.verify_prehash(&unlocked.sighash, &signature).map_err(|_| InputProblem::Signature)
}
