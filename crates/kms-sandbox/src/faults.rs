//! Faults on purpose: what can go wrong between a daemon and the API, in which share of the
//! requests. The plan is drawn from a seed; [`damage`] carries it out at the door.

pub(crate) mod damage;
mod numbers;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::numbers::SplitMix64;

/// Longer than any client waits.
const TIME_MAX: Duration = Duration::from_secs(120);
const HANG: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_millis(500);
const MILLE: u16 = 1000;

/// A fault of a request or its answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// The request is processed; the connection is cut without an answer.
    LostAnswer,
    /// The connection is cut, and the request is not processed.
    LostRequest,
    /// 429 with `Retry-After: 1`, not processed.
    TooManyRequests,
    /// 500, 502 or 503, not processed.
    ErrorBefore,
    /// Processed, and answered with 502.
    ErrorAfter,
    /// Processed, and answered after [`Faults::hanging`]'s time.
    Hang,
    /// Processed, and answered in small pieces over [`Faults::trickling`]'s time.
    SlowBody,
    /// Processed; the connection is cut in the middle of the body.
    TruncatedBody,
    /// The list of pending transactions has some of them twice.
    DuplicateItems,
    /// The list of pending transactions has another order.
    ReorderedList,
    /// The list of pending transactions is an old one: it has what was settled since.
    StaleList,
    /// The list of pending transactions also has those that were reported as failed.
    FailedListed,
    /// A page of HTML with 200, processed or not.
    Page,
    /// A text that is not JSON, with 200 and the type of JSON, processed or not.
    Garbage,
    /// A repeated broadcast is answered with an error that says that it is already known.
    AlreadyKnown,
    /// A node denies a transaction that it has (EVM, Solana).
    Forgotten,
    /// A node or service names a thousand times the usual price of gas (EVM), once enough was
    /// paid for there to be a usual one.
    SpikingFee,
    /// A node estimates no gas: the account has too little money (EVM).
    DryWallet,
}

impl Fault {
    pub const ALL: [Self; 18] = [
        Self::LostAnswer,
        Self::LostRequest,
        Self::TooManyRequests,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::Hang,
        Self::SlowBody,
        Self::TruncatedBody,
        Self::DuplicateItems,
        Self::ReorderedList,
        Self::StaleList,
        Self::FailedListed,
        Self::Page,
        Self::Garbage,
        Self::AlreadyKnown,
        Self::Forgotten,
        Self::SpikingFee,
        Self::DryWallet,
    ];

    /// Returns true if it strikes where there is occasion for it, and not any request: its share is
    /// one of those occasions.
    const fn is_on_occasion(self) -> bool {
        matches!(
            self,
            Self::FailedListed
                | Self::AlreadyKnown
                | Self::Forgotten
                | Self::SpikingFee
                | Self::DryWallet
        )
    }

    fn strikes(self, subject: Subject) -> bool {
        match self {
            Self::DuplicateItems | Self::ReorderedList | Self::StaleList => {
                subject == Subject::Poll
            }
            // Only the status of a four-eye endpoint's answer counts: it would be an approval.
            Self::Page | Self::Garbage => subject != Subject::FourEyes,
            Self::LostAnswer
            | Self::LostRequest
            | Self::TooManyRequests
            | Self::ErrorBefore
            | Self::ErrorAfter
            | Self::Hang
            | Self::SlowBody
            | Self::TruncatedBody => true,
            Self::FailedListed
            | Self::AlreadyKnown
            | Self::Forgotten
            | Self::SpikingFee
            | Self::DryWallet => false,
        }
    }
}

/// The subject of a request, as far as faults depend on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subject {
    Poll,
    Report,
    FourEyes,
    Other,
}

impl Subject {
    /// `None` for the sandbox's own routes, which have no faults.
    fn of(path: &str) -> Option<Self> {
        match path {
            "/" => None,
            "/v3/tatum/kms/batch" => Some(Self::Report),
            _ if path.starts_with("/v3/kms/pending/") => Some(Self::Poll),
            _ if path.starts_with("/sandbox/four-eyes/") => Some(Self::FourEyes),
            _ if path.starts_with("/sandbox/") => None,
            _ => Some(Self::Other),
        }
    }
}

/// The faults and their rates.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "Wire", rename_all = "camelCase")]
pub struct Faults {
    seed: u64,
    per_mille: BTreeMap<Fault, u16>,
    hang_ms: u64,
    slow_ms: u64,
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FaultsError {
    #[error(
        "the rates of the faults of every request add up to {0} per mille; the maximum is 1000"
    )]
    TooMany(u32),
    #[error("{fault:?} has a rate of {per_mille} per mille; the maximum is 1000")]
    Share { fault: Fault, per_mille: u16 },
    #[error("{0} ms is longer than two minutes")]
    TooLong(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    seed: u64,
    per_mille: BTreeMap<Fault, u16>,
    hang_ms: Option<u64>,
    slow_ms: Option<u64>,
}

