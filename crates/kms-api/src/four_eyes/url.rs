use url::Url;

use crate::error::SetupError;

/// Where the approver is asked: the id of a transaction is appended to it as one more segment of
/// the path. With a query or a fragment the id would become a part of that, and the approver's
/// root would answer for every transaction.
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

    /// The URL without an id.
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}
