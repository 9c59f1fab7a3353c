//! The daemon: rounds with a period, until it is asked to stop.

pub(crate) mod log;
mod round;
mod shutdown;

use kms_api::{Api, FourEyesEndpoint, FourEyesMethod, SetupError};
use kms_core::{FourEyes, Gate, Network, Ports, SignatureId};
use kms_keystore::{StoreError, Unlocked};
use kms_secret::unlocked_bytes;
use kms_sqlite::SqliteJournal;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use self::{
    log::event,
    round::{Polled, Round, Tally},
    shutdown::Shutdown,
};
use crate::config::DaemonConfig;

/// Everything the daemon runs on; opened before the first round, so that what is wrong stops the
/// start.
pub(crate) struct Daemon {
    pub(crate) api: Api,
    pub(crate) store: Unlocked,
    pub(crate) journal: SqliteJournal,
    pub(crate) network: Network,
    pub(crate) config: DaemonConfig,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").field("network", &self.network).finish_non_exhaustive()
    }
}

/// How the daemon ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    AsAsked,
    /// `--runOnce`, and something was not processed.
    WithFailures,
    /// The journal cannot be trusted or written.
    Halted,
}

impl Daemon {
    /// # Errors
    /// When the signals or the HTTP client cannot be set up.
    pub(crate) async fn run(mut self) -> Result<Ended, SetupError> {
        let gate = self.gate()?;
        let Ok(mut shutdown) = Shutdown::listen() else { return Ok(Ended::Halted) };
        if self.config.once.is_some() {
            let tally = self.round(&gate, &shutdown).await;
            return Ok(of_once(tally));
        }
        let start = Instant::now();
        let mut ticks = interval_at(start, self.config.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        event(&format!("started on {}, polling every {:?}", self.network, self.config.period));
        if unlocked_bytes() > 0 {
            event(
                "the system lets no more memory be locked (`ulimit -l`); keys may be swapped out",
            );
        }
        loop {
            tokio::select! {
                () = shutdown.asked() => break,
                _ = ticks.tick() => (),
            }
            if self.round(&gate, &shutdown).await.halted {
                return Ok(Ended::Halted);
            }
            if shutdown.is_asked() {
                break;
            }
        }
        event("stopped");
        Ok(Ended::AsAsked)
    }

    fn gate(&self) -> Result<Gate, SetupError> {
        let four_eyes = match &self.config.four_eyes {
            None => FourEyes::WaivedOnTestnet,
            Some(endpoint) => {
                let method = match endpoint.posts {
                    true => FourEyesMethod::Post,
                    false => FourEyesMethod::Get,
                };
                let url = endpoint.url.clone();
                let endpoint = FourEyesEndpoint::new(url, method, env!("CARGO_PKG_VERSION"))?;
                FourEyes::Required(Box::new(endpoint))
            }
        };
        Ok(Gate::new(Vec::new(), four_eyes))
    }

    async fn round(&mut self, gate: &Gate, shutdown: &Shutdown) -> Tally {
        let chains = match self.chains() {
            Ok(chains) => chains,
            Err(error) => {
                event(&format!("the wallet store cannot be read, skipping this round: {error}"));
                return Tally { polls_failed: 1, ..Tally::default() };
            }
        };
        let only = self.config.once.as_ref().and_then(|once| once.transactions.as_deref());
        let ports = Ports {
            lookup: &self.api,
            keys: &self.store,
            journal: &self.journal,
            network: &self.api,
        };
        let network = self.network;
        Round { api: &self.api, gate, ports, network, shutdown, only }.run(&chains).await
    }

    /// The chains to poll, each with its wallets of this network.
    fn chains(&mut self) -> Result<Vec<Polled>, StoreError> {
        self.store.refresh()?;
        let named = self.config.once.as_ref().and_then(|once| once.wallets.as_ref());
        let all = kms_chains::CHAINS.iter().copied();
        let asked: Vec<_> = match &self.config.chains {
            Some(chains) => chains.clone(),
            None => all.collect(),
        };
        let polled = asked.into_iter().map(|chain| {
            let own = || self.store.ids(chain.spec().id.as_str(), self.network);
            let wallets: Vec<SignatureId> = named.cloned().unwrap_or_else(own);
            Polled { chain, options: self.config.options(chain), wallets }
        });
        Ok(polled.filter(|polled| !polled.wallets.is_empty()).collect())
    }
}

fn of_once(tally: Tally) -> Ended {
    match tally {
        Tally { halted: true, .. } => Ended::Halted,
        Tally { left: 0, rejected: 0, polls_failed: 0, .. } => Ended::AsAsked,
        _ => Ended::WithFailures,
    }
}
