use std::path::PathBuf;

use clap::{Parser, Subcommand, value_parser};

use crate::{
    BackupAction, Consent, DaemonFlags, DoctorFlags, Flags, ListFlags, PendingAction, PhraseFlags,
    ScopeFlags, SharesAction, examples,
};

/// Keeps custodial wallets in one sealed file and signs what your API account and your four-eye
/// endpoint agree on.
#[derive(Debug, Parser)]
#[command(name = "tatum-kms", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll for pending transactions, check, sign and broadcast them
    #[command(after_help = examples::DAEMON)]
    Daemon(Box<DaemonFlags>),

    /// Show the state of transactions; retry, skip or cancel one
    #[command(after_help = examples::PENDING)]
    Pending {
        #[command(subcommand)]
        action: PendingAction,
    },

    /// Stop signing: everything, a chain, a wallet, or payments to an address
    #[command(after_help = examples::PAUSE)]
    Pause(ScopeFlags),

    /// Resume signing
    #[command(after_help = examples::RESUME)]
    Resume {
        #[command(flatten)]
        scope: ScopeFlags,
        /// End every pause
        #[arg(long, conflicts_with_all = ["chain", "wallet", "to"])]
        all: bool,
    },

    /// Make a wallet and print it; nothing is stored
    #[command(name = "generatewallet", after_help = examples::GENERATE_WALLET)]
    GenerateWallet {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Make a wallet and store it
    #[command(name = "generatemanagedwallet", after_help = examples::GENERATE_MANAGED_WALLET)]
    GenerateManagedWallet {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Store a recovery phrase, read from a hidden prompt or one line of stdin
    #[command(name = "storemanagedwallet", after_help = examples::STORE_MANAGED_WALLET)]
    StoreManagedWallet {
        /// Chain code, e.g. ETH
        chain: String,
        #[command(flatten)]
        phrase: PhraseFlags,
    },

    /// Store a private key, read from a hidden prompt or one line of stdin
    #[command(name = "storemanagedprivatekey", after_help = examples::STORE_MANAGED_PRIVATE_KEY)]
    StoreManagedPrivateKey {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Make and store many single keys; prints one line of JSON for each
    #[command(name = "generatemanagedprivatekeybatch", after_help = examples::GENERATE_BATCH)]
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
    #[command(name = "getprivatekey", after_help = examples::GET_PRIVATE_KEY)]
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
    #[command(name = "getaddress", after_help = examples::GET_ADDRESS)]
    GetAddress {
        /// Signature id of the wallet
        id: String,
        /// Address index, 0 to 2147483647; may be left out for an imported key
        #[arg(allow_hyphen_values = true)]
        index: Option<String>,
    },

    /// Print a stored wallet, secrets included
    #[command(name = "getmanagedwallet", after_help = examples::GET_MANAGED_WALLET)]
    GetManagedWallet {
        /// Signature id of the wallet
        id: String,
        #[command(flatten)]
        consent: Consent,
    },

    /// Remove a wallet from the store, for good or with days of grace
    #[command(name = "removewallet", after_help = examples::REMOVE_WALLET)]
    RemoveWallet {
        /// Signature id of the wallet
        id: String,
        /// Days in which the wallet can be restored
        #[arg(long, value_name = "DAYS", value_parser = value_parser!(u16).range(1..=3650))]
        grace: Option<u16>,
        #[command(flatten)]
        consent: Consent,
    },

    /// Bring a wallet back that was removed with days of grace
    #[command(name = "restorewallet", after_help = examples::RESTORE_WALLET)]
    RestoreWallet {
        /// Signature id of the wallet
        id: String,
    },

    /// Give a wallet a label, or take it away
    #[command(after_help = examples::LABEL)]
    Label {
        /// Signature id of the wallet
        id: String,
        /// The label
        text: Option<String>,
    },

    /// Print all stored wallets, secrets included
    #[command(after_help = examples::EXPORT)]
    Export {
        /// Into a new wallet store of its own password instead, where nothing can be read
        #[arg(long, value_name = "FILE")]
        encrypted: Option<PathBuf>,
        #[command(flatten)]
        consent: Consent,
    },

    /// Store the wallets of a file: an export, a wallet.dat, a keystore file, a list of keys
    #[command(after_help = examples::IMPORT)]
    Import {
        file: PathBuf,
        /// Chain of the keys in a keystore file or list
        #[arg(long)]
        chain: Option<String>,
    },

    /// Say what is stored, without secrets
    #[command(after_help = examples::REPORT)]
    Report {
        /// Signature ids, separated by commas [default: all]
        ids: Option<String>,
        /// Add what a daemon's polls cost when it polls every so many seconds
        #[arg(long, value_name = "PERIOD")]
        forecast: Option<String>,
    },

    /// Print all stored wallets, without secrets
    #[command(after_help = examples::LIST)]
    List(ListFlags),

    /// Say which wallets an address belongs to
    #[command(after_help = examples::FIND)]
    Find {
        /// Address, in the chain's own spelling
        address: String,
        /// Only wallets of these chains, separated by commas
        #[arg(long)]
        chain: Option<String>,
        /// How many addresses of a wallet with a phrase are looked at
        #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..=1_000_000))]
        indexes: u32,
    },

    /// Make, check and put back copies of the wallet store
    #[command(after_help = examples::BACKUP)]
    Backup {
        #[command(subcommand)]
        action: BackupAction,
    },

    /// Change the password of the wallet store
    #[command(name = "changepassword", after_help = examples::CHANGE_PASSWORD)]
    ChangePassword,

    /// Split the store's key into shares, so that several people can open it without the password
    #[command(after_help = examples::SHARES)]
    Shares {
        #[command(subcommand)]
        action: SharesAction,
    },

    /// What a guess of the store's password costs
    #[command(after_help = examples::KDF)]
    Kdf {
        #[command(subcommand)]
        action: KdfAction,
    },

    /// Say what is configured, without secrets
    #[command(name = "checkconfig", after_help = examples::CHECK_CONFIG)]
    CheckConfig {
        /// Fetch the password and open the store with it
        #[arg(long = "try")]
        tries: bool,
    },

    /// Check the installation, and say what to do about each finding
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorFlags),

    /// Convert the original's wallet.dat; the old file is kept beside the new one
    #[command(after_help = examples::MIGRATE)]
    Migrate,

    /// Serve the remote API on loopback and verify what is broadcast
    #[command(after_help = examples::SANDBOX)]
    Sandbox {
        /// Port [default: any free one]
        #[arg(long)]
        port: Option<u16>,
    },

    /// Make wallets, sign and broadcast for every chain against the sandbox, show the result
    #[command(after_help = examples::DEMO)]
    Demo {
        /// Chains, separated by commas [default: all]
        #[arg(long)]
        chain: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KdfAction {
    /// Raise it to what it is in new stores
    Upgrade,
}
