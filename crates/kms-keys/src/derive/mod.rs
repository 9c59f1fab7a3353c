//! From a seed to a key: one file a standard.

pub(crate) mod bip44;
pub(crate) mod icarus;
pub(crate) mod path;
pub(crate) mod slip10;
