use std::path::PathBuf;

use clap::{ArgAction, Args, value_parser};

use crate::SourceName;

/// The flags, spelled as the original spells them; kebab-case is accepted too.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Flags {
    /// Key of the remote API; the environment variable TATUM_API_KEY keeps it out of the process
    /// list
    #[arg(long = "apiKey", visible_alias = "api-key", global = true, value_name = "KEY")]
    pub api_key: Option<String>,

    /// Test networks instead of mainnet
    #[arg(
        long, global = true, num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value = "false", value_name = "BOOL",
        hide_possible_values = true, hide_default_value = true, action = ArgAction::Set,
        overrides_with = "no_testnet"
    )]
    pub testnet: bool,

    #[arg(long = "no-testnet", global = true, hide = true, overrides_with = "testnet")]
    pub no_testnet: bool,

    /// Wallet store [default: ~/.tatumrc/wallet.dat]
    #[arg(long, global = true, value_name = "FILE")]
    pub path: Option<PathBuf>,

    /// File with environment variables [default: ~/.tatumrc/.env]
    #[arg(long = "envFile", visible_alias = "env-file", global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// Where the password of the wallet store comes from [default: what is configured, else a
    /// prompt]
    #[arg(
        long = "password-source",
        global = true,
        value_name = "SOURCE",
        conflicts_with_all = ["aws", "vgs", "azure"]
    )]
    pub password_source: Option<SourceName>,

    /// Take the password of the wallet store from AWS Secrets Manager
    #[arg(long, global = true, conflicts_with_all = ["vgs", "azure"])]
    pub aws: bool,

    /// Take the password of the wallet store from VGS
    #[arg(long, global = true, conflicts_with = "azure")]
    pub vgs: bool,

    /// Take the password of the wallet store from Azure Key Vault
    #[arg(long, global = true)]
    pub azure: bool,
}

/// Flags of the daemon.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DaemonFlags {
    /// Seconds between two polls, fractions allowed, at least 1
    #[arg(long, default_value = "5", value_name = "SECONDS")]
    pub period: String,

    /// Chains to poll, separated by commas [default: those with wallets]
    #[arg(long, value_name = "CHAINS")]
    pub chain: Option<String>,

    #[command(flatten)]
    pub four_eyes: FourEyesFlags,

    /// Poll once, process what is there, and exit
    #[arg(long = "runOnce", visible_alias = "run-once")]
    pub run_once: bool,

    /// With --runOnce: poll for these wallets only, separated by commas
    #[arg(long, value_name = "IDS", requires = "run_once")]
    pub wallets: Option<String>,

    /// With --runOnce: process these transactions only, separated by commas
    #[arg(
        long = "transactionIds",
        visible_alias = "transaction-ids",
        value_name = "IDS",
        requires = "run_once"
    )]
    pub transaction_ids: Option<String>,

    /// Say what would be signed and sent, one line of JSON per transaction, and do neither
    #[arg(long = "dry-run")]
    pub dry_run: bool,

    /// Look on beside another daemon: decide, sign nothing, and compare with what the API then shows
    /// as sent
    #[arg(long, conflicts_with_all = ["dry_run", "new_journal", "take_over", "ask_before_signing"])]
    pub shadow: bool,

    /// With --shadow: end after so many minutes
    #[arg(
        long = "shadow-for",
        value_name = "MINUTES",
        requires = "shadow",
        value_parser = value_parser!(u32).range(1..=525_600)
    )]
    pub shadow_for: Option<u32>,

    /// After so many failures a transaction waits for `pending retry`; 0 for never
    #[arg(long = "park-after", default_value_t = 20, value_name = "TRIES")]
    pub park_after: u32,

    /// Poll idle chains less often, so that a day costs no more credits of the API than this
    #[arg(
        long = "credits-per-day",
        value_name = "CREDITS",
        value_parser = value_parser!(u64).range(1..)
    )]
    pub credits_a_day: Option<u64>,

    /// Take a new journal where the store's own is lost for good; read "The journal belongs to the
    /// store" in docs/daemon.md first
    #[arg(long = "new-journal")]
    pub new_journal: bool,

    /// Start although another daemon's claim on the store is fresh
    #[arg(long = "take-over")]
    pub take_over: bool,

    /// Ask the API before each first signature whether the id is paid already (a credit each)
    #[arg(long = "ask-before-signing")]
    pub ask_before_signing: bool,

    /// Sign transactions that change who controls an account
    #[arg(long = "allow-account-changes")]
    pub allow_account_changes: bool,

    /// Sign for accounts of Algorand that were handed to a key of ours by rekeying
    #[arg(long = "allow-rekeyed")]
    pub allow_rekeyed: bool,

    /// The most that a transaction may pay in fees, such as ETH=0.2,BTC=0.001 in coins, or
    /// CELO/CONTRACT=UNITS for a token [default: docs/commands.md]
    #[arg(long = "fee-most", value_name = "CHAIN=AMOUNT", value_delimiter = ',')]
    pub fee_most: Vec<String>,

    /// Leave out the checks on dust and on fees that are absurdly high or low; the ceilings of
    /// --fee-most stay
    #[arg(long = "skip-fee-checks")]
    pub skip_fee_checks: bool,

    #[command(flatten)]
    pub limits: LimitFlags,
    /// Believe what payloads say the inputs of Bitcoin, Litecoin, Dogecoin and Bitcoin Cash are
    /// worth, instead of reading the transactions that paid them
    #[arg(long = "trust-input-amounts")]
    pub trust_input_amounts: bool,
}

