//! Local rules on amounts: nothing overspent, no dust, no absurd fee.

use bitcoin::TxOut;
use kms_core::{Amount, ResolveError};

use super::Described;

/// A chain's rules for fees and outputs.
#[derive(Clone, Copy, Debug)]
pub(super) enum FeeRules {
    /// Bounds of the fee; an output must be worth what Bitcoin's nodes relay for its script.
    Rate { least: FeeRate, most: FeeRate },
    /// The fees that Dogecoin's nodes relay, up to the maximum that bitcore's `serialize()`
    /// accepts. <https://github.com/dogecoin/dogecoin/blob/master/doc/fee-recommendation.md>
    Dogecoin,
}

/// Base units for a thousand (virtual) bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct FeeRate(u64);

impl FeeRate {
    pub(super) const fn per_thousand(units: u64) -> Self {
        Self(units)
    }

    fn of(self, vbytes: u64) -> u64 {
        // Sizes are bounded by the payload, so this saturates only for absurd rates.
        self.0.saturating_mul(vbytes).checked_div(1_000).unwrap_or(u64::MAX)
    }
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

impl FeeRules {
    /// `vbytes` is the size that the signed transaction will have at most.
    ///
    /// # Errors
    /// When the fee or an output is out of bounds.
    pub(super) fn check(
        self,
        described: &Described,
        fee: u64,
        vbytes: u64,
    ) -> Result<(), ResolveError> {
        match self {
            Self::Rate { least, most } => {
                check_fee(fee, least.of(vbytes), most.of(vbytes))?;
                check_dust(&described.outputs, |output| {
                    output.script_pubkey.minimal_non_dust().to_sat()
                })
            }
            Self::Dogecoin => {
                let least = dogecoin_relay_fee(&described.outputs, vbytes);
                let most = dogecoin_estimate(described, fee).saturating_mul(15);
                check_fee(fee, least, most)?;
                check_dust(&described.outputs, |_| DOGECOIN_HARD_DUST)
            }
        }
    }
}

/// Base units a thousand bytes for which Dogecoin's nodes relay.
const DOGECOIN_RELAY: FeeRate = FeeRate::per_thousand(100_000);
/// Base units below which they relay no output.
const DOGECOIN_HARD_DUST: u64 = 100_000;
/// Base units below which they want as much again as fee for an output.
const DOGECOIN_SOFT_DUST: u64 = 1_000_000;
/// Base units a byte that bitcore estimates fees with.
const DOGECOIN_FEE_PER_BYTE: u64 = 100_000;

/// `GetDogecoinMinRelayFee` of Dogecoin Core 1.14.
fn dogecoin_relay_fee(outputs: &[TxOut], vbytes: u64) -> u64 {
    let is_small =
        |output: &&TxOut| carries_value(output) && output.value.to_sat() < DOGECOIN_SOFT_DUST;
    let small = u64::try_from(outputs.iter().filter(is_small).count()).unwrap_or(u64::MAX);
    DOGECOIN_RELAY.of(vbytes).saturating_add(small.saturating_mul(DOGECOIN_SOFT_DUST))
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
