//! Reads `Retry-After`, relative to the answer's `Date`.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::limits::RETRY_AFTER_MAX;

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date. A date is compared with the
/// one the answer itself bears, where it has one, so that it does not matter what time it is here.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if text.is_empty() => return None,
        true => text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs),
        false => {
            let until = httpdate::parse_http_date(text).ok()?;
            let now = date(headers).unwrap_or_else(SystemTime::now);
            until.duration_since(now).unwrap_or(Duration::ZERO)
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// The time of the answer, by the host's clock.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn seconds(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        read(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_taken_up_to_ten_minutes() {
        for (text, expected) in
            [("0", 0), ("7", 7), (" 120 ", 120), ("601", 600), ("99999999999999999999999", 600)]
        {
            assert_eq!(seconds(text, None), Some(expected), "{text}");
        }
    }

    /// The three forms of RFC 9110, section 5.6.7, a minute and a half after the answer's date.
    #[test]
    fn dates_are_compared_with_the_date_of_the_answer() {
        let date = Some("Sun, 06 Nov 1994 08:48:07 GMT");
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(seconds(text, date), Some(90), "{text}");
        }
        assert_eq!(seconds("Sun, 06 Nov 1994 08:48:00 GMT", date), Some(0), "in the past");
        assert_eq!(seconds("Sun, 06 Nov 1994 18:48:00 GMT", date), Some(600), "capped");
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT", None), Some(0), "by the clock here");
        assert_eq!(seconds("Fri, 31 Dec 2100 23:59:59 GMT", Some("garbage")), Some(600));
    }

    #[test]
    fn what_is_neither_is_none() {
        for text in ["", " ", "-5", "1.5", "soon", "1e3", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(seconds(text, None), None, "{text:?}");
        }
    }
}
