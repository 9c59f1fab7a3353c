//! The table of chains: what the sandbox offers on each, how it judges what is broadcast, and what
//! the chain's nodes answer. Nothing else in the sandbox lists chains.
//!
//! The sandbox judges the daemon, so it shares no code with the crate that signs.

mod algorand;
mod bnb;
mod cardano;
pub(crate) mod evm;
mod flow;
mod multiversx;
mod solana;
mod stellar;
mod tron;
pub(crate) mod utxo;
mod vechain;
mod xrpl;

use axum::Router;
use kms_core::ChainId;

use crate::{
    samples::{Naming, SampleError, SampleRequest},
    server::Shared,
    verify::{Case, Rejection, Valid},
};

/// A chain, or a family of chains that are alike here.
#[derive(Debug)]
pub(crate) struct SandboxChain {
    pub(crate) coins: &'static [Coin],
    /// The way in which the API names a wallet.
    pub(crate) naming: Naming,
    /// Payloads of plausible content for a wallet.
    pub(crate) samples: fn(&SampleRequest<'_>) -> Result<Vec<String>, SampleError>,
    pub(crate) verify: fn(&Case<'_>) -> Result<Valid, Rejection>,
    /// Phrases by which its nodes say that they already have a transaction. With none, they answer
    /// as they did the first time.
    pub(crate) already_known: &'static [&'static str],
    /// The routes of its nodes that need an API key in a header.
    pub(crate) keyed: fn() -> Router<Shared>,
    /// Those that have it in their path, and those of nodes that are not the API's.
    pub(crate) open: fn() -> Router<Shared>,
}

/// One chain as the API names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coin {
    pub(crate) id: ChainId,
    /// Its segment in the API's routes.
    pub(crate) path: &'static str,
    /// True if withdrawals are broadcast by a route of their own.
    pub(crate) has_withdrawals: bool,
}

impl Coin {
    const fn new(code: &'static str, path: &'static str) -> Self {
        Self { id: ChainId::new(code), path, has_withdrawals: false }
    }

    const fn with_withdrawals(self) -> Self {
        Self { has_withdrawals: true, ..self }
    }
}

static CHAINS: &[&SandboxChain] = &[
    &algorand::CHAIN,
    &bnb::CHAIN,
    &cardano::CHAIN,
    &evm::CHAIN,
    &flow::CHAIN,
    &multiversx::CHAIN,
    &solana::CHAIN,
    &stellar::CHAIN,
    &tron::CHAIN,
    &utxo::BITCOIN,
    &utxo::BITCOIN_CASH,
    &utxo::DOGECOIN,
    &vechain::CHAIN,
    &xrpl::CHAIN,
];

/// Every chain by its code.
pub(crate) fn all() -> impl Iterator<Item = (&'static SandboxChain, &'static Coin)> {
    CHAINS.iter().flat_map(|chain| chain.coins.iter().map(move |coin| (*chain, coin)))
}

pub(crate) fn find(code: &str) -> Option<(&'static SandboxChain, &'static Coin)> {
    all().find(|(_, coin)| coin.id.as_str() == code)
}

/// The codes of all chains, in the alphabet's order.
pub(crate) fn known_codes() -> String {
    let mut codes: Vec<_> = all().map(|(_, coin)| coin.id.as_str()).collect();
    codes.sort_unstable();
    codes.join(", ")
}

pub(crate) fn keyed_routes() -> Router<Shared> {
    CHAINS.iter().fold(Router::new(), |routes, chain| routes.merge((chain.keyed)()))
}

pub(crate) fn open_routes() -> Router<Shared> {
    CHAINS.iter().fold(Router::new(), |routes, chain| routes.merge((chain.open)()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two tables say it independently of each other.
    #[test]
    fn every_chain_that_is_signed_is_judged_once_and_under_the_same_routes() {
        for chain in kms_chains::CHAINS {
            let spec = chain.spec();
            let own: Vec<_> = all().filter(|(_, coin)| coin.id == spec.id).collect();
            let [(_, coin)] = own.as_slice() else { panic!("{}: {}", spec.id, own.len()) };
            assert_eq!((coin.path, coin.has_withdrawals), (spec.api_path, spec.withdrawals));
        }
        assert_eq!(all().count(), kms_chains::CHAINS.len());
    }
}
