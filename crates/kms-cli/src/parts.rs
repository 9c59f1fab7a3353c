//! What single commands take beside the global flags.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use crate::FourEyesFlags;

#[derive(Debug, Subcommand)]
pub enum PendingAction {
    /// Print where transactions stand, those that changed last first
    List(PendingListFlags),
    /// Print one transaction with everything that happened to it
    Show {
        /// Id of the pending transaction
        id: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Try a transaction again that was parked or skipped
    Retry {
        /// Id of the pending transaction
        id: String,
        /// Sign other bytes for one that was refused or can never be in its chain. If its first
        /// bytes come into the chain after all, it is paid twice
        #[arg(long = "sign-again")]
        sign_again: bool,
    },
    /// Leave a transaction alone from now on; the API keeps it
    Skip {
        /// Id of the pending transaction
        id: String,
    },
    /// Delete a transaction from the API, if nothing of it can be in its chain
    Cancel {
        /// Id of the pending transaction
        id: String,
        /// Give the fee of an off-chain withdrawal back as well
        #[arg(long)]
        revert: bool,
    },
}

#[derive(Args, Debug)]
pub struct PendingListFlags {
    /// Only of this chain
    #[arg(long)]
    pub chain: Option<String>,
    /// Only in these states, separated by commas
    #[arg(long, value_delimiter = ',')]
    pub state: Vec<String>,
    /// At most so many
    #[arg(long, default_value_t = 1000)]
    pub limit: u32,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// What to pause or resume; everything if none is given.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct ScopeFlags {
    /// Only this chain
    #[arg(long)]
    pub chain: Option<String>,
    /// Only transactions that name this wallet
    #[arg(long, value_name = "ID")]
    pub wallet: Option<String>,
    /// Only payments to this address
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// The ways in which a phrase is taken.
#[derive(Args, Debug)]
pub struct PhraseFlags {
    /// Take a phrase as it is typed whose words, checksum or spaces are not those of BIP-39
    #[arg(long = "allow-nonstandard-mnemonic")]
    pub allow_nonstandard_mnemonic: bool,
    /// Store only if the phrase gives this address, which is looked for on other tools' paths too
    #[arg(long, value_name = "ADDRESS")]
    pub expect: Option<String>,
    /// Where the address of --expect is on another tool's path, store its key, without the phrase
    #[arg(long = "single-key", requires = "expect")]
    pub single_key: bool,
}

/// Which wallets are listed.
#[derive(Args, Debug)]
pub struct ListFlags {
    /// Only wallets of these chains, separated by commas
    #[arg(long)]
    pub chain: Option<String>,
    /// Only wallets with this label
    #[arg(long)]
    pub label: Option<String>,
    /// Wallets that were removed and can be restored, instead of the others
    #[arg(long)]
    pub removed: bool,
}

#[derive(Debug, Subcommand)]
pub enum BackupAction {
    /// Copy the store, as it is at one moment, into a new file
    Create {
        /// New file; none is overwritten
        file: PathBuf,
    },
    /// Open a backup, read every wallet and derive its address; nothing is changed
    Verify {
        /// The backup
        file: PathBuf,
    },
    /// Put a backup in the place of a store that is not there
    Restore {
        /// The backup
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum SharesAction {
    /// Print shares of the store's key
    Create {
        /// How many shares open the store
        #[arg(long, value_parser = value_parser!(u8).range(1..=16))]
        threshold: u8,
        /// How many shares are made
        #[arg(long, value_parser = value_parser!(u8).range(1..=16))]
        count: u8,
        #[command(flatten)]
        consent: Consent,
    },
    /// Give the store a new password, by shares instead of the old one
    Recover,
}

#[derive(Args, Debug)]
pub struct DoctorFlags {
    /// Fetch the password and open the store with it
    #[arg(long = "try")]
    pub tries: bool,
    #[command(flatten)]
    pub four_eyes: FourEyesFlags,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Whether the question is left out.
#[derive(Args, Clone, Copy, Debug)]
pub struct Consent {
    /// Do not ask on a terminal
    #[arg(long, short = 'y')]
    pub yes: bool,
}

/// What is resumed.
#[derive(Args, Debug)]
pub struct ResumeArgs {
    #[command(flatten)]
    pub scope: ScopeFlags,
    /// End every pause
    #[arg(long, conflicts_with_all = ["chain", "wallet", "to"])]
    pub all: bool,
}

/// The wallet whose phrase is stored, and how it is taken.
#[derive(Args, Debug)]
pub struct StoreManagedWalletArgs {
    /// Chain code, e.g. ETH
    pub chain: String,
    #[command(flatten)]
    pub phrase: PhraseFlags,
}

/// The keys that are made.
#[derive(Args, Debug)]
pub struct GenerateManagedPrivateKeyBatchArgs {
    /// Chain code, e.g. ETH
    pub chain: String,
    /// How many, 1 to 1000000
    pub count: String,
    /// Store a recovery phrase with each key
    #[arg(long = "mnemonic")]
    pub with_mnemonic: bool,
}

/// The key that is shown.
#[derive(Args, Debug)]
pub struct GetPrivateKeyArgs {
    /// Signature id of the wallet
    pub id: String,
    /// Address index, 0 to 2147483647; may be left out for an imported key
    #[arg(allow_hyphen_values = true)]
    pub index: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The wallet that is removed.
#[derive(Args, Debug)]
pub struct RemoveWalletArgs {
    /// Signature id of the wallet
    pub id: String,
    /// Days in which the wallet can be restored
    #[arg(long, value_name = "DAYS", value_parser = value_parser!(u16).range(1..=3650))]
    pub grace: Option<u16>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The way in which wallets are exported.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Into a new wallet store of its own password instead, where nothing can be read
    #[arg(long, value_name = "FILE")]
    pub encrypted: Option<PathBuf>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The wallets that are reported.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Signature ids, separated by commas [default: all]
    pub ids: Option<String>,
    /// Add what a daemon's polls cost when it polls every so many seconds
    #[arg(long, value_name = "PERIOD")]
    pub forecast: Option<String>,
}

/// The address that is looked for.
#[derive(Args, Debug)]
pub struct FindArgs {
    /// Address, in the chain's own spelling
    pub address: String,
    /// Only wallets of these chains, separated by commas
    #[arg(long)]
    pub chain: Option<String>,
    /// How many addresses of a wallet with a phrase are looked at
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub indexes: u32,
}

/// The file that is imported, and how its keys are read.
#[derive(Args, Debug)]
pub struct ImportFlags {
    /// The file; docs/import.md lists the formats
    pub file: PathBuf,
    /// Chain of the keys in a keystore file or list
    #[arg(long)]
    pub chain: Option<String>,
    /// Print what would be stored, a JSON line each, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Store keys under their own addresses where the file names another
    #[arg(long)]
    pub ignore_file_address: bool,
    /// Leave out the keys that a node holds in reserve (dumpwallet)
    #[arg(long)]
    pub without_reserve: bool,
    /// Which of its two accounts an XRP seed stands for [default: as the seed is spelled]
    #[arg(long, value_enum)]
    pub key_type: Option<KeyType>,
}

/// The names are those of XRPL's own tools.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KeyType {
    Ed25519,
    Secp256k1,
}

/// What is done with the file of the original.
#[derive(Args, Clone, Copy, Debug)]
pub struct MigrateFlags {
    /// Say what to expect, and change nothing
    #[arg(long)]
    pub check: bool,
}

/// A shell that completions are written for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}
