//! Exit codes. A code is a promise to scripts; they are listed in `docs/commands.md`.

/// Why the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// What was asked for was not done.
    Failed = 1,
    /// The command line or configuration is wrong.
    Usage = 2,
    /// The password is wrong, or cannot be had.
    Locked = 3,
    /// The wallet store is missing, damaged or cannot be read.
    Store = 4,
    /// The API key is missing.
    ApiKey = 5,
    /// The journal is damaged, missing, not the store's or cannot be written; nothing more is
    /// signed.
    Halted = 6,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
