//! The effects of operations on the signing account.

mod contract;
mod named;

use kms_core::{
    Allowance, Amount, Asset, Effects, Fee, Network, ResolveError, Transfer, Unexplained,
};
use stellar_xdr::{
    AccountId, Asset as XdrAsset, HostFunction, Memo, MuxedAccount, Operation, OperationBody,
};

use super::{
    STELLAR,
    address::{self, KEY_BYTES},
    envelope::Content,
};
use crate::codec::{hex, note};

pub(super) fn of(
    content: &Content<'_>,
    own: [u8; KEY_BYTES],
    network: Network,
) -> Result<Effects, ResolveError> {
    let fee = if content.signer == own { amount(content.fee)? } else { Amount::ZERO };
    let mut effects = Effects::new(STELLAR.spec.id, network, Fee::native(fee));
    effects.add_payer(address::spell(&own));
    let is_of_others = content.is_fee_bump && content.source != content.signer;
    if is_of_others {
        let source = address::spell(&content.source);
        let what = format!("pays for a transaction of {source}");
        effects.add_unexplained(Unexplained::new(what).for_receiver(source));
    }
    for operation in content.operations {
        if content.source_of(operation) == own {
            add(&mut effects, operation, own)?;
        } else if !is_of_others {
            let subject = format!("{} of another account", operation.body.name());
            named::add(&mut effects, &operation.body, &subject);
        }
    }
    // With a least number given, the account's own number jumps to that of the transaction: the
    // last number of all leaves none for any other transaction.
    if content.skips_numbers {
        effects.add_unexplained(Unexplained::new("a jump of the account's sequence number"));
    }
    effects.tag_transfers(memo(content.memo).as_deref());
    Ok(effects)
}

fn memo(memo: &Memo) -> Option<String> {
    match memo {
        Memo::None => None,
        Memo::Text(text) => note::spell(text.as_slice()),
        Memo::Id(id) => Some(format!("id:{id}")),
        Memo::Hash(hash) => Some(format!("hash:{}", hex::encode(&hash.0))),
        Memo::Return(hash) => Some(format!("return:{}", hex::encode(&hash.0))),
    }
}

fn add(
    effects: &mut Effects,
    operation: &Operation,
    own: [u8; KEY_BYTES],
) -> Result<(), ResolveError> {
    let transfer = |to: &MuxedAccount, asset: &XdrAsset, units: i64| {
        let key = address::key_of(to);
        Ok::<_, ResolveError>(Transfer {
            asset: asset_of(asset),
            // The number of a muxed address tells customers apart, as a memo does: who is paid is
            // the account.
            to: address::spell(&key),
            amount: amount(units)?,
            to_self: key == own,
            tag: match to {
                MuxedAccount::Ed25519(_) => None,
                MuxedAccount::MuxedEd25519(muxed) => Some(format!("muxed:{}", muxed.id)),
            },
        })
    };
    match &operation.body {
        OperationBody::CreateAccount(create) => {
            let key = address::key_of_id(&create.destination);
            effects.add_transfer(Transfer {
                asset: Asset::Native,
                to: address::spell(&key),
                amount: amount(create.starting_balance)?,
                to_self: key == own,
                tag: None,
            });
        }
        OperationBody::Payment(payment) => {
            effects.add_transfer(transfer(&payment.destination, &payment.asset, payment.amount)?);
        }
        OperationBody::PathPaymentStrictSend(payment) => {
            let (to, asset) = (&payment.destination, &payment.send_asset);
            effects.add_transfer(transfer(to, asset, payment.send_amount)?);
            note_exchange(effects, asset, &payment.dest_asset);
        }
        OperationBody::PathPaymentStrictReceive(payment) => {
            let (to, asset) = (&payment.destination, &payment.send_asset);
            effects.add_transfer(transfer(to, asset, payment.send_max)?);
            note_exchange(effects, asset, &payment.dest_asset);
        }
        OperationBody::CreateClaimableBalance(balance) => {
            // The first claimant gets all of it.
            let asset = asset_of(&balance.asset);
            let amount = amount(balance.amount)?;
            for claimant in balance.claimants.iter() {
                let stellar_xdr::Claimant::ClaimantTypeV0(claimant) = claimant;
                let spender = claimant.destination.to_string();
                let asset = asset.clone();
                effects.add_allowance(Allowance { asset, spender, amount: Some(amount) });
            }
        }
        OperationBody::AccountMerge(to) => {
            let to = address::spell(&address::key_of(to));
            let what = format!("everything that is left goes to {to}");
            effects.add_unexplained(Unexplained::new(what).for_receiver(to));
        }
        OperationBody::InvokeHostFunction(invoke) => {
            let is_told = match &invoke.host_function {
                HostFunction::InvokeContract(call) => {
                    contract::add(effects, call, &invoke.auth, own).is_some()
                }
                _ => false,
            };
            if !is_told {
                named::add(effects, &operation.body, operation.body.name());
            }
        }
        other => named::add(effects, other, other.name()),
    }
    Ok(())
}

/// Notes an exchange. The asset sent goes to whoever offers best, even if the receiver of the other
/// asset is the sender.
fn note_exchange(effects: &mut Effects, sent: &XdrAsset, received: &XdrAsset) {
    if sent != received {
        effects.add_unexplained(Unexplained::new("an exchange on the way"));
    }
}

fn asset_of(asset: &XdrAsset) -> Asset {
    match asset {
        XdrAsset::Native => Asset::Native,
        XdrAsset::CreditAlphanum4(own) => token(&own.asset_code, &own.issuer),
        XdrAsset::CreditAlphanum12(own) => token(&own.asset_code, &own.issuer),
    }
}

/// Code and issuer, as SEP-11 spells them.
fn token(code: &impl ToString, issuer: &AccountId) -> Asset {
    Asset::Token { contract: format!("{}:{issuer}", code.to_string()) }
}

fn amount(units: i64) -> Result<Amount, ResolveError> {
    u64::try_from(units).map(Amount::from_base_units).map_err(|_| ResolveError::Overflow)
}
