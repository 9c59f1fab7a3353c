//! Whoever is paid can be paused: effects name accounts as `pause --to` reads them.

use std::collections::BTreeSet;

use kms_core::{Effects, Network};

use super::{READERS, cases, chain, road};

/// Addresses in effects that belong to an account, as far as they are addresses.
fn receivers(effects: &Effects) -> BTreeSet<&str> {
    let paid = effects.transfers().iter().filter(|transfer| !transfer.to_self);
    let paid = paid.map(|transfer| transfer.to.as_str());
    let spenders = effects.allowances().iter().map(|allowance| allowance.spender.as_str());
    let unexplained = effects.unexplained().filter_map(|one| one.receiver.as_deref());
    paid.chain(spenders).chain(unexplained).collect()
}

/// Outputs without an address are shown as scripts.
fn is_script(text: &str) -> bool {
    text.starts_with("script ")
}

#[tokio::test]
async fn every_receiver_is_an_account_that_a_pause_reaches() {
    let mut seen = 0_usize;
    for (code, ..) in READERS {
        for case in cases(code) {
            let Some((effects, _)) = road::recorded(chain(code), &case).await else { continue };
            let reached = effects.receivers();
            for text in receivers(&effects).into_iter().filter(|text| !is_script(text)) {
                let accounts = kms_chains::accounts(text);
                assert!(!accounts.is_empty(), "{}: {text} is no account", case.name);
                let is_reached = accounts.iter().any(|one| reached.contains(one.as_str()));
                assert!(is_reached, "{}: {text} in {reached:?}", case.name);
                seen += 1;
            }
            if effects.network() == Network::Mainnet {
                let own =
                    effects.from().iter().map(|payer| chain(code).account(Network::Mainnet, payer));
                assert!(own.into_iter().all(|account| account.is_some()), "{}", case.name);
            }
        }
    }
    assert!(seen > 400, "{seen} receivers");
}
