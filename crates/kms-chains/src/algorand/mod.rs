//! Algorand: transactions as JSON of its old SDK, signed as canonical msgpack.
//!
//! Differences from the original: the fee of the JSON is the fee (the original multiplies that of
//! assets again); `lease`, clawbacks and asset configuration are signed as asked for (it drops or
//! refuses them); a group, a foreign network, a close-out, a rekeying and a key that is not the
//! sender's are refused, the last three unless the operator allows them.

mod address;
mod msgpack;
mod payload;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, HarmlessMember, KeySpec, Network, PublicKey, RawTransaction,
    Scheme, SecretEncoding, TxidError, WalletLayout,
};

use self::transaction::Transaction;
use crate::ceiling::thousandths;
use crate::sender::SenderDraft;

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] = &[
    HarmlessMember { path: "name", reason: "the name of the SDK's class" },
    HarmlessMember {
        path: "tag",
        reason: "the SDK's prefix of what is signed, which is always `TX`",
    },
];

#[derive(Debug)]
pub(crate) struct Algorand {
    spec: ChainSpec,
    genesis: ByNetwork<Genesis>,
}

/// The identity of a network.
#[derive(Clone, Copy, Debug)]
struct Genesis {
    id: &'static str,
    hash: [u8; 32],
}

/// <https://developer.algorand.org/docs/get-details/algorand-networks/>
pub(crate) static ALGORAND: Algorand = Algorand {
    spec: ChainSpec {
        id: ChainId::new("ALGO"),
        name: "Algorand",
        other_codes: &[],
        token_codes: &[],
        api_path: "algorand",
        withdrawals: false,
        testnet_type_header: true,
        decimals: 6,
        fee_most: thousandths(1_000, 6),
        token_fees_most: &[],
        harmless_members: HARMLESS,
        key: KeySpec {
            scheme: Scheme::Ed25519,
            derivation: Derivation::Single { entropy_bytes: 32, words: true },
            encoding: SecretEncoding::AlgorandKey,
            layout: WalletLayout::AddressSecret,
        },
    },
    genesis: ByNetwork {
        mainnet: Genesis {
            id: "mainnet-v1.0",
            hash: [
                0xc0, 0x61, 0xc4, 0xd8, 0xfc, 0x1d, 0xbd, 0xde, 0xd2, 0xd7, 0x60, 0x4b, 0xe4, 0x56,
                0x8e, 0x3f, 0x6d, 0x04, 0x19, 0x87, 0xac, 0x37, 0xbd, 0xe4, 0xb6, 0x20, 0xb5, 0xab,
                0x39, 0x24, 0x8a, 0xdf,
            ],
        },
        testnet: Genesis {
            id: "testnet-v1.0",
            hash: [
                0x48, 0x63, 0xb5, 0x18, 0xa4, 0xb3, 0xc8, 0x4e, 0xc8, 0x10, 0xf2, 0x2d, 0x4f, 0x10,
                0x81, 0xcb, 0x0f, 0x71, 0xf0, 0x59, 0xa7, 0xac, 0x20, 0xde, 0xc6, 0x2f, 0x7f, 0x70,
                0xe5, 0x09, 0x3a, 0x22,
            ],
        },
    },
};

/// Members that later versions of the SDK know besides those of `payload`.
const FORMAT: &[&str] = &[
    "access",
    "appAccess",
    "appAccounts",
    "appRejectVersion",
    "boxes",
    "group",
    "heartbeat",
    "lease",
    "pqsig",
    "reKeyTo",
    "rejectVersion",
    "stateProof",
    "stateProofMessage",
    "stateProofType",
];

impl Chain for Algorand {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        address::read(text).map(|key| AccountId::from_canonical(address::spell(&key)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let transaction = Transaction::new(self, pending, options)?;
        Ok(Box::new(SenderDraft::new(signers.account_key(pending)?, transaction)))
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let key = key.as_bytes().try_into().map_err(|_| AddressError)?;
        Ok(Address::from_canonical(address::spell(key)))
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}
