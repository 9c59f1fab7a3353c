//! Taking wallets away, at once or with time to think, and taking that back.

use jiff::{SignedDuration, Timestamp};
use kms_cli::{Consent, RemoveWalletArgs};
use kms_core::SignatureId;

use super::{access::Access, output};
use crate::{command_error::CommandError, config::Settings, wire};

const HOURS_A_DAY: i64 = 24;

pub(super) async fn run(settings: &Settings, args: &RemoveWalletArgs) -> Result<(), CommandError> {
    let RemoveWalletArgs { id, grace: grace_days, consent } = args;
    let grace_days = *grace_days;
    let unknown = || CommandError::NoSuchWallet(id.to_owned());
    let signature_id = wire::signature_id(id)?;
    let (store, password) = wire::open_for_wallet(settings, id).await?;
    if store.get(&signature_id)?.is_none() {
        return Err(unknown());
    }
    drop(store);
    allow(settings, &signature_id, grace_days, *consent)?;
    let mut store = wire::open_or_create(settings, &password)?;
    let now = Timestamp::now();
    let is_removed = match grace_days {
        None => store.remove(&signature_id)?,
        Some(days) => store.remove_later(&signature_id, seconds(after_days(now, days)?))?,
    };
    if !is_removed {
        return Err(unknown());
    }
    let purged = store.purge(seconds(now))?;
    if purged > 0 {
        output::note(&format!("{purged} wallets whose grace period is over were deleted for good"));
    }
    Ok(())
}

fn allow(
    settings: &Settings,
    id: &SignatureId,
    grace_days: Option<u16>,
    consent: Consent,
) -> Result<(), CommandError> {
    let question = match grace_days {
        None => format!("Remove wallet {id} for good?"),
        Some(days) => format!("Remove wallet {id}? It can be restored for {days} days."),
    };
    let access = Access { command: "removewallet", id: Some(id), index: None, wallets: None };
    access.allow(settings, consent, &question)
}

pub(super) async fn restore(settings: &Settings, id: &str) -> Result<(), CommandError> {
    let (store, password) = wire::open_for_wallet(settings, id).await?;
    let signature_id = wire::signature_id(id)?;
    if !store.removed()?.iter().any(|summary| summary.id == signature_id) {
        return Err(CommandError::Refused(format!(
            "no removed wallet has the signatureId '{id}'; `list --removed` shows those that do"
        )));
    }
    drop(store);
    wire::open_or_create(settings, &password)?.restore(&signature_id)?;
    Ok(())
}

fn after_days(now: Timestamp, days: u16) -> Result<Timestamp, CommandError> {
    let hours = i64::from(days).saturating_mul(HOURS_A_DAY);
    let then = now.checked_add(SignedDuration::from_hours(hours));
    then.map_err(|error| CommandError::Refused(error.to_string()))
}

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or_default()
}
