use std::time::Instant;

use reqwest::header::HeaderMap;

use crate::{client::Api, error::one_line, limits::NOTICE_PERIOD};

const LATEST_VERSION_HEADER: &str = "x-ttm-kms-latest-version";

/// The API says that there is a newer version of the program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateNotice {
    /// The newest version, as the API spells it.
    pub latest_version: String,
    /// `ERROR`, `WARN`, `INFO` or whatever else the API calls it.
    pub level: String,
    /// The words for people.
    pub message: String,
}

impl Api {
    /// The notice of an answer, if it is of a newer version and none was given within the hour.
    pub(crate) fn take_notice(&self, headers: &HeaderMap) -> Option<UpdateNotice> {
        let notice = read(headers.get(LATEST_VERSION_HEADER)?.to_str().ok()?)?;
        if parse_version(&notice.latest_version)? <= parse_version(self.version)? {
            return None;
        }
        let mut last = self.last_notice.lock().ok()?;
        if last.is_some_and(|last| last.elapsed() < NOTICE_PERIOD) {
            return None;
        }
        *last = Some(Instant::now());
        Some(notice)
    }
}

/// Reads `<version>;<LEVEL>;<message>`. The message may hold further semicolons.
fn read(header: &str) -> Option<UpdateNotice> {
    let mut parts = header.splitn(3, ';');
    let mut part = || parts.next().map(one_line);
    Some(UpdateNotice { latest_version: part()?, level: part()?, message: part()? })
}

/// Major, minor and patch; what follows a `-` or `+` is left out.
fn parse_version(text: &str) -> Option<[u64; 3]> {
    let core = text.split(['-', '+']).next()?;
    let numbers = core.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<_>>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parse_version("8.10.0") > parse_version("8.9.1"));
        assert_eq!(parse_version("8.0.1-beta.2"), Some([8, 0, 1]));
        for bad in ["8.0", "8.0.1.2", "eight", "", "8.0.-1"] {
            assert_eq!(parse_version(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_header_without_its_three_parts_is_no_notice() {
        assert_eq!(read("9.0.0;WARN"), None);
        assert_eq!(read("9.0.0;WARN;a;b").map(|notice| notice.message).as_deref(), Some("a;b"));
    }
}
