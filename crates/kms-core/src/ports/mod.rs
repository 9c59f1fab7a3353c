//! The outside world, one file for each thing the road needs from it. The journal's port is in
//! [`ledger`](crate::ledger).

pub(crate) mod broadcast;
pub(crate) mod lookup;
pub(crate) mod sign;
