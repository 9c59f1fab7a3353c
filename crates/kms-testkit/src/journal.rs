use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use kms_core::{
    Attempt, Bytes, ContentDigest, Entry, Intent, Journal, JournalError, Pending, Progress,
    RawTransaction, Recalled, Reservation, TransactionId,
};

/// The journal's rules in memory, said once more in another way: what the real ones are compared
/// with. It knows nothing of their code.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<State>);

/// The end of a transaction that was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    Confirmed,
    Failed,
    Dropped,
    Expired,
}

#[derive(Debug, Default)]
struct State {
    lives: BTreeMap<String, Life>,
    /// The transaction that may use each claim, once it has bytes or is about to.
    owners: BTreeMap<String, String>,
    /// Ids that were reported to the API as failed.
    reported: BTreeSet<String>,
    /// The content that an approver was asked about, by id.
    questions: BTreeMap<String, ContentDigest>,
    reservations: u64,
}

#[derive(Debug)]
struct Life {
    digest: ContentDigest,
    phase: Phase,
    /// Signatures of the id, the one in hand included.
    signatures: u32,
    /// Ids on the chain of those that came to nothing.
    former: Vec<String>,
    /// Claims that another transaction has used for good.
    lost: BTreeSet<String>,
    txid: Option<String>,
    needs_word: bool,
}

#[derive(Clone, Debug)]
enum Phase {
    Claimed(u64),
    Signed(RawTransaction),
    Taken(RawTransaction),
    InChain(RawTransaction),
    /// Over, for good or until an operator says otherwise.
    Over(Progress, String),
    /// The bytes are of no use; another signature is possible.
    Free,
}

impl Phase {
    const fn has_no_bytes(&self) -> bool {
        matches!(self, Self::Claimed(_) | Self::Free)
    }
}

fn token(number: u64) -> [u8; 16] {
    u128::from(number).to_be_bytes()
}

impl MemoryJournal {
    fn state(&self) -> Result<MutexGuard<'_, State>, JournalError> {
        self.0.lock().map_err(|_| JournalError::Storage("the test's lock is poisoned".into()))
    }

    /// Notes the end of what was sent.
    ///
    /// # Errors
    /// When another test broke the journal.
    pub fn end(&self, id: &TransactionId, end: End) -> Result<(), JournalError> {
        let mut state = self.state()?;
        let Some(life) = state.lives.get_mut(id.as_str()) else { return Ok(()) };
        let raw = match &life.phase {
            Phase::Signed(raw) | Phase::Taken(raw) => raw.clone(),
            Phase::Claimed(_) | Phase::InChain(_) | Phase::Over(..) | Phase::Free => return Ok(()),
        };
        life.phase = match end {
            End::Confirmed => Phase::InChain(raw),
            End::Failed => Phase::Over(Progress::Failed, String::from("told to")),
            End::Dropped | End::Expired => Phase::Free,
        };
        life.needs_word = end == End::Expired;
        if matches!(end, End::Dropped | End::Expired) {
            life.former.extend(life.txid.take());
            state.let_go(id.as_str(), end == End::Dropped);
        }
        Ok(())
    }

    /// An operator has it tried again, or signed again.
    ///
    /// # Errors
    /// When another test broke the journal.
    pub fn retry(&self, id: &TransactionId, sign_again: bool) -> Result<bool, JournalError> {
        let mut state = self.state()?;
        let name = id.as_str();
        let knows = state.reported.contains(name) || state.questions.contains_key(name);
        let is_granted = match state.lives.get(name).map(|life| (&life.phase, life.signatures)) {
            None => knows,
            Some((Phase::Claimed(_), _)) => true,
            Some((Phase::Free | Phase::Over(..), _)) => sign_again,
            Some(_) => !sign_again,
        };
        if !is_granted {
            return Ok(false);
        }
        state.reported.remove(name);
        state.questions.remove(name);
        let Some(life) = state.lives.get_mut(name) else { return Ok(true) };
        if matches!(life.phase, Phase::Over(..)) {
            life.former.extend(life.txid.take());
        }
        if matches!(life.phase, Phase::Over(..) | Phase::Free) {
            (life.phase, life.needs_word) = (Phase::Free, false);
            state.let_go(name, false);
        }
        Ok(true)
    }

    /// It can never be signed in its present form, and the API is told so.
    ///
    /// # Errors
    /// When another test broke the journal.
    pub fn reject(&self, id: &TransactionId) -> Result<(), JournalError> {
        let mut state = self.state()?;
        let may_be_paid = state.lives.get(id.as_str()).is_some_and(|life| {
            matches!(life.phase, Phase::Signed(_) | Phase::Taken(_) | Phase::InChain(_))
        });
        let failed = |life: &Life| matches!(life.phase, Phase::Over(Progress::Failed, _));
        if !may_be_paid && !state.lives.get(id.as_str()).is_some_and(failed) {
            state.reported.insert(id.to_string());
        }
        Ok(())
    }
}

impl State {
    fn let_go(&mut self, id: &str, is_lost: bool) {
        let held = self.owners.iter().filter(|(_, owner)| *owner == id);
        let held: Vec<_> = held.map(|(claim, _)| claim.clone()).collect();
        self.owners.retain(|_, owner| owner != id);
        if let Some(life) = self.lives.get_mut(id).filter(|_| is_lost) {
            life.lost.extend(held);
        }
    }

    /// Checks that the id does not stand for other content.
    fn check_content(&self, pending: &Pending) -> Result<(), JournalError> {
        let id = pending.id.as_str();
        if self.questions.get(id).is_some_and(|question| *question != pending.digest()) {
            return Err(JournalError::OtherContent);
        }
        if self.reported.contains(id) { Err(JournalError::Reported) } else { Ok(()) }
    }

