use super::output;
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms migrate --path ~/.tatumrc/wallet.dat

The old file is kept beside the new one as wallet.dat.legacy. Every wallet is read back and
compared before the new file takes the old one's place.";

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
