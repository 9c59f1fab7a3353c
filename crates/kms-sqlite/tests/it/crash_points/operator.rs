//! Operators' actions between two lives, careful or careless.

use kms_core::{ControlError, Desk as _, Filter, Progress, Stance};

use super::{
    TRANSACTIONS, pending,
    store::open,
    world::{Told, World},
};

/// One word on one transaction, now and then.
pub(super) async fn speak(world: &World, path: &std::path::Path, seed: u64) {
    if !world.chance(25) || !path.exists() {
        return;
    }
    let id = pending(world.below(TRANSACTIONS)).id.clone();
    let journal = open(path);
    let sign_again = world.chance(60);
    let filter = Filter { id: Some(id.to_string()), ..Filter::default() };
    let standing = journal.standings(filter).await.expect("standings").pop();
    let progress = standing.map(|standing| standing.progress);
    let is_alive = world.is_alive(id.as_str());
    // Who signs again what was refused has looked into the chain first.
    if sign_again && is_alive && progress == Some(Progress::Refused) {
        return;
    }
    let answer = journal.retry(&id, sign_again).await;
    let may_be_paid =
        matches!(progress, Some(Progress::Signed | Progress::Sent | Progress::Confirmed));
    if sign_again && may_be_paid {
        let is_right = matches!(answer, Err(ControlError::MayBePaid { .. }));
        assert!(is_right, "seed {seed}: {id}, {progress:?}: {answer:?}");
    }
    if answer.is_err() {
        return;
    }
    let mut state = world.state();
    state.wanted.insert(id.to_string());
    if sign_again && state.api.get(id.as_str()) == Some(&Told::Done) && !is_alive {
        // Whoever has it signed again has it offered again.
        state.api.insert(id.to_string(), Told::Pending);
    }
    if sign_again && matches!(progress, Some(Progress::Refused | Progress::Failed)) {
        *state.signed_again.entry(id.to_string()).or_default() += 1;
    }
}

/// In the end somebody looks after what was parked.
pub(super) async fn unpark(world: &World, path: &std::path::Path) {
    let journal = open(path);
    for standing in journal.standings(Filter::default()).await.expect("standings") {
        let id = kms_core::TransactionId::parse(&standing.id).expect("an id");
        if standing.stance == Some(Stance::Parked) && journal.retry(&id, false).await.is_ok() {
            world.state().wanted.insert(standing.id);
        }
    }
}
