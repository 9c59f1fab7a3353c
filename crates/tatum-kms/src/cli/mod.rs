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

use std::path::PathBuf;

use clap::{Parser, Subcommand, error::ErrorKind};

use self::{
    access::Consent, backup::BackupAction, control::ScopeFlags, list::ListFlags,
    pending::PendingAction, shares::SharesAction,
};
use crate::{
    command_error::CommandError,
    config::{DaemonFlags, Environment, Flags, Settings},
    exit::Exit,
};

/// Keeps custodial wallets in one sealed file and signs what your API account and your four-eye
/// endpoint agree on.
#[derive(Debug, Parser)]
#[command(name = "tatum-kms", version, disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll for pending transactions, check, sign and broadcast them
    #[command(after_help = daemon::EXAMPLES)]
    Daemon(Box<DaemonFlags>),

    /// Show the state of transactions; retry, skip or cancel one
    #[command(after_help = pending::EXAMPLES)]
    Pending {
        #[command(subcommand)]
        action: PendingAction,
    },

    /// Stop signing: everything, a chain, a wallet, or payments to an address
    #[command(after_help = control::PAUSE_EXAMPLES)]
    Pause(ScopeFlags),

    /// Resume signing
    #[command(after_help = control::RESUME_EXAMPLES)]
    Resume {
        #[command(flatten)]
        scope: ScopeFlags,
        /// End every pause
        #[arg(long, conflicts_with_all = ["chain", "wallet", "to"])]
        all: bool,
    },

    /// Make a wallet and print it; nothing is stored
    #[command(name = "generatewallet", after_help = generate::WALLET_EXAMPLES)]
    GenerateWallet {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Make a wallet and store it
    #[command(name = "generatemanagedwallet", after_help = generate::MANAGED_EXAMPLES)]
    GenerateManagedWallet {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Store a recovery phrase, read from a hidden prompt or one line of stdin
    #[command(name = "storemanagedwallet", after_help = store_secret::MNEMONIC_EXAMPLES)]
    StoreManagedWallet {
        /// Chain code, e.g. ETH
        chain: String,
        #[command(flatten)]
        phrase: store_secret::PhraseFlags,
    },

    /// Store a private key, read from a hidden prompt or one line of stdin
    #[command(name = "storemanagedprivatekey", after_help = store_secret::KEY_EXAMPLES)]
    StoreManagedPrivateKey {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Make and store many single keys; prints one line of JSON for each
    #[command(name = "generatemanagedprivatekeybatch", after_help = generate::BATCH_EXAMPLES)]
    GenerateManagedPrivateKeyBatch {
        /// Chain code, e.g. ETH
        chain: String,
        /// How many, 1 to 1000000
        count: String,
        /// Store a recovery phrase with each key
        #[arg(long = "mnemonic")]
        with_mnemonic: bool,
    },

    /// Print the private key of a wallet at an index
    #[command(name = "getprivatekey", after_help = show::PRIVATE_KEY_EXAMPLES)]
    GetPrivateKey {
        /// Signature id of the wallet
        id: String,
        /// Address index, 0 to 2147483647; may be left out for an imported key
        #[arg(allow_hyphen_values = true)]
        index: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },

    /// Print the address of a wallet at an index
    #[command(name = "getaddress", after_help = show::ADDRESS_EXAMPLES)]
    GetAddress {
        /// Signature id of the wallet
        id: String,
        /// Address index, 0 to 2147483647; may be left out for an imported key
        #[arg(allow_hyphen_values = true)]
        index: Option<String>,
    },

    /// Print a stored wallet, secrets included
    #[command(name = "getmanagedwallet", after_help = show::WALLET_EXAMPLES)]
    GetManagedWallet {
        /// Signature id of the wallet
        id: String,
        #[command(flatten)]
        consent: Consent,
    },

    /// Remove a wallet from the store, for good or with days of grace
    #[command(name = "removewallet", after_help = remove::EXAMPLES)]
    RemoveWallet {
        /// Signature id of the wallet
        id: String,
        /// Days in which the wallet can be restored
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        grace: Option<u16>,
        #[command(flatten)]
        consent: Consent,
    },

    /// Bring a wallet back that was removed with days of grace
    #[command(name = "restorewallet", after_help = remove::RESTORE_EXAMPLES)]
    RestoreWallet {
        /// Signature id of the wallet
        id: String,
    },

    /// Give a wallet a label, or take it away
    #[command(after_help = label::EXAMPLES)]
    Label {
        /// Signature id of the wallet
        id: String,
        /// The label
        text: Option<String>,
    },

    /// Print all stored wallets, secrets included
    #[command(after_help = export::EXAMPLES)]
    Export {
        /// Into a new wallet store of its own password instead, where nothing can be read
        #[arg(long, value_name = "FILE")]
        encrypted: Option<PathBuf>,
        #[command(flatten)]
        consent: Consent,
    },

    /// Store the wallets of a file: an export, a wallet.dat, keys of other tools
    #[command(after_help = import::EXAMPLES)]
    Import(import::ImportFlags),

    /// Say what is stored, without secrets
    #[command(after_help = report::EXAMPLES)]
    Report {
        /// Signature ids, separated by commas [default: all]
        ids: Option<String>,
        /// Add what a daemon's polls cost when it polls every so many seconds
        #[arg(long, value_name = "PERIOD")]
        forecast: Option<String>,
    },

    /// Print all stored wallets, without secrets
    #[command(after_help = list::LIST_EXAMPLES)]
    List(ListFlags),

    /// Say which wallets an address belongs to
    #[command(after_help = list::FIND_EXAMPLES)]
    Find {
        /// Address, in the chain's own spelling
        address: String,
        /// Only wallets of these chains, separated by commas
        #[arg(long)]
        chain: Option<String>,
        /// How many addresses of a wallet with a phrase are looked at
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        indexes: u32,
    },

    /// Make, check and put back copies of the wallet store
    #[command(after_help = backup::EXAMPLES)]
    Backup {
        #[command(subcommand)]
        action: BackupAction,
    },

    /// Change the password of the wallet store
    #[command(name = "changepassword", after_help = password::CHANGE_EXAMPLES)]
    ChangePassword,

    /// Split the store's key into shares, so that several people can open it without the password
    #[command(after_help = shares::EXAMPLES)]
    Shares {
        #[command(subcommand)]
        action: SharesAction,
    },

    /// What a guess of the store's password costs
    #[command(after_help = password::KDF_EXAMPLES)]
    Kdf {
        #[command(subcommand)]
        action: KdfAction,
    },

    /// Say what is configured, without secrets
    #[command(name = "checkconfig", after_help = check_config::EXAMPLES)]
    CheckConfig {
        /// Fetch the password and open the store with it
        #[arg(long = "try")]
        tries: bool,
    },

    /// Check the installation, and say what to do about each finding
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::DoctorFlags),

    /// Convert the original's wallet.dat; the old file is kept beside the new one
    #[command(after_help = migrate::EXAMPLES)]
    Migrate(migrate::MigrateFlags),

    /// Serve the remote API on loopback and verify what is broadcast
    #[command(after_help = sandbox::EXAMPLES)]
    Sandbox {
        /// Port [default: any free one]
        #[arg(long)]
        port: Option<u16>,
    },

    /// Make wallets, sign and broadcast for every chain against the sandbox, show the result
    #[command(after_help = demo::EXAMPLES)]
    Demo {
        /// Chains, separated by commas [default: all]
        #[arg(long)]
        chain: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum KdfAction {
    /// Raise it to what it is in new stores
    Upgrade,
}

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
        Command::Import(flags) => import::run(&settings, &flags).await,
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
        Command::Migrate(flags) => migrate::run(&settings, flags).await,
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
    environment.notes.iter().for_each(|note| output::note(note));
    Ok(Settings::resolve(flags, environment, home.as_deref())?)
}
