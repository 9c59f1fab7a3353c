//! One round of one chain: poll, process what is pending, note what stopped the rest.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt as _;
use kms_api::{ApiError, BadPending, PollBody, UpdateNotice};
use kms_core::{
    BroadcastError, Chain, ChainOptions, Disposition, Failure, JournalError, Pending, Rehearsed,
    Road, Stance, TransactionId, Unreadable, process, rehearse,
};
use tokio::task::JoinSet;

use super::{
    due::{Due, Noted},
    lanes::arrange,
    log::{event, with_causes},
    pulse::Pulse,
    rehearsal,
    shared::{Setup, Shared},
    throttle::{Throttle, Throttled},
};

/// Lanes of one chain that are on the road at once.
const LANES_MAX: usize = 1024;

/// After so many sendings without a clear answer the chain itself is asked.
const FIRST_TRIES: u32 = 2;

/// The parts that a chain's round works with.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) shared: Arc<Shared>,
    pub(super) setup: Arc<Setup>,
    pub(super) chain: &'static dyn Chain,
    pub(super) options: ChainOptions,
    pub(super) due: Arc<Due>,
    pub(super) throttle: Arc<Throttle>,
    pub(super) pulse: Arc<Pulse>,
}

/// The results of a round, in numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tally {
    pub(super) processed: usize,
    /// Left pending: tried again in a later round, or held for an operator.
    pub(super) left: usize,
    pub(super) rejected: usize,
    pub(super) polls_failed: usize,
    /// Payments of which nothing came after they were sent.
    pub(super) lost: usize,
    /// The daemon's own state is in doubt; nothing more must be signed.
    pub(super) halted: bool,
    /// After a poll that failed: how long the API wants not to be asked.
    pub(super) retry_after: Option<Duration>,
}

/// The outcome of one transaction.
enum Outcome {
    Processed,
    NotDue,
    Postponed,
    Rejected,
    Halted,
}

impl Round {
    pub(super) async fn run(self: Arc<Self>, body: &PollBody, wallets: usize) -> Tally {
        let mut tally = Tally::default();
        let chain = self.chain.spec().id;
        event(&format!("polling {chain} for {}", count(wallets)));
        let polled = self.setup.api.poll(self.chain.spec(), self.shared.network, body).await;
        self.pulse.beat();
        if let Some(error) = &polled.error {
            event(&format!("could not poll {chain}: {error}"));
            tally.polls_failed = 1;
            tally.retry_after = ApiError::retry_after(error);
        }
        polled.notice.iter().for_each(tell_of_update);
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for pending in polled.transactions {
            match pending {
                Ok(pending) => good.push(pending),
                Err(one) => bad.push(one),
            }
        }
        if polled.error.is_none() {
            self.due.keep_only(&good.iter().map(|pending| &pending.id).collect::<HashSet<_>>());
        }
        self.take_bad(bad, &mut tally).await;
        let good = set_twins_aside(good, &mut tally);
        Arc::clone(&self).take_all(good, &mut tally).await;
        if let (Some(shadow), None) = (&self.shared.shadow, &polled.error) {
            self.compare_gone(shadow).await;
        }
        if !self.is_dry() && !tally.halted {
            tally = tally.plus(self.report_due().await);
        }
        tally
    }

    /// Nothing but the id of these can be read.
    async fn take_bad(&self, all: Vec<BadPending>, tally: &mut Tally) {
        for BadPending { id, digest, problem } in all {
            tally.rejected = tally.rejected.saturating_add(1);
            let problem = problem.to_string();
            let Some(id) = id else {
                event(&format!("a pending transaction cannot be read: {problem}"));
                continue;
            };
            event(&format!("{id}: cannot be read: {problem}"));
            let (chain, network) = (self.chain.spec().id, self.shared.network);
            let unreadable = Unreadable { id, digest, chain, network, problem };
            if let Some(shadow) = &self.shared.shadow {
                shadow.note_unreadable(&unreadable);
            }
            if self.is_dry() {
                continue;
            }
            if let Err(error) = self.shared.journal.note_unreadable(&unreadable).await {
                halt(&unreadable.id, &with_causes(&error));
                tally.halted = true;
            }
        }
    }

