//! Addresses of accounts: eight bytes in hexadecimal.

use serde::{Deserialize, Serialize};

use crate::codec::hex;

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Account([u8; 8]);

impl Account {
    /// `0x` and 16 digits.
    pub(super) fn read(text: &str) -> Option<Self> {
        hex::decode_array(text.strip_prefix("0x")?).map(Self)
    }

    pub(super) const fn bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Without `0x`, as nodes have it.
    pub(super) fn digits(&self) -> String {
        hex::encode(&self.0)
    }

    pub(super) fn spell(&self) -> String {
        format!("0x{}", self.digits())
    }
}

impl TryFrom<String> for Account {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text).ok_or("is not a Flow address")
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.spell()
    }
}
