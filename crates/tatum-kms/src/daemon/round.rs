//! One round: poll the chains, process what is pending, report what can never be signed.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt as _, future::join_all};
use kms_api::{Api, BadPending, UpdateNotice};
use kms_core::{
    Chain, ChainOptions, ContentDigest, Disposition, Failure, Gate, JournalError, Network, Pending,
    Ports, Road, SignatureId, TransactionId, process,
};

use super::{log::event, shutdown::Shutdown};

/// What every round works with.
#[derive(Debug)]
pub(crate) struct Round<'a> {
    pub(crate) api: &'a Api,
    pub(crate) gate: &'a Gate,
    pub(crate) ports: Ports<'a>,
    pub(crate) network: Network,
    pub(crate) shutdown: &'a Shutdown,
    /// With `--transactionIds`: all others are left alone.
    pub(crate) only: Option<&'a [TransactionId]>,
}

/// A chain with the wallets it is polled for.
#[derive(Debug)]
pub(crate) struct Polled {
    pub(crate) chain: &'static dyn Chain,
    pub(crate) options: ChainOptions,
    pub(crate) wallets: Vec<SignatureId>,
}

/// What became of a round, in numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) processed: usize,
    /// Left pending: tried again in the next round, or held for an operator.
    pub(crate) left: usize,
    pub(crate) rejected: usize,
    pub(crate) polls_failed: usize,
    /// The daemon's own state is in doubt; nothing more must be signed.
    pub(crate) halted: bool,
}

/// A failure to be told to the API, once for this content.
struct Rejected {
    id: TransactionId,
    digest: ContentDigest,
    error: String,
}

