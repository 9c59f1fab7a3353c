//! The daemon's log: one line an event, with the time in UTC, on stderr.

use jiff::Timestamp;

use crate::cli::output;

/// Writes a line. `text` holds no secret and no payload.
pub(crate) fn event(text: &str) {
    let now = Timestamp::now();
    output::note(&format!("{now:.3} - {text}"));
}
