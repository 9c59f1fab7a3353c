use url::Url;

use crate::error::SetupError;

/// The approver's URL. The id of a transaction is appended to its path as one more segment. With a
/// query or a fragment, the id would become part of that, and the approver's root would answer for
/// every transaction.
#[derive(Clone, Debug)]
pub struct ApproverUrl(Url);

impl ApproverUrl {
    /// # Errors
    /// When the URL has a query, a fragment or credentials. It is not repeated.
    pub fn new(url: Url) -> Result<Self, SetupError> {
        if url.query().is_some() {
            return Err(SetupError::ApproverUrl("a query (`?`)"));
        }
        if url.fragment().is_some() {
            return Err(SetupError::ApproverUrl("a fragment (`#`)"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SetupError::ApproverUrl("credentials (`user:password@`)"));
        }
        Ok(Self(url))
    }

    /// The place below it that these segments name, each percent-encoded as one.
    pub(super) fn below(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// The URL without an id.
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_more_segment_of_any_path() {
        for (base, id, expected) in [
            ("https://approver", "a1", "https://approver/a1"),
            ("https://approver/", "a1", "https://approver/a1"),
            ("https://approver:8443/check", "a1", "https://approver:8443/check/a1"),
            ("http://127.0.0.1:9/a/b//", "a1", "http://127.0.0.1:9/a/b/a1"),
            ("https://approver/%3Fa", "a1", "https://approver/%3Fa/a1"),
            ("https://approver/x", "a/b?c#d%2e", "https://approver/x/a%2Fb%3Fc%23d%252e"),
        ] {
            let url = ApproverUrl::new(base.parse().unwrap()).unwrap();
            assert_eq!(url.below(&[id]).as_str(), expected);
        }
        let url = ApproverUrl::new("https://approver/x/".parse().unwrap()).unwrap();
        assert_eq!(url.below(&["a1", "outcome"]).as_str(), "https://approver/x/a1/outcome");
    }
}
