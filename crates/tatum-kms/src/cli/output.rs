//! The only place that prints: results on stdout, words for people on stderr.
#![expect(clippy::print_stderr, reason = "this is where printing is done")]

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

/// Prints a result as the original does: JSON, indented by two, one line feed.
///
/// # Errors
/// When stdout is closed or full.
pub(crate) fn json(value: &Value) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    text.push('\n');
    raw(&text)
}

/// Prints text that is a result, as it is.
///
/// # Errors
/// When stdout is closed or full.
pub(crate) fn raw(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Says something to whoever watches.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Says that something failed, as the original's JSON error objects do.
pub(crate) fn error(text: &str) {
    let error = serde_json::json!({ "error": text });
    eprintln!("{}", serde_json::to_string_pretty(&error).unwrap_or_default());
}

/// Asks something, on the same line as the answer.
///
/// # Errors
/// When stderr is closed.
pub(crate) fn ask(question: &str) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()
}

/// A line that is overwritten by the next one, on a terminal only.
pub(crate) fn progress(text: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{text}");
    }
}

/// Ends a line of progress.
pub(crate) fn progress_done() {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}
