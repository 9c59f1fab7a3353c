//! Cardano (ADA): payments of outputs, built by the API's Rosetta node and signed here.
//!
//! Differences from the original: nothing is signed that the node merely names. The transaction
//! that it builds is decoded and must be what the payload asks for, with nothing besides; what is
//! signed is its hash as computed here. Addresses are derived and the signed transaction is
//! assembled here too, so that two of the node's calls fall away.

mod address;
mod body;
mod byron;
mod cbor;
mod draft;
mod finish;
mod payload;
mod rosetta;
mod txid;

use kms_core::{
    AccountId, AddressError, Chain, ChainId, ChainSpec, DecodeError, DecodeInput, Derivation,
    Draft, HarmlessMember, KeySpec, Network, PublicKey, RawTransaction, Scheme, SecretEncoding,
    ToolPath, TxidError, WalletLayout,
};

use crate::ceiling::thousandths;

use self::{address::Address, draft::CardanoDraft};

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] = &[
    HarmlessMember {
        path: "[].metadata.tokenBundle[].tokens[].currency.decimals",
        reason: "tokens are counted in their smallest unit",
    },
    HarmlessMember {
        path: "[].operation_identifier",
        reason: "the place of the operation in the list",
    },
    HarmlessMember { path: "[].related_operations", reason: "names other operations of the list" },
    HarmlessMember {
        path: "[].status",
        reason: "the state of an operation that is in the chain already",
    },
    HarmlessMember {
        path: "[].coin_change.coin_action",
        reason: "follows from the type: inputs are spent, outputs made",
    },
];

const SCHEME: Scheme = Scheme::Ed25519Extended;

#[derive(Debug)]
pub(crate) struct Cardano {
    spec: ChainSpec,
}

pub(crate) static CARDANO: Cardano = Cardano {
    spec: ChainSpec {
        id: ChainId::new("ADA"),
        name: "Cardano",
        other_codes: &[],
        token_codes: &[],
        api_path: "ada",
        withdrawals: true,
        testnet_type_header: false,
        decimals: 6,
        fee_most: thousandths(10_000, 6),
        token_fees_most: &[],
        harmless_members: HARMLESS,
        key: KeySpec {
            scheme: SCHEME,
            derivation: Derivation::Icarus,
            encoding: SecretEncoding::ExtendedHex,
            layout: WalletLayout::MnemonicXpub,
        },
    },
};

const TOOL_PATHS: &[ToolPath] =
    &[ToolPath::new("m/1852'/1815'/0'/0/i", "Daedalus, Eternl, Lace and every other wallet")];

/// Members of Rosetta's operations that change what is signed.
/// <https://docs.cdp.coinbase.com/mesh/docs/models>
const FORMAT: &[&str] = &[
    "coin_action",
    "coin_change",
    "depositAmount",
    "metadata",
    "pool_key_hash",
    "poolRegistrationParams",
    "refundAmount",
    "staking_credential",
    "tokenBundle",
    "type",
    "vote",
    "voteRegistrationMetadata",
    "withdrawalAmount",
    "drep",
];

impl Chain for Cardano {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, network: Network, text: &str) -> Option<AccountId> {
        let address = Address::read_any(network, text)?;
        Some(AccountId::from_canonical(address.to_string()))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        CardanoDraft::new(input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(
        &self,
        network: Network,
        key: &PublicKey,
    ) -> Result<kms_core::Address, AddressError> {
        let key = key.as_bytes().try_into().map_err(|_| AddressError)?;
        Ok(kms_core::Address::from_canonical(Address::of_key(network, key).to_string()))
    }

    fn is_address_of(&self, network: Network, key: &PublicKey, address: &str) -> bool {
        let Ok(key) = key.as_bytes().try_into() else { return false };
        Address::read_any(network, address).is_some_and(|address| address.is_of_key(key))
    }

    fn tool_paths(&self) -> &'static [ToolPath] {
        TOOL_PATHS
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}

#[cfg(test)]
mod tests;
