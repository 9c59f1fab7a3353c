//! The command line of `tatum-kms` as a contract: commands, options, examples, environment
//! variables, exit codes and the names of password sources. Nothing here does anything, so that
//! documents, manual pages and completions are written from what the program itself takes.

mod command;
mod completions;
pub mod env_vars;
mod examples;
mod exit;
mod flags;
mod parts;
mod source;

pub use self::{
    command::{Cli, Command, ConfiguredCommand, KdfAction, StandaloneCommand},
    completions::mend_bash,
    env_vars::EnvVar,
    exit::Exit,
    flags::{DaemonFlags, Flags, FourEyesFlags, LimitFlags},
    parts::{
        BackupAction, Consent, DoctorFlags, ExportArgs, FindArgs,
        GenerateManagedPrivateKeyBatchArgs, GetPrivateKeyArgs, ImportFlags, KeyType, ListFlags,
        MigrateFlags, PendingAction, PendingListFlags, PhraseFlags, RemoveWalletArgs, ReportArgs,
        ResumeArgs, ScopeFlags, SharesAction, Shell, StoreManagedWalletArgs,
    },
    source::SourceName,
};
