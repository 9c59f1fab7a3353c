//! Limits that depend on earlier payments, and the hook for payments that came to nothing.

use std::{
    env,
    path::{Path, PathBuf},
};

use kms_cli::LimitFlags;
use kms_core::{Duplicates, Limits};

use super::resolve::{ConfigError, invalid};

/// # Errors
/// When duplicates are to be held, and none are looked for.
pub(super) fn limits(flags: &LimitFlags) -> Result<Limits, ConfigError> {
    if flags.hold_duplicates && flags.duplicate_window == 0 {
        let problem = "turns off the search for duplicates, which --hold-duplicates needs";
        return Err(invalid("--duplicate-window", "0", problem));
    }
    let window = u64::from(flags.duplicate_window).saturating_mul(1_000);
    let duplicates = match (window, flags.hold_duplicates) {
        (0, _) => Duplicates::Ignored,
        (window, true) => Duplicates::Held(window),
        (window, false) => Duplicates::Told(window),
    };
    let fee_multiple = (flags.fee_multiple > 0).then_some(flags.fee_multiple);
    Ok(Limits { fee_multiple, duplicates })
}

/// The program that hears of payments that came to nothing: one that could not be run would
/// be noticed on the day that it is needed.
///
/// # Errors
/// When there is no executable program with this name.
pub(super) fn hook(flags: &LimitFlags) -> Result<Option<PathBuf>, ConfigError> {
    let Some(program) = &flags.hook else { return Ok(None) };
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
    Err(invalid("--hook", &name, "is not a program that this user may run"))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}
