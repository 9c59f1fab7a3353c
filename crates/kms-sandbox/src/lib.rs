//! An embedded Tatum API, for integrators and for `tatum-kms demo`: it offers pending
//! transactions to a daemon, answers the look-ups that signing needs, and judges what is
//! broadcast with decoders of its own. It listens on loopback only, keeps its state in memory and
//! never sees a secret.
//!
//! # The remote API's routes
//! `POST /v3/kms/pending/{CHAIN}`, `GET|DELETE /v3/kms/{id}`, `PUT /v3/kms/{id}/{txId}`,
//! `POST /v3/tatum/kms/batch`, `POST /v3/{chain}/broadcast`,
//! `POST /v3/offchain/withdrawal/broadcast`, `GET /v3/{chain}/transaction/{hash}` of Ethereum and its
//! descendants, the JSON-RPC proxies, `POST /v3/{chain}/node` of
//! Bitcoin and its descendants, transaction counts, the fee of
//! Ethereum, and Polygon's gas station at `GET /v2`. Every request names an API key, in
//! `x-api-key` or as the last segment of a proxy's path; any text that is not empty will do. The
//! gas station needs none, as the real one is not the API's.
//!
//! # The sandbox's own routes
//! `POST /sandbox/transactions` offers a transaction:
//!
//! ```json
//! {
//!   "pending": { "chain": "ETH", "hashes": ["…"], "index": 0, "serializedTransaction": "…" },
//!   "expect": { "network": "testnet", "signers": [{ "address": "0x…" }] }
//! }
//! ```
//!
//! A member `previous` may hold the transactions whose outputs are spent, in hexadecimal by id:
//! the nodes of Bitcoin and its descendants give them. `pending` is the object as the API sends
//! it; without an `id` it gets one. `network` is
//! `testnet` unless it says `mainnet`. A signer is `{"address": …}` or `{"publicKey": …}` in
//! hexadecimal; an account chain has one, Bitcoin Cash has one for all inputs or one for each, the
//! other chains of outputs have those whose keys may sign. `GET /sandbox/transactions[/{id}]` tells
//!
//! ```json
//! { "id": "…", "chain": "ETH", "state": "rejected", "reason": "…", "txId": null, "raw": "0x…" }
//! ```
//!
//! with `state` one of `pending`, `broadcast` (marked complete by `PUT`, no bytes seen),
//! `verified`, `rejected` (broadcast, and refused for `reason`) and `failed` (the daemon reported
//! `reason`). `DELETE /sandbox/transactions` forgets everything, nonces too.
//!
//! A gas limit and a price are compared where the payload gives them; a nonce that it does not give
//! must be the account's next. Nonces and outputs are used up once, so that one payment signed
//! twice is found out. Scripts in payloads are read in hexadecimal only.
//!
//! Errors are `{"statusCode", "errorCode", "message"}`, as the API's are.
//!
//! # What nodes say
//! A node's chain id is that of the network of the latest transaction offered on its chain, of the
//! test network when there is none. An account's nonce is one more than the highest accepted one.
//!
//! # Faults
//! `PUT /sandbox/faults` makes things go wrong between the daemon and the API, its nodes and the
//! four-eye endpoint: shares in per mille of the requests, by the kinds of [`Fault`], drawn from a
//! seed. `GET` tells what is set and how often each kind happened, `DELETE` ends it.
//!
//! ```json
//! { "seed": 1, "perMille": { "lostAnswer": 50, "truncatedBody": 20 }, "hangMs": 2000, "slowMs": 500 }
//! ```
//!
//! The sandbox's own routes have no faults. Each fault defines whether the hidden request was
//! processed, so that the records stay right: `GET /sandbox/broadcasts` tells every text that was
//! ever broadcast by transaction, and every violation: another text for the same transaction, an
//! output or a nonce that two transactions used. The same text again is never one, as on a real
//! network.
//!
//! # Adding a chain
//! A chain of its own kind is a folder in `chains/`: `samples.rs` (payloads for a wallet),
//! `verify.rs` (a function from `verify::Case` to `verify::Valid`), `node.rs` (the routes of its
//! nodes, if the daemon asks any), and its row in `mod.rs`; and one line in `chains.rs`. A chain of
//! an old family is a line in the family's row. `cargo xtask tidy` tells what is missing. Nothing
//! here may come from `kms-chains`, which is judged.

mod answer;
mod broadcasts;
mod chains;
mod connection;
mod faults;
mod ledger;
mod limits;
mod offer;
mod routes;
mod rpc;
mod samples;
mod server;
mod verify;

pub use broadcasts::{Broadcasts, Violation};
pub use faults::{Fault, Faults, FaultsError};
pub use ledger::{State, TransactionState};
pub use offer::{Expected, OfferError, Sample, Signer};
pub use samples::{SampleError, Wallet, samples};
pub use server::{Running, Sandbox, SandboxError};
