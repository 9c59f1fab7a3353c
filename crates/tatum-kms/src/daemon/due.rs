//! The time at which a transaction is tried again, and what this process has already said about it.
//! Facts that must outlive the process are in the journal.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kms_core::{ContentDigest, Disposition, Pending, TransactionId};
use tokio::time::Instant;

use super::backoff;

/// The first two failures are tried again in the next round.
const FREE_TRIES: u32 = 2;
const WAIT_LEAST: Duration = Duration::from_secs(5);
const WAIT_MOST: Duration = Duration::from_secs(600);
/// An operator may correct what made a transaction unsignable, and does not want to wait.
const REJECTED_WAIT_MOST: Duration = Duration::from_secs(60);

/// One chain's transactions that stay pending.
#[derive(Debug, Default)]
pub(super) struct Due {
    tried: Mutex<HashMap<TransactionId, Tried>>,
    /// The ids of the last poll that worked.
    offered: Mutex<Option<HashSet<TransactionId>>>,
}

#[derive(Debug)]
struct Tried {
    digest: ContentDigest,
    tries: u32,
    not_before: Instant,
    said: (Disposition, String),
}

/// The news about a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Noted {
    /// True if anything about it is new to whoever reads the log.
    pub(super) is_news: bool,
    pub(super) tries: u32,
}

impl Due {
    fn lock(&self) -> MutexGuard<'_, HashMap<TransactionId, Tried>> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if it is time to try the transaction (again).
    pub(super) fn is_due(&self, id: &TransactionId, digest: &ContentDigest) -> bool {
        let tried = self.lock();
        let same = tried.get(id).filter(|tried| tried.digest == *digest);
        same.is_none_or(|tried| Instant::now() >= tried.not_before)
    }

    pub(super) fn knows(&self, id: &TransactionId, digest: &ContentDigest) -> bool {
        self.lock().get(id).is_some_and(|tried| tried.digest == *digest)
    }

    /// Notes a failure. `before` is how often the transaction had failed before this run.
    pub(super) fn note(
        &self,
        pending: &Pending,
        disposition: Disposition,
        reason: &str,
        before: u32,
    ) -> Noted {
        let digest = pending.digest();
        let mut tried = self.lock();
        let known = tried.get(&pending.id).filter(|tried| tried.digest == digest);
        let earlier = known.map_or(before, |tried| tried.tries);
        let counts = !matches!(disposition, Disposition::Wait | Disposition::Hold);
        let tries = earlier.saturating_add(u32::from(counts));
        let said = (disposition, reason.to_owned());
        let is_news = known.is_none_or(|tried| tried.said != said);
        let not_before = Instant::now() + wait(disposition, tries);
        tried.insert(pending.id.clone(), Tried { digest, tries, not_before, said });
        Noted { is_news, tries }
    }

    pub(super) fn forget(&self, id: &TransactionId) {
        self.lock().remove(id);
    }

    /// Forgets all that is pending no more.
    pub(super) fn keep_only(&self, pending: &HashSet<&TransactionId>) {
        self.lock().retain(|id, _| pending.contains(id));
        let offered = pending.iter().map(|id| (*id).clone()).collect();
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = Some(offered);
    }

    /// Returns true if the API offered a transaction in the last poll that worked, if one did.
    pub(super) fn is_offered(&self, id: &TransactionId) -> Option<bool> {
        let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        offered.as_ref().map(|offered| offered.contains(id))
    }
}

fn wait(disposition: Disposition, tries: u32) -> Duration {
    let most = match disposition {
        Disposition::Retry => WAIT_MOST,
        Disposition::Report | Disposition::Doubt => REJECTED_WAIT_MOST,
        Disposition::Wait | Disposition::Hold | Disposition::Halt => return Duration::ZERO,
    };
    match tries.checked_sub(FREE_TRIES) {
        None | Some(0) => Duration::ZERO,
        Some(failures) => backoff::after(failures, WAIT_LEAST, most),
    }
}

#[cfg(test)]
mod tests {
    use kms_core::ChainId;

    use super::*;

    fn pending(payload: &str) -> Pending {
        kms_testkit::pending(ChainId::new("ETH"), "t1", &["wallet"], payload)
    }

    #[tokio::test(start_paused = true)]
    async fn what_keeps_failing_is_tried_less_and_less_often() {
        let (tried, one) = (Due::default(), pending("one"));
        let digest = one.digest();
        for tries in 1..=2 {
            assert_eq!(tried.note(&one, Disposition::Retry, "down", 0).tries, tries);
            assert!(tried.is_due(&one.id, &digest), "the first failures may be chance");
        }
        tried.note(&one, Disposition::Retry, "down", 0);
        assert!(!tried.is_due(&one.id, &digest));
        assert!(tried.is_due(&one.id, &pending("another content").digest()));
        tokio::time::advance(WAIT_LEAST * 2).await;
        assert!(tried.is_due(&one.id, &digest));
        for _ in 0..20 {
            tried.note(&one, Disposition::Retry, "down", 0);
        }
        tokio::time::advance(WAIT_MOST - Duration::from_secs(1)).await;
        assert!(!tried.is_due(&one.id, &digest));
        tokio::time::advance(WAIT_MOST / 4).await;
        assert!(tried.is_due(&one.id, &digest));
        tried.forget(&one.id);
        assert_eq!(tried.note(&one, Disposition::Retry, "down", 7).tries, 8);
    }

    #[test]
    fn waiting_for_others_is_no_failure_and_no_news_the_second_time() {
        let (tried, one) = (Due::default(), pending("one"));
        for is_news in [true, false] {
            let noted = tried.note(&one, Disposition::Wait, "paused", 0);
            assert_eq!(noted, Noted { is_news, tries: 0 });
            assert!(tried.is_due(&one.id, &one.digest()));
        }
        assert!(tried.note(&one, Disposition::Hold, "paused", 0).is_news);
        assert!(tried.note(&one, Disposition::Hold, "denied", 0).is_news);
        tried.keep_only(&HashSet::new());
        assert!(!tried.knows(&one.id, &one.digest()));
    }
}