    fn is_dry(&self) -> bool {
        self.setup.config.dry_run
    }

    fn is_once(&self) -> bool {
        self.setup.config.once.is_some()
    }

    /// Transactions that name a common wallet go one after another, all others side by side.
    async fn take_all(self: Arc<Self>, transactions: Vec<Pending>, tally: &mut Tally) {
        let mut running = JoinSet::new();
        let mut lanes = arrange(transactions).into_iter();
        loop {
            while let (true, Some(lane)) = (running.len() < LANES_MAX, lanes.next()) {
                running.spawn(Arc::clone(&self).take_lane(lane));
            }
            match running.join_next().await {
                None => return,
                Some(Ok(outcomes)) => {
                    outcomes.into_iter().for_each(|outcome| tally.add(outcome));
                }
                // Panics of a lane are caught; only the runtime's shutdown cancels it.
                Some(Err(_)) => tally.left = tally.left.saturating_add(1),
            }
        }
    }

    async fn take_lane(self: Arc<Self>, lane: Vec<Pending>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(lane.len());
        for pending in lane {
            if self.shared.shutdown.is_asked() {
                break;
            }
            let outcome = self.take(pending).await;
            self.pulse.beat();
            let is_halted = matches!(outcome, Outcome::Halted);
            outcomes.push(outcome);
            if is_halted {
                self.shared.shutdown.ask();
                break;
            }
        }
        outcomes
    }

    async fn take(&self, pending: Pending) -> Outcome {
        let only = self.setup.config.once.as_ref().and_then(|once| once.transactions.as_deref());
        if only.is_some_and(|only| !only.contains(&pending.id)) {
            event(&format!("{}: ignored: not listed in --transactionIds", pending.id));
            return Outcome::NotDue;
        }
        let digest = pending.digest();
        if !self.is_once() && !self.due.is_due(&pending.id, &digest) {
            return Outcome::NotDue;
        }
        if let Some(shadow) = &self.shared.shadow {
            self.foresee(shadow, pending).await;
            return Outcome::NotDue;
        }
        if self.is_dry() {
            return self.rehearse(pending).await;
        }
        if !self.due.knows(&pending.id, &digest) {
            event(&format!("{}: processing ({})", pending.id, pending.chain));
        }
        let done = match self.ask_first(&pending).await {
            Ok(()) => self.process_caught(pending.clone()).await,
            Err(stopped) => Err(stopped),
        };
        match done {
            Ok(()) => {
                event(&format!("{}: processed", pending.id));
                self.due.forget(&pending.id);
                Outcome::Processed
            }
            Err(stopped) => match self.note_failure(&pending, &stopped).await {
                Ok(outcome) => outcome,
                Err(error) => halt(&pending.id, &with_causes(&error)),
            },
        }
    }

