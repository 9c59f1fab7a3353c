//! Signs of life of the chains' loops. A running process does not prove that no loop waits for
//! ever.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kms_core::ChainId;
use tokio::time::Instant;

/// A loop that works and shows nothing for so long hangs. One call takes a minute at most, and
/// nothing is tried more than a few times before something is shown.
const HANGS_AFTER: Duration = Duration::from_mins(15);

/// The sign of life of one chain's loop.
#[derive(Debug)]
pub(super) struct Pulse {
    chain: ChainId,
    /// The time of the last sign of life; `None` while it waits for its next round.
    shown: Mutex<Option<Instant>>,
}

impl Pulse {
    /// Shows that the loop goes on.
    pub(super) fn beat(&self) {
        self.set(Some(Instant::now()));
    }

    /// Shows that the loop waits for its next round, for however long.
    pub(super) fn rest(&self) {
        self.set(None);
    }

    fn set(&self, shown: Option<Instant>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
    }

    fn hangs(&self) -> bool {
        let shown = *self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.is_some_and(|at| at.elapsed() >= HANGS_AFTER)
    }
}

/// The signs of life of all loops.
#[derive(Debug, Default)]
pub(super) struct Pulses(Mutex<Vec<Arc<Pulse>>>);

impl Pulses {
    /// The pulse of a loop that is about to begin.
    pub(super) fn add(&self, chain: ChainId) -> Arc<Pulse> {
        let new = Arc::new(Pulse { chain, shown: Mutex::new(None) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&new));
        new
    }

    /// The chains whose loops hang.
    pub(super) fn hanging(&self) -> Vec<ChainId> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|pulse| pulse.hangs()).map(|pulse| pulse.chain).collect()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loop_hangs_that_works_and_shows_nothing_and_not_one_that_waits() {
        let (pulses, minute) = (Pulses::default(), Duration::from_mins(1));
        let (eth, btc) = (pulses.add(ChainId::new("ETH")), pulses.add(ChainId::new("BTC")));
        eth.beat();
        btc.beat();
        advance(14 * minute).await;
        btc.beat();
        assert_eq!(pulses.hanging(), []);
        advance(minute).await;
        assert_eq!(pulses.hanging(), [ChainId::new("ETH")]);
        eth.rest();
        advance(14 * minute).await;
        assert_eq!(pulses.hanging(), [ChainId::new("BTC")]);
        btc.beat();
        assert_eq!(pulses.hanging(), []);
    }
}
