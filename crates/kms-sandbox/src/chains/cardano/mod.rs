//! Cardano.

mod node;
mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("ADA", "ada").with_withdrawals()],
    naming: Naming::Outputs,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &[],
    keyed: axum::Router::new,
    open: node::open,
};
