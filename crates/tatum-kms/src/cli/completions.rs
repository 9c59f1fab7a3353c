//! The completion scripts of shells.

use clap::CommandFactory as _;
use clap_complete::{generate, shells};
use kms_cli::{Cli, Shell, mend_bash};

use super::output;
use crate::command_error::CommandError;

pub(super) fn run(shell: Shell) -> Result<(), CommandError> {
    let generator = match shell {
        Shell::Bash => shells::Shell::Bash,
        Shell::Zsh => shells::Shell::Zsh,
        Shell::Fish => shells::Shell::Fish,
    };
    let mut text = Vec::new();
    generate(generator, &mut Cli::command(), "tatum-kms", &mut text);
    let text = String::from_utf8_lossy(&text);
    let text = if shell == Shell::Bash { mend_bash(&text) } else { text.into_owned() };
    Ok(output::raw(&text)?)
}
