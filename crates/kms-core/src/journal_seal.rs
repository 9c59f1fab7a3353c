//! The journal that belongs to a store: the store seals what it knows of its journal, and a daemon
//! that finds none, an older copy or another one does not sign.

use std::fmt;

use thiserror::Error;

/// A journal's own name: random, made with the journal.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct JournalId(pub [u8; 16]);

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A random mark that a daemon leaves in the journal when it starts. Copies of a journal that went
/// different ways have different marks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Opening(pub [u8; 16]);

/// A store's knowledge of its journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct JournalSeal {
    /// The journal that is the store's.
    pub journal: JournalId,
    /// The last one that the store has recorded.
    pub opening: Opening,
    /// The journal's sequence at some time after that. It may lag behind, never run ahead.
    pub sequence: u64,
}

/// The journal that lies beside the store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FoundJournal {
    /// The journal that lies there.
    pub journal: JournalId,
    /// Returns true if it has the opening that the store knows.
    pub has_opening: bool,
    /// Grows with everything that is written down; never falls.
    pub sequence: u64,
}

/// The reason why what lies beside the store is not its journal.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum SealError {
    #[error("it is missing; the store's journal is {0}")]
    Missing(JournalId),
    #[error("it is journal {found}, but the store's is {own}")]
    Foreign { own: JournalId, found: JournalId },
    #[error("it is an older copy: it ends at {found}, but the store has recorded {sealed}")]
    Older { sealed: u64, found: u64 },
    #[error("it is a copy from before the daemon's last start")]
    Forked,
}

/// Checks that a journal holds everything that the store knows to be in its own. A store that
/// knows of none takes any, or none: it has never been used to sign.
///
/// # Errors
/// When it is missing, another one or an older copy.
pub fn judge(seal: Option<&JournalSeal>, found: Option<&FoundJournal>) -> Result<(), SealError> {
    let Some(seal) = seal else { return Ok(()) };
    let Some(found) = found else { return Err(SealError::Missing(seal.journal)) };
    if found.journal != seal.journal {
        return Err(SealError::Foreign { own: seal.journal, found: found.journal });
    }
    if found.sequence < seal.sequence {
        return Err(SealError::Older { sealed: seal.sequence, found: found.sequence });
    }
    if found.has_opening { Ok(()) } else { Err(SealError::Forked) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One thing that happens to a journal.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// A daemon starts.
        Open,
        /// Something is written down.
        Record,
    }

    #[derive(Clone, Debug, Default)]
    struct Life {
        openings: Vec<Opening>,
        sequence: u64,
    }

    impl Life {
        fn live(&mut self, steps: &[Step], branch: u8) {
            for step in steps {
                let number = u8::try_from(self.openings.len()).unwrap();
                match step {
                    Step::Open => self
                        .openings
                        .push(Opening([branch, number, 0, 0].repeat(4).try_into().unwrap())),
                    Step::Record => self.sequence += 1,
                }
            }
        }

        fn seal(&self, lag: u64) -> JournalSeal {
            JournalSeal {
                journal: OWN,
                opening: *self.openings.last().unwrap(),
                sequence: self.sequence.saturating_sub(lag),
            }
        }

        fn found(&self, seal: &JournalSeal) -> FoundJournal {
            let has_opening = self.openings.contains(&seal.opening);
            FoundJournal { journal: OWN, has_opening, sequence: self.sequence }
        }
    }

    const OWN: JournalId = JournalId([7; 16]);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        prop::collection::vec(prop_oneof![Just(Step::Open), Just(Step::Record)], 0..40)
    }

    proptest! {
        #[test]
        fn a_journal_fits_every_seal_of_its_past(before in steps(), after in steps(), lag in 0..5_u64) {
            let mut life = Life::default();
            life.live(&[Step::Open], 1);
            life.live(&before, 1);
            let seal = life.seal(lag);
            life.live(&after, 1);
            prop_assert_eq!(judge(Some(&seal), Some(&life.found(&seal))), Ok(()));
        }

        #[test]
        fn a_copy_from_before_what_is_sealed_does_not_fit(before in steps(), after in steps()) {
            prop_assume!(!after.is_empty());
            let mut life = Life::default();
            life.live(&[Step::Open], 1);
            life.live(&before, 1);
            let copy = life.clone();
            life.live(&after, 1);
            let seal = life.seal(0);
            prop_assert!(judge(Some(&seal), Some(&copy.found(&seal))).is_err());
        }

        #[test]
        fn of_two_copies_that_go_on_only_the_one_that_was_sealed_fits(
            before in steps(), one in steps(), other in steps(),
        ) {
            let mut life = Life::default();
            life.live(&before, 1);
            let mut copy = life.clone();
            for (life, steps, branch) in [(&mut life, &one, 1), (&mut copy, &other, 2)] {
                life.live(&[Step::Open], branch);
                life.live(steps, branch);
            }
            let seal = life.seal(0);
            prop_assert_eq!(judge(Some(&seal), Some(&life.found(&seal))), Ok(()));
            prop_assert!(judge(Some(&seal), Some(&copy.found(&seal))).is_err());
        }
    }

    #[test]
    fn a_store_that_knows_of_a_journal_wants_that_one() {
        let seal = JournalSeal { journal: OWN, opening: Opening([1; 16]), sequence: 5 };
        let found = FoundJournal { journal: OWN, has_opening: true, sequence: 5 };
        let other = JournalId([8; 16]);
        assert_eq!(judge(Some(&seal), Some(&found)), Ok(()));
        assert_eq!(judge(Some(&seal), None), Err(SealError::Missing(OWN)));
        assert_eq!(
            judge(Some(&seal), Some(&FoundJournal { journal: other, ..found })),
            Err(SealError::Foreign { own: OWN, found: other })
        );
        assert_eq!(
            judge(Some(&seal), Some(&FoundJournal { sequence: 4, ..found })),
            Err(SealError::Older { sealed: 5, found: 4 })
        );
        assert_eq!(
            judge(Some(&seal), Some(&FoundJournal { has_opening: false, ..found })),
            Err(SealError::Forked)
        );
        assert_eq!(judge(None, Some(&found)), Ok(()));
        assert_eq!(judge(None, None), Ok(()));
    }
}
