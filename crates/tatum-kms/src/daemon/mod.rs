//! The daemon: one loop per chain, until it is asked to stop.

mod backoff;
pub(crate) mod budget;
mod caution;
mod chain_loop;
pub(crate) mod claim;
mod due;
mod follow;
mod hook;
mod keeper;
mod lanes;
pub(crate) mod log;
mod pulse;
mod rehearsal;
mod reports;
mod round;
mod service;
mod shadow;
mod shared;
mod signals;
pub(crate) mod start;
mod store;
mod throttle;

use std::{
    convert::Infallible,
    sync::{Arc, Once},
};

use futures_util::future::join_all;
use kms_core::{Chain, Network};
use kms_keystore::Unlocked;
use kms_secret::unlocked_bytes;
use tokio::{sync::mpsc, task::JoinSet};

pub(crate) use self::shared::Setup;
use self::{
    chain_loop::ChainLoop,
    keeper::{CLAIM_PERIOD, Moment},
    log::event,
    round::Tally,
    shared::Shared,
    signals::{Hangup, Shutdown},
    start::OpenedJournal,
    store::SharedStore,
};
use crate::command_error::CommandError;

/// Reads the configuration again.
pub(crate) type Reload = Box<dyn Fn() -> Result<Setup, CommandError> + Send>;

/// Everything the daemon runs on; opened before the first round, so that what is wrong stops the
/// start.
pub(crate) struct Daemon {
    pub(crate) store: Unlocked,
    pub(crate) journal: OpenedJournal,
    pub(crate) network: Network,
    pub(crate) setup: Setup,
    /// The reaction to SIGHUP; `None` means that it is ignored.
    pub(crate) reload: Option<Reload>,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").field("network", &self.network).finish_non_exhaustive()
    }
}

/// The way in which the daemon ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    AsAsked,
    /// `--runOnce`, and something was not processed.
    WithFailures,
    /// `--shadow`, and the other daemon did otherwise with so many transactions.
    Differing(usize),
    /// The journal cannot be trusted or written.
    Halted,
}

impl Daemon {
    /// # Errors
    /// When the signals cannot be caught.
    pub(crate) async fn run(self) -> Result<Ended, CommandError> {
        let Self { store, journal, network, setup, reload } = self;
        let shutdown = Shutdown::listen()?;
        let hangup = Hangup::listen()?;
        let chains = match &setup.config.chains {
            Some(chains) => chains.clone(),
            None => kms_chains::CHAINS.to_vec(),
        };
        let (is_once, period) = (setup.config.once.is_some(), setup.config.period);
        let store = SharedStore::new(store);
        let shared = Arc::new(Shared::new(store, journal, network, shutdown, setup));
        if let Some(shadow) = &shared.shadow {
            shadow.begin(&shared.shutdown);
        }
        if is_once {
            let tally = run_once(&shared, chains).await;
            if let Some(shadow) = &shared.shadow {
                return Ok(shadow.end(&shared).await?);
            }
            return Ok(of_once(let_go(&shared, tally).await));
        }
        event(&format!("started on {network}, polling every {period:?}"));
        tell_of_unlocked_memory();
        tokio::spawn(renew_claim(Arc::clone(&shared)));
        let (begun, all_begun) = mpsc::channel(1);
        let status = format!("polling on {network} every {period:?}");
        tokio::spawn(service::tell_of_life(Arc::clone(&shared), all_begun, status));
        let told_of_end = tokio::spawn(service::tell_of_end(shared.shutdown.clone()));
        if let Some(reload) = reload {
            tokio::spawn(reload_when_told(Arc::clone(&shared), hangup, reload));
        }
        let tally = tokio::select! {
            tally = run_all(&shared, chains, begun) => tally,
            // Everything that is begun is in the journal.
            () = shared.shutdown.asked_again() => Tally::default(),
        };
        // The loops end because the end was asked for, so that is told by now or at once.
        let _ = told_of_end.await;
        if let Some(shadow) = &shared.shadow {
            return Ok(shadow.end(&shared).await?);
        }
        if let_go(&shared, tally).await.halted {
            return Ok(Ended::Halted);
        }
        event("stopped");
        Ok(Ended::AsAsked)
    }
}

async fn run_once(shared: &Arc<Shared>, chains: Vec<&'static dyn Chain>) -> Tally {
    let setup = shared.setup();
    let rounds = chains.into_iter().map(|chain| {
        let (shared, setup) = (Arc::clone(shared), Arc::clone(&setup));
        async move { ChainLoop::new(shared, chain).round(&setup).await }
    });
    join_all(rounds).await.into_iter().fold(Tally::default(), Tally::plus)
}

/// Each loop drops its end of the channel when it begins to poll.
async fn run_all(
    shared: &Arc<Shared>,
    chains: Vec<&'static dyn Chain>,
    begun: mpsc::Sender<Infallible>,
) -> Tally {
    let mut loops = JoinSet::new();
    for chain in chains {
        loops.spawn(ChainLoop::new(Arc::clone(shared), chain).run(begun.clone()));
    }
    drop(begun);
    let mut total = Tally::default();
    while let Some(ended) = loops.join_next().await {
        match ended {
            Ok(tally) => total = total.plus(tally),
            Err(_) => {
                event("internal error (panic) in a chain's loop; stopping. Please report it");
                total.halted = true;
                shared.shutdown.ask();
            }
        }
    }
    total
}

/// Says once, when it is so, that the system lets no more memory be locked.
fn tell_of_unlocked_memory() {
    static TOLD: Once = Once::new();
    if unlocked_bytes() > 0 {
        TOLD.call_once(|| {
            event(
                "the limit of locked memory is reached, so that keys may be swapped out: raise it \
                 (`ulimit -l`, LimitMEMLOCK=, `docker run --ulimit memlock=-1`)",
            );
        });
    }
}

/// Tells the store how far its journal came, and that nobody signs there any more.
async fn let_go(shared: &Shared, mut tally: Tally) -> Tally {
    // A copy of the journal's file alone is then all of it. Without that it needs its log.
    if let Err(error) = shared.journal.make_whole().await {
        event(&format!(
            "the journal's write-ahead log could not be merged and stays beside it: {}",
            log::with_causes(&error)
        ));
    }
    tally.halted |= shared.keep_seal(Moment::AtTheEnd).await.is_err();
    if let Some(keeper) = &shared.keeper {
        keeper.release_claim();
    }
    tally
}

async fn renew_claim(shared: Arc<Shared>) {
    let Some(keeper) = &shared.keeper else { return };
    loop {
        tokio::time::sleep(CLAIM_PERIOD).await;
        keeper.renew_claim();
        if keeper.is_lost() {
            return shared.shutdown.ask();
        }
    }
}

/// A configuration that is wrong leaves the old one in force.
async fn reload_when_told(shared: Arc<Shared>, mut hangup: Hangup, reload: Reload) {
    loop {
        hangup.received().await;
        match reload() {
            Ok(setup) => {
                shared.replace_setup(setup);
                event("configuration reloaded; each chain uses it from its next round");
            }
            Err(error) => {
                event(&format!(
                    "the new configuration is invalid, so the old one stays in force: {error}"
                ));
            }
        }
    }
}

fn of_once(tally: Tally) -> Ended {
    match tally {
        Tally { halted: true, .. } => Ended::Halted,
        Tally { left: 0, rejected: 0, polls_failed: 0, lost: 0, .. } => Ended::AsAsked,
        _ => Ended::WithFailures,
    }
}
