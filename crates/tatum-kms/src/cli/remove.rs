use super::access::{Access, Consent};
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) const EXAMPLES: &str = "\
Examples:
  tatum-kms removewallet 7f2c5c5d-2f4e-4a4f-9c0e-3f1a5c7f2c5c

Prints nothing. An id that is not in the store is an error. On a terminal it asks first, unless
--yes is given. Every removal is written to access.log beside the store.";

pub(super) async fn run(
    settings: &Settings,
    id: &str,
    consent: Consent,
) -> Result<(), CommandError> {
    let unknown = || CommandError::NoSuchWallet(id.to_owned());
    if !settings.store.exists() {
        return Err(unknown());
    }
    let signature_id = wire::signature_id(id)?;
    let password = wire::password(settings).await?;
    let store = wire::wallet_file(settings).open(&password)?;
    if store.get(&signature_id)?.is_none() {
        return Err(unknown());
    }
    drop(store);
    let access =
        Access { command: "removewallet", id: Some(&signature_id), index: None, wallets: None };
    access.allow(settings, consent, &format!("Remove wallet {signature_id} for good?"))?;
    match wire::open_for_writing(settings, &password)?.remove(&signature_id)? {
        true => Ok(()),
        false => Err(unknown()),
    }
}
