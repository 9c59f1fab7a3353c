use std::path::{Path, PathBuf};

use clap::Subcommand;
use kms_keystore::StoreError;
use kms_sqlite::WalletFile;
use serde_json::json;

use super::output;
use crate::{
    command_error::CommandError,
    config::Settings,
    wallet_check::{Finding, check, look_at_all},
    wire,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms backup create /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup verify /mnt/safe/wallet-2026-11-26.dat
  tatum-kms backup restore /mnt/safe/wallet-2026-11-26.dat --path /secure/wallet.dat

A backup is one sealed file that opens with the password the store has when it is made. It is
made while a daemon runs. No file is ever overwritten. Keep journal.db as well.";

/// Wallets that are checked between two words of progress.
const STEP: usize = 256;

#[derive(Debug, Subcommand)]
pub(super) enum BackupAction {
    /// Copy the store, as it is at one moment, into a new file
    Create { file: PathBuf },
    /// Open a backup, read every wallet and derive its address; nothing is changed
    Verify { file: PathBuf },
    /// Put a backup in the place of a store that is not there
    Restore { file: PathBuf },
}

pub(super) async fn run(settings: &Settings, action: BackupAction) -> Result<(), CommandError> {
    match action {
        BackupAction::Create { file } => create(settings, &file).await,
        BackupAction::Verify { file } => verify(settings, file).await,
        BackupAction::Restore { file } => restore(settings, &file).await,
    }
}

async fn create(settings: &Settings, file: &Path) -> Result<(), CommandError> {
    if !settings.store.exists() {
        return Err(StoreError::Missing(settings.store.clone()).into());
    }
    let password = wire::password(settings).await?;
    let wallets = wire::wallet_file(settings).back_up(file, &password)?;
    Ok(output::json(&json!({ "backup": file, "wallets": wallets }))?)
}

async fn restore(settings: &Settings, file: &Path) -> Result<(), CommandError> {
    let password = wire::password(settings).await?;
    let wallets = wire::wallet_file(settings).restore(file, &password)?;
    Ok(output::json(&json!({ "restored": settings.store, "wallets": wallets }))?)
}

async fn verify(settings: &Settings, file: PathBuf) -> Result<(), CommandError> {
    if !file.exists() {
        return Err(StoreError::Missing(file).into());
    }
    let password = wire::password(settings).await?;
    let backup = WalletFile::new(file.clone(), kms_chains::find_wallet_code);
    let records = backup.open_unchanged(&password)?.all()?;
    let mut derived = 0_usize;
    for step in records.chunks(STEP) {
        for (record, finding) in step.iter().zip(look_at_all(step, check)) {
            match finding {
                Finding::Derived => derived = derived.saturating_add(1),
                Finding::Bad(problem) => output::note(&format!("{}: {problem}", record.id())),
            }
        }
        output::progress(&format!("{} of {} wallets derived", derived, records.len()));
    }
    output::progress_done();
    let bad = records.len().saturating_sub(derived);
    if bad > 0 {
        let problem = format!("{bad} of {} wallets give no address; see above", records.len());
        return Err(CommandError::Refused(problem));
    }
    Ok(output::json(&json!({ "backup": file, "wallets": records.len(), "derived": derived }))?)
}
