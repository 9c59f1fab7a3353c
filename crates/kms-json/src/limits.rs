//! Bounds of what is read.

use crate::names;

/// The bounds of one text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the text, at most.
    pub bytes: usize,
    /// Values inside each other, at most; a text without lists and objects counts as one.
    pub depth: usize,
    /// The names that one object may not have side by side.
    pub twins: Twins,
}

/// The names of members that count as one name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Twins {
    /// Names that are equal once their escapes are read.
    Equal,
    /// Names that are equal without regard to case, too: some readers take either.
    AnyCase,
}

impl Twins {
    /// The first two names that count as one.
    pub(crate) fn find<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Option<[&'a str; 2]> {
        match self {
            Self::Equal => names::equal_names(names),
            Self::AnyCase => names::twin_names(names),
        }
    }
}
