//! One chain's loop. No chain waits for another.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use kms_api::PollBody;
use kms_core::Chain;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    backoff,
    budget::idle_period,
    due::Due,
    keeper::Moment,
    log::event,
    pulse::Pulse,
    round::{Round, Tally},
    shared::{Setup, Shared},
    tell_of_unlocked_memory,
    throttle::Throttle,
};

/// After failures the wait between two polls grows up to this.
const FAILED_WAIT_MOST: Duration = Duration::from_mins(5);
/// Between two looks for transactions that it is time to look up.
const FOLLOW_PERIOD: Duration = Duration::from_secs(5);
/// An idle chain's wait grows by a half with each empty poll, up to what the budget asks.
const IDLE_GROWTH: (u32, u32) = (3, 2);

pub(super) struct ChainLoop {
    shared: Arc<Shared>,
    chain: &'static dyn Chain,
    due: Arc<Due>,
    throttle: Arc<Throttle>,
    pulse: Arc<Pulse>,
    /// Dropped when the wallets to poll for are known.
    begun: Option<mpsc::Sender<Infallible>>,
    next_follow: Instant,
    plan: PollPlan,
    /// Polls in a row that failed.
    failures: u32,
    /// The wait after the last empty poll.
    idle: Duration,
}

/// The body of a poll, as of a generation of the store's list.
#[derive(Default)]
struct PollPlan {
    generation: Option<u64>,
    count: usize,
    /// The credits that a poll costs; 0 without wallets, for which there is no poll.
    credits: u64,
    body: PollBody,
}

impl ChainLoop {
    pub(super) fn new(shared: Arc<Shared>, chain: &'static dyn Chain) -> Self {
        let pulse = shared.pulses.add(chain.spec().id);
        Self {
            shared,
            chain,
            due: Arc::default(),
            throttle: Arc::default(),
            pulse,
            begun: None,
            next_follow: Instant::now() + FOLLOW_PERIOD,
            plan: PollPlan::default(),
            failures: 0,
            idle: Duration::ZERO,
        }
    }

    /// Polls until the end is asked for. Drops the sender when the wallets to poll for are known.
    pub(super) async fn run(mut self, begun: mpsc::Sender<Infallible>) -> Tally {
        let mut total = Tally::default();
        self.begun = Some(begun);
        while !self.shared.shutdown.is_asked() {
            let begun = Instant::now();
            let setup = self.shared.setup();
            self.pulse.beat();
            let tally = self.round(&setup).await;
            self.pulse.rest();
            tell_of_unlocked_memory();
            total = total.plus(tally);
            if total.halted {
                self.shared.shutdown.ask();
                break;
            }
            let wait = self.wait(&setup, &tally);
            let wait = if wait == setup.config.period {
                self.shared.until_next_tick(wait)
            } else {
                wait.saturating_sub(begun.elapsed())
            };
            // Woken by the end, or by time.
            let _ = timeout(wait, self.shared.shutdown.asked()).await;
        }
        total
    }

    /// One round, if the chain has wallets and the budget allows it.
    pub(super) async fn round(&mut self, setup: &Arc<Setup>) -> Tally {
        if let Err(error) = self.read_wallets(setup) {
            event(&format!("the wallet store cannot be read, skipping this round: {error}"));
            return Tally { polls_failed: 1, ..Tally::default() };
        }
        self.begun = None;
        if self.plan.count == 0 || !self.is_afforded().await {
            return Tally::default();
        }
        if self.shared.check_journal().is_err() {
            return Tally { halted: true, ..Tally::default() };
        }
        let round = Arc::new(Round {
            shared: Arc::clone(&self.shared),
            setup: Arc::clone(setup),
            chain: self.chain,
            options: setup.config.options(self.chain),
            due: Arc::clone(&self.due),
            throttle: Arc::clone(&self.throttle),
            pulse: Arc::clone(&self.pulse),
        });
        let mut tally = Arc::clone(&round).run(&self.plan.body, self.plan.count).await;
        let is_time = setup.config.once.is_some() || Instant::now() >= self.next_follow;
        if !tally.halted && !setup.config.dry_run && is_time {
            self.next_follow = Instant::now() + FOLLOW_PERIOD;
            tally = tally.plus(round.follow_due().await);
        }
        tally.halted |= self.shared.keep_seal(Moment::AfterARound).await.is_err();
        tally
    }

    fn read_wallets(&mut self, setup: &Setup) -> Result<(), kms_keystore::StoreError> {
        if let Some(named) = setup.config.once.as_ref().and_then(|once| once.wallets.as_ref()) {
            let (count, body) = (named.len(), PollBody::new(named));
            self.plan = PollPlan { generation: None, count, credits: 0, body };
            return Ok(());
        }
        let store = &self.shared.store;
        store.refresh()?;
        let generation = Some(store.generation());
        if self.plan.generation != generation {
            let ids = store.ids(self.chain.spec().id.as_str(), self.shared.network);
            let (count, body) = (ids.len(), PollBody::new(&ids));
            let credits = if count == 0 { 0 } else { body.credits() };
            self.shared.credits.fetch_add(credits, Ordering::Relaxed);
            self.shared.credits.fetch_sub(self.plan.credits, Ordering::Relaxed);
            self.plan = PollPlan { generation, count, credits, body };
        }
        Ok(())
    }

    /// Waits for the credits of a poll. Not if the end is asked for meanwhile.
    async fn is_afforded(&self) -> bool {
        let Some(budget) = &self.shared.budget else { return true };
        while let Err(wait) = budget.take(self.plan.body.credits()) {
            self.pulse.rest();
            let _ = timeout(wait, self.shared.shutdown.asked()).await;
            if self.shared.shutdown.is_asked() {
                return false;
            }
            self.pulse.beat();
        }
        true
    }

    /// The time from the beginning of a round to the beginning of the next.
    fn wait(&mut self, setup: &Setup, tally: &Tally) -> Duration {
        let period = setup.config.period;
        if tally.polls_failed > 0 {
            self.failures = self.failures.saturating_add(1);
            let wait = backoff::after(self.failures, period, FAILED_WAIT_MOST.max(period));
            return wait.max(tally.retry_after.unwrap_or_default());
        }
        self.failures = 0;
        let is_idle = tally.processed + tally.left + tally.rejected == 0;
        let (true, Some(credits_a_day)) = (is_idle, setup.config.credits_a_day) else {
            self.idle = period;
            return period;
        };
        let (numerator, denominator) = IDLE_GROWTH;
        let credits = self.shared.credits.load(Ordering::Relaxed);
        let longest = idle_period(period, credits, credits_a_day);
        let grown = self.idle.max(period).saturating_mul(numerator) / denominator;
        self.idle = grown.min(longest);
        self.idle
    }
}
