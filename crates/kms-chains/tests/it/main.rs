//! The vectors of every chain, through the real gate, and the registry.

mod registry;
mod vectors;
mod wallets;
