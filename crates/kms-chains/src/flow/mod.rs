//! Flow: scripts in Cadence that an account authorizes; proposer and payer are the API's.
//!
//! Differences from the original: the built-in scripts are in today's Cadence (the network has
//! refused those of the original since its upgrade of 2024), more than eight decimals are refused
//! instead of rounded, further keys of an account and NFTs of Tatum's contract need the
//! operator's word, and the authorizer's
//! signature is in the journal before anybody gets it.
//!
//! Whether the wallet's key is one of the account's is known to the network only, as in the
//! original: an address is not a hash of a key. Addresses of the two networks differ by their
//! checksum; the network is the wallet's, and addresses with another checksum, which the original
//! takes, are left to the network to refuse.

mod address;
mod arguments;
mod builtin;
mod draft;
mod fate;
mod inquiry;
mod payload;
mod submission;
mod transaction;
mod unsigned;

use kms_core::{
    AccountId, Address, AddressError, BroadcastError, ByNetwork, Chain, ChainId, ChainSpec,
    DecodeError, DecodeInput, Derivation, Draft, HarmlessMember, Inquiry, KeySpec, Network,
    PublicKey, RawTransaction, Scheme, SecretEncoding, SentTransaction, Submission, TxidError,
    WalletLayout, XPUB,
};

use self::{
    draft::FlowDraft, inquiry::FlowInquiry, submission::FlowSubmission, unsigned::Authorized,
};
use crate::ceiling::thousandths;
use crate::codec::hex;

/// Members that are passed over.
const HARMLESS: &[HarmlessMember] = &[
    HarmlessMember {
        path: "apiManagedProposal",
        reason: "tells that the API lends the proposer's key, which is asked for always",
    },
    HarmlessMember { path: "body.chain", reason: "the chain of the request" },
    HarmlessMember {
        path: "body.contractAddress",
        reason: "the built-in scripts are those of Tatum's contract; minting names a type in it",
    },
    HarmlessMember {
        path: "body.index",
        reason: "the number of the wallet's key, which the request names too",
    },
    HarmlessMember {
        path: "body.mnemonic",
        reason: "a key for those who let the API sign; it goes nowhere",
    },
    HarmlessMember {
        path: "body.privateKey",
        reason: "a key for those who let the API sign; it goes nowhere",
    },
    HarmlessMember { path: "body.signatureId", reason: "the wallet, which the request names too" },
];

const ACCESS_NODE: ByNetwork<&str> = ByNetwork {
    mainnet: "https://rest-mainnet.onflow.org",
    testnet: "https://rest-testnet.onflow.org",
};

#[derive(Debug)]
pub(crate) struct Flow {
    spec: ChainSpec,
}

/// Words of Flow's access nodes.
const NODE_WORDS: kms_core::NodeWords = kms_core::NodeWords {
    already_known: &["transaction already exists"],
    may_be_included: &[
        "sequence", // invalid sequence number
        "seqnum",   // the code of the same
        "expired",  // the reference block is too old
    ],
    not_now: &[],
};

pub(crate) static FLOW: Flow = Flow {
    spec: ChainSpec {
        id: ChainId::new("FLOW"),
        name: "Flow",
        other_codes: &[],
        token_codes: &["FUSD"],
        api_path: "flow",
        withdrawals: false,
        testnet_type_header: true,
        decimals: 8,
        fee_most: thousandths(50, 8),
        token_fees_most: &[],
        harmless_members: HARMLESS,
        node_words: NODE_WORDS,
        secret_members: &[],
        testnet_query: None,
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1AnyS,
            derivation: Derivation::Bip44 {
                coin_type: ByNetwork::same(539),
                version: ByNetwork::same(XPUB),
            },
            encoding: SecretEncoding::MinimalHex,
            layout: WalletLayout::MnemonicXpub,
        },
    },
};

/// Members of the API's bodies.
const FORMAT: &[&str] = &[
    "account",
    "amount",
    "args",
    "body",
    "contractAddress",
    "currency",
    "publicKey",
    "to",
    "tokenId",
    "transaction",
    "type",
    "url",
    "weight",
];

impl Chain for Flow {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    /// 16 hexadecimal digits, with or without `0x`.
    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        let prefixed = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let digits = prefixed.unwrap_or(text);
        let account = address::Account::read(&format!("0x{digits}"))?;
        Some(AccountId::from_canonical(account.spell()))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        FlowDraft::new(input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    /// The public key itself, which is what an account is given: 128 digits.
    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        match key.as_bytes() {
            [0x04, point @ ..] if point.len() == 64 => {
                Ok(Address::from_canonical(hex::encode(point)))
            }
            _ => Err(AddressError),
        }
    }

    fn inquiry(&self, sent: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        Some(Box::new(FlowInquiry::new(sent)?))
    }

    fn submission(
        &self,
        network: Network,
        raw: &RawTransaction,
    ) -> Result<Option<Box<dyn Submission>>, BroadcastError> {
        Ok(Some(Box::new(FlowSubmission::new(network, raw)?)))
    }

    /// The signatures of the API's keys, which are made with each sending, are part of the id: it
    /// is known once [`Submission::tx_data`] tells it.
    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        Authorized::read(raw).map(|_| None).ok_or(TxidError)
    }
}

#[cfg(test)]
mod tests;
