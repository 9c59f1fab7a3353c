//! BNB Beacon Chain: transfers in amino, signed over JSON.
//!
//! The chain was shut down on 3 December 2024. Wallets made for it open and sign; nothing takes what
//! they sign any more, and the service that the original asks for the chain's name is gone.
//! Differences from the original: `msg` and `signMsg` must say the same, and the inputs must be
//! ours.

mod address;
mod amino;
mod draft;
mod payload;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, KeySpec, Network, PublicKey, RawTransaction, Scheme,
    SecretEncoding, ToolPath, TxidError, WalletLayout,
};

use crate::ceiling::thousandths;

use self::draft::BnbDraft;

#[derive(Debug)]
pub(crate) struct Bnb {
    spec: ChainSpec,
    /// The chain's id.
    chain_id: ByNetwork<&'static str>,
    node: ByNetwork<&'static str>,
}

pub(crate) static BNB: Bnb = Bnb {
    spec: ChainSpec {
        id: ChainId::new("BNB"),
        name: "BNB Beacon Chain",
        other_codes: &[],
        token_codes: &[],
        api_path: "bnb",
        withdrawals: false,
        testnet_type_header: true,
        decimals: 8,
        fee_most: thousandths(10, 8),
        token_fees_most: &[],
        harmless_members: &[],
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1,
            derivation: Derivation::Single { entropy_bytes: 32, words: false },
            encoding: SecretEncoding::BareHex,
            layout: WalletLayout::AddressPrivateKey,
        },
    },
    chain_id: ByNetwork { mainnet: "Binance-Chain-Tigris", testnet: "Binance-Chain-Ganges" },
    node: ByNetwork {
        mainnet: "https://dex-european.binance.org",
        testnet: "https://testnet-dex-atlantic.binance.org",
    },
};

const TOOL_PATHS: &[ToolPath] =
    &[ToolPath::new("m/44'/714'/0'/0/i", "Trust Wallet, the Beacon Chain's own wallets")];

/// Members of a transaction of the SDK.
const FORMAT: &[&str] =
    &["account_number", "chain_id", "data", "memo", "msg", "msgs", "sequence", "signMsg", "source"];

impl Chain for Bnb {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, network: Network, text: &str) -> Option<AccountId> {
        let hash = address::read(network, text)?;
        Some(AccountId::from_canonical(address::spell(network, &hash)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        BnbDraft::new(self, input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, network: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let (_, own) = address::of_key(key)?;
        Ok(Address::from_canonical(address::spell(network, &own)))
    }

    fn tool_paths(&self) -> &'static [ToolPath] {
        TOOL_PATHS
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}
