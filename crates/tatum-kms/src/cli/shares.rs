//! The store's key in the hands of several people, for the day nobody has the password.

use kms_cli::{Consent, SharesAction};
use kms_shares::{Share, ShareError, combine, split};

use super::{access::Access, output, password, reveal, store_secret::read_secret};
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) async fn run(settings: &Settings, action: SharesAction) -> Result<(), CommandError> {
    wire::require_store(settings)?;
    match action {
        SharesAction::Create { threshold, count, consent } => {
            create(settings, threshold, count, consent).await
        }
        SharesAction::Recover => recover(settings).await,
    }
}

async fn create(
    settings: &Settings,
    threshold: u8,
    count: u8,
    consent: Consent,
) -> Result<(), CommandError> {
    let password = wire::password(settings).await?;
    let key = wire::wallet_file(settings).data_key(&password)?;
    let shares = split(&key, threshold, count).map_err(of_share)?;
    let access = Access { command: "shares create", id: None, index: None, wallets: None };
    access.allow(settings, consent, &format!("Print {count} shares of the store's key?"))?;
    let words: Vec<_> = shares.iter().map(Share::to_words).collect();
    reveal::shares(threshold, &words)
}

async fn recover(settings: &Settings) -> Result<(), CommandError> {
    let first =
        read_share(1).map_err(|error| CommandError::Refused(format!("share 1: {error}")))?;
    let threshold = first.threshold();
    let mut shares = vec![first];
    for number in 2..=threshold {
        let share = read_share(number).map_err(|error| {
            let problem = format!("share {number} of {threshold}: {error}");
            CommandError::Refused(problem)
        })?;
        shares.push(share);
    }
    let key = combine(&shares).map_err(of_share)?;
    let new = password::new_password(settings).await?;
    wire::wallet_file(settings).recover(&key, &new)?;
    output::note("the wallet store has the new password");
    Ok(())
}

fn read_share(number: u8) -> Result<Share, CommandError> {
    let text = read_secret(&format!("Enter share {number}: "))?;
    let share = Share::parse(&text);
    share.map_err(|error| CommandError::Refused(error.to_string()))
}

fn of_share(error: ShareError) -> CommandError {
    CommandError::Refused(error.to_string())
}
