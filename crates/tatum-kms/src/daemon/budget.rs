//! The API's credits: spent on polls, no more than a day's budget.

use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

const DAY: Duration = Duration::from_hours(24);
/// This part of a day's credits may be spent at once: after a start, or after a quiet time. The
/// rest comes evenly over the day, so that no 24 hours cost more than the budget.
const AT_ONCE: u64 = 24;

/// Fills evenly, and is emptied by polls.
#[derive(Debug)]
pub(super) struct Budget {
    credits_a_day: u64,
    level: Mutex<Level>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    /// In credits times the milliseconds of a day, so that filling needs no fractions.
    scaled: u128,
    at: Instant,
}

impl Budget {
    pub(super) fn new(credits_a_day: u64) -> Self {
        let level = Level { scaled: capacity(credits_a_day), at: Instant::now() };
        Self { credits_a_day, level: Mutex::new(level) }
    }

    /// Takes the credits of a poll, or says how long it takes until they are there. A poll that
    /// costs more than there can be at once goes when all is there, and leaves a debt.
    pub(super) fn take(&self, credits: u64) -> Result<(), Duration> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, a_millisecond) = (Instant::now(), u128::from(self.filled_a_day()));
        let passed = now.duration_since(level.at).as_millis();
        let capacity = capacity(self.credits_a_day);
        let filled = level.scaled.saturating_add(passed.saturating_mul(a_millisecond));
        *level = Level { scaled: filled.min(capacity), at: now };
        let cost = u128::from(credits).saturating_mul(DAY.as_millis());
        let needed = cost.min(capacity);
        if level.scaled >= needed {
            level.scaled = level.scaled.saturating_sub(cost);
            return Ok(());
        }
        let lacking = needed.saturating_sub(level.scaled).div_ceil(a_millisecond);
        Err(Duration::from_millis(u64::try_from(lacking).unwrap_or(u64::MAX)))
    }

    fn filled_a_day(&self) -> u64 {
        (self.credits_a_day - self.credits_a_day / AT_ONCE).max(1)
    }
}

fn capacity(credits_a_day: u64) -> u128 {
    u128::from((credits_a_day / AT_ONCE).max(1)).saturating_mul(DAY.as_millis())
}

/// The waiting time of an idle chain that keeps all chains together within the budget. `credits` is
/// the cost of one poll of every chain.
pub(crate) fn idle_period(period: Duration, credits: u64, credits_a_day: u64) -> Duration {
    let day = u64::try_from(DAY.as_millis()).unwrap_or(u64::MAX);
    let rounds_last = day.saturating_mul(credits.max(1)).div_ceil(credits_a_day.max(1));
    period.max(Duration::from_millis(rounds_last))
}

/// The credits that polling costs in a day.
pub(crate) fn credits_a_day(period: Duration, credits: u64) -> u64 {
    let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
    let day = u64::try_from(DAY.as_millis()).unwrap_or(u64::MAX);
    day.saturating_mul(credits) / period
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_day_costs_more_than_the_budget() {
        for (credits_a_day, cost) in [(10_000, 1), (10_000, 50), (1_000, 22), (30, 1)] {
            let budget = Budget::new(credits_a_day);
            let (start, mut spent) = (Instant::now(), 0);
            while start.elapsed() < DAY {
                match budget.take(cost) {
                    Ok(()) => spent += cost,
                    Err(wait) => tokio::time::advance(wait.max(Duration::from_secs(1))).await,
                }
            }
            assert!(spent <= credits_a_day, "{spent} of {credits_a_day}");
            assert!(spent >= credits_a_day * 8 / 10, "{spent} of {credits_a_day}");
        }
    }

    #[test]
    fn an_idle_chain_waits_as_long_as_the_budget_asks() {
        let second = Duration::from_secs(1);
        assert_eq!(idle_period(second * 5, 22, u64::MAX), second * 5);
        assert_eq!(idle_period(second * 5, 10, 86_400), second * 10);
        assert_eq!(idle_period(second * 5, 0, 1), DAY);
        assert_eq!(credits_a_day(second * 5, 22), 380_160);
        assert_eq!(credits_a_day(second * 10, 10), 86_400);
    }
}
