use std::path::PathBuf;

use clap::{ArgAction, Args, value_parser};

use crate::SourceName;

/// The global flags, spelled as in the original; kebab-case is accepted too.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Flags {
    /// API key; prefer the environment variable TATUM_API_KEY, which the process list does not show
    #[arg(long = "apiKey", visible_alias = "api-key", global = true, value_name = "KEY")]
    pub api_key: Option<String>,

    /// Use test networks instead of mainnet
    #[arg(
        long, global = true, num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value = "false", value_name = "BOOL",
        hide_possible_values = true, hide_default_value = true, action = ArgAction::Set,
        overrides_with = "no_testnet"
    )]
    pub testnet: bool,

    #[arg(long = "no-testnet", global = true, hide = true, overrides_with = "testnet")]
    pub no_testnet: bool,

    /// Path of the wallet store [default: ~/.tatumrc/wallet.dat]
    #[arg(long, global = true, value_name = "FILE")]
    pub path: Option<PathBuf>,

    /// Allow wallets, backups and journals to be written where they are lost with the container
    #[arg(long, global = true)]
    pub ephemeral: bool,

    /// File with environment variables [default: ~/.tatumrc/.env]
    #[arg(long = "envFile", visible_alias = "env-file", global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// Source of the wallet store's password [default: the first configured source, else a prompt]
    #[arg(
        long = "password-source",
        global = true,
        value_name = "SOURCE",
        conflicts_with_all = ["aws", "vgs", "azure"]
    )]
    pub password_source: Option<SourceName>,

    /// Read the password from AWS Secrets Manager
    #[arg(long, global = true, conflicts_with_all = ["vgs", "azure"])]
    pub aws: bool,

    /// Read the password from VGS
    #[arg(long, global = true, conflicts_with = "azure")]
    pub vgs: bool,

    /// Read the password from Azure Key Vault
    #[arg(long, global = true)]
    pub azure: bool,
}

/// Flags of the daemon.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DaemonFlags {
    /// Seconds between polls, at least 1; fractions are allowed
    #[arg(long, default_value = "5", value_name = "SECONDS")]
    pub period: String,

    /// Chains to poll, comma-separated [default: all chains with wallets]
    #[arg(long, value_name = "CHAINS")]
    pub chain: Option<String>,

    #[command(flatten)]
    pub four_eyes: FourEyesFlags,

    /// Poll once, process the pending transactions, and exit
    #[arg(long = "runOnce", visible_alias = "run-once")]
    pub run_once: bool,

    /// With --runOnce: poll for these wallets only, comma-separated
    #[arg(long, value_name = "IDS", requires = "run_once")]
    pub wallets: Option<String>,

    /// With --runOnce: process these transactions only, comma-separated
    #[arg(
        long = "transactionIds",
        visible_alias = "transaction-ids",
        value_name = "IDS",
        requires = "run_once"
    )]
    pub transaction_ids: Option<String>,

    /// Print what would be signed and sent, one line of JSON per transaction; sign and send nothing
    #[arg(long = "dry-run")]
    pub dry_run: bool,

    /// Run beside another daemon: decide but sign nothing, and compare the decisions with the
    /// payments that the API then shows
    #[arg(long, conflicts_with_all = ["dry_run", "new_journal", "take_over", "ask_before_signing"])]
    pub shadow: bool,

    /// With --shadow: stop after this many minutes
    #[arg(
        long = "shadow-for",
        value_name = "MINUTES",
        requires = "shadow",
        value_parser = value_parser!(u32).range(1..=525_600)
    )]
    pub shadow_for: Option<u32>,

    /// Park a transaction after this many failed tries, until `pending retry`; 0 means never
    #[arg(long = "park-after", default_value_t = 20, value_name = "TRIES")]
    pub park_after: u32,

    /// Spend at most this many API credits per day on polling, by polling idle chains less often
    #[arg(
        long = "credits-per-day",
        value_name = "CREDITS",
        value_parser = value_parser!(u64).range(1..)
    )]
    pub credits_a_day: Option<u64>,

    /// Create a new journal if the store's journal is lost for good; first read "The journal belongs
    /// to the store" in docs/daemon.md
    #[arg(long = "new-journal")]
    pub new_journal: bool,

    /// Start even though another daemon recently claimed the store
    #[arg(long = "take-over")]
    pub take_over: bool,

    /// Ask the API before each first signature whether the id is already paid (one credit each)
    #[arg(long = "ask-before-signing")]
    pub ask_before_signing: bool,

    /// Sign transactions that change who controls an account
    #[arg(long = "allow-account-changes")]
    pub allow_account_changes: bool,

    /// Sign for Algorand accounts that were rekeyed to a wallet of this store
    #[arg(long = "allow-rekeyed")]
    pub allow_rekeyed: bool,

    /// Maximum fee of a transaction, in coins (ETH=0.2,BTC=0.001) or in a token's base units
    /// (CELO/CONTRACT=UNITS) [default: see docs/commands.md]
    #[arg(long = "fee-most", value_name = "CHAIN=AMOUNT", value_delimiter = ',')]
    pub fee_most: Vec<String>,

    /// Skip the checks on dust and on absurdly high or low fees; the limits of --fee-most still
    /// apply
    #[arg(long = "skip-fee-checks")]
    pub skip_fee_checks: bool,

    /// Sign payments into data outputs (OP_RETURN) and other scripts that nobody can spend, and
    /// Litecoin's peg-ins
    #[arg(long = "allow-burns")]
    pub allow_burns: bool,

    #[command(flatten)]
    pub limits: LimitFlags,

    /// Trust the input amounts in payloads of Bitcoin, Litecoin, Dogecoin and Bitcoin Cash instead
    /// of fetching the transactions that are spent
    #[arg(long = "trust-input-amounts")]
    pub trust_input_amounts: bool,
}

