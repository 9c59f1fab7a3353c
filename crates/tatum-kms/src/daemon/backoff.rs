//! Waiting times after failures.

use std::time::Duration;

/// After so many failures in a row the wait grows no more.
const DOUBLINGS_MAX: u32 = 10;

/// The wait after the `failures`-th failure in a row: `least`, doubled with each, up to `most`,
/// and some of it at random, so that many that failed together do not try together.
pub(super) fn after(failures: u32, least: Duration, most: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    let wait = least.saturating_mul(1_u32 << doublings).min(most);
    with_jitter(wait)
}

/// Up to a fifth more.
fn with_jitter(wait: Duration) -> Duration {
    let mut random = [0; 1];
    // Without randomness all wait equally long.
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    wait.saturating_add(wait.saturating_mul(u32::from(random)) / (5 * 256))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let (least, most) = (Duration::from_secs(1), Duration::from_secs(60));
        for (failures, expected) in [(0, 1), (1, 1), (2, 2), (3, 4), (7, 60), (u32::MAX, 60)] {
            let expected = Duration::from_secs(expected);
            let wait = after(failures, least, most);
            assert!(wait >= expected && wait <= expected + expected / 5, "{failures}: {wait:?}");
        }
    }
}
