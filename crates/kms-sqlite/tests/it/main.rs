//! The two files under attack: altered, replayed, cut off, and their writer killed at any step.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot set its scene must fail"
)]

mod attacks;
mod backup;
mod crash;
mod crash_points;
mod format;
mod journal;
mod legacy;
mod scene;
