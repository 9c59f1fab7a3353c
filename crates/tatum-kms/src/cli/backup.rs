use std::path::{Path, PathBuf};

use kms_cli::BackupAction;
use serde_json::json;

use super::output;
use crate::{
    command_error::CommandError,
    config::Settings,
    place::require_lasting,
    wallet_check::{Finding, check, look_at_all},
    wire,
};

/// Wallets that are checked between two words of progress.
const STEP: usize = 256;

pub(super) async fn run(settings: &Settings, action: BackupAction) -> Result<(), CommandError> {
    match action {
        BackupAction::Create { file } => create(settings, &file).await,
        BackupAction::Verify { file } => verify(settings, file).await,
        BackupAction::Restore { file } => restore(settings, &file).await,
    }
}

async fn create(settings: &Settings, file: &Path) -> Result<(), CommandError> {
    wire::require_store(settings)?;
    require_lasting(file, settings.is_ephemeral)?;
    let password = wire::password(settings).await?;
    let wallets = wire::wallet_file(settings).back_up(file, &password)?;
    Ok(output::json(&json!({ "backup": file, "wallets": wallets }))?)
}

async fn restore(settings: &Settings, file: &Path) -> Result<(), CommandError> {
    wire::require_lasting_store(settings)?;
    let password = wire::password(settings).await?;
    let wallets = wire::wallet_file(settings).restore(file, &password)?;
    Ok(output::json(&json!({ "restored": settings.store, "wallets": wallets }))?)
}

async fn verify(settings: &Settings, file: PathBuf) -> Result<(), CommandError> {
    wire::require_file(&file)?;
    let password = wire::password(settings).await?;
    let records = wire::open_file(&file, &password)?.all()?;
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
        let problem = format!("{bad} of {} wallets yield no address; see above", records.len());
        return Err(CommandError::Refused(problem));
    }
    Ok(output::json(&json!({ "backup": file, "wallets": records.len(), "derived": derived }))?)
}
