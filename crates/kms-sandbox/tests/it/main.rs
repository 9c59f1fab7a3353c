//! The sandbox from outside: its routes over a real socket, and the whole road of a transaction
//! from poll to verdict.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot build its input must fail"
)]

mod cardano;
mod client;
mod faults;
mod road;
mod routes;
mod signer;
mod solana;
