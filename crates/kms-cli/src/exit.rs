//! Exit codes. Scripts rely on them; `docs/commands.md` lists them.

/// The reason why the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// The command was not carried out.
    Failed = 1,
    /// The command line or configuration is wrong.
    Usage = 2,
    /// The password is wrong or not available.
    Locked = 3,
    /// The wallet store is missing, damaged or cannot be read.
    Store = 4,
    /// The API key is missing.
    ApiKey = 5,
    /// The journal is damaged, missing, not the store's or cannot be written; nothing more is
    /// signed.
    Halted = 6,
}

impl Exit {
    /// All exit codes, in ascending order.
    pub const ALL: [Self; 6] =
        [Self::Failed, Self::Usage, Self::Locked, Self::Store, Self::ApiKey, Self::Halted];

    /// The code's meaning for scripts, for `docs/commands.md` and manual pages.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Failed => {
                "the command was not carried out; for `daemon --runOnce`: a transaction was not \
                 processed, a poll failed, or a payment came to nothing; for `daemon --shadow`: \
                 the other daemon acted differently"
            }
            Self::Usage => "the command line or the configuration is wrong",
            Self::Locked => "the password is wrong or not available",
            Self::Store => "the wallet store is missing, damaged or unreadable",
            Self::ApiKey => "the API key is not set",
            Self::Halted => {
                "the journal is damaged, missing, not the store's, or not writable; nothing more is signed"
            }
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
