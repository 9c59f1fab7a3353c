//! What single commands take beside the global flags.

use std::path::PathBuf;

use clap::{Args, Subcommand, value_parser};

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
    Create { file: PathBuf },
    /// Open a backup, read every wallet and derive its address; nothing is changed
    Verify { file: PathBuf },
    /// Put a backup in the place of a store that is not there
    Restore { file: PathBuf },
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
