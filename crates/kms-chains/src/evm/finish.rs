//! The complete transaction: checks, effects, signature.

use alloy_consensus::{TxEip1559, TxEip2930, TxLegacy};
use alloy_eips::eip2930::AccessList;
use alloy_primitives::{Address, Bytes, Signature, TxKind};
use kms_core::{
    Amount, Asset, Claim, DecodeError, Effects, Fee, KeyRef, KeySignature, Permit, RawTransaction,
    ResolveError, Scheme, SignError, SigningMessage, SigningRequest, Unexplained, Unsigned,
};
use ruint::aliases::U256;

use super::{
    Evm, calls,
    celo::{CeloFields, Cip64},
    draft::{EvmDraft, Special},
    gas::Costs,
    klaytn::{self, Filled, KlaytnTransaction},
    payload::Fields,
    payment,
    transaction::{Call, Transaction},
};
use crate::codec::{hex, note};

/// A price above this is treated as a mistake or an attack: 100,000 gwei, in wei.
const GAS_PRICE_MAX: u128 = 100_000_000_000_000;

/// The way in which a transaction states its gas price, which determines its type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pricing {
    GasPrice,
    /// EIP-2930's type, with a single price.
    GasPriceWithAccessList,
    /// EIP-1559.
    DynamicFee,
}

impl Pricing {
    pub(super) fn read(row: &Evm, kind: Option<u64>, fields: &Fields) -> Result<Self, DecodeError> {
        let pricing = match (kind, fields.is_dynamic_fee(), fields.access_list.is_some()) {
            (Some(0), false, false) | (None, false, false) => Self::GasPrice,
            (Some(1), false, _) | (None, false, true) => Self::GasPriceWithAccessList,
            (Some(2), _, _) | (None, true, _) => Self::DynamicFee,
            (Some(0 | 1), _, _) => {
                return Err(DecodeError::field("type", "does not match the other fields"));
            }
            (Some(other), _, _) => {
                return Err(DecodeError::field("type", format!("{other} is not supported")));
            }
        };
        if pricing != Self::GasPrice && !row.has_types {
            let problem = format!(
                "is not known to {}'s nodes: they take legacy transactions only, with a gasPrice \
                 and without access list",
                row.spec.name
            );
            return Err(DecodeError::field("type", problem));
        }
        if pricing == Self::DynamicFee && !fields.gas_price.is_missing() {
            Err(DecodeError::field("gasPrice", "cannot be used in an EIP-1559 transaction"))
        } else {
            Ok(pricing)
        }
    }

    pub(super) const fn is_single_price(self) -> bool {
        matches!(self, Self::GasPrice | Self::GasPriceWithAccessList)
    }

    pub(super) fn needs_base_fee(self, fields: &Fields) -> bool {
        self == Self::DynamicFee
            && (fields.max_fee.is_missing() || fields.max_priority_fee.is_missing())
    }
}

#[derive(Debug)]
pub(super) struct Complete {
    key: KeyRef,
    claim: Claim,
    effects: Effects,
    transaction: Transaction,
}

impl Complete {
    pub(super) fn new(draft: EvmDraft) -> Result<Self, ResolveError> {
        let sender = draft.sender.ok_or(ResolveError::Incomplete("sender"))?;
        let chain_id = draft.chain_id.ok_or(ResolveError::Incomplete("chainId"))?;
        let filled = Filled {
            chain_id,
            nonce: draft.resolved_nonce()?,
            // Only a single price is looked up; the other types are completed from their fields.
            gas_price: if draft.pricing.is_single_price() {
                draft.resolved_gas_price()?
            } else {
                0
            },
            gas: draft.resolved_gas()?,
            from: sender,
        };
        let row = draft.row;
        let skip_fee_checks = draft.options.skip_fee_checks;
        let (network, key) = (draft.network, draft.key.clone());
        let is_given = draft.fields.gives_gas_and_price();
        let transaction = build(draft, filled)?;
        let call = transaction.call();
        check(row, &transaction, &call, skip_fee_checks)
            .map_err(|error| of_whoever_said_it(error, is_given))?;
        Ok(Self {
            key,
            claim: Claim::Nonce {
                scope: format!("evm:{chain_id}"),
                account: calls::text(sender),
                number: call.nonce,
            },
            effects: effects(row, network, sender, &transaction)?,
            transaction,
        })
    }
}

fn build(draft: EvmDraft, filled: Filled) -> Result<Transaction, ResolveError> {
    let fees = match draft.pricing {
        Pricing::DynamicFee => Some(draft.resolved_fees()?),
        Pricing::GasPrice | Pricing::GasPriceWithAccessList => None,
    };
    let EvmDraft { fields, special, pricing, .. } = draft;
    match special {
        Special::Klaytn(klaytn::Type::Klaytn { kind, fee }) => {
            Ok(Transaction::Klaytn(KlaytnTransaction::new(kind, fee, filled)))
        }
        Special::Celo(CeloFields { fee_currency: Some(fee_currency), .. }) => {
            // A single price is both the tip and the most.
            let (max_priority_fee, max_fee) = fees.unwrap_or((filled.gas_price, filled.gas_price));
            Ok(Transaction::Cip64(Cip64 {
                chain_id: filled.chain_id,
                nonce: filled.nonce,
                gas_limit: filled.gas,
                max_priority_fee,
                max_fee,
                to: fields.to,
                value: fields.value.or_zero(),
                data: fields.data.unwrap_or_default(),
                access_list: fields.access_list.unwrap_or_default(),
                fee_currency,
            }))
        }
        special => {
            let transaction = ethereum(fields, pricing, filled, fees);
            let enveloped = matches!(special, Special::Klaytn(_)) && pricing != Pricing::GasPrice;
            Ok(if enveloped {
                Transaction::KlaytnEnvelope(Box::new(transaction))
            } else {
                transaction
            })
        }
    }
}

