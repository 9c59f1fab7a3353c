//! The command line of `tatum-kms` as a contract: commands, options, examples, environment
//! variables, exit codes and the names of password sources. Nothing here does anything, so that
//! documents, manual pages and completions are written from what the program itself takes.

mod command;
mod completions;
pub mod env_vars;
mod examples;
mod exit;
mod flags;
mod groups;
mod parts;
mod source;

/// Characters of a line of help, at most.
const WIDTH_MAX: usize = 100;

pub use self::{
    command::{Cli, Command, ConfiguredCommand, KdfAction, StandaloneCommand},
    completions::mend_bash,
    env_vars::EnvVar,
    exit::Exit,
    flags::{DaemonFlags, Flags, FourEyesFlags, LimitFlags},
    groups::command_line,
    parts::{
        BackupAction, Consent, DoctorFlags, ExportArgs, FindArgs,
        GenerateManagedPrivateKeyBatchArgs, GetPrivateKeyArgs, ImportFlags, KeyType, ListFlags,
        MigrateFlags, PendingAction, PendingListFlags, PhraseFlags, RemoveWalletArgs, ReportArgs,
        ResumeArgs, ScopeFlags, SharesAction, Shell, StoreManagedWalletArgs,
    },
    source::SourceName,
};
