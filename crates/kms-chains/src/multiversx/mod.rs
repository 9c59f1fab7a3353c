//! MultiversX (EGLD): JSON signed as it is written.
//!
//! Differences from the original: a missing value is zero (it signs `NaN`), a value that is not a
//! number and a missing receiver are refused, the sender must be ours, and what the node says of
//! chain, gas and price is bounded.

mod address;
mod draft;
mod payload;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, HarmlessMember, KeySpec, Network, PublicKey, RawTransaction,
    Scheme, SecretEncoding, TxidError, WalletLayout,
};

use crate::ceiling::thousandths;

use self::draft::MultiversxDraft;

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] = &[HarmlessMember {
    path: "gasLimit",
    reason: "the gas that the network asks for is taken, under the chain's ceiling",
}];

#[derive(Debug)]
pub(crate) struct Multiversx {
    spec: ChainSpec,
    /// The chain's ids: the test network's and the developers'.
    chain_ids: ByNetwork<&'static [&'static str]>,
}

pub(crate) static MULTIVERSX: Multiversx = Multiversx {
    spec: ChainSpec {
        id: ChainId::new("EGLD"),
        name: "MultiversX",
        other_codes: &[],
        token_codes: &[],
        api_path: "egld",
        withdrawals: false,
        testnet_type_header: true,
        decimals: 18,
        fee_most: thousandths(100, 18),
        token_fees_most: &[],
        harmless_members: HARMLESS,
        key: KeySpec {
            scheme: Scheme::Ed25519,
            derivation: Derivation::Slip10 { coin_type: ByNetwork { mainnet: 508, testnet: 1 } },
            encoding: SecretEncoding::BareHex,
            layout: WalletLayout::Mnemonic,
        },
    },
    chain_ids: ByNetwork { mainnet: &["1"], testnet: &["T", "D"] },
};

/// Members of a transaction as the network's gateway takes it, and as its SDKs name them.
const FORMAT: &[&str] = &[
    "chainID",
    "chainId",
    "data",
    "gasLimit",
    "gasPrice",
    "guardian",
    "guardianSignature",
    "nonce",
    "options",
    "receiver",
    "receiverUsername",
    "relayer",
    "relayerSignature",
    "sender",
    "senderUsername",
    "to",
    "value",
    "version",
];

impl Chain for Multiversx {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    /// `erd1…` in either case, and the public key in hexadecimal.
    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        let key = address::read_any(text)?;
        Some(AccountId::from_canonical(address::spell(&key)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        MultiversxDraft::new(self, input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let key = key.as_bytes().try_into().map_err(|_| AddressError)?;
        Ok(Address::from_canonical(address::spell(key)))
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw)
    }
}