/// Who checks transactions, and how the two know each other.
#[derive(Args, Clone, Debug, Default)]
pub struct FourEyesFlags {
    /// Four-eye endpoint that every transaction is checked with; required on mainnet
    #[arg(long = "externalUrl", visible_alias = "external-url", value_name = "URL")]
    pub external_url: Option<String>,

    /// How the four-eye endpoint is called: GET with the id, or POST with the transaction
    #[arg(
        long = "externalUrlMethod",
        visible_alias = "external-url-method",
        default_value = "GET",
        value_name = "METHOD"
    )]
    pub external_url_method: String,

    /// File with the key that signs questions to the four-eye endpoint; its answers have to be
    /// signed too (docs/four-eye.md)
    #[arg(
        long = "four-eyes-key",
        value_name = "FILE",
        requires_all = ["external_url", "four_eyes_approver_key"]
    )]
    pub four_eyes_key: Option<PathBuf>,

    /// File with a key that the four-eye endpoint's answers may be signed with; may be repeated
    #[arg(long = "four-eyes-approver-key", value_name = "FILE", requires = "four_eyes_key")]
    pub four_eyes_approver_key: Vec<PathBuf>,

    /// File with the certificate and the key, in PEM, by which the four-eye endpoint knows us
    #[arg(long = "four-eyes-identity", value_name = "FILE", requires = "external_url")]
    pub four_eyes_identity: Option<PathBuf>,

    /// File with certificates, in PEM, that are trusted for the four-eye endpoint
    #[arg(long = "four-eyes-ca", value_name = "FILE", requires = "external_url")]
    pub four_eyes_ca: Option<PathBuf>,

    /// Take a four-eye endpoint that says yes to everything, for test set-ups: whoever makes the
    /// API ask for a payment then gets it
    #[arg(long = "four-eyes-yes-to-all", requires = "external_url")]
    pub four_eyes_yes_to_all: bool,
}

/// What an owner allows beyond each single transaction.
#[derive(Args, Clone, Debug, Default)]
pub struct LimitFlags {
    /// Hold a transaction whose fee is more than this many times the usual one of the last
    /// payments on its chain; 0 for never
    #[arg(long = "fee-multiple", default_value_t = 100, value_name = "TIMES")]
    pub fee_multiple: u64,

    /// Tell of a payment that was made already, under another id, in the last so many seconds: the
    /// same wallet, receiver, asset and amount; 0 for never
    #[arg(long = "duplicate-window", default_value_t = 3600, value_name = "SECONDS")]
    pub duplicate_window: u32,

    /// Hold such a payment until `pending retry`
    #[arg(long = "hold-duplicates")]
    pub hold_duplicates: bool,

    /// Program that is run, with a line of JSON on its stdin, when a payment came to nothing after
    /// it was sent
    #[arg(long = "hook", value_name = "PROGRAM")]
    pub hook: Option<PathBuf>,
}
