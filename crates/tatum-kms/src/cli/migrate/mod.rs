//! Coming over from the original: converts its file, or says what to expect before that.

mod addresses;
mod check;
mod differences;
mod words;

use kms_cli::MigrateFlags;

use super::output;
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) async fn run(settings: &Settings, flags: MigrateFlags) -> Result<(), CommandError> {
    if !settings.store.exists() {
        return Err(CommandError::NoSuchFile);
    }
    if flags.check {
        return check::run(settings).await;
    }
    if wire::wallet_file(settings).is_legacy()? {
        wire::require_lasting_store(settings)?;
    }
    let password = wire::password(settings).await?;
    let is_legacy = wire::wallet_file(settings).open(&password)?.is_legacy();
    if !is_legacy {
        output::note("the wallet store is already in the new format");
        return Ok(());
    }
    wire::open_or_create(settings, &password).map(|_| ())
}
