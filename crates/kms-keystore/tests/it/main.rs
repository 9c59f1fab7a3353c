//! The store over a backend in memory, and the original's files.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot set its scene must fail"
)]

mod legacy;
mod memory;
mod sealed;
mod twins;
