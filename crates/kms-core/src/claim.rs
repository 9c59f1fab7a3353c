/// Something on a chain that can be used once: an output, or a nonce of an account.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Claim {
    what: String,
    numbered: Option<(String, u64)>,
}

impl Claim {
    /// Takes the chain's own spelling of what is used up.
    pub const fn new(what: String) -> Self {
        Self { what, numbered: None }
    }

    /// A number of an account whose transactions are confirmed in the order of their numbers.
    /// `account` says which chain and network it is on.
    pub fn numbered(account: String, number: u64) -> Self {
        Self { what: format!("{account}:{number}"), numbered: Some((account, number)) }
    }

    /// The spelling under which the journal keeps it.
    pub fn as_str(&self) -> &str {
        &self.what
    }

    /// The account and its number.
    pub fn number(&self) -> Option<(&str, u64)> {
        self.numbered.as_ref().map(|(account, number)| (account.as_str(), *number))
    }
}
