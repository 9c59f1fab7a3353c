//! The chain and the API as they really are, and what daemons are told of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use kms_core::{
    Acceptance, Broadcast, BroadcastError, ChainId, Fate, Lookup, LookupError, Network, NodeCall,
    RawTransaction, Recorded,
};
use serde_json::{Value, json};

use super::ADDRESSES;
use crate::journal::Random;

/// An account and one of its nonces.
pub(super) type Place = (String, u64);

/// Somebody else's transaction.
pub(super) const FOREIGN: &str = "somebody else's";

/// The API's view of an id.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Told {
    #[default]
    Pending,
    Done,
    Failed,
}

/// The true state of the world, and everything that ever happened.
#[derive(Default)]
pub(super) struct State {
    /// The transactions in the chain, by account and nonce.
    pub(super) chain: BTreeMap<Place, String>,
    /// Of that, what did nothing but cost its fee.
    pub(super) reverted: BTreeSet<String>,
    /// The transactions that nodes accepted but no block contains yet, with their ids.
    pub(super) pool: BTreeMap<Place, (String, String)>,
    pub(super) api: BTreeMap<String, Told>,
    /// Every distinct bytes that left a daemon, by id, in order.
    pub(super) seen: HashMap<String, Vec<String>>,
    /// Ids of which a node refused bytes as of no use, for ever.
    pub(super) refused: BTreeSet<String>,
    /// Ids that an operator wanted although they were reported.
    pub(super) wanted: BTreeSet<String>,
    /// The number of times that an operator had new bytes signed, by id.
    pub(super) signed_again: BTreeMap<String, usize>,
    /// Ids of which nothing but the lost journal knew.
    pub(super) unknowable: BTreeSet<String>,
    /// Ids that the API held for done when the journal was lost: nobody follows their bytes.
    pub(super) orphans: BTreeSet<String>,
    pub(super) wrongs: Vec<String>,
}

#[derive(Default)]
pub(super) struct World {
    random: Mutex<Random>,
    pub(super) is_calm: AtomicBool,
    state: Mutex<State>,
}

impl State {
    /// Returns true if bytes are in the chain and did what they were to do, or may come into it.
    pub(super) fn is_alive(&self, raw: &str) -> bool {
        let place = place_of(raw);
        let is_waiting = self.pool.get(&place).is_some_and(|(there, _)| there == raw);
        is_waiting || self.is_paid(raw)
    }

    pub(super) fn is_paid(&self, raw: &str) -> bool {
        let there = self.chain.get(&place_of(raw));
        there.is_some_and(|there| there == raw) && !self.reverted.contains(raw)
    }

    /// Returns true if the chain proves that bytes never come into it.
    pub(super) fn is_displaced(&self, raw: &str) -> bool {
        self.chain.get(&place_of(raw)).is_some_and(|there| there != raw)
    }

    pub(super) fn raws(&self, id: &str) -> &[String] {
        self.seen.get(id).map_or(&[], Vec::as_slice)
    }

