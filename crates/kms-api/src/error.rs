use std::time::Duration;

use kms_core::NodeWords;
use thiserror::Error;

use crate::{limits::REASON_MAX_CHARS, refusal};

/// The client cannot be built from its configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum SetupError {
    #[error("the API's base URL must be http or https, without query and fragment")]
    BaseUrl,
    #[error("the API key is empty or contains characters that are not allowed in an HTTP header")]
    ApiKey,
    #[error("the testnet type contains characters that are not allowed in an HTTP header")]
    TestnetType,
    #[error("{0} is not the URL of an http or https proxy")]
    Proxy(&'static str),
    #[error("the file of trusted certificates cannot be used: {0}")]
    Certificate(String),
    #[error("the client certificate and key cannot be read; both must be in PEM format")]
    Identity,
    #[error(
        "--externalUrl: the URL must not have {0}: the transaction's id is appended to the URL, \
         which {0} would prevent; use a URL that ends in a path"
    )]
    ApproverUrl(&'static str),
    #[error("no key is configured to verify the approver's answers")]
    ApproverKey,
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// A call that did not end in a usable answer. Holds no URL and no key.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum ApiError {
    /// Nothing was sent.
    #[error("no connection: {reason}")]
    NotConnected { reason: String },
    /// Nothing was sent.
    #[error("{host} is not called for {} s: {reason}", whole_seconds(*.wait))]
    Closed { host: String, wait: Duration, reason: String },
    #[error("no answer: {0}")]
    NoAnswer(String),
    #[error(
        "the answer is longer than {limit} bytes and was not read completely; check that the URL \
         is the API's"
    )]
    TooLong { limit: usize },
    #[error(
        "status {status}{}: {reason}{}{}",
        in_brackets(.code.as_deref()), details(.data.as_deref()),
        advice(*.status, *.is_of_a_transaction, .reason)
    )]
    Status {
        status: u16,
        code: Option<String>,
        reason: String,
        /// The answer's content besides its message, as JSON on one line, without private keys.
        data: Option<String>,
        retry_after: Option<Duration>,
        /// True if it is about a transaction and not about the caller.
        is_of_a_transaction: bool,
    },
    #[error("the answer is not as expected: {0}")]
    Garbled(String),
}

impl ApiError {
    pub(crate) fn status(status: u16, code: Option<String>, reason: String) -> Self {
        let error = Self::Status {
            status,
            code,
            reason,
            data: None,
            retry_after: None,
            is_of_a_transaction: false,
        };
        error.with_words(&NodeWords::NONE)
    }

    /// Reads the answer again as one about a transaction of a chain whose nodes have these words.
    pub(crate) fn with_words(mut self, words: &NodeWords) -> Self {
        if let Self::Status { code, reason, is_of_a_transaction, .. } = &mut self {
            *is_of_a_transaction = refusal::is_of_a_transaction(code.as_deref(), reason, words);
        }
        self
    }

    pub(crate) fn with_data(mut self, told: Option<String>) -> Self {
        if let Self::Status { data, .. } = &mut self {
            *data = told;
        }
        self
    }

    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        if let Self::Status { retry_after, .. } = &mut self {
            *retry_after = after;
        }
        self
    }

    /// Applies `edit` to every text that came from outside.
    pub(crate) fn map_text(self, edit: impl Fn(&str) -> String) -> Self {
        match self {
            Self::NotConnected { reason } => Self::NotConnected { reason: edit(&reason) },
            Self::Closed { host, wait, reason } => {
                Self::Closed { host, wait, reason: edit(&reason) }
            }
            Self::NoAnswer(text) => Self::NoAnswer(edit(&text)),
            Self::Garbled(text) => Self::Garbled(edit(&text)),
            Self::Status { status, code, reason, data, retry_after, is_of_a_transaction } => {
                let (code, data) = (code.as_deref().map(&edit), data.as_deref().map(&edit));
                let reason = edit(&reason);
                Self::Status { status, code, reason, data, retry_after, is_of_a_transaction }
            }
            Self::TooLong { limit } => Self::TooLong { limit },
        }
    }

    /// The time to wait before the next try, if it is known: the host stated it, or is left alone
    /// until then.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Closed { wait, .. } => Some(*wait),
            Self::NotConnected { .. }
            | Self::NoAnswer(_)
            | Self::TooLong { .. }
            | Self::Garbled(_) => None,
        }
    }

    /// Returns true if the same call may succeed later, or after the operator has corrected
    /// something. All other errors are the API's verdict on the content of the call.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_temporary_status(*status),
            Self::NotConnected { .. }
            | Self::Closed { .. }
            | Self::NoAnswer(_)
            | Self::TooLong { .. }
            | Self::Garbled(_) => true,
        }
    }

    /// Returns true if nothing left this process.
    pub(crate) const fn is_unsent(&self) -> bool {
        matches!(self, Self::NotConnected { .. } | Self::Closed { .. })
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

fn details(data: Option<&str>) -> String {
    data.map_or_else(String::new, |data| format!("; data: {data}"))
}

/// Advice on an answer. The status alone does not say what is wrong: the API answers 403 for a key
/// that it does not accept and for a transaction that the network refuses.
fn advice(status: u16, is_of_a_transaction: bool, reason: &str) -> &'static str {
    match status {
        300..=399 => "; redirects are not followed: set the final URL",
        401..=403 if is_of_a_transaction => "",
        401..=403 if reason.starts_with('<') => {
            "; the answer is an HTML page, not the API's: check TATUM_API_URL, and any proxy or \
             firewall in between"
        }
        401 => "; check the API key",
        402 | 403 => "; check the API key and its plan",
        407 => "; the proxy requires a user name and password: put them into the URL in HTTP_PROXY",
        429 => "; the plan's call limit is reached",
        _ => "",
    }
}

/// Rounded up.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// One line of at most [`REASON_MAX_CHARS`] characters.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    line.take(REASON_MAX_CHARS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, code: &str, reason: &str) -> String {
        let code = (!code.is_empty()).then(|| code.to_owned());
        let words = NodeWords {
            already_known: &["already known"],
            may_be_included: &["nonce"],
            not_now: &["insufficient"],
        };
        ApiError::status(status, code, reason.to_owned()).with_words(&words).to_string()
    }

    #[test]
    fn advice_fits_the_cause_and_not_the_status() {
        for (status, code, reason) in [
            (401, "ip-address-key.unauthorized", "Authentication required."),
            (402, "subscription.not.exists", "Not enough credits"),
            (403, "subscription.not.active", "Subscription is not active"),
            (402, "", "Not enough credits"),
            (403, "", "You have reached the limit of 10000 credits with your free plan for 'x'."),
        ] {
            assert!(told(status, code, reason).contains("; check the API key"), "{status} {code}");
        }
        for (status, code, reason) in [
            (403, "eth.broadcast.failed", "Unable to broadcast transaction."),
            (403, "eth.broadcast.failed", "fee cap less than block base fee: gasFeeCap: 1"),
            (403, "validation.failed", "Request validation failed."),
            (402, "withdrawal.failed", "no"),
            (401, "tx.broadcast.failed", "nonce too low"),
            (403, "", "nonce too low"),
            (403, "", "insufficient funds for gas * price + value"),
            (403, "", "already known"),
            (400, "", "bad"),
        ] {
            let told = told(status, code, reason);
            assert!(told.ends_with(reason), "{told}");
        }
        let page = told(403, "", "<html>403</html>");
        assert!(page.contains("TATUM_API_URL") && !page.contains("plan"), "{page}");
    }
}
