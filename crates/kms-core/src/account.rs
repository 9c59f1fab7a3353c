use std::fmt;

/// An account of a chain: what all spellings of its address have in common. Two addresses are the
/// same if their accounts are equal.
///
/// A number that tells the customers of one account apart, as the tag in an XRP X-address or the id
/// in a muxed address of Stellar, is not part of it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId(String);

impl AccountId {
    /// For chains, which give the one spelling by which the account is compared and stored. Anyone
    /// else asks [`Chain::account`](crate::Chain::account).
    pub const fn from_canonical(text: String) -> Self {
        Self(text)
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
