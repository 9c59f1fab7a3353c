//! `tatum-kms`: see the README.

use std::process::ExitCode;

mod cli;
mod command_error;
mod config;
mod daemon;
mod hardening;
mod new_wallet;
mod place;
mod wallet_check;
mod wire;

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = hardening::forbid_dumps() {
        cli::output::error(&format!("core dumps cannot be disabled: {error}"));
        return kms_cli::Exit::Failed.into();
    }
    match cli::run(std::env::args_os()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.into(),
    }
}
