//! The circuit breaker: a host that fails is left alone for a while, so that nobody waits for it and
//! it can recover.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use url::Url;

use crate::error::ApiError;

/// Failures in a row after which a host is left alone.
const FAILURES_MAX: u32 = 5;
/// The first pause; each further one is twice as long.
const PAUSE_LEAST: Duration = Duration::from_secs(1);
const PAUSE_MOST: Duration = Duration::from_secs(60);

/// Circuit-breaker state per host.
#[derive(Default)]
pub(crate) struct Breaker {
    hosts: Mutex<HashMap<String, HostState>>,
}

/// The state of one host and port.
#[derive(Debug, Default)]
struct HostState {
    /// Failures in a row.
    failures: u32,
    /// Pauses in a row.
    pauses: u32,
    closed: Option<Closed>,
    /// The number of times that the host was closed or opened again: calls of an earlier generation
    /// say nothing about this one.
    generation: u64,
}

#[derive(Debug)]
struct Closed {
    until: Instant,
    why: String,
    /// True while a call tests whether the host answers again.
    is_probed: bool,
}

/// Permission for one call. It is returned with the outcome; an abandoned call returns it too.
#[derive(Debug)]
pub(crate) struct CallPermit<'a> {
    breaker: &'a Breaker,
    host: String,
    generation: u64,
}

impl Breaker {
    /// # Errors
    /// When the host is being left alone, or a call is testing whether it answers again.
    pub(crate) fn enter(&self, url: &Url) -> Result<CallPermit<'_>, ApiError> {
        let host = host(url);
        let mut hosts = self.lock();
        let state = hosts.entry(host.clone()).or_default();
        let generation = state.generation;
        if let Some(closed) = &mut state.closed {
            let left = closed.until.saturating_duration_since(Instant::now());
            if closed.is_probed || !left.is_zero() {
                let wait = left.max(PAUSE_LEAST);
                return Err(ApiError::Closed { host, wait, reason: closed.why.clone() });
            }
            closed.is_probed = true;
        }
        drop(hosts);
        Ok(CallPermit { breaker: self, host, generation })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, HostState>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CallPermit<'_> {
    /// The host answered.
    pub(crate) fn succeeded(self) {
        self.settle(|state| {
            let generation = state.generation.saturating_add(u64::from(state.closed.is_some()));
            *state = HostState { generation, ..HostState::default() };
        });
    }

    /// The host did not answer, or answered that it is unable to.
    pub(crate) fn failed(self, reason: &str) {
        self.settle(|state| {
            state.failures = state.failures.saturating_add(1);
            if state.closed.is_some() || state.failures >= FAILURES_MAX {
                state.pauses = state.pauses.saturating_add(1);
                let why = format!("it failed {} times (last: {reason})", state.failures);
                state.close(pause(state.pauses), why);
            }
        });
    }

    /// The host said how long to wait. This applies whichever call was told.
    pub(crate) fn told_to_wait(self, wait: Duration, reason: &str) {
        let mut hosts = self.breaker.lock();
        if let Some(state) = hosts.get_mut(&self.host) {
            state.failures = state.failures.saturating_add(1);
            state.close(wait, format!("the host asked to wait ({reason})"));
        }
    }

    fn settle(&self, change: impl FnOnce(&mut HostState)) {
        if let Some(state) = self
            .breaker
            .lock()
            .get_mut(&self.host)
            .filter(|state| state.generation == self.generation)
        {
            change(state);
        }
    }
}

impl Drop for CallPermit<'_> {
    fn drop(&mut self) {
        self.settle(|state| {
            if let Some(closed) = &mut state.closed {
                closed.is_probed = false;
            }
        });
    }
}

impl HostState {
    /// A pause that is under way is not cut short.
    fn close(&mut self, wait: Duration, why: String) {
        let until = Instant::now() + wait;
        self.generation = self.generation.saturating_add(1);
        match &mut self.closed {
            Some(closed) if closed.until > until => closed.is_probed = false,
            closed => *closed = Some(Closed { until, why, is_probed: false }),
        }
    }
}

/// A second, doubled with each pause; up to a quarter less, so that many clients do not come back
/// at once.
fn pause(nth: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(nth.saturating_sub(1));
    let whole = PAUSE_LEAST.saturating_mul(doubled).min(PAUSE_MOST);
    let mut random = [0];
    match getrandom::fill(&mut random) {
        Ok(()) => whole.saturating_sub(whole.saturating_mul(random[0].into()) / 1_024),
        Err(_) => whole,
    }
}

