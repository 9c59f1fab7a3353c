//! Looking on beside another daemon: what this one would do with each transaction, and what the API
//! then shows as done.
//!
//! Nothing is signed, sent or reported, no approver is asked, and nothing is written beside the
//! store. The API is asked for a transaction once it is offered no more, later each time, and a last
//! time at the end; what was paid is asked where the chain can be asked.

mod onlooker;
mod verdict;

use std::{
    collections::BTreeMap,
    io,
    panic::AssertUnwindSafe,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt as _, future::join_all};
use kms_api::{Api, ApiTransaction};
use kms_core::{
    Chain, ContentDigest, Disposition, Failure, Lookup as _, Network, Pending, Ports, Road,
    TransactionId, Unreadable, foresee,
};
use tokio::time::Instant;

use self::{
    onlooker::Onlooker,
    verdict::{Decision, Other, Payment, head, judge, line, row},
};
use super::{
    Ended, backoff,
    log::{event, with_causes},
    round::Round,
    shared::Shared,
    signals::Shutdown,
};
use crate::{cli::output, config::ShadowConfig};

/// Between two looks at what is offered no more and not known to be paid.
const LOOK_LEAST: Duration = Duration::from_secs(5);
const LOOK_MOST: Duration = Duration::from_mins(5);
/// Looks that are on their way at once.
const LOOKS_AT_ONCE: usize = 16;

/// The transactions seen so far.
#[derive(Debug)]
pub(super) struct Shadow {
    config: ShadowConfig,
    seen: Mutex<BTreeMap<TransactionId, Seen>>,
}

/// One transaction.
#[derive(Clone, Debug)]
struct Seen {
    chain: &'static dyn Chain,
    network: Network,
    /// Nothing where it cannot be read.
    digest: Option<ContentDigest>,
    decision: Decision,
    /// The last poll offered it.
    is_offered: bool,
    looks: u32,
    not_before: Instant,
    /// It is printed on stdout.
    told: Option<Other>,
}

impl Shadow {
    pub(super) fn new(config: ShadowConfig) -> Self {
        Self { config, seen: Mutex::default() }
    }

