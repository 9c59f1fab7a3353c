//! The XRP Ledger.

mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("XRP", "xrp")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["tefALREADY"],
    keyed: axum::Router::new,
    open: axum::Router::new,
};