/// Host and port; the port is left out where it is the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match (url.port(), url.scheme()) {
        (Some(port), _) => format!("{host}:{port}"),
        (None, "http") => format!("{host}:80"),
        (None, _) => host.to_owned(),
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("hosts", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn url() -> Url {
        Url::parse("https://api.test/v3/x").unwrap()
    }

    fn fail(breaker: &Breaker, times: usize) {
        for _ in 0..times {
            breaker.enter(&url()).unwrap().failed("status 502");
        }
    }

    fn seconds_left(breaker: &Breaker) -> Option<f64> {
        match breaker.enter(&url()) {
            Ok(pass) => {
                drop(pass);
                None
            }
            Err(ApiError::Closed { wait, .. }) => Some(wait.as_secs_f64()),
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_close_the_way_and_four_do_not() {
        let breaker = Breaker::default();
        fail(&breaker, 4);
        breaker.enter(&url()).unwrap().succeeded();
        fail(&breaker, 4);
        assert_eq!(seconds_left(&breaker), None);
        fail(&breaker, 1);
        let error = breaker.enter(&url()).unwrap_err().to_string();
        let expected = "api.test is not called for 1 s: it failed 5 times (last: status 502)";
        assert_eq!(error, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn one_host_is_closed_and_another_is_not() {
        let breaker = Breaker::default();
        fail(&breaker, 5);
        for other in ["https://other.test/", "https://api.test:8443/", "http://api.test/"] {
            assert!(breaker.enter(&Url::parse(other).unwrap()).is_ok(), "{other}");
        }
        assert!(breaker.enter(&Url::parse("https://api.test:443/y").unwrap()).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_from_one_second_to_sixty() {
        let breaker = Breaker::default();
        fail(&breaker, 5);
        for whole in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] {
            let left = seconds_left(&breaker).unwrap();
            assert!(left <= whole && left >= f64::max(1.0, 0.75 * whole), "{left} of {whole}");
            advance(Duration::from_secs_f64(left)).await;
            assert_eq!(seconds_left(&breaker), None);
            fail(&breaker, 1);
        }
        advance(Duration::from_secs(60)).await;
        breaker.enter(&url()).unwrap().succeeded();
        fail(&breaker, 4);
        assert_eq!(seconds_left(&breaker), None, "counted from the start again");
        fail(&breaker, 1);
        assert_eq!(seconds_left(&breaker), Some(1.0), "paused as for the first time");
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_finds_out_for_all() {
        let breaker = Breaker::default();
        fail(&breaker, 5);
        advance(Duration::from_secs(1)).await;
        let probe = breaker.enter(&url()).unwrap();
        assert_eq!(seconds_left(&breaker), Some(1.0));
        drop(probe);
        let probe = breaker.enter(&url()).expect("one that was given up makes room for another");
        assert!(seconds_left(&breaker).is_some());
        probe.succeeded();
        let both = (breaker.enter(&url()), breaker.enter(&url()));
        assert!(both.0.is_ok() && both.1.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_before_do_not_lengthen_or_end_a_pause() {
        let breaker = Breaker::default();
        let (early, late) = (breaker.enter(&url()).unwrap(), breaker.enter(&url()).unwrap());
        fail(&breaker, 5);
        early.failed("reset");
        late.succeeded();
        assert_eq!(seconds_left(&breaker), Some(1.0));
        advance(Duration::from_secs(1)).await;
        assert_eq!(seconds_left(&breaker), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_says_when_is_not_asked_before() {
        let breaker = Breaker::default();
        let early = breaker.enter(&url()).unwrap();
        breaker.enter(&url()).unwrap().told_to_wait(Duration::from_secs(120), "status 429");
        early.told_to_wait(Duration::from_secs(30), "status 429");
        let error = breaker.enter(&url()).unwrap_err().to_string();
        assert_eq!(error, "api.test is not called for 120 s: the host asked to wait (status 429)");
        advance(Duration::from_secs(119)).await;
        assert_eq!(seconds_left(&breaker), Some(1.0));
        advance(Duration::from_secs(1)).await;
        assert_eq!(seconds_left(&breaker), None);
    }
}
