//! TRON.

mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("TRON", "tron")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["DUP_TRANSACTION_ERROR : Dup transaction."],
    keyed: axum::Router::new,
    open: axum::Router::new,
};
