//! The daemon's log: one line per event, with the time in UTC, on stderr.

use jiff::Timestamp;

use crate::cli::output;

/// Writes a line. `text` holds no secret and no payload.
pub(crate) fn event(text: &str) {
    let now = Timestamp::now();
    output::note(&format!("{now:.3} - {text}"));
}

/// An error with its causes.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.ends_with(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text
}
