use kms_keystore::{StoreError, WalletRecord};

use super::reveal;
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms export > /secure/wallets.json

Prints every secret of the store. Keep what it prints as you keep the store.";

pub(super) async fn run(settings: &Settings) -> Result<(), CommandError> {
    let store = match wire::open(settings).await {
        Err(CommandError::Store(StoreError::Missing(_))) => return Err(CommandError::NoSuchFile),
        outcome => outcome?,
    };
    reveal::text(&WalletRecord::reveal_all(&store.all()?))
}
