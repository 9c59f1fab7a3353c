//! From an intent to what a reservation writes.

use std::collections::BTreeSet;

use super::{
    ports::Intent,
    rows::{Asked, NewEntry},
};
use crate::{
    digest::FieldHasher,
    effects::{Asset, Effects, Transfer},
    pending::Pending,
};

impl NewEntry {
    pub fn of(intent: &Intent<'_>) -> Self {
        let Intent { pending, effects, claims, limits } = *intent;
        let claims: BTreeSet<_> = claims.iter().cloned().collect();
        let fee = &effects.max_fee;
        Self {
            asked: Asked::of(pending),
            effects: effects.to_string(),
            receivers: receivers(effects),
            claims: claims.into_iter().collect(),
            fee: (fee.asset == Asset::Native).then_some(fee.amount),
            payments: payments(pending, effects),
            limits: *limits,
        }
    }
}

fn receivers(effects: &Effects) -> Vec<String> {
    let paid = effects.transfers.iter().filter(|transfer| !transfer.to_self);
    let mut receivers: Vec<_> = paid.map(|transfer| transfer.to.clone()).collect();
    receivers.extend(effects.allowances.iter().map(|one| one.spender.clone()));
    receivers.extend(effects.unknown_calls.iter().cloned());
    receivers
}

/// A fingerprint of each payment: who pays whom how much of what.
fn payments(pending: &Pending, effects: &Effects) -> Vec<[u8; 32]> {
    let paid = effects.transfers.iter().filter(|transfer| !transfer.to_self);
    paid.map(|transfer| fingerprint(pending, transfer)).collect()
}

fn fingerprint(pending: &Pending, transfer: &Transfer) -> [u8; 32] {
    let payer = pending.wallets().next().map_or("", |wallet| wallet.as_str());
    let mut hasher = FieldHasher::default();
    let (asset, amount) = (transfer.asset.to_string(), transfer.amount.to_string());
    for field in [pending.chain.as_str(), payer, &transfer.to, &asset, &amount] {
        hasher.field(field.as_bytes());
    }
    hasher.field(pending.network.to_string().as_bytes());
    hasher.finish()
}
