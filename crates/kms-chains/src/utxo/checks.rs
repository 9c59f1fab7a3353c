//! Local rules on amounts: nothing overspent, no dust, no absurd fee.

use bitcoin::TxOut;
use kms_core::{Amount, AmountLimits, ResolveError};

use super::Described;

/// The rule for the highest fee.
#[derive(Clone, Copy, Debug)]
pub(super) enum FeeMost {
    /// The limit for a thousand bytes.
    Rate,
    /// The same, and without one what bitcore's `serialize()` accepts.
    DogecoinEstimate,
}

/// The fee of so many virtual bytes, at a rate for a thousand.
fn at_rate(units: u64, vbytes: u64) -> u64 {
    // Sizes are bounded by the payload, so this saturates only for absurd rates.
    units.saturating_mul(vbytes).checked_div(1_000).unwrap_or(u64::MAX)
}

/// The fee, if the outputs do not exceed the inputs.
///
/// # Errors
/// When they do, or the payload states another fee.
pub(super) fn fee(described: &Described) -> Result<u64, ResolveError> {
    let inputs = sum(described.inputs.iter().map(|input| input.amount))?;
    let outputs = sum(described.outputs.iter().map(|output| output.value.to_sat()))?;
    let fee = inputs.checked_sub(outputs).ok_or(ResolveError::Overspent {
        inputs: Amount::from_base_units(inputs),
        outputs: Amount::from_base_units(outputs),
    })?;
    match described.stated_fee {
        Some(stated) if stated != fee => Err(ResolveError::FeeDiffers {
            fee: Amount::from_base_units(fee),
            stated: Amount::from_base_units(stated),
        }),
        _ => Ok(fee),
    }
}

fn sum(mut amounts: impl Iterator<Item = u64>) -> Result<u64, ResolveError> {
    amounts.try_fold(0, u64::checked_add).ok_or(ResolveError::Overflow)
}

/// `vbytes` is the size that the signed transaction will have at most.
///
/// # Errors
/// When the fee or an output is out of bounds.
pub(super) fn check(
    fee_most: FeeMost,
    limits: AmountLimits,
    described: &Described,
    fee: u64,
    vbytes: u64,
) -> Result<(), ResolveError> {
    let outputs = &described.outputs;
    let least = at_rate(limits.fee_rate_least.unwrap_or(0), vbytes);
    // As Dogecoin Core's `GetDogecoinMinRelayFee` has it.
    let small = limits.soft_dust.map_or(0, |dust| count_below(outputs, dust).saturating_mul(dust));
    let most = match (limits.fee_rate_most, fee_most) {
        (Some(rate), _) => at_rate(rate, vbytes),
        (None, FeeMost::DogecoinEstimate) => dogecoin_estimate(described, fee).saturating_mul(15),
        (None, FeeMost::Rate) => u64::MAX,
    };
    check_fee(fee, least.saturating_add(small), most)?;
    check_dust(outputs, |output| {
        limits.dust.unwrap_or_else(|| output.script_pubkey.minimal_non_dust().to_sat())
    })
}

/// Base units a byte that bitcore estimates fees with.
const DOGECOIN_FEE_PER_BYTE: u64 = 100_000;

fn count_below(outputs: &[TxOut], dust: u64) -> u64 {
    let is_small = |output: &&TxOut| carries_value(output) && output.value.to_sat() < dust;
    u64::try_from(outputs.iter().filter(is_small).count()).unwrap_or(u64::MAX)
}

/// bitcore's estimate of a fee, from its estimate of a size.
fn dogecoin_estimate(described: &Described, fee: u64) -> u64 {
    const BASE: u64 = 26;
    const P2PKH_INPUT: u64 = 143;
    const P2PK_INPUT: u64 = 109;
    const OUTPUT: u64 = 9;
    const CHANGE_OUTPUT: u64 = 62;
    let inputs = described.inputs.iter().map(|input| match &input.script {
        Some(script) if script.is_p2pk() => P2PK_INPUT,
        _ => P2PKH_INPUT,
    });
    let outputs = described.outputs.iter().map(|output| {
        u64::try_from(output.script_pubkey.len()).unwrap_or(u64::MAX).saturating_add(OUTPUT)
    });
    let size = inputs.chain(outputs).fold(BASE, u64::saturating_add);
    let estimate = size.saturating_mul(DOGECOIN_FEE_PER_BYTE);
    let with_change = size.saturating_add(CHANGE_OUTPUT).saturating_mul(DOGECOIN_FEE_PER_BYTE);
    if described.has_change_script && fee > with_change { with_change } else { estimate }
}

fn check_fee(fee: u64, least: u64, most: u64) -> Result<(), ResolveError> {
    if (least..=most).contains(&fee) {
        Ok(())
    } else {
        Err(ResolveError::AbsurdFee {
            fee: Amount::from_base_units(fee),
            least: Amount::from_base_units(least),
            most: Amount::from_base_units(most),
        })
    }
}

fn carries_value(output: &TxOut) -> bool {
    !output.script_pubkey.is_op_return()
}

fn check_dust(outputs: &[TxOut], least: impl Fn(&TxOut) -> u64) -> Result<(), ResolveError> {
    let dust = outputs
        .iter()
        .enumerate()
        .find(|(_, output)| carries_value(output) && output.value.to_sat() < least(output));
    match dust {
        None => Ok(()),
        Some((place, output)) => Err(ResolveError::Dust {
            output: place,
            amount: Amount::from_base_units(output.value.to_sat()),
            least: Amount::from_base_units(least(output)),
        }),
    }
}
