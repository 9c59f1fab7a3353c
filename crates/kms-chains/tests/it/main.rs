//! The vectors of every chain, through the real gate, and the registry.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "tests read vectors, print counts, and cannot go on without their input"
)]

mod accounts;
mod consensus;
mod effects;
mod evm_today;
mod imports;
mod judges;
mod members;
mod node_words;
mod payments;
mod registry;
mod sdk;
mod solana;
mod solana_time;
mod stellar;
mod txids;
mod vectors;
mod wallets;
mod xrpl;
