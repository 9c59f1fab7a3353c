//! The owner's ceilings on fees: `ETH=0.2` in coins, `CELO/0x…=500` in base units of a token.

use std::collections::HashSet;

use kms_core::{Amount, FeeCeilings};

use super::resolve::{ConfigError, find_chain, invalid};

/// Puts what a setting says in the place of the chains' own ceilings.
///
/// # Errors
/// When an entry is not valid, or a chain is named twice.
pub(super) fn apply<'a>(
    ceilings: &mut FeeCeilings,
    name: &str,
    entries: impl Iterator<Item = &'a str>,
) -> Result<(), ConfigError> {
    let mut seen = HashSet::new();
    for entry in entries.map(str::trim).filter(|entry| !entry.is_empty()) {
        let bad = |problem: &str| invalid(name, entry, problem);
        let (what, most) = entry.split_once('=').ok_or_else(|| {
            bad("is not CHAIN=AMOUNT in coins, or CHAIN/CONTRACT=UNITS in base units of a token")
        })?;
        let (what, most) = (what.trim(), most.trim());
        if !seen.insert(what.to_ascii_uppercase()) {
            return Err(bad("is given twice"));
        }
        match what.split_once('/') {
            None => {
                let chain = find_chain(what)?.spec();
                let most = in_base_units(most, chain.decimals).ok_or_else(|| {
                    let digits = chain.decimals;
                    bad(&format!(
                        "is not an amount of {what}: use digits, with at most {digits} after the \
                         point"
                    ))
                })?;
                ceilings.set(chain, most);
            }
            Some((chain, contract)) => {
                let most = Amount::parse_base_units(most)
                    .map_err(|error| bad(&format!("is not an amount of a token: {error}")))?;
                ceilings.set_token(find_chain(chain)?.spec().id, contract.trim(), most);
            }
        }
    }
    Ok(())
}

/// A decimal amount, exact: `0.2` with two decimals are 20 base units.
pub(super) fn in_base_units(text: &str, decimals: u8) -> Option<Amount> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let decimals = usize::from(decimals);
    if whole.is_empty() || fraction.len() > decimals || text.ends_with('.') {
        return None;
    }
    Amount::parse_base_units(&format!("{whole}{fraction:0<decimals$}")).ok()
}

#[cfg(test)]
mod tests {
    use kms_core::{Asset, Effects, Fee, Network, Rule as _};

    use super::*;

    fn ceilings(entries: &str) -> Result<FeeCeilings, String> {
        let mut ceilings = FeeCeilings::default();
        let applied = apply(&mut ceilings, "--fee-most", entries.split(','));
        applied.map(|()| ceilings).map_err(|error| error.to_string())
    }

    fn allows(ceilings: &FeeCeilings, chain: &str, asset: Asset, units: u64) -> bool {
        let fee = Fee { asset, amount: Amount::from_base_units(units) };
        let chain = find_chain(chain).unwrap().spec().id;
        ceilings.check(&Effects::new(chain, Network::Mainnet, fee)).is_ok()
    }

    #[test]
    fn amounts_are_read_to_the_last_base_unit() {
        let set = ceilings("eth=0.000000000000000007, BTC=0.001,XRP=2,CELO/0xAb=9").unwrap();
        let token = |contract: &str| Asset::Token { contract: contract.to_owned() };
        for (chain, asset, most) in [
            ("ETH", Asset::Native, 7),
            ("BTC", Asset::Native, 100_000),
            ("XRP", Asset::Native, 2_000_000),
            ("CELO", token("0xaB"), 9),
        ] {
            assert!(allows(&set, chain, asset.clone(), most), "{chain} {most}");
            assert!(!allows(&set, chain, asset, most + 1), "{chain} {most}");
        }
        assert!(!allows(&set, "CELO", token("0xcd"), 0));
    }

    /// In the words of `docs/commands.md`.
    #[test]
    fn the_documentation_tells_every_chains_ceiling() {
        let page = include_str!("../../../../docs/commands.md");
        let (_, told) = page.split_once("The default ceilings, in coins: ").unwrap();
        let (told, _) = told.split_once(". ").unwrap();
        let mut told: Vec<_> = told.split(", ").collect();
        let own = kms_chains::CHAINS.iter().map(|chain| {
            let spec = chain.spec();
            let mut alone = FeeCeilings::of([spec]);
            let above = Effects::new(spec.id, Network::Mainnet, Fee::native(Amount::MAX));
            let denied = alone.check(&above).unwrap_err().to_string();
            let (_, most) = denied.split_once("the ceiling of ").unwrap();
            alone.set(spec, Amount::MAX);
            assert!(alone.check(&above).is_ok(), "{}", spec.id);
            format!("{} {}", spec.id, most.split_once(' ').unwrap().0)
        });
        let mut own: Vec<_> = own.collect();
        own.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, own);
    }

    #[test]
    fn what_is_no_ceiling_is_refused() {
        for (bad, why) in [
            ("ETH", "is not CHAIN=AMOUNT"),
            ("ETH=", "is not an amount of ETH"),
            ("ETH=.5", "is not an amount of ETH"),
            ("ETH=1.", "is not an amount of ETH"),
            ("ETH=-1", "is not an amount of ETH"),
            ("ETH=1e3", "is not an amount of ETH"),
            ("ETH=0.0000000000000000001", "18 after the point"),
            ("BTC=0.000000001", "8 after the point"),
            ("NOPE=1", "NOPE"),
            ("ETH=1,eth=2", "is given twice"),
            ("CELO/0xab=1.5", "is not an amount of a token"),
        ] {
            let told = ceilings(bad).unwrap_err();
            assert!(told.contains(why), "{bad}: {told}");
        }
    }
}
