//! Limits on what is taken from outside.

/// Body of a request, in bytes: 25,000 ids take about one million, the longest payload that is
/// signed eight.
pub(crate) const BODY_MAX_BYTES: usize = 10 << 20;

/// The remote API's limit.
pub(crate) const SIGNATURE_IDS_MAX: usize = 25_000;

/// Errors in one report.
pub(crate) const REPORTS_MAX: usize = 25_000;

/// Transactions kept at a time, whatever their state.
pub(crate) const TRANSACTIONS_MAX: usize = 10_000;

/// Pending and signed transactions kept at a time, in bytes.
pub(crate) const KEPT_MAX_BYTES: usize = 64 << 20;

/// Wallets one transaction may name, and signers that may be expected of it.
pub(crate) const WALLETS_MAX: usize = 25_000;

/// A reported error, in characters; what is longer is cut.
pub(crate) const REPORT_MAX_CHARACTERS: usize = 10_000;

/// Weight of a transaction of outputs. Nodes do not relay more, and the cost of checking
/// signatures of the old kind grows with its square.
pub(crate) const WEIGHT_MAX: u64 = 400_000;
