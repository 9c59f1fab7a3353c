use kms_core::SignatureId;
use serde_json::json;

use super::output;
use crate::{command_error::CommandError, config::Settings, wire};

const MAX_CHARS: usize = 100;

pub(super) async fn run(
    settings: &Settings,
    id: &str,
    label: Option<&str>,
) -> Result<(), CommandError> {
    check(label.unwrap_or("-"))?;
    let own: SignatureId = wire::signature_id(id)?;
    let (store, password) = wire::open_for_wallet(settings, id).await?;
    if store.get(&own)?.is_none() {
        return Err(CommandError::NoSuchWallet(id.to_owned()));
    }
    drop(store);
    if wire::open_or_create(settings, &password)?.label(&own, label)? {
        Ok(output::json(&json!({ "signatureId": id, "label": label }))?)
    } else {
        Err(CommandError::NoSuchWallet(id.to_owned()))
    }
}

fn check(label: &str) -> Result<(), CommandError> {
    let is_fit = !label.trim().is_empty()
        && label.chars().count() <= MAX_CHARS
        && !label.chars().any(char::is_control);
    if is_fit {
        Ok(())
    } else {
        Err(CommandError::Refused(format!(
            "a label must have 1 to {MAX_CHARS} characters, without line feeds or control \
             characters"
        )))
    }
}