/// The four-eye endpoint, and the keys by which it and the daemon authenticate each other.
#[derive(Args, Clone, Debug, Default)]
pub struct FourEyesFlags {
    /// Four-eye endpoint that must approve every transaction; required on mainnet
    #[arg(long = "externalUrl", visible_alias = "external-url", value_name = "URL")]
    pub external_url: Option<String>,

    /// Method for the four-eye endpoint: GET sends the id, POST the whole transaction
    #[arg(
        long = "externalUrlMethod",
        visible_alias = "external-url-method",
        default_value = "GET",
        value_name = "METHOD"
    )]
    pub external_url_method: String,

    /// File with the key that signs requests to the four-eye endpoint; its answers must then be
    /// signed too (docs/four-eye.md)
    #[arg(
        long = "four-eyes-key",
        value_name = "FILE",
        requires_all = ["external_url", "four_eyes_approver_key"]
    )]
    pub four_eyes_key: Option<PathBuf>,

    /// File with a key that may sign the four-eye endpoint's answers; may be repeated
    #[arg(long = "four-eyes-approver-key", value_name = "FILE", requires = "four_eyes_key")]
    pub four_eyes_approver_key: Vec<PathBuf>,

    /// PEM file with the client certificate and key to present to the four-eye endpoint
    #[arg(long = "four-eyes-identity", value_name = "FILE", requires = "external_url")]
    pub four_eyes_identity: Option<PathBuf>,

    /// PEM file with the certificates to trust for the four-eye endpoint
    #[arg(long = "four-eyes-ca", value_name = "FILE", requires = "external_url")]
    pub four_eyes_ca: Option<PathBuf>,

    /// For test set-ups: accept a four-eye endpoint that approves everything. Anybody who can
    /// create a payment at the API then gets it signed
    #[arg(long = "four-eyes-yes-to-all", requires = "external_url")]
    pub four_eyes_yes_to_all: bool,
}

/// Limits that depend on earlier payments.
#[derive(Args, Clone, Debug, Default)]
pub struct LimitFlags {
    /// Hold a transaction whose fee exceeds this many times the median of recent payments on its
    /// chain; 0 means never
    #[arg(long = "fee-multiple", default_value_t = 100, value_name = "TIMES")]
    pub fee_multiple: u64,

    /// Flag a payment as duplicate if one with the same wallet, receiver, asset and amount was made
    /// under another id in the last SECONDS; 0 means never
    #[arg(long = "duplicate-window", default_value_t = 3600, value_name = "SECONDS")]
    pub duplicate_window: u32,

    /// Hold duplicate payments until `pending retry`
    #[arg(long = "hold-duplicates")]
    pub hold_duplicates: bool,

    /// Program to run when a signed payment came to nothing; gets one line of JSON on stdin
    #[arg(long = "hook", value_name = "PROGRAM")]
    pub hook: Option<PathBuf>,
}
