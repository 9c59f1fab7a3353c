//! A circuit breaker a host: who fails again and again is left alone for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::ApiError;

/// Failures in a row after which a host is left alone.
const FAILURES_MAX: u32 = 5;
/// For how long, doubling with each failure that follows.
const PAUSE_LEAST: Duration = Duration::from_secs(1);
const PAUSE_MOST: Duration = Duration::from_secs(60);
/// The call that tries a host again has this long until another one does.
const PROBE_TIME: Duration = Duration::from_secs(30);

/// The ways to the hosts that were asked so far.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<HashMap<String, Way>>);

#[derive(Debug, Default)]
struct Way {
    failures: u32,
    closed_until: Option<Instant>,
    last_failure: String,
}

impl Breaker {
    fn ways(&self) -> MutexGuard<'_, HashMap<String, Way>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the host may be asked now. When a pause has passed, one call tries it.
    pub(crate) fn enter(&self, host: &str) -> Result<(), ApiError> {
        let mut ways = self.ways();
        let Some(way) = ways.get_mut(host) else { return Ok(()) };
        let Some(until) = way.closed_until else { return Ok(()) };
        let now = Instant::now();
        if now < until {
            let seconds = until.duration_since(now).as_secs().saturating_add(1);
            let (host, reason) = (host.to_owned(), way.last_failure.clone());
            return Err(ApiError::Closed { host, seconds, reason });
        }
        way.closed_until = Some(now + PROBE_TIME);
        Ok(())
    }

    /// Notes what came of a call.
    pub(crate) fn leave<T>(&self, host: &str, outcome: &Result<T, ApiError>) {
        let error = outcome.as_ref().err().filter(|error| error.is_of_the_way());
        let mut ways = self.ways();
        let Some(error) = error else {
            ways.remove(host);
            return;
        };
        let way = ways.entry(host.to_owned()).or_default();
        way.failures = way.failures.saturating_add(1);
        way.last_failure = error.to_string();
        let by_count = way.failures.checked_sub(FAILURES_MAX).map(pause);
        way.closed_until = by_count.max(error.retry_after()).map(|pause| Instant::now() + pause);
    }
}

/// Up to a fifth of it at random, so that those that failed together do not try together.
fn pause(doublings: u32) -> Duration {
    let pause = PAUSE_LEAST.saturating_mul(1_u32 << doublings.min(10)).min(PAUSE_MOST);
    let mut random = [0; 1];
    // Without randomness all wait equally long.
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    pause.saturating_add(pause.saturating_mul(u32::from(random)) / (5 * 256))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Result<(), ApiError> {
        Err(ApiError::NoAnswer(String::from("silence")))
    }

    fn status(status: u16) -> Result<(), ApiError> {
        Err(ApiError::status(status, None, String::from("busy")))
    }

    fn times(breaker: &Breaker, count: u32, outcome: &Result<(), ApiError>) {
        for _ in 0..count {
            breaker.enter("host").unwrap();
            breaker.leave("host", outcome);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_close_the_way_for_longer_each_time() {
        let breaker = Breaker::default();
        times(&breaker, 4, &failed());
        breaker.leave("host", &status(404));
        times(&breaker, 5, &failed());
        let closed = breaker.enter("host").unwrap_err();
        assert!(closed.to_string().contains("host is not asked"), "{closed}");
        assert!(breaker.enter("another").is_ok());
        tokio::time::advance(Duration::from_millis(1_200)).await;
        breaker.enter("host").unwrap();
        assert!(breaker.enter("host").is_err(), "one call tries it, others wait for that");
        breaker.leave("host", &failed());
        tokio::time::advance(Duration::from_millis(1_999)).await;
        assert!(breaker.enter("host").is_err());
        tokio::time::advance(Duration::from_millis(401)).await;
        breaker.enter("host").unwrap();
        breaker.leave("host", &Ok(()));
        times(&breaker, 4, &failed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_time_gets_it_at_once() {
        for (code, closes) in [(429, true), (503, true), (400, false), (404, false)] {
            let breaker = Breaker::default();
            let wanted = Some(Duration::from_secs(7));
            let answer = status(code).map_err(|error| error.with_retry_after(wanted));
            breaker.leave("host", &answer);
            assert_eq!(breaker.enter("host").is_err(), closes, "{code}");
            tokio::time::advance(Duration::from_secs(7)).await;
            assert!(breaker.enter("host").is_ok());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_never_comes_back_is_not_waited_for() {
        let breaker = Breaker::default();
        times(&breaker, 5, &failed());
        tokio::time::advance(Duration::from_secs(2)).await;
        breaker.enter("host").unwrap();
        tokio::time::advance(PROBE_TIME).await;
        breaker.enter("host").unwrap();
    }
}
