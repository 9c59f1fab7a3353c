//! The command line: one file per command (or for two that are alike).

mod access;
mod backup;
mod chains;
mod check_config;
mod completions;
mod control;
mod daemon;
mod demo;
mod doctor;
mod expect;
mod export;
mod generate;
mod health;
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

use std::path::PathBuf;

use clap::{FromArgMatches as _, error::ErrorKind};
use kms_cli::{
    Cli, Command, ConfiguredCommand, Exit, Flags, KdfAction, StandaloneCommand, command_line,
};

use crate::{
    command_error::CommandError,
    config::{Environment, Settings},
    place::home_of_store,
};

/// Runs the program: reads the command line, loads the configuration, runs the command.
pub(crate) async fn run(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<(), Exit> {
    let cli = match parse(arguments) {
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

fn parse(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command_line().try_get_matches_from(arguments)?)
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
    let help = command_line().render_long_help().to_string();
    output::raw(&help).map_err(|_| Exit::Failed)
}

async fn execute(command: Command, flags: Flags) -> Result<(), CommandError> {
    match command {
        Command::Standalone(command) => execute_alone(command).await,
        Command::Configured(command) => execute_configured(command, flags).await,
    }
}

async fn execute_alone(command: StandaloneCommand) -> Result<(), CommandError> {
    match command {
        StandaloneCommand::Sandbox { port } => sandbox::run(port).await,
        StandaloneCommand::Completions { shell } => completions::run(shell),
        StandaloneCommand::Demo { chain } => demo::run(chain.as_deref()).await,
    }
}

async fn execute_configured(command: ConfiguredCommand, typed: Flags) -> Result<(), CommandError> {
    use ConfiguredCommand as C;
    let mut settings = load(typed.clone())?;
    match command {
        C::Daemon(flags) => daemon::run(&mut settings, &typed, &flags).await,
        C::Pending { action } => pending::run(&mut settings, action).await,
        C::Pause(scope) => control::pause(&settings, &scope).await,
        C::Resume(args) => control::resume(&settings, &args).await,
        C::GenerateWallet { chain } => generate::wallet(&settings, &chain),
        C::GenerateManagedWallet { chain } => generate::managed(&settings, &chain).await,
        C::StoreManagedWallet(args) => store_secret::mnemonic(&settings, &args).await,
        C::StoreManagedPrivateKey { chain } => store_secret::key(&settings, &chain).await,
        C::GenerateManagedPrivateKeyBatch(args) => generate::batch(&settings, &args).await,
        C::GetPrivateKey(args) => show::private_key(&settings, &args).await,
        C::GetAddress { id, index } => show::address(&settings, &id, index.as_deref()).await,
        C::GetManagedWallet { id, consent } => show::wallet(&settings, &id, consent).await,
        C::RemoveWallet(args) => remove::run(&settings, &args).await,
        C::RestoreWallet { id } => remove::restore(&settings, &id).await,
        C::Label { id, text } => label::run(&settings, &id, text.as_deref()).await,
        C::Export(args) => export::run(&settings, args).await,
        C::Import(flags) => import::run(&settings, &flags).await,
        C::Report(args) => report::run(&settings, &args).await,
        C::List(flags) => list::list(&settings, &flags).await,
        C::Find(args) => list::find(&settings, &args).await,
        C::Backup { action } => backup::run(&settings, action).await,
        C::Shares { action } => shares::run(&settings, action).await,
        C::ChangePassword => password::change(&settings).await,
        C::Kdf { action: KdfAction::Upgrade } => password::upgrade(&settings).await,
        C::CheckConfig { tries } => check_config::run(&settings, tries).await,
        C::Chains(args) => chains::run(&settings, &args),
        C::Doctor(flags) => doctor::run(&mut settings, &flags).await,
        C::Health => health::run(&settings, typed.path.is_some()),
        C::Migrate(flags) => migrate::run(&settings, flags).await,
    }
}

fn load(flags: Flags) -> Result<Settings, CommandError> {
    let variables = std::env::vars_os();
    let unicode = variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let here = std::env::current_dir().unwrap_or_default();
    let home = find_home(flags.path.is_some())?;
    let environment = Environment::load(unicode, &here, flags.env_file.as_deref(), home.as_deref())
        .map_err(crate::config::ConfigError::from)?;
    environment.notes.iter().for_each(|note| output::note(note));
    Ok(Settings::resolve(flags, environment, home.as_deref())?)
}

/// The folder that holds `.tatumrc`. Says so where it is not the user's own home.
fn find_home(is_path_given: bool) -> Result<Option<PathBuf>, CommandError> {
    let Some(own) = std::env::home_dir().filter(|_| !is_path_given) else {
        return Ok(std::env::home_dir());
    };
    let found = home_of_store(own.clone())?;
    if found != own {
        let store = found.join(".tatumrc/wallet.dat");
        output::note(&format!("the wallet store is {}", store.display()));
    }
    Ok(Some(found))
}
