//! The store's password, and the cost of its hashing.

use std::io::{self, IsTerminal as _};

use kms_keystore::KdfCost;
use kms_secret::Password;
use kms_unlock::fetch;

use super::{output, store_secret::read_secret};
use crate::{command_error::CommandError, config::Settings, wire};

pub(super) async fn change(settings: &Settings) -> Result<(), CommandError> {
    wire::require_store(settings)?;
    let old = wire::password(settings).await?;
    // A wrong old password is reported before the new one is requested.
    drop(wire::wallet_file(settings).open(&old)?);
    let new = new_password(settings).await?;
    replace(settings, &old, &new)?;
    output::note("the password of the wallet store was changed");
    Ok(())
}

pub(super) async fn upgrade(settings: &Settings) -> Result<(), CommandError> {
    wire::require_store(settings)?;
    let is_enough = |own: KdfCost| own.is_at_least(KdfCost::DEFAULT);
    if wire::wallet_file(settings).kdf_cost()?.is_some_and(is_enough) {
        output::note("password hashing already has the current cost; nothing changed");
        return Ok(());
    }
    let password = wire::password(settings).await?;
    replace(settings, &password, &password)?;
    output::note("password hashing now has the current cost");
    Ok(())
}

fn replace(settings: &Settings, old: &Password, new: &Password) -> Result<(), CommandError> {
    let converted = wire::wallet_file(settings).change_password(old, new)?;
    converted.iter().for_each(wire::tell_converted);
    Ok(())
}

/// From its file, from a prompt, or from one line of stdin.
pub(super) async fn new_password(settings: &Settings) -> Result<Password, CommandError> {
    match settings.new_password_source() {
        Some(source) => Ok(fetch(&source).await?),
        None => read_new(),
    }
}

/// Twice on a terminal, where nobody sees what is typed.
fn read_new() -> Result<Password, CommandError> {
    let new = read_secret("Enter the new password: ")?;
    if io::stdin().is_terminal() && !new.is_same(&read_secret("Enter it again: ")?) {
        let problem = "the two passwords differ; nothing was changed";
        return Err(CommandError::Refused(String::from(problem)));
    }
    Ok(new.to_password())
}