impl Round<'_> {
    /// Chains are polled and processed side by side; within one, transactions go one by one, so
    /// that no two of an account take the same nonce.
    pub(crate) async fn run(&self, chains: &[Polled]) -> Tally {
        let (tallies, rejected): (Vec<_>, Vec<_>) =
            join_all(chains.iter().map(|polled| self.run_chain(polled))).await.into_iter().unzip();
        let mut tally = tallies.into_iter().fold(Tally::default(), Tally::plus);
        self.report(rejected.into_iter().flatten().collect(), &mut tally).await;
        tally
    }

    async fn run_chain(&self, polled: &Polled) -> (Tally, Vec<Rejected>) {
        let mut tally = Tally::default();
        let mut rejected = Vec::new();
        let chain = polled.chain.spec().id;
        event(&format!("polling {chain} for {}", count(&polled.wallets)));
        let found = match self.api.poll(chain, self.network, &polled.wallets).await {
            Ok(found) => found,
            Err(error) => {
                event(&format!("could not poll {chain}: {error}"));
                tally.polls_failed = 1;
                return (tally, rejected);
            }
        };
        found.notice.iter().for_each(tell_of_update);
        for pending in found.transactions {
            if self.shutdown.is_asked() || tally.halted {
                break;
            }
            match pending {
                Ok(pending) => self.take(polled, pending, &mut tally, &mut rejected).await,
                Err(bad) => self.take_bad(bad, &mut tally, &mut rejected),
            }
        }
        (tally, rejected)
    }

    async fn take(
        &self,
        polled: &Polled,
        pending: Pending,
        tally: &mut Tally,
        rejected: &mut Vec<Rejected>,
    ) {
        if self.only.is_some_and(|only| !only.contains(&pending.id)) {
            event(&format!("{}: skipped, it is none of --transactionIds", pending.id));
            return;
        }
        let id = pending.id.clone();
        event(&format!("{id}: processing ({})", pending.chain));
        match self.process_caught(polled, pending.clone()).await {
            Ok(()) => {
                event(&format!("{id}: processed"));
                tally.processed = tally.processed.saturating_add(1);
            }
            Err(stopped) => self.note_failure(&pending, &stopped, tally, rejected),
        }
    }

    /// A chain that panics must not take the others down.
    async fn process_caught(&self, polled: &Polled, pending: Pending) -> Result<(), Stopped> {
        let road = Road {
            chain: polled.chain,
            options: &polled.options,
            gate: self.gate,
            ports: self.ports,
        };
        match AssertUnwindSafe(process(pending, road)).catch_unwind().await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(failure)) => Err(Stopped::Failure(failure)),
            Err(_) => Err(Stopped::Panic),
        }
    }

    fn note_failure(
        &self,
        pending: &Pending,
        stopped: &Stopped,
        tally: &mut Tally,
        rejected: &mut Vec<Rejected>,
    ) {
        let (disposition, text) = (stopped.disposition(), stopped.text());
        let id = &pending.id;
        match disposition {
            Disposition::Reject => {
                event(&format!("{id}: cannot be signed: {text}"));
                tally.rejected = tally.rejected.saturating_add(1);
                rejected.push(Rejected { id: id.clone(), digest: pending.digest(), error: text });
                return;
            }
            Disposition::Retry => event(&format!("{id}: left for the next round: {text}")),
            Disposition::Hold => event(&format!("{id}: held, not reported: {text}")),
            Disposition::Halt => {
                event(&format!("{id}: stopping, nothing more is signed: {text}"));
                tally.halted = true;
            }
        }
        tally.left = tally.left.saturating_add(1);
    }

    fn take_bad(&self, bad: BadPending, tally: &mut Tally, rejected: &mut Vec<Rejected>) {
        tally.rejected = tally.rejected.saturating_add(1);
        let error = bad.problem.to_string();
        match bad.id {
            Some(id) => {
                event(&format!("{id}: cannot be read: {error}"));
                rejected.push(Rejected { id, digest: bad.digest, error });
            }
            None => event(&format!("a pending transaction cannot be read: {error}")),
        }
    }

    /// Tells the API what it was not told before, and notes what it has taken.
    async fn report(&self, rejected: Vec<Rejected>, tally: &mut Tally) {
        let fresh = match self.not_reported(rejected).await {
            Ok(fresh) => fresh,
            Err(error) => {
                event(&format!("stopping, the journal fails: {error}"));
                tally.halted = true;
                return;
            }
        };
        if fresh.is_empty() {
            return;
        }
        let reports: Vec<_> = fresh.iter().map(|one| (one.id.clone(), one.error.clone())).collect();
        if let Err(error) = self.api.report(&reports).await {
            event(&format!("could not report {} failures, trying again: {error}", reports.len()));
            return;
        }
        for one in &fresh {
            if let Err(error) = self.ports.journal.mark_reported(&one.id, &one.digest).await {
                event(&format!("{}: reported, but not noted: {error}", one.id));
            }
        }
    }

    async fn not_reported(&self, rejected: Vec<Rejected>) -> Result<Vec<Rejected>, JournalError> {
        let mut fresh = Vec::new();
        for one in rejected {
            if !self.ports.journal.is_reported(&one.id, &one.digest).await? {
                fresh.push(one);
            }
        }
        Ok(fresh)
    }
}

fn tell_of_update(notice: &UpdateNotice) {
    let UpdateNotice { latest_version, level, message } = notice;
    event(&format!("{level}: {message} (latest version: {latest_version})"));
}

enum Stopped {
    Failure(Failure),
    Panic,
}

impl Stopped {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Failure(failure) => failure.disposition(),
            Self::Panic => Disposition::Hold,
        }
    }

    /// The error with its causes.
    fn text(&self) -> String {
        match self {
            Self::Failure(failure) => with_causes(failure),
            Self::Panic => String::from("an error in the program; please report it"),
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.ends_with(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}

impl Tally {
    fn plus(self, other: Self) -> Self {
        Self {
            processed: self.processed.saturating_add(other.processed),
            left: self.left.saturating_add(other.left),
            rejected: self.rejected.saturating_add(other.rejected),
            polls_failed: self.polls_failed.saturating_add(other.polls_failed),
            halted: self.halted || other.halted,
        }
    }
}

fn count(wallets: &[SignatureId]) -> String {
    match wallets {
        [_] => String::from("1 wallet"),
        _ => format!("{} wallets", wallets.len()),
    }
}
