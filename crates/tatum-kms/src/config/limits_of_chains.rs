//! A chain's limits on fees and outputs, as its owner sets them: `dust=0.001,fee-rate-least=0.01`,
//! in coins, rates for 1,000 bytes.

use kms_core::{Chain, ChainLimit, LimitKind};

use super::{
    fees::in_base_units,
    resolve::{ConfigError, invalid},
};

/// # Errors
/// When an entry is not a limit of this chain, is given twice, or contradicts another limit.
pub(super) fn read(
    name: &str,
    chain: &dyn Chain,
    entries: &str,
) -> Result<Vec<ChainLimit>, ConfigError> {
    let own = chain.limits();
    let mut set: Vec<ChainLimit> = Vec::new();
    for entry in entries.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let limit = read_one(chain, &own, entry).map_err(|why| invalid(name, entry, why))?;
        if set.iter().any(|other| other.kind == limit.kind) {
            return Err(invalid(name, entry, "is given twice"));
        }
        set.push(limit);
    }
    let in_force = |kind| set.iter().chain(&own).find(|limit| limit.kind == kind);
    for (low, high) in
        [(LimitKind::FeeRateLeast, LimitKind::FeeRateMost), (LimitKind::Dust, LimitKind::SoftDust)]
    {
        if let (Some(least), Some(most)) = (in_force(low), in_force(high))
            && least.units > most.units
        {
            let problem = format!("makes {} higher than {}", low.name(), high.name());
            return Err(invalid(name, entries, problem));
        }
    }
    Ok(set)
}

fn read_one(chain: &dyn Chain, own: &[ChainLimit], entry: &str) -> Result<ChainLimit, String> {
    let names = || {
        let settable = own.iter().map(|limit| limit.kind).filter(|kind| kind.can_be_set());
        settable.map(LimitKind::name).collect::<Vec<_>>().join(", ")
    };
    if own.is_empty() {
        let code = chain.spec().id;
        return Err(format!("is no limit: on {code} only TATUM_KMS_FEE_MOST limits fees"));
    }
    let known = |name: &str| {
        own.iter().map(|limit| limit.kind).find(|kind| kind.can_be_set() && kind.name() == name)
    };
    let (name, amount) = entry
        .split_once('=')
        .ok_or_else(|| format!("is not NAME=AMOUNT with one of the names {}", names()))?;
    let kind = known(name.trim())
        .ok_or_else(|| format!("is no limit that can be set; these are: {}", names()))?;
    let decimals = chain.spec().decimals;
    let units = in_base_units(amount.trim(), decimals)
        .and_then(|amount| u64::try_from(amount.as_u256()).ok())
        .ok_or_else(|| {
            format!(
                "is not an amount in coins: use digits, with at most {decimals} after the point"
            )
        })?;
    if kind == LimitKind::FeeRateMost && units == 0 {
        return Err(String::from("would refuse every fee"));
    }
    Ok(ChainLimit { kind, units })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str, entries: &str) -> Result<Vec<(&'static str, u64)>, String> {
        let chain = kms_chains::find(code).unwrap();
        let limits = read("X", chain, entries).map_err(|error| error.to_string())?;
        Ok(limits.iter().map(|limit| (limit.kind.name(), limit.units)).collect())
    }

    #[test]
    fn limits_are_read_in_coins() {
        assert_eq!(
            told("DOGE", "fee-rate-least=0.01, dust=0.00100001"),
            Ok(vec![("fee-rate-least", 1_000_000), ("dust", 100_001)])
        );
        assert_eq!(told("LTC", "dust-rate=0.0003"), Ok(vec![("dust-rate", 30_000)]));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for (code, bad, why) in [
            ("DOGE", "dust", "is not NAME=AMOUNT"),
            ("DOGE", "dust=", "not an amount"),
            ("DOGE", "dust=-1", "not an amount"),
            ("DOGE", "dust=1e3", "not an amount"),
            ("DOGE", "dust=0.000000001", "8 after the point"),
            ("DOGE", "dust=99999999999999999999", "not an amount"),
            ("DOGE", "dust=0.001,dust=0.002", "is given twice"),
            ("DOGE", "dust=0.02", "makes dust higher than soft-dust"),
            ("DOGE", "fee-rate-least=16", "makes fee-rate-least higher than fee-rate-most"),
            ("DOGE", "fee-rate-most=0", "would refuse every fee"),
            ("DOGE", "fee-rate-advised=1", "fee-rate-least, fee-rate-most, dust, soft-dust"),
            ("DOGE", "dust-rate=1", "is no limit that can be set"),
            ("BTC", "dust=1", "fee-rate-least, fee-rate-most, dust-rate"),
            ("ETH", "dust=1", "only TATUM_KMS_FEE_MOST"),
        ] {
            let told = told(code, bad).unwrap_err();
            assert!(told.contains(why), "{code} {bad}: {told}");
        }
    }
}
