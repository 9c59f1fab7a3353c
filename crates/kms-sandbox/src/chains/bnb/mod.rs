//! The Beacon Chain of BNB.

mod node;
mod samples;
mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: &[Coin::new("BNB", "bnb")],
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["Tx already exists in cache"],
    keyed: node::keyed,
    open: node::open,
};
