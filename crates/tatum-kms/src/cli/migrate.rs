use super::output;
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) async fn run(settings: &Settings) -> Result<(), CommandError> {
    if !settings.store.exists() {
        return Err(CommandError::NoSuchFile);
    }
    let password = wire::password(settings).await?;
    let is_legacy = wire::wallet_file(settings).open(&password)?.is_legacy();
    if !is_legacy {
        output::note("the wallet store is in the new format already");
        return Ok(());
    }
    wire::open_for_writing(settings, &password).map(|_| ())
}
