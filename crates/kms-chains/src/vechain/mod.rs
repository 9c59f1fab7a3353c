//! VeChain: clauses, a chain tag, a block reference; fees in the VTHO token.

mod draft;
mod fate;
mod payload;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, Amount, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, Inquiry, KeySpec, Network, PublicKey, RawTransaction, Scheme,
    SecretEncoding, SentTransaction, TxidError, WalletLayout, XPUB,
};

use self::{draft::VeChainDraft, fate::VeChainInquiry};
use crate::ceiling::thousandths;
use crate::evm::{address_of, calls};

#[derive(Debug)]
pub(crate) struct VeChain {
    spec: ChainSpec,
    /// The last byte of the genesis block's id.
    chain_tag: ByNetwork<u8>,
    node: ByNetwork<&'static str>,
}

pub(crate) static VECHAIN: VeChain = VeChain {
    spec: ChainSpec {
        id: ChainId::new("VET"),
        name: "VeChain",
        other_codes: &[],
        token_codes: &[],
        api_path: "vet",
        withdrawals: false,
        testnet_type_header: true,
        decimals: 18,
        fee_most: Amount::ZERO, // gas is paid in VTHO
        token_fees_most: &[(transaction::VTHO, thousandths(500_000, 18))],
        harmless_members: &[],
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1,
            derivation: Derivation::Bip44 {
                coin_type: ByNetwork { mainnet: 818, testnet: 1 },
                version: ByNetwork::same(XPUB),
            },
            encoding: SecretEncoding::PrefixedHex,
            layout: WalletLayout::XpubMnemonic,
        },
    },
    chain_tag: ByNetwork { mainnet: 0x4a, testnet: 0x27 },
    node: ByNetwork {
        mainnet: "https://sync-mainnet.vechain.org",
        testnet: "https://sync-testnet.vechain.org",
    },
};

/// Members of a transaction's body, and of a clause.
const FORMAT: &[&str] = &[
    "blockRef",
    "chainTag",
    "clauses",
    "comment",
    "data",
    "dependsOn",
    "expiration",
    "gas",
    "gasPayer",
    "gasPriceCoef",
    "input",
    "maxFeePerGas",
    "maxPriorityFeePerGas",
    "nonce",
    "reserved",
    "to",
    "type",
    "value",
];

impl Chain for VeChain {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        let account = crate::evm::read_address(text)?;
        Some(AccountId::from_canonical(calls::text(account)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        VeChainDraft::new(self, input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        Ok(Address::from_canonical(calls::text(address_of(key)?)))
    }

    fn inquiry(&self, sent: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        Some(Box::new(VeChainInquiry::new(self, sent)?))
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}
