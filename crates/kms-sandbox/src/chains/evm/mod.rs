//! Ethereum and its descendants.

mod node;
mod nodes;
mod samples;
pub(crate) mod verify;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

const COINS: &[Coin] = &[
    Coin::new("BSC", "bsc"),
    Coin::new("CELO", "celo"),
    Coin::new("ETH", "ethereum").with_withdrawals(),
    Coin::new("KCS", "kcs"),
    Coin::new("KLAY", "klaytn"),
    Coin::new("MATIC", "polygon"),
    Coin::new("ONE", "one").with_withdrawals(),
    Coin::new("XDC", "xdc"),
];

pub(super) static CHAIN: SandboxChain = SandboxChain {
    coins: COINS,
    naming: Naming::Account,
    samples: samples::payloads,
    verify: verify::verify,
    already_known: &["already known", "ALREADY_EXISTS: already known"],
    keyed: node::keyed,
    open: node::open,
};