    /// Says what happens, and sets the end.
    pub(super) fn begin(&self, shutdown: &Shutdown) {
        event(
            "shadow mode: nothing is signed, sent or reported, and no four-eye endpoint is asked; \
             transactions that the other daemon takes between two polls are not seen",
        );
        if let Some(time) = self.config.ends_after {
            let shutdown = shutdown.clone();
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                shutdown.ask();
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TransactionId, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_decided(&self, id: &TransactionId, digest: &ContentDigest) -> bool {
        self.lock().get(id).is_some_and(|seen| {
            seen.digest.as_ref() == Some(digest) && !matches!(seen.decision, Decision::Undecided(_))
        })
    }

    pub(super) fn note_unreadable(&self, unreadable: &Unreadable) {
        let Some(chain) = kms_chains::find(unreadable.chain.as_str()) else { return };
        let decision = Decision::Refuse(format!("cannot be read: {}", unreadable.problem));
        self.note(unreadable.id.clone(), chain, unreadable.network, None, decision);
    }

    fn note(
        &self,
        id: TransactionId,
        chain: &'static dyn Chain,
        network: Network,
        digest: Option<ContentDigest>,
        decision: Decision,
    ) {
        let (is_offered, not_before) = (true, Instant::now());
        let fresh =
            Seen { chain, network, digest, decision, is_offered, looks: 0, not_before, told: None };
        let mut seen = self.lock();
        match seen.get_mut(&id) {
            Some(known) if known.digest == fresh.digest => known.decision = fresh.decision,
            _ => drop(seen.insert(id, fresh)),
        }
    }

    /// Those of a chain that it is time to ask for.
    fn gone(
        &self,
        chain: &'static dyn Chain,
        is_offered: impl Fn(&TransactionId) -> bool,
    ) -> Vec<(TransactionId, Seen)> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (id, seen) in self.lock().iter_mut() {
            if seen.chain.spec().id != chain.spec().id || seen.told.is_some() {
                continue;
            }
            seen.is_offered = is_offered(id);
            if !seen.is_offered && seen.not_before <= now {
                due.push((id.clone(), seen.clone()));
            }
        }
        due
    }

    /// Prints what is final; the rest is looked at again later.
    fn settle(&self, id: &TransactionId, other: Other) -> io::Result<()> {
        let mut all = self.lock();
        let Some(seen) = all.get_mut(id) else { return Ok(()) };
        seen.looks = seen.looks.saturating_add(1);
        seen.not_before = Instant::now() + backoff::after(seen.looks, LOOK_LEAST, LOOK_MOST);
        if !other.is_final() {
            return Ok(());
        }
        tell(id, seen, other)
    }

    /// Looks a last time at whatever is open, unless a second signal asks not to wait; then prints
    /// the table.
    ///
    /// # Errors
    /// When stdout is closed or full.
    pub(super) async fn end(&self, shared: &Shared) -> io::Result<Ended> {
        let open: Vec<_> = self
            .lock()
            .iter()
            .filter(|(_, seen)| seen.told.is_none())
            .map(|(id, seen)| (id.clone(), seen.clone()))
            .collect();
        let setup = shared.setup();
        let looks = async {
            for some in open.chunks(LOOKS_AT_ONCE) {
                let looked = join_all(some.iter().map(|(id, seen)| look(&setup.api, id, seen)));
                for ((id, _), other) in some.iter().zip(looked.await) {
                    if let Some(seen) = self.lock().get_mut(id) {
                        tell(id, seen, other)?;
                    }
                }
            }
            Ok::<(), io::Error>(())
        };
        tokio::select! {
            looked = looks => looked?,
            () = shared.shutdown.asked_again() => (),
        }
        let all = self.lock();
        output::note(&head());
        let mut differing = 0_usize;
        for (id, seen) in all.iter() {
            let not_asked = Other::Unknown(String::from("stopped before the API was asked"));
            let other = seen.told.as_ref().unwrap_or(&not_asked);
            output::note(&row(id, seen.chain.spec().id.as_str(), &seen.decision, other));
            let differs = judge(&seen.decision, other).differs();
            differing = differing.saturating_add(usize::from(differs));
        }
        output::note(&format!("transactions seen: {}; different: {differing}", all.len()));
        Ok(if differing == 0 { Ended::AsAsked } else { Ended::Differing(differing) })
    }
}

fn tell(id: &TransactionId, seen: &mut Seen, other: Other) -> io::Result<()> {
    let line = line(id, seen.chain.spec().id.as_str(), &seen.decision, &other);
    seen.told = Some(other);
    output::raw(&format!("{line}\n"))
}

/// Asks the API, and the chain where something was paid.
async fn look(api: &Api, id: &TransactionId, seen: &Seen) -> Other {
    let txid = match api.transaction(id).await {
        Ok(ApiTransaction::Found { txid: Some(txid) }) => txid,
        Ok(ApiTransaction::Found { txid: None }) if seen.is_offered => return Other::Pending,
        Ok(ApiTransaction::Found { txid: None }) => return Other::NotSent,
        Ok(ApiTransaction::NotFound) => return Other::Deleted,
        Err(error) => return Other::Unknown(error.to_string()),
    };
    let payment = match &seen.decision {
        Decision::Sign(_) => ask_chain(api, seen, &txid).await,
        _ => Payment::NotTold("the payment was not looked up"),
    };
    Other::Sent { txid, payment }
}

async fn ask_chain(api: &Api, seen: &Seen, txid: &str) -> Payment {
    let Seen { chain, network, .. } = seen;
    let Some(call) = chain.payment_call(*network, txid) else {
        return Payment::NotTold("payments on this chain cannot be compared; only the id is shown");
    };
    match api.call(chain.spec().id, *network, &call).await {
        Err(error) => Payment::NotYet(error.to_string()),
        Ok(answer) => match chain.read_payment(*network, txid, &answer) {
            Some(sent) => Payment::Read(Box::new(sent)),
            None => Payment::NotYet(String::from("the API's answer does not say what was paid")),
        },
    }
}

impl Round {
    /// Decides on a transaction, once for each content; what could not be decided is tried again.
    pub(super) async fn foresee(&self, shadow: &Shadow, pending: Pending) {
        let (id, digest) = (pending.id.clone(), pending.digest());
        if shadow.is_decided(&id, &digest) {
            return;
        }
        let way = self.way();
        let onlooker = Onlooker { way: &way, keys: &self.shared.store };
        let road = Road {
            chain: self.chain,
            options: &self.options,
            gate: &self.setup.gate,
            ports: Ports {
                lookup: &onlooker,
                keys: &onlooker,
                journal: self.shared.journal.as_ref(),
                broadcaster: &onlooker,
            },
        };
        let foreseen = foresee(pending.clone(), road, shadow.config.has_approver);
        let (decision, disposition) = match AssertUnwindSafe(foreseen).catch_unwind().await {
            Ok(Ok(effects)) => (Decision::Sign(effects), Disposition::Wait),
            Ok(Err(failure)) => (decide(&failure), failure.disposition()),
            Err(_) => {
                let reason = String::from("internal error (panic); please report it");
                (Decision::Undecided(reason), Disposition::Retry)
            }
        };
        let reason = decision.reason().unwrap_or_default();
        if self.due.note(&pending, disposition, reason, 0).is_news {
            let colon = if reason.is_empty() { "" } else { ": " };
            event(&format!("{id}: here: {}{colon}{reason}", decision.code()));
        }
        shadow.note(id, self.chain, self.shared.network, Some(digest), decision);
    }

    /// Looks what became of that which is offered no more.
    pub(super) async fn compare_gone(&self, shadow: &Shadow) {
        let gone = shadow.gone(self.chain, |id| self.due.is_offered(id) != Some(false));
        for some in gone.chunks(LOOKS_AT_ONCE) {
            let looked = join_all(some.iter().map(|(id, seen)| look(&self.setup.api, id, seen)));
            for ((id, _), other) in some.iter().zip(looked.await) {
                if shadow.settle(id, other).is_err() {
                    event("stdout is closed; stopping");
                    self.shared.shutdown.ask();
                }
            }
        }
    }
}

fn decide(failure: &Failure) -> Decision {
    let reason = with_causes(failure);
    match failure.disposition() {
        Disposition::Report => Decision::Refuse(reason),
        Disposition::Hold => Decision::Hold(reason),
        Disposition::Wait | Disposition::Retry | Disposition::Doubt | Disposition::Halt => {
            Decision::Undecided(reason)
        }
    }
}
