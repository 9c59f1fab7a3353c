//! `tatum-kms`: see the README.

use std::process::ExitCode;

mod cli;
mod command_error;
mod config;
mod daemon;
mod exit;
mod new_wallet;
mod wallet_check;
mod wire;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(std::env::args_os()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.into(),
    }
}