    fn next_nonce(&self, account: &str) -> u64 {
        let is_free = |nonce: &u64| {
            let place = (account.to_owned(), *nonce);
            !self.chain.contains_key(&place) && !self.pool.contains_key(&place)
        };
        (0..).find(is_free).expect("a nonce")
    }
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Mutex::new(Random(seed)), ..Self::default() }
    }

    pub(super) fn below(&self, bound: u64) -> u64 {
        self.random.lock().expect("random").below(bound)
    }

    pub(super) fn chance(&self, percent: u64) -> bool {
        !self.is_calm.load(Ordering::Relaxed) && self.below(100) < percent
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a state")
    }

    /// Blocks are made: they take what waits, or what somebody else sent in its place, and nodes
    /// forget some of it.
    pub(super) fn mine(&self) {
        let waiting = std::mem::take(&mut self.state().pool);
        for (place, (raw, id)) in waiting {
            let (is_displaced, is_reverted) = (self.chance(8), self.chance(5));
            let (is_forgotten, is_left) = (self.chance(8), self.chance(20));
            let mut state = self.state();
            // Whoever asked for the payment sees that it does not come, and asks again. Of what the
            // API calls failed nobody would: its nonce would be a gap that only operators fill.
            if is_forgotten && state.api.get(&id) == Some(&Told::Done) {
                if state.orphans.contains(&id) {
                    state.unknowable.insert(id.clone());
                }
                state.api.insert(id, Told::Pending);
            } else if is_left || place.1 > 0 && !state.chain.contains_key(&before(&place)) {
                state.pool.insert(place, (raw, id));
            } else if is_displaced {
                state.chain.insert(place, FOREIGN.to_owned());
            } else {
                if is_reverted {
                    state.reverted.insert(raw.clone());
                }
                state.chain.insert(place, raw);
            }
        }
    }

    /// The fate of bytes by the rules of an inquiry: only what is certain.
    pub(super) fn fate(&self, raw: &RawTransaction) -> Fate {
        // A node that cannot be reached, lags or has forgotten proves nothing.
        if self.chance(30) {
            return Fate::Open;
        }
        let (state, raw) = (self.state(), raw.as_str());
        let reason = || String::from("the chain says so");
        match state.chain.get(&place_of(raw)) {
            Some(there) if there == raw && state.reverted.contains(raw) => {
                Fate::Failed { reason: reason() }
            }
            Some(there) if there == raw => Fate::Confirmed,
            Some(_) => Fate::Dropped { reason: reason() },
            None => Fate::Open,
        }
    }

    /// Returns true if bytes of an id are paid, or may be.
    pub(super) fn is_alive(&self, id: &str) -> bool {
        let state = self.state();
        state.raws(id).iter().any(|raw| state.is_alive(raw))
    }

    /// Describes everything known about an id, for the report of a fault.
    pub(super) fn describe(&self, id: &str) -> String {
        let state = self.state();
        let fate = |raw: &String| (state.is_paid(raw), state.is_displaced(raw), raw.clone());
        let raws: Vec<_> = state.raws(id).iter().map(fate).collect();
        format!("(paid, displaced, bytes) {raws:?}, known: {}", !state.unknowable.contains(id))
    }

    pub(super) fn told(&self, id: &str) -> Told {
        self.state().api.get(id).copied().unwrap_or_default()
    }

    /// The API's answer about an id, if it answers.
    pub(super) fn ask_api(&self, id: &str) -> Option<Told> {
        if self.chance(10) { None } else { Some(self.told(id)) }
    }

    /// The API is told that an id failed; whether it says that it took it.
    pub(super) fn report(&self, ids: &[String]) -> bool {
        if self.chance(15) {
            return false;
        }
        let mut state = self.state();
        for id in ids {
            let is_alive = state.raws(id).iter().any(|raw| state.is_alive(raw));
            // Only a node's own word that it never takes the bytes may be wrong.
            let is_excused = state.refused.contains(id) || state.unknowable.contains(id);
            if is_alive && !is_excused {
                state.wrongs.push(format!("{id} was reported though it is paid"));
            }
            state.api.insert(id.clone(), Told::Failed);
        }
        drop(state);
        !self.chance(15)
    }

    /// The API is told that an id is in the chain; whether it says that it took it.
    pub(super) fn complete(&self, id: &str) -> bool {
        if self.chance(15) {
            return false;
        }
        self.state().api.insert(id.to_owned(), Told::Done);
        !self.chance(15)
    }

    fn note_arrival(&self, id: &str, raw: &str) {
        let mut state = self.state();
        let is_first = !state.raws(id).iter().any(|there| there == raw);
        let was_reported = state.api.get(id) == Some(&Told::Failed);
        let is_excused = state.wanted.contains(id) || state.unknowable.contains(id);
        if is_first && was_reported && !is_excused {
            state.wrongs.push(format!("{id} was signed after the API was told that it failed"));
        }
        if is_first {
            state.seen.entry(id.to_owned()).or_default().push(raw.to_owned());
        }
    }
}

fn before(place: &Place) -> Place {
    (place.0.clone(), place.1 - 1)
}

#[async_trait]
impl Lookup for World {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let NodeCall::Api { path, .. } = call else { panic!("not asked for: {call:?}") };
        if self.chance(10) {
            let (what, reason) = (path.clone(), String::from("told to"));
            return Err(LookupError::Unreachable { what, reason });
        }
        let account = path.rsplit('/').next().expect("an account").to_ascii_lowercase();
        let next = self.state().next_nonce(&account);
        // A node that lags.
        let lags = self.chance(15);
        Ok(json!(if lags { next.saturating_sub(1) } else { next }))
    }
}

#[async_trait]
impl Broadcast for World {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let (id, raw) = (recorded.pending().id.to_string(), recorded.raw().as_str());
        let reason = |reason: &str| reason.to_owned();
        self.note_arrival(&id, raw);
        if self.chance(15) {
            return Err(BroadcastError::Unknown { reason: reason("the request was lost") });
        }
        if self.chance(7) {
            self.state().refused.insert(id);
            return Err(BroadcastError::Refused { reason: reason("told to"), is_proved: false });
        }
        if self.chance(8) {
            return Err(BroadcastError::NotNow { reason: reason("insufficient funds") });
        }
        let (is_forgotten, is_doubted, is_lost) =
            (self.chance(5), self.chance(10), self.chance(15));
        let place = place_of(raw);
        let mut state = self.state();
        let waiting = state.pool.get(&place).map(|(there, _)| there);
        if let Some(there) = state.chain.get(&place).or(waiting)
            && (there != raw || is_doubted)
        {
            return Err(BroadcastError::Doubtful { reason: reason("nonce too low") });
        }
        if !state.chain.contains_key(&place) {
            state.pool.insert(place, (raw.to_owned(), id.clone()));
        }
        // What the API took it may have forgotten: it offers the id again.
        if !is_forgotten {
            state.api.insert(id, Told::Done);
        }
        drop(state);
        if is_lost {
            return Err(BroadcastError::Unknown { reason: reason("the answer was lost") });
        }
        Ok(Acceptance::default())
    }
}

/// Account and nonce, read from the signed bytes by an RLP reader of its own.
pub(super) fn place_of(raw: &str) -> Place {
    let digits = raw.trim_start_matches("0x");
    // A list of 56 to 255 bytes: two bytes of head. The nonce is its first item.
    let nonce = match u8::from_str_radix(&digits[4..6], 16).expect("a byte") {
        0x80 => 0,
        byte if byte < 0x80 => u64::from(byte),
        byte => panic!("a nonce of {byte:x}"),
    };
    // The value says whose it is: the test gives each transaction a value of its own.
    let account = usize::from(["8203e9", "8203eb"].iter().any(|value| digits.contains(value)));
    (ADDRESSES[account].to_owned(), nonce)
}
