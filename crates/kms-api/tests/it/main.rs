//! Every call against a server on loopback that records what it is sent.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests state what must hold"
)]

mod broadcast;
mod closing;
mod fakes;
mod faults;
mod four_eyes;
mod four_eyes_signed;
mod lookup;
mod mock;
mod outcome;
mod poll;
mod proxies;
mod raw;
mod report;
mod reuse;
mod tls;
