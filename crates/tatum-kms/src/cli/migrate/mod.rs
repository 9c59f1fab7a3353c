//! Coming over from the original: converts its file, or says what to expect before that.

mod addresses;
mod check;
mod differences;
mod words;

use clap::Args;

use super::output;
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms migrate --check --path ./copy/wallet.dat --envFile ./copy/.env
  tatum-kms migrate --path ~/.tatumrc/wallet.dat

The old file is kept beside the new one as wallet.dat.legacy. Every wallet is read back and
compared before the new file takes the old one's place. --check opens everything, derives the first
address of every wallet, says what behaves otherwise for these wallets and settings, and changes
nothing: docs/migration.md.";

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct MigrateFlags {
    /// Say what to expect, and change nothing
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(settings: &Settings, flags: MigrateFlags) -> Result<(), CommandError> {
    if !settings.store.exists() {
        return Err(CommandError::NoSuchFile);
    }
    if flags.check {
        return check::run(settings).await;
    }
    let password = wire::password(settings).await?;
    let is_legacy = wire::wallet_file(settings).open(&password)?.is_legacy();
    if !is_legacy {
        output::note("the wallet store is in the new format already");
        return Ok(());
    }
    wire::open_for_writing(settings, &password).map(|_| ())
}
