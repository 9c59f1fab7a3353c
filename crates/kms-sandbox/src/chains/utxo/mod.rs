//! Bitcoin and its descendants.

mod address;
mod node;
pub(crate) mod samples;
mod verify;

use axum::Router;

use super::{Coin, SandboxChain};
use crate::samples::Naming;

const COINS: &[Coin] = &[BTC, LTC, DOGE, BCH];

const BTC: Coin = Coin::new("BTC", "bitcoin").with_withdrawals();
const LTC: Coin = Coin::new("LTC", "litecoin").with_withdrawals();
const DOGE: Coin = Coin::new("DOGE", "dogecoin").with_withdrawals();
const BCH: Coin = Coin::new("BCH", "bcash").with_withdrawals();

const ALREADY_KNOWN: &[&str] = &["txn-already-in-mempool", "Transaction already in block chain"];

/// Has the routes of the family.
pub(super) static BITCOIN: SandboxChain = SandboxChain {
    coins: &[BTC, LTC],
    naming: Naming::Outputs,
    samples: samples::bitcore,
    verify: verify::verify_bitcoin,
    already_known: ALREADY_KNOWN,
    keyed: node::keyed,
    open: node::open,
};

pub(super) static DOGECOIN: SandboxChain = SandboxChain {
    coins: &[DOGE],
    naming: Naming::Outputs,
    samples: samples::bitcore,
    verify: verify::verify_dogecoin,
    already_known: ALREADY_KNOWN,
    keyed: Router::new,
    open: Router::new,
};

pub(super) static BITCOIN_CASH: SandboxChain = SandboxChain {
    coins: &[BCH],
    naming: Naming::Outputs,
    samples: samples::bitcoin_cash,
    verify: verify::verify_bitcoin_cash,
    already_known: ALREADY_KNOWN,
    keyed: Router::new,
    open: Router::new,
};
