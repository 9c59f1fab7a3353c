//! Lanes of transactions: those that share a wallet go one after another, all others concurrently.

use std::collections::HashMap;

use kms_core::{Pending, SignatureId};

/// Puts transactions that name a common wallet into one lane, in their order: two of an account
/// must not ask for the same nonce at once. Lanes have nothing in common.
pub(super) fn arrange(transactions: Vec<Pending>) -> Vec<Vec<Pending>> {
    let mut lanes: Vec<Vec<Pending>> = Vec::new();
    let mut lane_of: HashMap<SignatureId, usize> = HashMap::new();
    for pending in transactions {
        let wallets: Vec<SignatureId> = pending.wallets().cloned().collect();
        let mut found: Vec<usize> =
            wallets.iter().filter_map(|wallet| lane_of.get(wallet).copied()).collect();
        found.sort_unstable();
        found.dedup();
        let own = found.first().copied().unwrap_or(lanes.len());
        if own == lanes.len() {
            lanes.push(Vec::new());
        }
        for other in found.into_iter().skip(1) {
            merge(&mut lanes, &mut lane_of, own, other);
        }
        lane_of.extend(wallets.into_iter().map(|wallet| (wallet, own)));
        if let Some(lane) = lanes.get_mut(own) {
            lane.push(pending);
        }
    }
    lanes.retain(|lane| !lane.is_empty());
    lanes
}

/// A transaction of wallets of two lanes makes them one.
fn merge(
    lanes: &mut [Vec<Pending>],
    lane_of: &mut HashMap<SignatureId, usize>,
    own: usize,
    other: usize,
) {
    let moved = lanes.get_mut(other).map(std::mem::take).unwrap_or_default();
    for wallet in moved.iter().flat_map(Pending::wallets) {
        lane_of.insert(wallet.clone(), own);
    }
    if let Some(lane) = lanes.get_mut(own) {
        lane.extend(moved);
    }
}

#[cfg(test)]
mod tests {
    use kms_core::{ChainId, IndexedWallet, PendingRequest};

    use super::*;

    fn pending(id: &str, hashes: &[&str], signatures: &[&str]) -> Pending {
        let indexed =
            |id: &&str| IndexedWallet { wallet: SignatureId::parse(id).unwrap(), index: None };
        let base = kms_testkit::pending(ChainId::new("ETH"), id, hashes, "");
        Pending::new(PendingRequest {
            signatures: signatures.iter().map(indexed).collect(),
            ..PendingRequest::clone(&base)
        })
    }

    fn ids(lanes: Vec<Vec<Pending>>) -> Vec<Vec<String>> {
        let lane = |lane: Vec<Pending>| lane.iter().map(|one| one.id.to_string()).collect();
        lanes.into_iter().map(lane).collect()
    }

    #[test]
    fn transactions_of_one_wallet_stay_in_order_and_others_go_beside_them() {
        let lanes = arrange(vec![
            pending("1", &["a"], &[]),
            pending("2", &["b"], &[]),
            pending("3", &["a"], &[]),
            pending("4", &[], &["b"]),
            pending("5", &[], &[]),
            pending("6", &[], &[]),
        ]);
        assert_eq!(ids(lanes), [vec!["1", "3"], vec!["2", "4"], vec!["5"], vec!["6"]]);
    }

    #[test]
    fn a_transaction_of_two_lanes_joins_them() {
        let lanes = arrange(vec![
            pending("1", &["a"], &[]),
            pending("2", &["b", "c"], &[]),
            pending("3", &["c", "a"], &[]),
            pending("4", &["b"], &[]),
            pending("5", &["d"], &[]),
        ]);
        assert_eq!(ids(lanes), [vec!["1", "2", "3", "4"], vec!["5"]]);
    }
}
