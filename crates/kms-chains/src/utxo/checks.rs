//! Local rules on amounts: nothing overspent, no dust, no absurd fee.

use bitcoin::TxOut;
use kms_core::{Amount, ChainLimit, LimitKind, ResolveError};

use super::Described;

/// A chain's limits on fees and outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct FeeRules {
    pub(super) least: FeeRate,
    /// The rate that the network's developers advise.
    pub(super) advised: Option<FeeRate>,
    /// On a chain with fixed dust, for the size that bitcore's `serialize()` estimates.
    pub(super) most: FeeRate,
    pub(super) dust: Dust,
}

/// The least value of an output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dust {
    /// The cost of spending it at this rate, as Bitcoin's nodes estimate it from its script.
    Rate(FeeRate),
    /// The same for every script: no output below `hard` is relayed, and each one below `soft`
    /// adds `soft` to the fee. <https://github.com/dogecoin/dogecoin/blob/master/doc/fee-recommendation.md>
    Fixed { hard: u64, soft: u64 },
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

    /// `GetDustThreshold` of Bitcoin Core. The library counts with this rate.
    fn dust_of(self, output: &TxOut) -> u64 {
        const RATE: u128 = 3_000;
        let at_rate = u128::from(output.script_pubkey.minimal_non_dust().to_sat());
        let units = at_rate.saturating_mul(self.0.into()).checked_div(RATE);
        units.and_then(|units| u64::try_from(units).ok()).unwrap_or(u64::MAX)
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
    /// The limits in the order of [`LimitKind::ALL`].
    pub(super) fn limits(&self) -> Vec<ChainLimit> {
        LimitKind::ALL.iter().filter_map(|kind| self.limit(*kind)).collect()
    }

    fn limit(&self, kind: LimitKind) -> Option<ChainLimit> {
        let units = match (kind, self.dust) {
            (LimitKind::FeeRateLeast, _) => self.least.0,
            (LimitKind::FeeRateAdvised, _) => self.advised?.0,
            (LimitKind::FeeRateMost, _) => self.most.0,
            (LimitKind::DustRate, Dust::Rate(rate)) => rate.0,
            (LimitKind::Dust, Dust::Fixed { hard, .. }) => hard,
            (LimitKind::SoftDust, Dust::Fixed { soft, .. }) => soft,
            _ => return None,
        };
        Some(ChainLimit { kind, units })
    }

    /// The rules with an operator's limits in the place of the chain's own.
    pub(super) fn with(mut self, limits: &[ChainLimit]) -> Self {
        for ChainLimit { kind, units } in limits {
            match (kind, &mut self.dust) {
                (LimitKind::FeeRateLeast, _) => self.least = FeeRate(*units),
                (LimitKind::FeeRateMost, _) => self.most = FeeRate(*units),
                (LimitKind::DustRate, Dust::Rate(rate)) => *rate = FeeRate(*units),
                (LimitKind::Dust, Dust::Fixed { hard, .. }) => *hard = *units,
                (LimitKind::SoftDust, Dust::Fixed { soft, .. }) => *soft = *units,
                _ => {}
            }
        }
        self
    }

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
        let outputs = &described.outputs;
        match self.dust {
            Dust::Rate(rate) => {
                check_fee(fee, self.least.of(vbytes), self.most.of(vbytes))?;
                check_dust(outputs, |output| rate.dust_of(output))
            }
            Dust::Fixed { hard, soft } => {
                // `GetDogecoinMinRelayFee` of Dogecoin Core 1.14.
                let surcharge = count_below(outputs, soft).saturating_mul(soft);
                let least = self.least.of(vbytes).saturating_add(surcharge);
                check_fee(fee, least, self.most.of(dogecoin_size(described, fee)))?;
                check_dust(outputs, |_| hard)
            }
        }
    }
}

/// Base units a byte that bitcore estimates fees with.
const DOGECOIN_FEE_PER_BYTE: u64 = 100_000;

fn count_below(outputs: &[TxOut], soft: u64) -> u64 {
    let is_small = |output: &&TxOut| carries_value(output) && output.value.to_sat() < soft;
    u64::try_from(outputs.iter().filter(is_small).count()).unwrap_or(u64::MAX)
}

/// bitcore's estimate of a size.
fn dogecoin_size(described: &Described, fee: u64) -> u64 {
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
    let with_change = size.saturating_add(CHANGE_OUTPUT);
    let fee_with_change = with_change.saturating_mul(DOGECOIN_FEE_PER_BYTE);
    if described.has_change_script && fee > fee_with_change { with_change } else { size }
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