    pub(super) fn way(&self) -> Throttled<'_> {
        Throttled { api: &self.setup.api, throttle: &self.throttle }
    }

    fn road<'a>(&'a self, way: &'a Throttled<'a>) -> Road<'a> {
        Road {
            chain: self.chain,
            options: &self.options,
            gate: &self.setup.gate,
            ports: self.shared.ports(way),
        }
    }

    /// A chain that panics must not take the others down.
    async fn process_caught(&self, pending: Pending) -> Result<(), Stopped> {
        let way = self.way();
        match AssertUnwindSafe(process(pending, self.road(&way))).catch_unwind().await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(failure)) => Err(Stopped::Failure(failure)),
            Err(_) => Err(Stopped::Panic),
        }
    }

    /// Says what would be done, once for each content.
    async fn rehearse(&self, pending: Pending) -> Outcome {
        let (id, digest) = (pending.id.clone(), pending.digest());
        let is_shown = self.due.knows(&id, &digest);
        let way = self.way();
        let done = rehearse(pending.clone(), self.road(&way));
        let done = AssertUnwindSafe(done).catch_unwind().await;
        let rehearsed: Result<Rehearsed, Stopped> = match done {
            Ok(rehearsed) => rehearsed.map_err(Stopped::Failure),
            Err(_) => Err(Stopped::Panic),
        };
        let decision =
            rehearsed.as_ref().map_err(|stopped| (stopped.disposition(), stopped.text()));
        let disposition = decision.as_ref().err().map_or(Disposition::Wait, |decision| decision.0);
        let reason =
            decision.as_ref().err().map_or_else(String::new, |decision| decision.1.clone());
        let noted = self.due.note(&pending, disposition, &reason, 0);
        if (!is_shown || noted.is_news) && rehearsal::tell(&pending, decision).is_err() {
            event("stdout is closed; stopping");
            self.shared.shutdown.ask();
        }
        Outcome::NotDue
    }

    async fn note_failure(
        &self,
        pending: &Pending,
        stopped: &Stopped,
    ) -> Result<Outcome, JournalError> {
        let (disposition, text) = (stopped.disposition(), stopped.text());
        let (id, digest) = (&pending.id, pending.digest());
        let journal = &self.shared.journal;
        let before =
            if self.due.knows(id, &digest) { 0 } else { journal.tries(id, &digest).await? };
        let noted = self.due.note(pending, disposition, &text, before);
        let say = |what: &str| {
            if noted.is_news {
                event(&format!("{id}: {what}: {text}"));
            }
        };
        match disposition {
            Disposition::Halt => return Ok(halt(id, &text)),
            Disposition::Doubt => {
                say("looking up what became of an earlier sending");
                self.note(pending, Stance::Waiting, &text, noted).await?;
                self.resolve_doubt(id).await?;
            }
            Disposition::Report => {
                say("cannot be signed");
                journal.note_attempt(pending, Stance::Rejected, &text, noted.tries).await?;
                return Ok(Outcome::Rejected);
            }
            Disposition::Retry => self.note_retry(pending, stopped, &text, noted.tries).await?,
            Disposition::Wait => {
                say("waiting");
                self.note(pending, Stance::Waiting, &text, noted).await?;
            }
            Disposition::Hold if stopped.is_left_alone() => say("left alone"),
            Disposition::Hold => {
                say("held, not reported");
                self.note(pending, Stance::Held, &text, noted).await?;
            }
        }
        Ok(Outcome::Postponed)
    }

    /// Retries, but not for ever. A transaction with signed bytes is looked up before it is parked.
    async fn note_retry(
        &self,
        pending: &Pending,
        stopped: &Stopped,
        text: &str,
        tries: u32,
    ) -> Result<(), JournalError> {
        let (id, journal) = (&pending.id, &self.shared.journal);
        let most = self.setup.config.park_after;
        let is_parked = most > 0 && tries >= most;
        if stopped.has_bytes() && (is_parked || tries > FIRST_TRIES) {
            event(&format!("{id}: looking up what became of it (try {tries}): {text}"));
            self.resolve_doubt(id).await?;
        }
        if is_parked {
            event(&format!("{id}: parked after {tries} tries: {text}"));
            return journal.note_attempt(pending, Stance::Parked, text, tries).await;
        }
        event(&format!("{id}: will be retried (try {tries} failed): {text}"));
        journal.note_attempt(pending, Stance::Waiting, text, tries).await
    }

    async fn note(
        &self,
        pending: &Pending,
        stance: Stance,
        reason: &str,
        noted: Noted,
    ) -> Result<(), JournalError> {
        if noted.is_news {
            self.shared.journal.note_attempt(pending, stance, reason, noted.tries).await
        } else {
            Ok(())
        }
    }
}

