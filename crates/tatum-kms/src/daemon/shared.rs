//! What the loops of all chains work with.

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicU64},
    time::Duration,
};

use kms_api::Api;
use kms_core::{Gate, Ledger, Network, Ports};
use tokio::time::Instant;

use super::{budget::Budget, signals::Shutdown, store::SharedStore, throttle::Throttled};
use crate::config::DaemonConfig;

/// Everything that a new configuration replaces.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) api: Api,
    pub(crate) gate: Gate,
    pub(crate) config: DaemonConfig,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: SharedStore,
    pub(super) journal: Arc<dyn Ledger>,
    pub(super) network: Network,
    pub(super) shutdown: Shutdown,
    pub(super) budget: Option<Budget>,
    /// What one poll of every chain costs.
    pub(super) credits: AtomicU64,
    setup: RwLock<Arc<Setup>>,
    started: Instant,
}

impl Shared {
    pub(super) fn new(
        store: SharedStore,
        journal: Arc<dyn Ledger>,
        network: Network,
        shutdown: Shutdown,
        setup: Setup,
    ) -> Self {
        let budget = setup.config.credits_a_day.map(Budget::new);
        let setup = RwLock::new(Arc::new(setup));
        let (credits, started) = (AtomicU64::new(0), Instant::now());
        Self { store, journal, network, shutdown, budget, credits, setup, started }
    }

    /// Chains that poll at the same period do so at the same moments, as the original does.
    pub(super) fn until_next_tick(&self, period: Duration) -> Duration {
        let (period, past) = (period.as_nanos().max(1), self.started.elapsed().as_nanos());
        let left = period.saturating_sub(past % period);
        Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
    }

    /// The configuration in force. A round keeps to the one it began with.
    pub(super) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn replace_setup(&self, new: Setup) {
        *self.setup.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    }

    pub(super) fn ports<'a>(&'a self, way: &'a Throttled<'a>) -> Ports<'a> {
        Ports { lookup: way, keys: &self.store, journal: self.journal.as_ref(), broadcaster: way }
    }
}
