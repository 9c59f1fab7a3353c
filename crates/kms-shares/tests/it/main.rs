//! Keys shared and put together: the official vectors, every damage, another implementation.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot set its scene must fail"
)]

mod damage;
mod judge;
mod scene;
mod sharing;
mod vectors;
