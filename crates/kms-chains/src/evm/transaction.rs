//! Complete transactions: what is hashed, and what is broadcast.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxLegacy};
use alloy_eips::{eip2718::Encodable2718, eip2930::AccessList};
use alloy_primitives::{Address, B256, Bytes, Signature, U256};

use super::{celo::Cip64, klaytn::KlaytnTransaction};

/// The type of a transaction, with the fields that only it has.
#[derive(Clone, Debug)]
pub(super) enum Transaction {
    /// Always with a chain id (EIP-155).
    Legacy(TxLegacy),
    AccessList(TxEip2930),
    DynamicFee(TxEip1559),
    Klaytn(KlaytnTransaction),
    /// An Ethereum transaction type in Klaytn's envelope.
    KlaytnEnvelope(Box<Self>),
    Cip64(Cip64),
}

/// Announces an Ethereum transaction type on Klaytn.
/// <https://docs.klaytn.foundation/docs/learn/transactions/ethereum/>
pub(super) const KLAYTN_ENVELOPE: u8 = 0x78;

impl Transaction {
    pub(super) fn signing_hash(&self) -> B256 {
        match self {
            Self::Legacy(transaction) => transaction.signature_hash(),
            Self::AccessList(transaction) => transaction.signature_hash(),
            Self::DynamicFee(transaction) => transaction.signature_hash(),
            Self::Klaytn(transaction) => transaction.signing_hash(),
            Self::KlaytnEnvelope(inner) => inner.signing_hash(),
            Self::Cip64(transaction) => transaction.signing_hash(),
        }
    }

    pub(super) fn encode(self, signature: Signature) -> Vec<u8> {
        match self {
            Self::Legacy(transaction) => transaction.into_signed(signature).encoded_2718(),
            Self::AccessList(transaction) => transaction.into_signed(signature).encoded_2718(),
            Self::DynamicFee(transaction) => transaction.into_signed(signature).encoded_2718(),
            Self::Klaytn(transaction) => transaction.encode(signature),
            Self::KlaytnEnvelope(inner) => {
                let mut bytes = vec![KLAYTN_ENVELOPE];
                bytes.extend(inner.encode(signature));
                bytes
            }
            Self::Cip64(transaction) => transaction.encode(signature),
        }
    }

    /// The accounts and storage that it announces, where its type can.
    pub(super) fn access_list(&self) -> Option<&AccessList> {
        match self {
            Self::Legacy(_) | Self::Klaytn(_) => None,
            Self::AccessList(transaction) => Some(&transaction.access_list),
            Self::DynamicFee(transaction) => Some(&transaction.access_list),
            Self::KlaytnEnvelope(inner) => inner.access_list(),
            Self::Cip64(transaction) => Some(&transaction.access_list),
        }
    }

    /// The call that the network will execute, whatever the type of the transaction.
    pub(super) fn call(&self) -> Call<'_> {
        match self {
            Self::Legacy(transaction) => call_of(transaction),
            Self::AccessList(transaction) => call_of(transaction),
            Self::DynamicFee(transaction) => call_of(transaction),
            Self::Klaytn(transaction) => transaction.call(),
            Self::KlaytnEnvelope(inner) => inner.call(),
            Self::Cip64(transaction) => transaction.call(),
        }
    }
}

fn call_of(transaction: &impl alloy_consensus::Transaction) -> Call<'_> {
    Call {
        to: transaction.to(),
        value: transaction.value(),
        data: transaction.input(),
        nonce: transaction.nonce(),
        gas_limit: transaction.gas_limit(),
        // Without a market for fees, the price itself.
        max_gas_price: transaction.max_fee_per_gas(),
    }
}

/// The part of a transaction that decides its effects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// `None` for a contract's creation.
    pub(super) to: Option<Address>,
    pub(super) value: U256,
    pub(super) data: &'a Bytes,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    /// In base units of the coin that pays the fee.
    pub(super) max_gas_price: u128,
}

/// The signature's last word in EIP-155's form: `35 + recovery id + 2 × chain id`.
pub(super) fn eip155_v(signature: &Signature, chain_id: u64) -> u128 {
    // Cannot overflow: twice a 64-bit number and 36 fit 128 bits.
    u128::from(chain_id).wrapping_mul(2).wrapping_add(35).wrapping_add(u128::from(signature.v()))
}
