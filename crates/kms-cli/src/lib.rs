//! The command line of `tatum-kms` as a contract: commands, options, examples, environment
//! variables, exit codes and the names of password sources. The crate has no behaviour, so that
//! documents, manual pages and completions can be generated from the real definitions.

mod command;
mod completions;
pub mod env_vars;
mod examples;
mod exit;
mod flags;
mod groups;
mod parts;
mod source;

/// Maximum width of the help, in characters.
const WIDTH_MAX: usize = 100;

pub use self::{
    command::{Cli, Command, ConfiguredCommand, KdfAction, StandaloneCommand},
    completions::mend_bash,
    env_vars::EnvVar,
    exit::Exit,
    flags::{DaemonFlags, Flags, FourEyesFlags, LimitFlags},
    groups::command_line,
    parts::{
        BackupAction, ChainsArgs, Consent, DoctorFlags, ExportArgs, FindArgs,
        GenerateManagedPrivateKeyBatchArgs, GetPrivateKeyArgs, ImportFlags, KeyType, ListFlags,
        MigrateFlags, PendingAction, PendingListFlags, PhraseFlags, RemoveWalletArgs, ReportArgs,
        ResumeArgs, ScopeFlags, SharesAction, Shell, StoreManagedWalletArgs,
    },
    source::SourceName,
};