    fn check(&self, intent: &Intent<'_>) -> Result<(), JournalError> {
        let id = intent.pending.id.as_str();
        let life = self.lives.get(id);
        if life.is_some_and(|life| !life.phase.has_no_bytes()) {
            return Err(JournalError::HeldElsewhere);
        }
        self.check_content(intent.pending)?;
        let claims: BTreeSet<_> = intent.claims.iter().collect();
        for claim in &claims {
            let owner = self.owners.get(&claim.key()).filter(|owner| *owner != id);
            let has_bytes = |owner: &&String| {
                self.lives.get(*owner).is_some_and(|life| !life.phase.has_no_bytes())
            };
            if let Some(owner) = owner.filter(has_bytes) {
                let (claim, holder) = (claim.key(), owner.clone());
                return Err(JournalError::Claimed { claim, holder });
            }
        }
        for claim in &claims {
            if life.is_some_and(|life| life.lost.contains(&claim.key())) {
                return Err(JournalError::UsedUp { claim: claim.key() });
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn recall(&self, pending: &Pending) -> Result<Recalled, JournalError> {
        let state = self.state()?;
        let life = state.lives.get(pending.id.as_str());
        let Some(life) = life.filter(|life| !life.phase.has_no_bytes()) else {
            state.check_content(pending)?;
            return Ok(Recalled::New(Attempt {
                number: life.map_or(1, |life| match life.phase {
                    Phase::Free => life.signatures + 1,
                    _ => life.signatures,
                }),
                former: life.map_or_else(Vec::new, |life| life.former.clone()),
                is_by_itself: life.is_some_and(|life| life.needs_word),
            }));
        };
        if life.digest != pending.digest() {
            return Err(JournalError::OtherContent);
        }
        Ok(Recalled::Known(match life.phase.clone() {
            Phase::Signed(raw) => Entry::Signed(raw),
            Phase::Taken(raw) | Phase::InChain(raw) => Entry::Sent(raw),
            Phase::Over(..) if state.reported.contains(pending.id.as_str()) => {
                return Err(JournalError::Reported);
            }
            Phase::Over(state, reason) => Entry::Ended { state, reason },
            Phase::Claimed(_) | Phase::Free => {
                return Err(JournalError::Storage("bytes that are none".into()));
            }
        }))
    }

    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError> {
        let mut state = self.state()?;
        state.check(&intent)?;
        state.questions.insert(intent.pending.id.to_string(), intent.pending.digest());
        Ok(None)
    }

    async fn reserve(&self, intent: Intent<'_>) -> Result<Reservation, JournalError> {
        let mut state = self.state()?;
        state.check(&intent)?;
        let id = intent.pending.id.as_str();
        let former: BTreeSet<_> = intent
            .claims
            .iter()
            .filter_map(|claim| state.owners.get(&claim.key()).cloned())
            .filter(|owner| owner != id)
            .collect();
        for owner in former {
            match state.lives.get_mut(&owner) {
                Some(life) if life.signatures > 1 => {
                    (life.phase, life.signatures) = (Phase::Free, life.signatures - 1);
                }
                _ => drop(state.lives.remove(&owner)),
            }
            state.owners.retain(|_, other| *other != owner);
        }
        state.owners.retain(|_, owner| owner != id);
        for claim in intent.claims {
            state.owners.insert(claim.key(), id.to_owned());
        }
        state.reservations += 1;
        let number = state.reservations;
        let digest = intent.pending.digest();
        let life = state.lives.entry(id.to_owned()).or_insert_with(|| Life {
            digest,
            phase: Phase::Free,
            signatures: 0,
            former: Vec::new(),
            lost: BTreeSet::new(),
            txid: None,
            needs_word: false,
        });
        if matches!(life.phase, Phase::Free) {
            life.signatures += 1;
        }
        (life.digest, life.phase) = (digest, Phase::Claimed(number));
        Ok(Reservation { token: token(number), duplicate_of: None })
    }

    async fn record(
        &self,
        id: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError> {
        let mut state = self.state()?;
        let is_reported = state.reported.contains(id.as_str());
        let life = state.lives.get_mut(id.as_str());
        let is_callers = |life: &&mut Life| matches!(life.phase, Phase::Claimed(number) if token(number) == reservation.token);
        let Some(life) = life.filter(is_callers) else { return Err(JournalError::HeldElsewhere) };
        if is_reported {
            return Err(JournalError::Reported);
        }
        life.phase = Phase::Signed(bytes.raw.clone());
        life.txid = bytes.txid.map(str::to_owned);
        state.questions.remove(id.as_str());
        Ok(())
    }

    async fn close(
        &self,
        id: &TransactionId,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), JournalError> {
        let mut state = self.state()?;
        state.questions.remove(id.as_str());
        if let Some(life) = state.lives.get_mut(id.as_str())
            && let Phase::Signed(raw) = &life.phase
        {
            life.phase = Phase::Taken(raw.clone());
        }
        Ok(())
    }

    async fn refuse(&self, pending: &Pending, reason: &str) -> Result<bool, JournalError> {
        let mut state = self.state()?;
        let id = pending.id.as_str();
        let Some(life) = state.lives.get_mut(id) else { return Ok(false) };
        if !matches!(life.phase, Phase::Signed(_)) {
            return Ok(false);
        }
        life.phase = Phase::Over(Progress::Refused, reason.to_owned());
        state.let_go(id, false);
        state.reported.insert(id.to_owned());
        Ok(true)
    }
}