fn ethereum(
    fields: Fields,
    pricing: Pricing,
    filled: Filled,
    fees: Option<(u128, u128)>,
) -> Transaction {
    let Filled { chain_id, nonce, gas_price, gas: gas_limit, .. } = filled;
    let to = fields.to.map_or(TxKind::Create, TxKind::Call);
    let value = fields.value.or_zero();
    let input: Bytes = fields.data.unwrap_or_default();
    let access_list: AccessList = fields.access_list.unwrap_or_default();
    match (pricing, fees) {
        (Pricing::DynamicFee, Some((max_priority_fee_per_gas, max_fee_per_gas))) => {
            Transaction::DynamicFee(TxEip1559 {
                chain_id,
                nonce,
                gas_limit,
                max_fee_per_gas,
                max_priority_fee_per_gas,
                to,
                value,
                access_list,
                input,
            })
        }
        (Pricing::GasPriceWithAccessList, _) => Transaction::AccessList(TxEip2930 {
            chain_id,
            nonce,
            gas_price,
            gas_limit,
            to,
            value,
            access_list,
            input,
        }),
        _ => Transaction::Legacy(TxLegacy {
            chain_id: Some(chain_id),
            nonce,
            gas_price,
            gas_limit,
            to,
            value,
            input,
        }),
    }
}

/// Classifies an error by its source: the payload will not change, but a node's answer may.
fn of_whoever_said_it(error: ResolveError, is_given: bool) -> ResolveError {
    match error {
        ResolveError::AbsurdGas { .. } if is_given => {
            DecodeError::field("gas", error.to_string()).into()
        }
        ResolveError::Decode(DecodeError::GasTooLow { .. }) if !is_given => {
            ResolveError::UnexpectedAnswer("gas", error.to_string().into())
        }
        error => error,
    }
}

/// The rules that hold for every type.
fn check(
    row: &Evm,
    transaction: &Transaction,
    call: &Call<'_>,
    skip_fee_checks: bool,
) -> Result<(), ResolveError> {
    if call.to.is_none() && call.data.is_empty() {
        return Err(DecodeError::Unsupported(
            "transactions without receiver and without contract code".into(),
        )
        .into());
    }
    if !matches!(transaction, Transaction::Klaytn(_)) {
        let (is_creation, access_list) = (call.to.is_none(), transaction.access_list());
        let costs = Costs { data: call.data, is_creation, access_list };
        row.gas_rules.check(costs, Some(call.gas_limit))?;
    }
    let absurd = call.gas_limit > row.gas_limit_max || call.max_gas_price > GAS_PRICE_MAX;
    if absurd && !skip_fee_checks {
        Err(ResolveError::AbsurdGas {
            gas: call.gas_limit,
            gas_price: Amount::from_u256(U256::from(call.max_gas_price)),
            most: format!("gas of {} at {GAS_PRICE_MAX}", row.gas_limit_max).into(),
        })
    } else {
        Ok(())
    }
}

fn effects(
    row: &Evm,
    network: kms_core::Network,
    sender: Address,
    transaction: &Transaction,
) -> Result<Effects, ResolveError> {
    let call = transaction.call();
    let fee = U256::from(call.gas_limit).checked_mul(U256::from(call.max_gas_price));
    let asset = match transaction {
        Transaction::Cip64(celo) => Asset::Token { contract: celo.fee_currency() },
        _ => Asset::Native,
    };
    let fee = Fee { asset, amount: Amount::from_u256(fee.ok_or(ResolveError::Overflow)?) };
    let mut effects = Effects::new(row.spec.id, network, fee);
    effects.add_payer(calls::text(sender));
    let native = |to, amount| payment::native(sender, to, amount);
    match call.to {
        Some(to) => payment::add(&mut effects, sender, to, call.value, call.data),
        None => {
            let new = sender.create(call.nonce);
            if !call.value.is_zero() {
                effects.add_transfer(native(new, call.value));
            }
            let what = Unexplained::new("a new contract");
            effects.add_unexplained(what.by_contract(calls::text(new)));
        }
    }
    if let Transaction::Klaytn(klaytn) = transaction {
        effects.tag_transfers(klaytn.memo().and_then(|memo| note::spell(memo)).as_deref());
    }
    Ok(effects)
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.claim.clone()]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Prehash(self.transaction.signing_hash().0);
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let signature = match signatures.as_slice() {
            [signature] => {
                Signature::from_raw(&signature.bytes).map_err(|_| SignError::Assemble)?
            }
            _ => return Err(SignError::Assemble),
        };
        let bytes = self.transaction.encode(signature);
        Ok(RawTransaction::from_text(hex::encode_prefixed(&bytes)))
    }
}
