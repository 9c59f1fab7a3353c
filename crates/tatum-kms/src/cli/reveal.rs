//! The only place where a secret leaves the program: as the result of a command that asks for it.

use kms_secret::SecretText;
use zeroize::Zeroizing;

use super::output;
use crate::command_error::CommandError;

/// Prints `{"privateKey": …}` in the original's form.
pub(super) fn private_key(key: &SecretText) -> Result<(), CommandError> {
    let quoted = quote(key.expose());
    let text = Zeroizing::new(format!("{{\n  \"privateKey\": {}\n}}\n", quoted.as_str()));
    Ok(output::raw(&text)?)
}

/// Prints a wallet that was made and not stored.
pub(super) fn fields(fields: &[(&'static str, SecretText)]) -> Result<(), CommandError> {
    let mut text = Zeroizing::new(String::from("{"));
    for (place, (name, value)) in fields.iter().enumerate() {
        let separator = if place == 0 { "\n" } else { ",\n" };
        text.push_str(separator);
        text.push_str(&Zeroizing::new(format!("  \"{name}\": {}", quote(value.expose()).as_str())));
    }
    text.push_str("\n}\n");
    Ok(output::raw(&text)?)
}

/// Prints the shares of a key.
pub(super) fn shares(threshold: u8, shares: &[SecretText]) -> Result<(), CommandError> {
    let room = shares.iter().map(|share| share.expose().len().saturating_add(16)).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(room.saturating_add(64)));
    text.push_str(&format!("{{\n  \"threshold\": {threshold},\n  \"shares\": ["));
    for (place, share) in shares.iter().enumerate() {
        text.push_str(if place == 0 { "\n    " } else { ",\n    " });
        text.push_str(&quote(share.expose()));
    }
    text.push_str("\n  ]\n}\n");
    Ok(output::raw(&text)?)
}

/// Prints text that the keystore revealed.
pub(super) fn text(text: &SecretText) -> Result<(), CommandError> {
    output::raw(text.expose())?;
    Ok(output::raw("\n")?)
}

fn quote(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).unwrap_or_default())
}
