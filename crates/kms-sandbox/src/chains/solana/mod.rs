//! Solana.

mod node;
mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("SOL", "solana")],
    naming: Naming::Outputs,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["This transaction has already been processed"],
    keyed: axum::Router::new,
    open: node::open,
};