impl TryFrom<Wire> for Faults {
    type Error = FaultsError;

    fn try_from(wire: Wire) -> Result<Self, FaultsError> {
        let time = |given: Option<u64>, usual| given.map_or(usual, Duration::from_millis);
        Self::new(wire.seed, wire.per_mille)?
            .hanging(time(wire.hang_ms, HANG))?
            .trickling(time(wire.slow_ms, SLOW))
    }
}

impl Faults {
    /// Shares in per mille of the requests; a kind that is not named does not happen. The same
    /// seed gives the same faults to the same order of requests.
    ///
    /// # Errors
    /// When they come to more than all requests.
    pub fn new(
        seed: u64,
        per_mille: impl IntoIterator<Item = (Fault, u16)>,
    ) -> Result<Self, FaultsError> {
        let per_mille: BTreeMap<_, _> = per_mille.into_iter().collect();
        if let Some((&fault, &per_mille)) = per_mille.iter().find(|(_, share)| **share > MILLE) {
            return Err(FaultsError::Share { fault, per_mille });
        }
        let of_any = per_mille.iter().filter(|(fault, _)| !fault.is_on_occasion());
        let sum = of_any.map(|(_, share)| u32::from(*share)).sum();
        if sum > u32::from(MILLE) {
            return Err(FaultsError::TooMany(sum));
        }
        Ok(Self { seed, per_mille, hang_ms: millis(HANG), slow_ms: millis(SLOW) })
    }

    /// Sets the time for which nothing is answered.
    ///
    /// # Errors
    /// When it is longer than two minutes.
    pub fn hanging(mut self, time: Duration) -> Result<Self, FaultsError> {
        self.hang_ms = checked(time)?;
        Ok(self)
    }

    /// Sets the time that a slow body takes.
    ///
    /// # Errors
    /// When it is longer than two minutes.
    pub fn trickling(mut self, time: Duration) -> Result<Self, FaultsError> {
        self.slow_ms = checked(time)?;
        Ok(self)
    }

    fn share(&self, fault: Fault) -> u16 {
        self.per_mille.get(&fault).copied().unwrap_or(0)
    }
}

fn checked(time: Duration) -> Result<u64, FaultsError> {
    if time <= TIME_MAX { Ok(millis(time)) } else { Err(FaultsError::TooLong(millis(time))) }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The faults that are set, and what came of them.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    faults: Option<Faults>,
    numbers: SplitMix64,
    requests: u64,
    counts: BTreeMap<Fault, u64>,
    /// By the path of the poll.
    lists: HashMap<String, Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    latest: Bytes,
    /// The latest one that has something which has left the list since.
    old: Option<Bytes>,
}

/// A fault that was drawn for a request.
#[derive(Clone, Copy, Debug)]
struct Drawn {
    fault: Fault,
    subject: Subject,
    /// Chooses among variants of the fault.
    number: u64,
    hang: Duration,
    slow: Duration,
}

impl FaultState {
    /// Counts begin anew.
    pub(crate) fn set(&mut self, faults: Faults) {
        let numbers = SplitMix64::new(faults.seed);
        *self = Self { faults: Some(faults), numbers, ..Self::default() };
    }

    /// Counts stay.
    pub(crate) fn clear(&mut self) {
        self.faults = None;
        self.lists.clear();
    }

    pub(crate) const fn faults(&self) -> Option<&Faults> {
        self.faults.as_ref()
    }

    /// The number of times that each fault has occurred since the faults were set.
    pub(crate) const fn counts(&self) -> &BTreeMap<Fault, u64> {
        &self.counts
    }

    /// Requests of the API's own, faulty or not, since faults were set.
    pub(crate) const fn requests(&self) -> u64 {
        self.requests
    }

    fn draw(&mut self, path: &str) -> Option<Drawn> {
        let subject = Subject::of(path)?;
        self.requests = self.requests.saturating_add(1);
        let faults = self.faults.as_ref()?;
        let mut left = self.numbers.below(u64::from(MILLE));
        let number = self.numbers.next();
        let of_any = faults.per_mille.iter().filter(|(fault, _)| !fault.is_on_occasion());
        for (fault, share) in of_any {
            match left.checked_sub(u64::from(*share)) {
                Some(rest) => left = rest,
                None => {
                    let [hang, slow] = [faults.hang_ms, faults.slow_ms].map(Duration::from_millis);
                    let drawn = Drawn { fault: *fault, subject, number, hang, slow };
                    return Some(drawn).filter(|_| fault.strikes(subject));
                }
            }
        }
        None
    }

