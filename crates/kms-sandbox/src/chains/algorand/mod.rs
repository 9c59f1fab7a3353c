//! Algorand.

mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("ALGO", "algorand")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["transaction already in ledger"],
    keyed: axum::Router::new,
    open: axum::Router::new,
};
