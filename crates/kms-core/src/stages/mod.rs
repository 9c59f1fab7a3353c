//! The stages of a transaction between two steps of the road.

pub(crate) mod proposal;
pub(crate) mod recorded;
