//! The ledger: what is known of each transaction, and the rules by which that changes.
//!
//! [`Ledger`] is what is asked of it, [`rules`] decides. A backend loads what was [`Found`], has a
//! rule decide, and applies its [`Write`]s, all in one transaction; it decides nothing itself.

pub(crate) mod error;
pub(crate) mod new_entry;
pub(crate) mod ports;
pub(crate) mod rows;
pub mod rules;
pub(crate) mod standing;

pub use self::{
    error::{ControlError, JournalError},
    ports::{
        Attempt, Attempts, Bytes, Desk, Entry, Filter, Follow, Followed, Identity, Intent, Journal,
        Ledger, Recalled, Report, Reservation, Unreadable,
    },
    rows::{
        Asked, AttemptRow, Duplicates, EntryRow, Found, Holder, Limits, Millis, NewEntry,
        Surroundings, Token, Write,
    },
    standing::{Event, Gap, Owed, Progress, Scope, Stance, Standing, State},
};
