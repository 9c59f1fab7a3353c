//! TRON: transactions that a full node built, checked field by field and signed.

mod address;
mod contracts;
mod payload;
mod protobuf;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, HarmlessMember, KeySpec, Network, PublicKey, RawTransaction,
    Scheme, SecretEncoding, TxidError, WalletLayout, XPUB,
};

use crate::ceiling::thousandths;

use self::transaction::TronDraft;

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] = &[
    HarmlessMember {
        path: "visible",
        reason: "tells how addresses are spelled; both spellings are read",
    },
    HarmlessMember {
        path: "contract_address",
        reason: "the address of the contract to be, which follows from the transaction",
    },
];

#[derive(Debug)]
pub(crate) struct Tron {
    spec: ChainSpec,
}

pub(crate) static TRON: Tron = Tron {
    spec: ChainSpec {
        id: ChainId::new("TRON"),
        name: "TRON",
        other_codes: &[],
        token_codes: &["USDT_TRON", "INRT_TRON"],
        api_path: "tron",
        withdrawals: false,
        testnet_type_header: false,
        decimals: 6,
        fee_most: thousandths(1_000_000, 6),
        token_fees_most: &[],
        harmless_members: HARMLESS,
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1,
            derivation: Derivation::Bip44 {
                coin_type: ByNetwork::same(195),
                version: ByNetwork::same(XPUB),
            },
            encoding: SecretEncoding::BareHex,
            layout: WalletLayout::MnemonicXpub,
        },
    },
};

/// Members of a full node's transaction.
const FORMAT: &[&str] = &[
    "auths",
    "contract",
    "data",
    "expiration",
    "fee_limit",
    "owner_address",
    "Permission_id",
    "provider",
    "raw_data",
    "raw_data_hex",
    "ref_block_bytes",
    "ref_block_hash",
    "ref_block_num",
    "ret",
    "scripts",
    "signature",
    "timestamp",
    "txID",
];

impl Chain for Tron {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    /// `T…`, and `41…` in hexadecimal.
    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        address::read(text).map(|account| AccountId::from_canonical(address::spell(account)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        TronDraft::new(input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let address = crate::evm::address_of(key)?;
        Ok(Address::from_canonical(address::spell(address)))
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}
