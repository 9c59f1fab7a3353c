//! One life of a daemon: it takes what is offered, says what failed, looks what became of the rest.

use kms_core::{
    Attempts as _, Chain, ChainOptions, Disposition, Failure, Fate, Follow as _, Followed,
    FourEyes, Gate, Identity as _, JournalError, Network, Owed, Pending, Ports, Progress, Road,
    Stance, process,
};
use kms_testkit::TestKeys;

use super::{
    mortal::Mortal,
    pending,
    world::{Told, World},
};

/// Tries after which a transaction is parked.
const PARKED_AFTER: u32 = 4;
const LOOKS_MAX: u32 = 50;

pub(super) struct Daemon<'a> {
    pub(super) world: &'a World,
    pub(super) keys: &'a TestKeys,
    pub(super) chain: &'static dyn Chain,
    pub(super) journal: Mortal,
    /// True if its journal took a lost one's place.
    pub(super) is_young: bool,
}

impl Daemon<'_> {
    /// Until it is through, or dies.
    pub(super) async fn live(&self, offered: &[u64]) -> Result<(), JournalError> {
        for number in offered {
            let one = pending(*number);
            if self.asks_first(&one).await? {
                continue;
            }
            match self.process(one.clone()).await {
                Ok(_) => (),
                Err(failure) => self.note_failure(&one, &failure).await?,
            }
        }
        self.report_due().await?;
        self.follow_due().await
    }

    /// Returns true if an id is left alone: with a new journal only the API knows of what was paid.
    async fn asks_first(&self, one: &Pending) -> Result<bool, JournalError> {
        if !self.is_young || self.journal.step(self.journal.journal.has_bytes(&one.id)).await? {
            return Ok(false);
        }
        Ok(!matches!(self.world.ask_api(one.id.as_str()), Some(Told::Pending | Told::Failed)))
    }

    async fn process(&self, one: Pending) -> Result<(), Failure> {
        let gate = Gate::new(Vec::new(), FourEyes::WaivedOnTestnet);
        let options = ChainOptions::default();
        let (world, keys) = (self.world, self.keys);
        let ports = Ports { lookup: world, keys, journal: &self.journal, broadcaster: world };
        let road = Road { chain: self.chain, options: &options, gate: &gate, ports };
        process(one, road).await.map(drop)
    }

    async fn note_failure(&self, one: &Pending, failure: &Failure) -> Result<(), JournalError> {
        let journal = &self.journal.journal;
        let tries = self.journal.step(journal.tries(&one.id, &one.digest())).await? + 1;
        let (disposition, text) = (failure.disposition(), failure.to_string());
        if let Failure::Journal(error @ JournalError::Storage(_)) = failure {
            return Err(JournalError::Storage(error.to_string().into()));
        }
        let is_parked = disposition == Disposition::Retry && tries >= PARKED_AFTER;
        let has_bytes = matches!(failure, Failure::Broadcast(_));
        if disposition == Disposition::Doubt || is_parked && has_bytes {
            self.look_at(one).await?;
        }
        let stance = match disposition {
            Disposition::Report => Stance::Rejected,
            Disposition::Hold => Stance::Held,
            Disposition::Retry if is_parked => Stance::Parked,
            Disposition::Retry | Disposition::Wait | Disposition::Doubt | Disposition::Halt => {
                Stance::Waiting
            }
        };
        self.journal.step(journal.note_attempt(one, stance, &text, tries)).await
    }

    async fn report_due(&self) -> Result<(), JournalError> {
        let journal = &self.journal.journal;
        let due = journal.reports_due(self.chain.spec().id, Network::Testnet);
        let due = self.journal.step(due).await?;
        let ids: Vec<_> = due.iter().map(|report| report.id.to_string()).collect();
        if due.is_empty() || !self.world.report(&ids) {
            return Ok(());
        }
        for report in &due {
            self.journal.step(journal.mark_reported(report)).await?;
        }
        Ok(())
    }

    async fn follow_due(&self) -> Result<(), JournalError> {
        let due = self.journal.journal.due(self.chain.spec().id, Network::Testnet, LOOKS_MAX);
        for followed in self.journal.step(due).await? {
            match followed.owed {
                Some(owed) => self.tell_owed(&followed, owed).await?,
                None => self.look(&followed, false).await?,
            }
        }
        Ok(())
    }

    async fn look_at(&self, one: &Pending) -> Result<(), JournalError> {
        match self.journal.step(self.journal.journal.followed(&one.id)).await? {
            Some(followed) => self.look(&followed, true).await,
            None => Ok(()),
        }
    }

    async fn look(&self, followed: &Followed, is_offered: bool) -> Result<(), JournalError> {
        let fate = match followed.progress {
            Progress::Confirmed => Fate::Confirmed,
            _ => self.world.fate(&followed.raw),
        };
        let journal = &self.journal.journal;
        let noted = journal.note_fate(&followed.id, fate, is_offered);
        let Some(owed) = self.journal.step(noted).await? else { return Ok(()) };
        match self.journal.step(journal.followed(&followed.id)).await? {
            Some(now) => self.tell_owed(&now, owed).await,
            None => Ok(()),
        }
    }

    async fn tell_owed(&self, followed: &Followed, owed: Owed) -> Result<(), JournalError> {
        let (id, journal) = (&followed.id, &self.journal.journal);
        let Some(told) = self.world.ask_api(id.as_str()) else {
            return self.journal.step(journal.note_not_told(id)).await;
        };
        let is_done = told == Told::Done;
        match owed {
            Owed::Completed if !is_done && !self.world.complete(id.as_str()) => {
                self.journal.step(journal.note_not_told(id)).await
            }
            Owed::Failed if is_done || followed.progress == Progress::Failed => {
                self.journal.step(journal.note_failed(followed, "nothing came of it")).await
            }
            _ => self.journal.step(journal.note_told(id, "it knows")).await,
        }
    }
}
