use std::collections::BTreeSet;

use kms_core::{AccountId, Chain, Network};

use crate::{
    algorand, bnb, cardano, evm::networks as evm, flow, multiversx, solana, stellar, tron,
    utxo::networks as utxo, vechain, xrpl,
};

/// Every supported chain, one line each, by code. Nothing else in the workspace lists chains.
pub static CHAINS: &[&dyn Chain] = &[
    &cardano::CARDANO,
    &algorand::ALGORAND,
    &utxo::BITCOIN_CASH,
    &bnb::BNB,
    &evm::BSC,
    &utxo::BITCOIN,
    &evm::CELO,
    &utxo::DOGECOIN,
    &multiversx::MULTIVERSX,
    &evm::ETHEREUM,
    &flow::FLOW,
    &evm::KUCOIN,
    &evm::KLAYTN,
    &utxo::LITECOIN,
    &evm::POLYGON,
    &evm::HARMONY,
    &solana::SOLANA,
    &tron::TRON,
    &vechain::VECHAIN,
    &evm::XDC,
    &stellar::STELLAR,
    &xrpl::XRPL,
];

/// The chain of a code, spelled as the remote API spells it, today or in earlier times.
pub fn find(code: &str) -> Option<&'static dyn Chain> {
    CHAINS.iter().copied().find(|chain| chain.spec().goes_by(code))
}

/// The chain whose wallets a code names: the code of a chain, or of one of its tokens.
pub fn find_wallet_code(code: &str) -> Option<&'static dyn Chain> {
    let names = |chain: &&dyn Chain| chain.spec().token_codes.contains(&code);
    find(code).or_else(|| CHAINS.iter().copied().find(names))
}

/// The longest text that is looked at: addresses of Cardano's first era have some 110 characters.
const ADDRESS_MAX_CHARS: usize = 128;

/// The accounts that a text is the address of, on any chain and network. One text can be the
/// address of several: those of Ethereum's kin are alike, and so are the old ones of Bitcoin and
/// Bitcoin Cash.
pub fn accounts(text: &str) -> BTreeSet<AccountId> {
    if text.len() > ADDRESS_MAX_CHARS {
        return BTreeSet::new();
    }
    let networks = [Network::Mainnet, Network::Testnet];
    let of_chain = |chain: &&dyn Chain| networks.map(|network| chain.account(network, text));
    CHAINS.iter().flat_map(of_chain).flatten().collect()
}
