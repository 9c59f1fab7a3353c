use std::path::PathBuf;

use kms_cli::{Consent, ExportArgs};
use kms_keystore::{StoreError, Unlocked, WalletRecord};
use serde_json::json;

use super::{access::Access, output, password, reveal};
use crate::{command_error::CommandError, config::Settings, place::require_lasting, wire};

pub(super) async fn run(settings: &Settings, args: ExportArgs) -> Result<(), CommandError> {
    match args.encrypted {
        None => print(settings, args.consent).await,
        Some(file) => sealed(settings, file).await,
    }
}

async fn print(settings: &Settings, consent: Consent) -> Result<(), CommandError> {
    let all = open(settings).await?.all()?;
    let access = Access { command: "export", id: None, index: None, wallets: Some(all.len()) };
    let question = format!("Print the secrets of all {} wallets?", all.len());
    access.allow(settings, consent, &question)?;
    reveal::text(&WalletRecord::reveal_all(&all))
}

/// Into a store of its own. No secret is seen, so nobody is asked.
async fn sealed(settings: &Settings, file: PathBuf) -> Result<(), CommandError> {
    require_lasting(&file, settings.is_ephemeral)?;
    let all = open(settings).await?.all()?;
    let new = password::new_password(settings).await?;
    let wallets = wire::make_file(&file, all, &new)?;
    Ok(output::json(&json!({ "export": file, "wallets": wallets }))?)
}

async fn open(settings: &Settings) -> Result<Unlocked, CommandError> {
    match wire::open_existing(settings).await {
        Err(CommandError::Store(StoreError::Missing(_))) => Err(CommandError::NoSuchFile),
        outcome => outcome,
    }
}
