//! The command line: one file per command (or for two that are alike).

mod access;
mod backup;
mod check_config;
mod control;
mod daemon;
mod demo;
mod doctor;
mod expect;
mod export;
mod generate;
mod import;
mod label;
mod list;
mod migrate;
pub(crate) mod output;
mod password;
mod pending;
mod remove;
mod report;
pub(crate) mod reveal;
mod sandbox;
mod shares;
mod show;
mod store_secret;

use clap::{Parser as _, error::ErrorKind};
use kms_cli::{Cli, Command, Exit, Flags, KdfAction};

use crate::{
    command_error::CommandError,
    config::{Environment, Settings},
};

/// Runs the program: reads the command line, loads the configuration, runs the command.
pub(crate) async fn run(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<(), Exit> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let Some(command) = cli.command else { return help() };
    match execute(command, cli.flags).await {
        Ok(()) => Ok(()),
        Err(error) => {
            output::error(&error.to_string());
            Err(error.exit())
        }
    }
}

/// Help and version are results; everything else is a mistake.
fn usage(error: &clap::Error) -> Result<(), Exit> {
    match error.kind() {
        ErrorKind::DisplayVersion => {
            let version = concat!(env!("CARGO_PKG_VERSION"), "\n");
            output::raw(version).map_err(|_| Exit::Failed)
        }
        ErrorKind::DisplayHelp => output::raw(&error.to_string()).map_err(|_| Exit::Failed),
        _ => {
            output::note(error.to_string().trim_end());
            Err(Exit::Usage)
        }
    }
}

fn help() -> Result<(), Exit> {
    use clap::CommandFactory as _;
    let help = Cli::command().render_long_help().to_string();
    output::raw(&help).map_err(|_| Exit::Failed)
}

async fn execute(command: Command, flags: Flags) -> Result<(), CommandError> {
    if let Command::Demo { chain } = &command {
        return demo::run(chain.as_deref()).await;
    }
    if let Command::Sandbox { port } = command {
        return sandbox::run(port).await;
    }
    let typed = flags.clone();
    let mut settings = load(flags)?;
    match command {
        Command::Daemon(flags) => daemon::run(&mut settings, &typed, &flags).await,
        Command::Pending { action } => pending::run(&mut settings, action).await,
        Command::Pause(scope) => control::pause(&settings, &scope).await,
        Command::Resume { scope, all } => control::resume(&settings, &scope, all).await,
        Command::GenerateWallet { chain } => generate::wallet(&settings, &chain),
        Command::GenerateManagedWallet { chain } => generate::managed(&settings, &chain).await,
        Command::StoreManagedWallet { chain, phrase } => {
            store_secret::mnemonic(&settings, &chain, &phrase).await
        }
        Command::StoreManagedPrivateKey { chain } => store_secret::key(&settings, &chain).await,
        Command::GenerateManagedPrivateKeyBatch { chain, count, with_mnemonic } => {
            generate::batch(&settings, &chain, &count, with_mnemonic).await
        }
        Command::GetPrivateKey { id, index, consent } => {
            show::private_key(&settings, &id, index.as_deref(), consent).await
        }
        Command::GetAddress { id, index } => show::address(&settings, &id, index.as_deref()).await,
        Command::GetManagedWallet { id, consent } => show::wallet(&settings, &id, consent).await,
        Command::RemoveWallet { id, grace, consent } => {
            remove::run(&settings, &id, grace, consent).await
        }
        Command::RestoreWallet { id } => remove::restore(&settings, &id).await,
        Command::Label { id, text } => label::run(&settings, &id, text.as_deref()).await,
        Command::Export { encrypted: None, consent } => export::run(&settings, consent).await,
        Command::Export { encrypted: Some(file), .. } => export::sealed(&settings, file).await,
        Command::Import { file, chain } => import::run(&settings, &file, chain.as_deref()).await,
        Command::Report { ids, forecast } => {
            report::run(&settings, ids.as_deref(), forecast.as_deref()).await
        }
        Command::List(flags) => list::list(&settings, &flags).await,
        Command::Find { address, chain, indexes } => {
            list::find(&settings, &address, chain.as_deref(), indexes).await
        }
        Command::Backup { action } => backup::run(&settings, action).await,
        Command::Shares { action } => shares::run(&settings, action).await,
        Command::ChangePassword => password::change(&settings).await,
        Command::Kdf { action: KdfAction::Upgrade } => password::upgrade(&settings).await,
        Command::CheckConfig { tries } => check_config::run(&settings, tries).await,
        Command::Doctor(flags) => doctor::run(&mut settings, &flags).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Sandbox { .. } | Command::Demo { .. } => Ok(()),
    }
}

fn load(flags: Flags) -> Result<Settings, CommandError> {
    let variables = std::env::vars_os();
    let unicode = variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let here = std::env::current_dir().unwrap_or_default();
    let home = std::env::home_dir();
    let environment = Environment::load(unicode, &here, flags.env_file.as_deref(), home.as_deref())
        .map_err(crate::config::ConfigError::from)?;
    Ok(Settings::resolve(flags, environment, home.as_deref())?)
}
