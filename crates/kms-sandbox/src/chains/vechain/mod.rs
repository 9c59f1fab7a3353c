//! VeChain.

mod node;
mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("VET", "vet")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &[],
    keyed: axum::Router::new,
    open: node::open,
};
