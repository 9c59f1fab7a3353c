use clap::{Parser, Subcommand};

use crate::{
    BackupAction, ChainsArgs, Consent, DaemonFlags, DoctorFlags, ExportArgs, FindArgs, Flags,
    GenerateManagedPrivateKeyBatchArgs, GetPrivateKeyArgs, ImportFlags, ListFlags, MigrateFlags,
    PendingAction, RemoveWalletArgs, ReportArgs, ResumeArgs, ScopeFlags, SharesAction, Shell,
    StoreManagedWalletArgs, examples,
};

/// Keep custodial wallets in one encrypted file, and sign the transactions that the Tatum API
/// requests and your four-eye endpoint approves
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

/// Commands that need the configuration, most of them for the wallet store.
#[derive(Debug, Subcommand)]
pub enum ConfiguredCommand {
    /// Poll for pending transactions; check, sign and broadcast them
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

    /// Generate a wallet and print it; store nothing
    #[command(name = "generatewallet", after_help = examples::GENERATE_WALLET)]
    GenerateWallet {
        /// Chain code, e.g. ETH
        chain: String,
    },

    /// Generate a wallet and store it
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

    /// Generate and store many single keys; print one line of JSON for each
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
        /// Address index, 0 to 2147483647; optional for an imported key
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

    /// Remove a wallet from the store, at once or after a grace period
    #[command(name = "removewallet", after_help = examples::REMOVE_WALLET)]
    RemoveWallet(RemoveWalletArgs),

    /// Restore a wallet that was removed with a grace period
    #[command(name = "restorewallet", after_help = examples::RESTORE_WALLET)]
    RestoreWallet {
        /// Signature id of the wallet
        id: String,
    },

    /// Set or clear a wallet's label
    #[command(after_help = examples::LABEL)]
    Label {
        /// Signature id of the wallet
        id: String,
        /// New label; omit it to clear the label
        text: Option<String>,
    },

    /// Print all stored wallets, secrets included
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),

    /// Store the wallets of an export, a wallet.dat, or other tools' key files
    #[command(after_help = examples::IMPORT)]
    Import(ImportFlags),

    /// Show the kind, chain and network of stored wallets, and polling costs; no secrets
    #[command(after_help = examples::REPORT)]
    Report(ReportArgs),

    /// List the stored wallets, without secrets
    #[command(after_help = examples::LIST)]
    List(ListFlags),

    /// Find the wallet of an address
    #[command(after_help = examples::FIND)]
    Find(FindArgs),

    /// Create, verify and restore backups of the wallet store
    #[command(after_help = examples::BACKUP)]
    Backup {
        #[command(subcommand)]
        action: BackupAction,
    },

    /// Change the password of the wallet store
    #[command(name = "changepassword", after_help = examples::CHANGE_PASSWORD)]
    ChangePassword,

    /// Split the store's key into shares, so that several people together can reset the password
    #[command(after_help = examples::SHARES)]
    Shares {
        #[command(subcommand)]
        action: SharesAction,
    },

    /// Manage the cost of password hashing
    #[command(after_help = examples::KDF)]
    Kdf {
        #[command(subcommand)]
        action: KdfAction,
    },

    /// Show the configuration, without secrets
    #[command(name = "checkconfig", after_help = examples::CHECK_CONFIG)]
    CheckConfig {
        /// Also fetch the password and open the store with it
        #[arg(long = "try")]
        tries: bool,
    },

    /// Show the supported chains: what is signed, the limits in force, the state of the networks
    #[command(after_help = examples::CHAINS)]
    Chains(ChainsArgs),

    /// Check the installation and advise on each problem
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorFlags),

    /// Check whether a daemon of this store runs on this machine; exit 0 if so, else 1
    #[command(after_help = examples::HEALTH)]
    Health,

    /// Convert a wallet.dat of Tatum KMS; keep the old file beside the new one
    #[command(after_help = examples::MIGRATE)]
    Migrate(MigrateFlags),
}

/// Commands that need no configuration; they run even if it is wrong.
#[derive(Debug, Subcommand)]
pub enum StandaloneCommand {
    /// Serve the API on loopback and verify what is broadcast
    #[command(after_help = examples::SANDBOX)]
    Sandbox {
        /// Port to listen on [default: any free port]
        #[arg(long)]
        port: Option<u16>,
    },

    /// Generate wallets, sign and broadcast on every chain against the sandbox, and show the result
    #[command(after_help = examples::DEMO)]
    Demo {
        /// Chains, comma-separated [default: all]
        #[arg(long)]
        chain: Option<String>,
    },

    /// Print the completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Shell
        shell: Shell,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KdfAction {
    /// Re-hash the password with the current cost
    Upgrade,
}
