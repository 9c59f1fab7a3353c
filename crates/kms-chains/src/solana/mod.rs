//! Solana: messages of programs' instructions, signed with a fresh blockhash.
//!
//! Differences from the original: the signed transaction is in the journal before the node gets it,
//! and a pending transaction that is offered again is sent with the same bytes; a key that is not a
//! signer of the message is refused, not added as one; messages of versions 0 and 1 are signed; a message
//! with a durable nonce keeps it, and so does one that others have signed already. Instructions
//! that put somebody else in charge of an account are refused unless account changes are allowed.
//!
//! A message does not say which network it is for, and the API's node proxy is the same for both:
//! only the wallets tell them apart.

mod accounts;
mod draft;
mod effects;
mod fate;
mod message;
mod mint;
mod payload;
mod programs;
mod submission;
mod tokens;
mod transaction;
mod txid;
mod v1;

use kms_core::{
    AccountId, Address, AddressError, BroadcastError, ByNetwork, Chain, ChainId, ChainSpec,
    DecodeError, DecodeInput, Derivation, Draft, Inquiry, KeySpec, Network, PublicKey,
    RawTransaction, Scheme, SecretEncoding, SentTransaction, Submission, ToolPath, TxidError,
    WalletLayout,
};

use crate::ceiling::thousandths;

use self::{draft::SolanaDraft, fate::SolanaInquiry, submission::SolanaSubmission};

const NODE: &str = "/v3/blockchain/node/SOL";

#[derive(Debug)]
pub(crate) struct Solana {
    spec: ChainSpec,
}

/// Words of Solana's validators.
const NODE_WORDS: kms_core::NodeWords = kms_core::NodeWords {
    already_known: &["already been processed", "alreadyprocessed"],
    may_be_included: &[
        "blockhash", // not found: too old, or of another fork
        "nonce",     // a durable one that was advanced
    ],
    not_now: &[
        "no record of a prior credit", // the payer has no coins yet
        "node is behind",
    ],
};

pub(crate) static SOLANA: Solana = Solana {
    spec: ChainSpec {
        id: ChainId::new("SOL"),
        name: "Solana",
        other_codes: &[],
        token_codes: &[],
        api_path: "solana",
        withdrawals: false,
        testnet_type_header: false,
        decimals: 9,
        fee_most: thousandths(100, 9),
        token_fees_most: &[],
        harmless_members: &[],
        node_words: NODE_WORDS,
        secret_members: &["mintPK"],
        testnet_query: None,
        key: KeySpec {
            scheme: Scheme::Ed25519,
            derivation: Derivation::Slip10 { coin_type: ByNetwork::same(501) },
            encoding: SecretEncoding::SolanaKeypair,
            layout: WalletLayout::MnemonicAddressPrivateKey,
        },
    },
};

const TOOL_PATHS: &[ToolPath] = &[
    ToolPath::new("m/44'/501'/i'/0'", "Phantom, Solflare and most wallets"),
    ToolPath::new("m/44'/501'/i'", "Trust Wallet, Ledger Live"),
    ToolPath { path: None, tools: "solana-keygen without a path" },
];

/// Members with a meaning.
const FORMAT: &[&str] = &["mintPK", "txData"];

/// 32 bytes take no more digits in base 58.
const ADDRESS_MAX_CHARS: usize = 44;

impl Chain for Solana {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        let is_short = text.len() <= ADDRESS_MAX_CHARS;
        let key = is_short.then(|| bs58::decode(text).into_vec().ok()).flatten()?;
        (key.len() == 32).then(|| AccountId::from_canonical(text.to_owned()))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        SolanaDraft::new(input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        match key.as_bytes().len() {
            32 => Ok(Address::from_canonical(bs58::encode(key.as_bytes()).into_string())),
            _ => Err(AddressError),
        }
    }

    fn submission(
        &self,
        _: Network,
        raw: &RawTransaction,
    ) -> Result<Option<Box<dyn Submission>>, BroadcastError> {
        Ok(Some(Box::new(SolanaSubmission::new(raw)?)))
    }

    fn inquiry(&self, sent: &SentTransaction<'_>) -> Option<Box<dyn Inquiry>> {
        Some(Box::new(SolanaInquiry::new(sent)?))
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
