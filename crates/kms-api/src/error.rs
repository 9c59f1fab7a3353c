use std::{error::Error as _, time::Duration};

use thiserror::Error;

use crate::limits::REASON_MAX_CHARS;

/// The client cannot be built from its configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    #[error("the API's base URL must be http or https, without query and fragment")]
    BaseUrl,
    #[error("the API key is empty or holds characters that no HTTP header can carry")]
    ApiKey,
    #[error("the testnet type holds characters that no HTTP header can carry")]
    TestnetType,
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// A call that did not end in a usable answer. Holds no URL and no key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApiError {
    #[error("no answer: {0}")]
    NoAnswer(String),
    #[error(
        "the answer is longer than {limit} bytes and was not read to its end; \
         check that the URL is that of the API"
    )]
    TooLong { limit: usize },
    #[error("status {status}{}: {reason}{}", in_brackets(.code.as_deref()), advice(*.status))]
    Status { status: u16, code: Option<String>, reason: String, retry_after: Option<Duration> },
    #[error("the answer is not what was expected: {0}")]
    Garbled(String),
}

impl ApiError {
    pub(crate) const fn status(status: u16, code: Option<String>, reason: String) -> Self {
        Self::Status { status, code, reason, retry_after: None }
    }

    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        if let Self::Status { retry_after, .. } = &mut self {
            *retry_after = after;
        }
        self
    }

    /// What `reqwest` says, with its causes and without the URL.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_timeout() {
            return Self::NoAnswer(String::from("it did not come in time"));
        }
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::NoAnswer(text)
    }

    /// Applies `edit` to every text that came from outside.
    pub(crate) fn map_text(self, edit: impl Fn(&str) -> String) -> Self {
        match self {
            Self::NoAnswer(text) => Self::NoAnswer(edit(&text)),
            Self::Garbled(text) => Self::Garbled(edit(&text)),
            Self::Status { status, code, reason, retry_after } => {
                let code = code.as_deref().map(&edit);
                Self::Status { status, code, reason: edit(&reason), retry_after }
            }
            Self::TooLong { limit } => Self::TooLong { limit },
        }
    }

    /// How long the server wants not to be asked.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::NoAnswer(_) | Self::TooLong { .. } | Self::Garbled(_) => None,
        }
    }

    /// Whether the same call may well succeed later, or after the operator put something right.
    /// What is left is the API's own word on the content of the call.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_temporary_status(*status),
            Self::NoAnswer(_) | Self::TooLong { .. } | Self::Garbled(_) => true,
        }
    }
}

/// Redirects (which are not followed), a refused key, an unpaid plan, too many calls, and the
/// server's own troubles.
fn is_temporary_status(status: u16) -> bool {
    !(400..500).contains(&status) || matches!(status, 401 | 402 | 403 | 407 | 408 | 425 | 429)
}

fn in_brackets(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| format!(" ({code})"))
}

const fn advice(status: u16) -> &'static str {
    match status {
        300..=399 => "; redirects are not followed, so give the final URL",
        401 => "; check the API key",
        402 | 403 => "; check the API key and its plan",
        429 => "; the plan's limit of calls is reached",
        _ => "",
    }
}

/// One line of at most [`REASON_MAX_CHARS`] characters.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    line.take(REASON_MAX_CHARS).collect::<String>().trim().to_owned()
}
