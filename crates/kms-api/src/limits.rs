//! Limits on what is accepted from, and sent to, the other side.

use std::time::Duration;

/// Wallet ids in one poll: the API's own limit.
pub const SIGNATURE_IDS_PER_CALL: usize = 25_000;

/// Wallet ids that one credit of the API pays for.
pub(crate) const SIGNATURE_IDS_PER_CREDIT: usize = 500;

/// A list of pending transactions, in bytes.
pub(crate) const PENDING_BODY_MAX: usize = 64 << 20;

/// Every other answer, in bytes.
pub(crate) const BODY_MAX: usize = 1 << 20;

/// An answer of a full node, in bytes: a transaction of four million, in hexadecimal, and what is
/// around it.
pub(crate) const FULL_NODE_BODY_MAX: usize = 9 << 20;

/// Objects and lists inside each other, in any answer.
pub(crate) const JSON_DEPTH_MAX: usize = 64;

/// Characters of an answer that an error repeats.
pub(crate) const REASON_MAX_CHARS: usize = 500;

/// Characters of one reported failure.
pub(crate) const REPORT_TEXT_MAX_CHARS: usize = 4_000;

/// Failures in one report.
pub(crate) const REPORTS_PER_CALL: usize = 1_000;

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// From the first byte of a request to the last of its answer.
pub(crate) const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

/// Between two pieces of an answer.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The interval at which a silent connection is checked, and the time within which the check must
/// be answered.
pub(crate) const KEEPALIVE: Duration = Duration::from_secs(30);
pub(crate) const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// The time that an idle connection is kept. Load balancers close theirs after a minute or more; if
/// one did so during a broadcast, the broadcast's fate would be unknown, so ours end earlier.
pub(crate) const IDLE_CONNECTION: Duration = Duration::from_secs(50);

/// Idle connections to one host: one for each chain, and some.
pub(crate) const IDLE_CONNECTIONS: usize = 32;

/// Questions to the four-eye endpoint that are on their way at once.
pub(crate) const QUESTIONS_MAX: usize = 32;

pub(crate) const FOUR_EYES_TIMEOUT: Duration = Duration::from_secs(30);

/// However long a server wants not to be asked.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

/// The API may announce a new version with every poll.
pub(crate) const NOTICE_PERIOD: Duration = Duration::from_secs(3_600);
