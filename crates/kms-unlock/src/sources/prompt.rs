use kms_secret::{Password, SecretText};
use zeroize::Zeroizing;

use crate::error::UnlockError;

const PROMPT: &str = "Enter password to access wallet store (or set env var TATUM_KMS_PASSWORD): ";

pub(crate) async fn ask_password() -> Result<Password, UnlockError> {
    let asked = tokio::task::spawn_blocking(|| read_hidden(PROMPT)).await;
    let text = asked.map_err(|error| UnlockError::NoTerminal(std::io::Error::other(error)))??;
    Ok(Password::new(text.as_str().to_owned()))
}

/// Asks on the terminal for something that is not shown while it is typed. White space around it
/// is left out. Blocks.
///
/// # Errors
/// When there is no terminal, or nothing is typed in.
pub fn ask_hidden(prompt: &str) -> Result<SecretText, UnlockError> {
    read_hidden(prompt).map(|text| SecretText::new(text.as_str().to_owned()))
}

/// The terminal is `/dev/tty`: standard input may be a pipe.
fn read_hidden(prompt: &str) -> Result<Zeroizing<String>, UnlockError> {
    trim(Zeroizing::new(rpassword::prompt_password(prompt).map_err(UnlockError::NoTerminal)?))
}

fn trim(typed: Zeroizing<String>) -> Result<Zeroizing<String>, UnlockError> {
    match typed.trim() {
        "" => Err(UnlockError::NothingTyped),
        text => Ok(Zeroizing::new(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_what_is_typed_is_left_out() {
        let typed = |text: &str| trim(Zeroizing::new(text.to_owned()));
        assert_eq!(typed("  two words \r\n").unwrap().as_str(), "two words");
        for nothing in ["", "  ", "\n"] {
            assert!(matches!(typed(nothing), Err(UnlockError::NothingTyped)));
        }
    }
}
