use clap::{Parser, Subcommand};

use crate::{
    BackupAction, Consent, DaemonFlags, DoctorFlags, ExportArgs, FindArgs, Flags,
    GenerateManagedPrivateKeyBatchArgs, GetPrivateKeyArgs, ImportFlags, ListFlags, MigrateFlags,
    PendingAction, RemoveWalletArgs, ReportArgs, ResumeArgs, ScopeFlags, SharesAction, Shell,
    StoreManagedWalletArgs, examples,
};

/// Keeps custodial wallets in one sealed file and signs what your API account and your four-eye
/// endpoint agree on.
#[derive(Debug, Parser)]
#[command(name = "tatum-kms", version, disable_help_subcommand = true, max_term_width = crate::WIDTH_MAX)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A command, by whether the configuration is loaded for it.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Configured(ConfiguredCommand),
    #[command(flatten)]
    Standalone(StandaloneCommand),
}

/// Commands that work with what is configured: a store, mostly.
#[derive(Debug, Subcommand)]
pub enum ConfiguredCommand {
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
    Resume(ResumeArgs),

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
    StoreManagedWallet(StoreManagedWalletArgs),

    /// Store a private key, read from a hidden prompt or one line of stdin
    #[command(name = "storemanagedprivatekey", after_help = examples::STORE_MANAGED_PRIVATE_KEY)]
    StoreManagedPrivateKey {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Make and store many single keys; prints one line of JSON for each
    #[command(name = "generatemanagedprivatekeybatch", after_help = examples::GENERATE_BATCH)]
    GenerateManagedPrivateKeyBatch(GenerateManagedPrivateKeyBatchArgs),

    /// Print the private key of a wallet at an index
    #[command(name = "getprivatekey", after_help = examples::GET_PRIVATE_KEY)]
    GetPrivateKey(GetPrivateKeyArgs),

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
    RemoveWallet(RemoveWalletArgs),

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
    Export(ExportArgs),

    /// Store the wallets of a file: an export, a wallet.dat, keys of other tools
    #[command(after_help = examples::IMPORT)]
    Import(ImportFlags),

    /// Say what is stored, without secrets
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),

    /// Print all stored wallets, without secrets
    #[command(after_help = examples::LIST)]
    List(ListFlags),

    /// Say which wallets an address belongs to
    #[command(after_help = examples::FIND)]
    Find(FindArgs),

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
    Migrate(MigrateFlags),
}

/// Commands for which nothing need be configured: they run even where the configuration is wrong.
#[derive(Debug, Subcommand)]
pub enum StandaloneCommand {
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

    /// Print the completions of a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Name of the shell
        shell: Shell,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KdfAction {
    /// Raise it to what it is in new stores
    Upgrade,
}
