//! What an owner allows beyond each single transaction, and who is told when one comes to nothing.

use std::path::PathBuf;

use clap::Args;
use kms_core::{Duplicates, Limits};

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
    pub(super) fn limits(&self) -> Limits {
        let window = u64::from(self.duplicate_window).saturating_mul(1_000);
        let duplicates = match (window, self.hold_duplicates) {
            (0, _) => Duplicates::Ignored,
            (window, true) => Duplicates::Held(window),
            (window, false) => Duplicates::Told(window),
        };
        let fee_multiple = (self.fee_multiple > 0).then_some(self.fee_multiple);
        Limits { fee_multiple, duplicates }
    }
}
