//! Options and arguments of single commands, besides the global flags.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use crate::FourEyesFlags;

#[derive(Args, Debug)]
pub struct ChainsArgs {
    /// Chain code, e.g. ETH [default: all]
    pub chain: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum PendingAction {
    /// List transactions and their states, most recently changed first
    List(PendingListFlags),
    /// Show one transaction with its history
    Show {
        /// Id of the pending transaction
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Retry a transaction that was parked, held, rejected, reported, skipped or cancelled, if the
    /// API still offers it
    Retry {
        /// Id of the pending transaction
        id: String,
        /// Sign new bytes for a transaction that was refused, failed, dropped or expired. If the
        /// first bytes enter the chain after all, it is paid twice
        #[arg(long = "sign-again")]
        sign_again: bool,
    },
    /// Ignore a transaction from now on; the API keeps it
    Skip {
        /// Id of the pending transaction
        id: String,
    },
    /// Delete a transaction from the API, unless its bytes may be in the chain
    Cancel {
        /// Id of the pending transaction
        id: String,
        /// Also refund the fee of an off-chain withdrawal
        #[arg(long)]
        revert: bool,
    },
}

#[derive(Args, Debug)]
pub struct PendingListFlags {
    /// Show only this chain
    #[arg(long)]
    pub chain: Option<String>,
    /// Show only these states, comma-separated
    #[arg(long, value_delimiter = ',')]
    pub state: Vec<String>,
    /// Show at most this many
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    pub limit: u32,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The part of signing to pause or resume; everything if none is given.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct ScopeFlags {
    /// Only transactions of this chain
    #[arg(long)]
    pub chain: Option<String>,
    /// Only transactions that use this wallet
    #[arg(long, value_name = "ID")]
    pub wallet: Option<String>,
    /// Only payments to the account of this address, in any notation
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
}

/// Options for storing a recovery phrase.
#[derive(Args, Debug)]
pub struct PhraseFlags {
    /// Accept a phrase that is not valid BIP-39 (words, checksum or spacing), exactly as typed
    #[arg(long = "allow-nonstandard-mnemonic")]
    pub allow_nonstandard_mnemonic: bool,
    /// Store only if the phrase leads to this address; other tools' derivation paths are tried too
    #[arg(long, value_name = "ADDRESS")]
    pub expect: Option<String>,
    /// If the address of --expect is on another tool's path, store its key without the phrase
    #[arg(long = "single-key", requires = "expect")]
    pub single_key: bool,
}

/// The wallets to list.
#[derive(Args, Debug)]
pub struct ListFlags {
    /// Only wallets of these chains, comma-separated
    #[arg(long)]
    pub chain: Option<String>,
    /// Only wallets with this label
    #[arg(long)]
    pub label: Option<String>,
    /// Only wallets that were removed and can be restored
    #[arg(long)]
    pub removed: bool,
}

#[derive(Debug, Subcommand)]
pub enum BackupAction {
    /// Copy the store's current state to a new file
    Create {
        /// File to create; an existing file is never overwritten
        file: PathBuf,
    },
    /// Open a backup, read every wallet and derive its address; change nothing
    Verify {
        /// The backup
        file: PathBuf,
    },
    /// Restore a backup where no store exists
    Restore {
        /// The backup
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum SharesAction {
    /// Print shares of the store's key
    Create {
        /// Number of shares needed to open the store, 1 to 16
        #[arg(long, value_name = "SHARES", value_parser = value_parser!(u8).range(1..=16))]
        threshold: u8,
        /// Number of shares to create, 1 to 16
        #[arg(long, value_name = "SHARES", value_parser = value_parser!(u8).range(1..=16))]
        count: u8,
        #[command(flatten)]
        consent: Consent,
    },
    /// Set a new password, with shares instead of the old password
    Recover,
}

#[derive(Args, Debug)]
pub struct DoctorFlags {
    /// Also fetch the password and open the store with it
    #[arg(long = "try")]
    pub tries: bool,
    #[command(flatten)]
    pub four_eyes: FourEyesFlags,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Consent given in advance.
#[derive(Args, Clone, Copy, Debug)]
pub struct Consent {
    /// Do not ask for confirmation on a terminal
    #[arg(long, short = 'y')]
    pub yes: bool,
}

/// The pauses to end.
#[derive(Args, Debug)]
pub struct ResumeArgs {
    #[command(flatten)]
    pub scope: ScopeFlags,
    /// End every pause
    #[arg(long, conflicts_with_all = ["chain", "wallet", "to"])]
    pub all: bool,
}

/// The chain and phrase to store.
#[derive(Args, Debug)]
pub struct StoreManagedWalletArgs {
    /// Chain code, e.g. ETH
    pub chain: String,
    #[command(flatten)]
    pub phrase: PhraseFlags,
}

/// The keys to generate.
#[derive(Args, Debug)]
pub struct GenerateManagedPrivateKeyBatchArgs {
    /// Chain code, e.g. ETH
    pub chain: String,
    /// Number of keys, 1 to 1000000
    pub count: String,
    /// Store a recovery phrase with each key
    #[arg(long = "mnemonic")]
    pub with_mnemonic: bool,
}

/// The key to print.
#[derive(Args, Debug)]
pub struct GetPrivateKeyArgs {
    /// Signature id of the wallet
    pub id: String,
    /// Address index, 0 to 2147483647; optional for an imported key
    #[arg(allow_hyphen_values = true)]
    pub index: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The wallet to remove.
#[derive(Args, Debug)]
pub struct RemoveWalletArgs {
    /// Signature id of the wallet
    pub id: String,
    /// Keep the wallet restorable for this many days, 1 to 3650
    #[arg(long, value_name = "DAYS", value_parser = value_parser!(u16).range(1..=3650))]
    pub grace: Option<u16>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The kind of export.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Write the wallets to a new encrypted store with another password instead of printing them
    #[arg(long, value_name = "FILE")]
    pub encrypted: Option<PathBuf>,
    #[command(flatten)]
    pub consent: Consent,
}

/// The wallets to report on.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Signature ids, comma-separated [default: all]
    pub ids: Option<String>,
    /// Add the credits that a daemon's polls cost with this period
    #[arg(long, value_name = "SECONDS")]
    pub forecast: Option<String>,
}

/// The address to find.
#[derive(Args, Debug)]
pub struct FindArgs {
    /// Address, in any notation of the chain
    pub address: String,
    /// Only wallets of these chains, comma-separated
    #[arg(long)]
    pub chain: Option<String>,
    /// Number of addresses to try per wallet with a phrase, 1 to 1000000
    #[arg(
        long,
        default_value_t = 100,
        value_name = "COUNT",
        value_parser = value_parser!(u32).range(1..=1_000_000)
    )]
    pub indexes: u32,
}

/// The file to import, and how to read its keys.
#[derive(Args, Debug)]
pub struct ImportFlags {
    /// File to import; docs/import.md lists the formats
    pub file: PathBuf,
    /// Chain of the keys, where the file does not determine it
    #[arg(long)]
    pub chain: Option<String>,
    /// Print what would be stored, one line of JSON per wallet; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Store each key under the address that follows from it, even if the file names another
    #[arg(long)]
    pub ignore_file_address: bool,
    /// Skip keys that the node has never handed out (dumpwallet)
    #[arg(long)]
    pub without_reserve: bool,
    /// Signature scheme of an XRP seed [default: by the seed's prefix]
    #[arg(long, value_enum, value_name = "SCHEME")]
    pub key_type: Option<KeyType>,
}

/// Signature schemes of XRP, named as in XRPL's tools.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KeyType {
    Ed25519,
    Secp256k1,
}

/// The kind of migration.
#[derive(Args, Clone, Copy, Debug)]
pub struct MigrateFlags {
    /// Show what the migration would do and what will behave differently; change nothing
    #[arg(long)]
    pub check: bool,
}

/// A shell with completions.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}
