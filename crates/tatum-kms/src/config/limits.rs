//! What an owner allows beyond each single transaction, and who is told when one comes to nothing.

use std::{
    env,
    path::{Path, PathBuf},
};

use clap::Args;
use kms_core::{Duplicates, Limits};

use super::resolve::{ConfigError, invalid};

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LimitFlags {
    /// Hold a transaction whose fee is more than this many times the usual one of the last
    /// payments on its chain; 0 for never
    #[arg(long = "fee-multiple", default_value_t = 100, value_name = "TIMES")]
    pub(crate) fee_multiple: u64,

    /// Tell of a payment that was made already, under another id, in the last so many seconds: the
    /// same wallet, receiver, asset and amount; 0 for never
    #[arg(long = "duplicate-window", default_value_t = 3600, value_name = "SECONDS")]
    pub(crate) duplicate_window: u32,

    /// Hold such a payment until `pending retry`
    #[arg(long = "hold-duplicates")]
    pub(crate) hold_duplicates: bool,

    /// Program that is run, with a line of JSON on its stdin, when a payment came to nothing after
    /// it was sent
    #[arg(long = "hook", value_name = "PROGRAM")]
    pub(crate) hook: Option<PathBuf>,
}

impl LimitFlags {
    /// # Errors
    /// When duplicates are to be held, and none are looked for.
    pub(super) fn limits(&self) -> Result<Limits, ConfigError> {
        if self.hold_duplicates && self.duplicate_window == 0 {
            let problem = "looks for no duplicates that --hold-duplicates could hold";
            return Err(invalid("--duplicate-window", "0", problem));
        }
        let window = u64::from(self.duplicate_window).saturating_mul(1_000);
        let duplicates = match (window, self.hold_duplicates) {
            (0, _) => Duplicates::Ignored,
            (window, true) => Duplicates::Held(window),
            (window, false) => Duplicates::Told(window),
        };
        let fee_multiple = (self.fee_multiple > 0).then_some(self.fee_multiple);
        Ok(Limits { fee_multiple, duplicates })
    }

    /// The program that hears of payments that came to nothing: one that could not be run would
    /// be noticed on the day that it is needed.
    ///
    /// # Errors
    /// When there is no program of this name that may be run.
    pub(super) fn hook(&self) -> Result<Option<PathBuf>, ConfigError> {
        let Some(program) = &self.hook else { return Ok(None) };
        let name = program.display().to_string();
        let is_there = if program.components().count() > 1 {
            is_executable(program)
        } else {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).any(|folder| is_executable(&folder.join(program)))
        };
        if is_there {
            return Ok(Some(program.clone()));
        }
        Err(invalid("--hook", &name, "is no program that this user may run"))
    }
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}
