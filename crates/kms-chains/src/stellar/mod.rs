//! Stellar (XLM): transaction envelopes in XDR, to which a signature is appended.
//!
//! Differences from the original: the source account must be ours; an absurd fee, a sequence of
//! zero and bytes behind the envelope are refused; options and merges of the account need the
//! operator's word. An envelope names no network: the
//! daemon's decides what is signed, as in the original.

mod address;
mod effects;
mod envelope;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainId, ChainSpec, DecodeError,
    DecodeInput, Derivation, Draft, KeySpec, Network, PublicKey, RawTransaction, Scheme,
    SecretEncoding, ToolPath, TxidError, WalletLayout,
};

use self::transaction::Transaction;
use crate::ceiling::thousandths;
use crate::sender::SenderDraft;

#[derive(Debug)]
pub(crate) struct Stellar {
    spec: ChainSpec,
    /// The networks' passphrases, which are hashed into what is signed.
    passphrase: ByNetwork<&'static str>,
}

/// <https://developers.stellar.org/docs/networks>
pub(crate) static STELLAR: Stellar = Stellar {
    spec: ChainSpec {
        id: ChainId::new("XLM"),
        name: "Stellar",
        other_codes: &[],
        token_codes: &[],
        api_path: "xlm",
        withdrawals: false,
        testnet_type_header: false,
        decimals: 7,
        fee_most: thousandths(10_000, 7),
        token_fees_most: &[],
        harmless_members: &[],
        key: KeySpec {
            scheme: Scheme::Ed25519,
            derivation: Derivation::Single { entropy_bytes: 32, words: false },
            encoding: SecretEncoding::StellarSeed,
            layout: WalletLayout::AddressSecret,
        },
    },
    passphrase: ByNetwork {
        mainnet: "Public Global Stellar Network ; September 2015",
        testnet: "Test SDF Network ; September 2015",
    },
};

/// SEP-5.
const TOOL_PATHS: &[ToolPath] =
    &[ToolPath::new("m/44'/148'/i'", "Lobstr, Freighter, Ledger: SEP-5")];

impl Chain for Stellar {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    /// A payload is an envelope in XDR: there are no members.
    fn is_member_of_format(&self, _: &str) -> bool {
        false
    }

    /// `G…`, `M…` without its number, and contracts as `C…`.
    fn account(&self, _: Network, text: &str) -> Option<AccountId> {
        address::canonical(text).map(AccountId::from_canonical)
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

    fn tool_paths(&self) -> &'static [ToolPath] {
        TOOL_PATHS
    }

    fn txid(&self, network: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(self.passphrase.on(network), raw).map(Some)
    }
}