    /// Returns true if a fault strikes that there is occasion for now.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let Some(faults) = &self.faults else { return false };
        let strikes = self.numbers.below(u64::from(MILLE)) < u64::from(faults.share(fault));
        if strikes {
            self.count(fault);
        }
        strikes
    }

    /// A number below `bound`, for a choice.
    pub(crate) fn choose(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(self.numbers.below(bound)).unwrap_or(0)
    }

    fn count(&mut self, fault: Fault) {
        let count = self.counts.entry(fault).or_default();
        *count = count.saturating_add(1);
    }

    /// Keeps the list that a poll was answered with, and the one before if something has left it.
    fn remember(&mut self, path: &str, list: &Bytes) {
        if self.faults.is_none() {
            return;
        }
        let lists = self.lists.entry(path.to_owned()).or_default();
        let ids = damage::ids(list);
        if damage::ids(&lists.latest).iter().any(|id| !ids.contains(id)) {
            lists.old = Some(lists.latest.clone());
        }
        lists.latest = list.clone();
    }

    fn old_list(&self, path: &str) -> Option<Bytes> {
        self.lists.get(path)?.old.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(seed: u64, per_mille: &[(Fault, u16)]) -> FaultState {
        let mut state = FaultState::default();
        state.set(Faults::new(seed, per_mille.iter().copied()).unwrap());
        state
    }

    fn draws(state: &mut FaultState, path: &str) -> Vec<Option<Fault>> {
        (0..10_000).map(|_| state.draw(path).map(|drawn| drawn.fault)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_faults_in_about_the_shares_that_were_asked_for() {
        let shares = [(Fault::LostAnswer, 100), (Fault::Garbage, 50)];
        let path = "/v3/ethereum/broadcast";
        let drawn = draws(&mut state(7, &shares), path);
        assert_eq!(drawn, draws(&mut state(7, &shares), path));
        assert_ne!(drawn, draws(&mut state(8, &shares), path));
        let count = |fault| drawn.iter().filter(|one| **one == fault).count();
        assert!((900..1100).contains(&count(Some(Fault::LostAnswer))));
        assert!((420..580).contains(&count(Some(Fault::Garbage))));
        assert_eq!(
            count(None) + count(Some(Fault::LostAnswer)) + count(Some(Fault::Garbage)),
            10_000
        );
    }

    #[test]
    fn faults_strike_where_they_belong() {
        let all = Fault::ALL.map(|fault| (fault, 60));
        let at = |path: &str| {
            let mut faults: Vec<_> = draws(&mut state(7, &all), path);
            faults.sort_unstable();
            faults.dedup();
            faults.into_iter().flatten().count()
        };
        assert_eq!(at("/v3/kms/pending/ETH"), 13, "all but those on occasion");
        assert_eq!(at("/v3/ethereum/broadcast"), 10, "there is no list");
        assert_eq!(at("/sandbox/four-eyes/x"), 8, "nor does its body count");
        for own in ["/", "/sandbox/transactions", "/sandbox/faults"] {
            assert_eq!(at(own), 0, "{own}");
        }
    }

    #[test]
    fn more_than_everything_is_refused() {
        let lost = (Fault::LostAnswer, 600);
        let too_many = Faults::new(1, [lost, (Fault::Hang, 401)]);
        assert_eq!(too_many.unwrap_err(), FaultsError::TooMany(1001));
        assert!(Faults::new(1, [lost, (Fault::Hang, 400), (Fault::AlreadyKnown, 1000)]).is_ok());
        let share = Faults::new(1, [(Fault::AlreadyKnown, 1001)]).unwrap_err();
        assert_eq!(share, FaultsError::Share { fault: Fault::AlreadyKnown, per_mille: 1001 });
        for json in [
            r#"{"perMille": {"lostAnswer": 1001}}"#,
            r#"{"perMille": {"unknown": 1}}"#,
            r#"{"perMille": {}, "hangMs": 120001}"#,
            r#"{"perMille": {}, "extra": 1}"#,
        ] {
            assert!(serde_json::from_str::<Faults>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_old_list_has_what_has_left_the_latest() {
        let mut state = state(1, &[]);
        let list = |text: &'static str| Bytes::from_static(text.as_bytes());
        let (a, ab, b) = (r#"[{"id":"a"}]"#, r#"[{"id":"a"},{"id":"b"}]"#, r#"[{"id":"b"}]"#);
        for (next, old) in [(a, None), (ab, None), (b, Some(ab)), (b, Some(ab)), ("[]", Some(b))] {
            state.remember("/p", &list(next));
            assert_eq!(state.old_list("/p"), old.map(list), "{next}");
        }
        assert_eq!(state.old_list("/q"), None);
    }
}
