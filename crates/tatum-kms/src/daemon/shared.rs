//! The parts that the loops of all chains share.

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicU64},
    time::Duration,
};

use kms_api::Api;
use kms_core::{Gate, Ledger, Network, Ports};
use tokio::time::Instant;

use super::{
    budget::Budget,
    caution::Caution,
    keeper::{Keeper, Moment},
    log::{event, with_causes},
    pulse::Pulses,
    shadow::Shadow,
    signals::Shutdown,
    start::OpenedJournal,
    store::SharedStore,
    throttle::Throttled,
};
use crate::config::DaemonConfig;

/// Everything that a new configuration replaces.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) api: Api,
    pub(crate) gate: Gate,
    pub(crate) config: DaemonConfig,
}

/// The journal cannot be used, or is not the store's any more.
#[derive(Debug)]
pub(super) struct NotTheJournal;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: SharedStore,
    pub(super) journal: Arc<dyn Ledger>,
    /// Nothing in a dry run.
    pub(super) keeper: Option<Keeper>,
    pub(super) caution: Caution,
    /// The shadow, if another daemon signs and this one only compares.
    pub(super) shadow: Option<Shadow>,
    pub(super) network: Network,
    pub(super) shutdown: Shutdown,
    pub(super) budget: Option<Budget>,
    /// The credits that one poll of every chain costs.
    pub(super) credits: AtomicU64,
    pub(super) pulses: Pulses,
    setup: RwLock<Arc<Setup>>,
    started: Instant,
}

impl Shared {
    pub(super) fn new(
        store: SharedStore,
        opened: OpenedJournal,
        network: Network,
        shutdown: Shutdown,
        setup: Setup,
    ) -> Self {
        let OpenedJournal { journal, keeper, replaced_for } = opened;
        let caution = Caution::new(replaced_for);
        let shadow = setup.config.shadow.map(Shadow::new);
        let budget = setup.config.credits_a_day.map(Budget::new);
        let setup = RwLock::new(Arc::new(setup));
        let (credits, started) = (AtomicU64::new(0), Instant::now());
        let pulses = Pulses::default();
        Self {
            store,
            journal,
            keeper,
            caution,
            shadow,
            network,
            shutdown,
            budget,
            credits,
            pulses,
            setup,
            started,
        }
    }

    /// Looks whether the journal is the store's still.
    ///
    /// # Errors
    /// When nothing more may be signed; the log says why.
    pub(super) fn check_journal(&self) -> Result<(), NotTheJournal> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        keeper.look(&self.store);
        if keeper.is_lost() { Err(NotTheJournal) } else { Ok(()) }
    }

    /// Tells the store how far its journal has come.
    ///
    /// # Errors
    /// When nothing more may be signed; the log says why.
    pub(super) async fn keep_seal(&self, moment: Moment) -> Result<(), NotTheJournal> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        if let Err(error) = keeper.keep(&self.store, self.journal.as_ref(), moment).await {
            event(&format!("stopping, because the journal failed: {}", with_causes(&error)));
            return Err(NotTheJournal);
        }
        if keeper.is_lost() { Err(NotTheJournal) } else { Ok(()) }
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