fn halt(id: &TransactionId, text: &str) -> Outcome {
    event(&format!("{id}: stopping, nothing more is signed: {text}"));
    Outcome::Halted
}

/// An id that is offered twice with different content is ambiguous: neither is processed.
fn set_twins_aside(all: Vec<Pending>, tally: &mut Tally) -> Vec<Pending> {
    let mut times: HashMap<TransactionId, usize> = HashMap::new();
    for pending in &all {
        let count = times.entry(pending.id.clone()).or_default();
        *count = count.saturating_add(1);
    }
    let (single, twins): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|pending| times.get(&pending.id) == Some(&1));
    for twin in &twins {
        event(&format!("{}: held: the API offers it twice with different content", twin.id));
    }
    tally.left = tally.left.saturating_add(twins.len());
    single
}

fn tell_of_update(notice: &UpdateNotice) {
    let UpdateNotice { latest_version, level, message } = notice;
    event(&format!("{level}: {message} (latest version: {latest_version})"));
}

pub(super) enum Stopped {
    Failure(Failure),
    Panic,
    /// The API lists it as paid under this id on its chain, but this journal does not know it.
    MayBePaid(String),
    /// The API could not be asked whether it is paid.
    NotAskedFirst(ApiError),
    /// The API offers it, and answers that it knows no such transaction.
    NotKnownFirst,
}

impl Stopped {
    fn disposition(&self) -> Disposition {
        match self {
            Self::Failure(failure) => failure.disposition(),
            Self::Panic | Self::MayBePaid(_) => Disposition::Hold,
            Self::NotAskedFirst(_) | Self::NotKnownFirst => Disposition::Wait,
        }
    }

    /// Bytes exist: the network may have them, or get them.
    const fn has_bytes(&self) -> bool {
        matches!(
            self,
            Self::Failure(Failure::Broadcast(
                BroadcastError::Unknown { .. } | BroadcastError::NotNow { .. }
            ))
        )
    }

    /// The journal says already why it is not signed.
    const fn is_left_alone(&self) -> bool {
        matches!(
            self,
            Self::Failure(Failure::Journal(
                JournalError::Skipped | JournalError::Parked(_) | JournalError::Reported
            ))
        )
    }

    /// The error with its causes.
    fn text(&self) -> String {
        match self {
            Self::Failure(failure) => with_causes(failure),
            Self::Panic => {
                String::from("internal error (panic) during processing; please report it")
            }
            Self::MayBePaid(txid) => format!(
                "the API lists it as paid ({txid}), but the journal does not know it: look it up \
                 in the chain, then complete it at the API or run `tatum-kms pending cancel`"
            ),
            Self::NotAskedFirst(error) => {
                format!("could not ask the API whether it is already paid: {error}")
            }
            Self::NotKnownFirst => String::from(
                "the API offers it but answers that it does not know it, so it may already be \
                 paid; it is asked again. If the payment was never made, create it at the API \
                 under a new id",
            ),
        }
    }
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        let counted = match outcome {
            Outcome::NotDue => return,
            Outcome::Processed => &mut self.processed,
            Outcome::Postponed => &mut self.left,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Halted => {
                self.halted = true;
                &mut self.left
            }
        };
        *counted = counted.saturating_add(1);
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            processed: self.processed.saturating_add(other.processed),
            left: self.left.saturating_add(other.left),
            rejected: self.rejected.saturating_add(other.rejected),
            polls_failed: self.polls_failed.saturating_add(other.polls_failed),
            lost: self.lost.saturating_add(other.lost),
            halted: self.halted || other.halted,
            retry_after: self.retry_after.max(other.retry_after),
        }
    }
}

fn count(wallets: usize) -> String {
    match wallets {
        1 => String::from("1 wallet"),
        _ => format!("{wallets} wallets"),
    }
}
