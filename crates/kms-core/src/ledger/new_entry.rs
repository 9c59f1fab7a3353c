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
    /// Reads off the effects what is to be noted.
    pub fn of(intent: &Intent<'_>) -> Self {
        let Intent { pending, effects, claims, limits } = *intent;
        let claims: BTreeSet<_> = claims.iter().cloned().collect();
        let fee = effects.max_fee();
        Self {
            asked: Asked::of(pending),
            effects: effects.to_string(),
            receivers: effects.receivers().into_iter().map(str::to_owned).collect(),
            claims: claims.into_iter().collect(),
            fee: (fee.asset == Asset::Native).then_some(fee.amount),
            payments: payments(pending, effects),
            limits: *limits,
        }
    }
}

/// A fingerprint of each payment: who pays whom how much of what.
fn payments(pending: &Pending, effects: &Effects) -> Vec<[u8; 32]> {
    let paid = effects.transfers().iter().filter(|transfer| !transfer.to_self);
    paid.map(|transfer| fingerprint(pending, effects, transfer)).collect()
}

fn fingerprint(pending: &Pending, effects: &Effects, transfer: &Transfer) -> [u8; 32] {
    let mut hasher = FieldHasher::default();
    let (asset, amount) = (transfer.asset.to_string(), transfer.amount.to_string());
    let tag = transfer.tag.as_deref().unwrap_or_default();
    for field in [pending.chain.as_str(), &transfer.to, tag, &asset, &amount] {
        hasher.field(field.as_bytes());
    }
    hasher.field(pending.network.to_string().as_bytes());
    hasher.count(effects.from().len());
    effects.from().iter().for_each(|payer| hasher.field(payer.as_bytes()));
    hasher.finish()
}
