//! The owner's ceiling on fees. Prices come from nodes and from the API, and a price a thousand
//! times too high is paid like any other: only an amount that the owner knows stops it.

use std::collections::HashMap;

use super::{
    Rule,
    denial::{Denial, FeeDenial, InCoins},
};
use crate::{
    amount::Amount,
    chain::ChainSpec,
    effects::{Asset, Effects},
    id::ChainId,
};

/// The ceilings for the fee of one transaction, by chain and fee asset. There are no exceptions: a
/// fee without a ceiling is not signed.
#[derive(Debug, Default)]
pub struct FeeCeilings {
    native: HashMap<ChainId, Ceiling>,
    /// In base units of the token; contracts in lower case.
    tokens: HashMap<(ChainId, String), Amount>,
}

#[derive(Clone, Copy, Debug)]
struct Ceiling {
    most: Amount,
    decimals: u8,
}

impl FeeCeilings {
    /// Those of the chains themselves.
    pub fn of<'a>(chains: impl IntoIterator<Item = &'a ChainSpec>) -> Self {
        let mut ceilings = Self::default();
        for chain in chains {
            let ceiling = Ceiling { most: chain.fee_most, decimals: chain.decimals };
            ceilings.native.insert(chain.id, ceiling);
            for (contract, most) in chain.token_fees_most {
                ceilings.set_token(chain.id, contract, *most);
            }
        }
        ceilings
    }

    /// Sets the ceiling of fees in a chain's own coin, in base units.
    pub fn set(&mut self, chain: &ChainSpec, most: Amount) {
        self.native.insert(chain.id, Ceiling { most, decimals: chain.decimals });
    }

    /// The ceiling of fees in a chain's own coin, in base units.
    pub fn native(&self, chain: ChainId) -> Option<Amount> {
        self.native.get(&chain).map(|ceiling| ceiling.most)
    }

    /// Sets the ceiling of fees in a token, in the token's base units.
    pub fn set_token(&mut self, chain: ChainId, contract: &str, most: Amount) {
        self.tokens.insert((chain, contract.to_ascii_lowercase()), most);
    }

    fn judge(&self, effects: &Effects) -> Result<(), FeeDenial> {
        let (chain, fee) = (effects.chain(), effects.max_fee());
        let none = || FeeDenial::NoCeiling { chain, asset: fee.asset.clone() };
        match &fee.asset {
            Asset::Native => {
                let Ceiling { most, decimals } = *self.native.get(&chain).ok_or_else(none)?;
                if fee.amount > most {
                    let fee = InCoins { amount: fee.amount, decimals };
                    let most = InCoins { amount: most, decimals };
                    return Err(FeeDenial::TooHigh { chain, fee, most });
                }
            }
            Asset::Token { contract } => {
                let key = (chain, contract.to_ascii_lowercase());
                let most = *self.tokens.get(&key).ok_or_else(none)?;
                if fee.amount > most {
                    let (contract, fee) = (contract.clone(), fee.amount);
                    return Err(FeeDenial::TooHighInToken { chain, contract, fee, most });
                }
            }
            Asset::Item { .. } | Asset::AllItems { .. } => return Err(none()),
        }
        Ok(())
    }
}

impl Rule for FeeCeilings {
    fn check(&self, effects: &Effects) -> Result<(), Denial> {
        Ok(self.judge(effects)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        effects::Fee,
        id::Network,
        key::{Derivation, KeySpec, Scheme, SecretEncoding, WalletLayout},
        node_words::NodeWords,
    };

    const ETH: ChainSpec = ChainSpec {
        id: ChainId::new("ETH"),
        name: "Ethereum",
        other_codes: &[],
        token_codes: &[],
        api_path: "ethereum",
        withdrawals: false,
        testnet_type_header: false,
        decimals: 18,
        fee_most: Amount::from_base_units(200_000_000_000_000_000),
        token_fees_most: &[("0xAb", Amount::from_base_units(5))],
        harmless_members: &[],
        node_words: NodeWords::NONE,
        secret_members: &[],
        testnet_query: None,
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1,
            derivation: Derivation::Single { entropy_bytes: 32, words: false },
            encoding: SecretEncoding::PrefixedHex,
            layout: WalletLayout::MnemonicXpub,
        },
    };

    fn judge(ceilings: &FeeCeilings, asset: Asset, amount: &str) -> Result<(), String> {
        let amount = Amount::parse_base_units(amount).unwrap();
        let effects = Effects::new(ETH.id, Network::Mainnet, Fee { asset, amount });
        ceilings.judge(&effects).map_err(|denial| denial.to_string())
    }

    fn token(contract: &str) -> Asset {
        Asset::Token { contract: contract.to_owned() }
    }

    #[test]
    fn a_fee_above_the_ceiling_is_refused_to_the_last_base_unit() {
        let ceilings = FeeCeilings::of([&ETH]);
        assert_eq!(judge(&ceilings, Asset::Native, "200000000000000000"), Ok(()));
        let told = judge(&ceilings, Asset::Native, "200000000000000001").unwrap_err();
        assert!(
            told.contains("0.200000000000000001 ETH is above the ceiling of 0.2 ETH"),
            "{told}"
        );
        assert!(told.ends_with("--fee-most ETH=0.200000000000000001"), "{told}");
    }

    #[test]
    fn the_owners_ceiling_takes_the_place_of_the_chains() {
        let mut ceilings = FeeCeilings::of([&ETH]);
        ceilings.set(&ETH, Amount::from_base_units(7));
        assert_eq!(judge(&ceilings, Asset::Native, "7"), Ok(()));
        assert!(judge(&ceilings, Asset::Native, "8").is_err());
        ceilings.set(&ETH, Amount::ZERO);
        assert!(judge(&ceilings, Asset::Native, "1").is_err());
    }

    #[test]
    fn a_fee_in_a_token_has_a_ceiling_of_its_own_or_is_refused() {
        let mut ceilings = FeeCeilings::of([&ETH]);
        assert_eq!(judge(&ceilings, token("0xaB"), "5"), Ok(()));
        assert!(judge(&ceilings, token("0xab"), "6").is_err());
        let told = judge(&ceilings, token("0xcd"), "1").unwrap_err();
        assert!(told.contains("no ceiling is set for ETH fees in token 0xcd"), "{told}");
        ceilings.set_token(ETH.id, "0xCD", Amount::from_base_units(1));
        assert_eq!(judge(&ceilings, token("0xcd"), "1"), Ok(()));
    }

    #[test]
    fn what_has_no_ceiling_is_refused() {
        let none = FeeCeilings::default();
        assert!(judge(&none, Asset::Native, "0").is_err());
        let all = Asset::AllItems { contract: String::from("0x1") };
        assert!(judge(&FeeCeilings::of([&ETH]), all, "0").is_err());
    }
}
