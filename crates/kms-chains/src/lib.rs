//! Every supported chain: what it signs, what that does, and how its addresses are written.
//!
//! A chain is a folder, or a row in the table of a family (`evm`, `utxo`). [`CHAINS`] is the
//! only list of them. Nothing here can reach a secret, a socket, a file, a clock or randomness.

mod algorand;
mod bnb;
mod cardano;
mod ceiling;
mod codec;
mod evm;
mod facts;
mod flow;
mod multiversx;
mod registry;
mod sender;
mod solana;
mod stellar;
mod tron;
mod utxo;
mod vechain;
mod xrpl;

pub use codec::members::without_indexes;
pub use facts::{JUDGES, Judge, Note, network_state, note};
pub use registry::{CHAINS, accounts, find, find_wallet_code};
