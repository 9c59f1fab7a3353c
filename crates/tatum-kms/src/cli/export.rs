use kms_keystore::{StoreError, WalletRecord};

use super::{
    access::{Access, Consent},
    reveal,
};
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms export > /secure/wallets.json

Prints every secret of the store. Keep what it prints as you keep the store. On a terminal it
asks first, unless --yes is given; every export is written to access.log beside the store.";

pub(super) async fn run(settings: &Settings, consent: Consent) -> Result<(), CommandError> {
    let store = match wire::open(settings).await {
        Err(CommandError::Store(StoreError::Missing(_))) => return Err(CommandError::NoSuchFile),
        outcome => outcome?,
    };
    let all = store.all()?;
    let access = Access { command: "export", id: None, index: None, wallets: Some(all.len()) };
    let question = format!("Print the secrets of all {} wallets?", all.len());
    access.allow(settings, consent, &question)?;
    reveal::text(&WalletRecord::reveal_all(&all))
}
