//! The complete transaction: its encoding, its effects, its signature.
//! <https://github.com/vechain/thor/blob/master/tx/transaction.go>

use alloy_primitives::{Address, keccak256};
use alloy_rlp::Encodable as _;
use blake2::{Blake2b, Digest as _, digest::consts::U32};
use kms_core::{
    Amount, Asset, Claim, Effects, Fee, KeyRef, KeySignature, Network, Permit, RawTransaction,
    ResolveError, Scheme, SignError, SigningMessage, SigningRequest, Transfer, Unexplained,
    Unsigned,
};
use ruint::aliases::U256;

use super::{
    VECHAIN, builtin,
    payload::{Fees, Payload},
    txid::DYNAMIC_FEE,
};
use crate::{
    codec::hex,
    evm::{
        calls::{self, ContractCall},
        klaytn::list,
    },
};

/// The token that fees are paid in.
pub(super) const VTHO: &str = "0x0000000000000000000000000000456e65726779";
/// Base units of VTHO a unit of gas costs, before the coefficient adds up to as much again.
const GAS_PRICE: u64 = 1_000_000_000_000_000;

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) chain_tag: u8,
    pub(super) block_ref: [u8; 8],
    pub(super) gas: u64,
    pub(super) nonce: u64,
    pub(super) payload: Payload,
}

impl Transaction {
    /// The fields in order, encoded one after the other.
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.chain_tag.encode(&mut out);
        u64::from_be_bytes(self.block_ref).encode(&mut out);
        self.payload.expiration.encode(&mut out);
        let mut clauses = Vec::new();
        for clause in &self.payload.clauses {
            let mut own = Vec::new();
            clause.to.as_ref().map_or(&[][..], |to| to.as_slice()).encode(&mut own);
            clause.value.unwrap_or_default().encode(&mut own);
            clause.data.encode(&mut own);
            clauses.extend(list(&own));
        }
        out.extend(list(&clauses));
        match self.payload.fees {
            Fees::Legacy { gas_price_coef } => gas_price_coef.encode(&mut out),
            Fees::Dynamic { most_priority, most } => {
                most_priority.encode(&mut out);
                most.encode(&mut out);
            }
        }
        self.gas.encode(&mut out);
        self.payload.depends_on.as_ref().map_or(&[][..], |id| id.as_slice()).encode(&mut out);
        self.nonce.encode(&mut out);
        let features: &[u8] = if self.payload.is_sponsored { &[1] } else { &[] };
        out.extend(list(features));
        out
    }

    /// The fields as one list, behind the mark of the transaction's type.
    fn envelope(&self, fields: &[u8]) -> Vec<u8> {
        let mut out = match self.payload.fees {
            Fees::Legacy { .. } => Vec::new(),
            Fees::Dynamic { .. } => vec![DYNAMIC_FEE],
        };
        out.extend(list(fields));
        out
    }

    fn signing_hash(&self) -> [u8; 32] {
        Blake2b::<U32>::digest(self.envelope(&self.fields())).into()
    }

    /// The most that a unit of gas costs, in base units of the token for fees.
    fn gas_price(&self) -> Option<U256> {
        match self.payload.fees {
            Fees::Dynamic { most, .. } => Some(most),
            Fees::Legacy { gas_price_coef } => {
                let base = U256::from(GAS_PRICE);
                let more = U256::from(gas_price_coef).checked_mul(base)?;
                more.checked_div(U256::from(u8::MAX))?.checked_add(base)
            }
        }
    }

    /// The address of the contract that a clause creates.
    /// <https://github.com/vechain/thor/blob/master/thor/address.go>
    fn new_contract(&self, sender: Address, clause: usize) -> Address {
        let id: [u8; 32] =
            Blake2b::<U32>::digest([&self.signing_hash(), sender.as_slice()].concat()).into();
        let mut own = Vec::new();
        id.encode(&mut own);
        clause.encode(&mut own);
        0_u32.encode(&mut own);
        Address::from_word(keccak256(list(&own)))
    }
}

#[derive(Debug)]
pub(super) struct Complete {
    transaction: Transaction,
    key: KeyRef,
    effects: Effects,
}

impl Complete {
    pub(super) fn new(
        transaction: Transaction,
        sender: Address,
        key: KeyRef,
        network: Network,
    ) -> Result<Self, ResolveError> {
        let effects = effects(&transaction, sender, network)?;
        Ok(Self { transaction, key, effects })
    }
}

fn effects(
    transaction: &Transaction,
    sender: Address,
    network: Network,
) -> Result<Effects, ResolveError> {
    let price = transaction.gas_price();
    let fee = price.and_then(|price| price.checked_mul(U256::from(transaction.gas)));
    let fee = Fee {
        asset: Asset::Token { contract: VTHO.to_owned() },
        amount: Amount::from_u256(fee.ok_or(ResolveError::Overflow)?),
    };
    let mut effects = Effects::new(VECHAIN.spec.id, network, fee);
    effects.add_payer(calls::text(sender));
    for (place, clause) in transaction.payload.clauses.iter().enumerate() {
        let to = clause.to.unwrap_or_else(|| transaction.new_contract(sender, place));
        if let Some(value) = clause.value.filter(|value| !value.is_zero()) {
            effects.add_transfer(Transfer {
                asset: Asset::Native,
                to: calls::text(to),
                amount: Amount::from_u256(value),
                to_self: to == sender,
                tag: None,
            });
        }
        if clause.to.is_none() {
            let what = Unexplained::new("a new contract");
            effects.add_unexplained(what.by_contract(calls::text(to)));
        } else if !clause.data.is_empty() && builtin::add_to(&mut effects, clause, sender).is_none()
        {
            let call =
                ContractCall { contract: to, data: &clause.data, sender, spell: calls::text };
            call.add_to(&mut effects);
        }
    }
    Ok(effects)
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::Once {
            scope: String::from("vet"),
            what: hex::encode(&self.transaction.signing_hash()),
        }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Prehash(self.transaction.signing_hash());
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let mut fields = self.transaction.fields();
        signature.bytes.as_slice().encode(&mut fields);
        let envelope = self.transaction.envelope(&fields);
        Ok(RawTransaction::from_text(hex::encode_prefixed(&envelope)))
    }
}
