//! The XRP Ledger: any transaction that its binary format knows, from JSON.
//!
//! Differences from the original: the account, or its delegate, must be ours; a transaction without
//! fee or sequence, for another network or with an absurd fee is refused, as is one with a member
//! that appears twice or with what no server takes; regular keys, signer lists, deletion of the
//! account and disabling its master key need the operator's word.

mod address;
mod amount;
mod codec;
mod definitions;
mod effects;
mod payload;
mod refusals;
#[cfg(test)]
mod tests;
mod transaction;
mod txid;

use kms_core::{
    AccountId, Address, AddressError, Chain, ChainId, ChainSpec, DecodeError, DecodeInput,
    Derivation, Draft, KeySpec, Network, PublicKey, RawTransaction, Scheme, SecretEncoding,
    TxidError, WalletLayout,
};

use self::transaction::Transaction;
use crate::ceiling::thousandths;
use crate::sender::SenderDraft;

#[derive(Debug)]
pub(crate) struct Xrpl {
    spec: ChainSpec,
}

pub(crate) static XRPL: Xrpl = Xrpl {
    spec: ChainSpec {
        id: ChainId::new("XRP"),
        name: "XRP Ledger",
        other_codes: &[],
        token_codes: &[],
        api_path: "xrp",
        withdrawals: false,
        testnet_type_header: false,
        decimals: 6,
        fee_most: thousandths(10_000, 6),
        token_fees_most: &[],
        harmless_members: &[],
        key: KeySpec {
            scheme: Scheme::Ed25519,
            derivation: Derivation::Single { entropy_bytes: 16, words: false },
            encoding: SecretEncoding::FamilySeed,
            layout: WalletLayout::AddressSecret,
        },
    },
};

impl Chain for Xrpl {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        name == payload::DELIVER_MAX || definitions::field(name).is_some()
    }

    /// `r…`, and on the network that it names `X…` or `T…`, whose tag is left out.
    fn account(&self, network: Network, text: &str) -> Option<AccountId> {
        let account = address::read_of_network(network, text)?;
        Some(AccountId::from_canonical(address::spell(&account)))
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        let transaction = Transaction::new(pending, options)?;
        Ok(Box::new(SenderDraft::new(signers.account_key(pending)?, transaction)))
    }

    fn address(&self, _: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let key = address::key_bytes(key)?;
        Ok(Address::from_canonical(address::spell(&address::of_key(&key))))
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }
}
