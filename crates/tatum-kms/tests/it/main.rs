//! The program as its users run it: commands, and whole rounds against a mock of the remote API.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot set its scene must fail"
)]

mod access;
mod amounts;
mod backup;
mod certificates;
mod chains;
mod cli;
#[cfg(all(feature = "aws", feature = "azure", feature = "google"))]
mod cloud;
mod completions;
mod container;
mod crash;
mod daemon;
mod errors;
mod four_eyes;
mod import;
mod lifecycle;
mod locked;
mod memory;
mod migrate;
mod mock;
mod operators;
mod originals;
mod own_journal;
mod phrases;
mod processes;
mod program;
mod real;
mod shadow;
mod shares;
mod soak;
mod sources;
mod truth;
