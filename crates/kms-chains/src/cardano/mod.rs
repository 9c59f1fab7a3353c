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
    AddressError, Chain, ChainId, ChainSpec, DecodeError, DecodeInput, Derivation, Draft, KeySpec,
    Network, PublicKey, RawTransaction, Scheme, SecretEncoding, ToolPath, TxidError, WalletLayout,
};

use crate::ceiling::thousandths;

use self::{address::Address, draft::CardanoDraft};

const SCHEME: Scheme = Scheme::Ed25519Extended;

#[derive(Debug)]
pub(crate) struct Cardano {
    spec: ChainSpec,
}

pub(crate) static CARDANO: Cardano = Cardano {
    spec: ChainSpec {
        id: ChainId::new("ADA"),
        name: "Cardano",
        token_codes: &[],
        api_path: "ada",
        withdrawals: true,
        testnet_type_header: false,
        decimals: 6,
        fee_most: thousandths(10_000, 6),
        token_fees_most: &[],
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

impl Chain for Cardano {
    fn spec(&self) -> &ChainSpec {
        &self.spec
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
        Address::read(network, address).is_some_and(|address| address.is_of_key(key))
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
