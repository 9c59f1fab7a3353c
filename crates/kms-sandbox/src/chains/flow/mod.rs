//! Flow.

mod node;
mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("FLOW", "flow")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &[],
    keyed: node::keyed,
    open: node::open,
};
