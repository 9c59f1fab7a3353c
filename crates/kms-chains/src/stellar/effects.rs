//! What operations do to the account that signs.

use kms_core::{Allowance, Amount, Asset, Effects, Fee, Network, ResolveError, Transfer};
use stellar_xdr::{AccountId, Asset as XdrAsset, MuxedAccount, Operation, OperationBody};

use super::{
    STELLAR,
    address::{self, KEY_BYTES},
    envelope::Content,
};

pub(super) fn of(
    content: &Content<'_>,
    own: [u8; KEY_BYTES],
    network: Network,
) -> Result<Effects, ResolveError> {
    let fee = match content.signer == own {
        true => amount(content.fee)?,
        false => Amount::ZERO,
    };
    let mut effects = Effects::new(STELLAR.spec.id, network, Fee::native(fee));
    if content.is_fee_bump && content.source != content.signer {
        let source = address::spell(&content.source);
        effects.add_unknown(format!("pays for a transaction of {source}"));
        return Ok(effects);
    }
    for operation in content.operations {
        match content.source_of(operation) == own {
            true => add(&mut effects, operation, own)?,
            false => effects.add_unknown(format!("{} of another account", operation.body.name())),
        }
    }
    Ok(effects)
}

fn add(
    effects: &mut Effects,
    operation: &Operation,
    own: [u8; KEY_BYTES],
) -> Result<(), ResolveError> {
    let transfer = |to: &MuxedAccount, asset: &XdrAsset, units: i64| {
        Ok::<_, ResolveError>(Transfer {
            asset: asset_of(asset),
            to: to.to_string(),
            amount: amount(units)?,
            to_self: address::key_of(to) == own,
        })
    };
    match &operation.body {
        OperationBody::CreateAccount(create) => effects.transfers.push(Transfer {
            asset: Asset::Native,
            to: create.destination.to_string(),
            amount: amount(create.starting_balance)?,
            to_self: address::key_of_id(&create.destination) == own,
        }),
        OperationBody::Payment(payment) => {
            let transfer = transfer(&payment.destination, &payment.asset, payment.amount)?;
            effects.transfers.push(transfer);
        }
        OperationBody::PathPaymentStrictSend(payment) => {
            let transfer =
                transfer(&payment.destination, &payment.send_asset, payment.send_amount)?;
            effects.transfers.push(transfer);
            note_exchange(effects, &payment.send_asset, &payment.dest_asset);
        }
        OperationBody::PathPaymentStrictReceive(payment) => {
            let transfer = transfer(&payment.destination, &payment.send_asset, payment.send_max)?;
            effects.transfers.push(transfer);
            note_exchange(effects, &payment.send_asset, &payment.dest_asset);
        }
        OperationBody::CreateClaimableBalance(balance) => {
            // Whoever of the claimants comes first gets all of it.
            let asset = asset_of(&balance.asset);
            let amount = amount(balance.amount)?;
            effects.allowances.extend(balance.claimants.iter().map(|claimant| {
                let stellar_xdr::Claimant::ClaimantTypeV0(claimant) = claimant;
                Allowance {
                    asset: asset.clone(),
                    spender: claimant.destination.to_string(),
                    amount: Some(amount),
                }
            }));
        }
        OperationBody::AccountMerge(to) => {
            effects.add_unknown(format!("everything that is left goes to {to}"));
        }
        // Neither moves anything nor lets anybody else.
        OperationBody::ChangeTrust(_)
        | OperationBody::ManageData(_)
        | OperationBody::BumpSequence(_)
        | OperationBody::ClaimClaimableBalance(_) => (),
        other => effects.add_unknown(other.name()),
    }
    Ok(())
}

/// What is sent goes to whoever offers best, also where the receiver of the other asset is oneself.
fn note_exchange(effects: &mut Effects, sent: &XdrAsset, received: &XdrAsset) {
    if sent != received {
        effects.add_unknown("an exchange on the way");
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
