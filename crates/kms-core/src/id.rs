use std::fmt;

use thiserror::Error;

/// A chain's code as the remote API spells it, e.g. `ETH`. Declared by a chain, found in the
/// registry; never parsed from input directly.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChainId(&'static str);

/// The remote API's id of a pending transaction.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TransactionId(String);

/// The id under which the wallet store knows a wallet.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SignatureId(String);

/// The remote API's id of an off-chain withdrawal that a transaction settles.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WithdrawalId(String);

/// Production or test chain. One daemon serves one of them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Network {
    /// The network whose coins are money.
    Mainnet,
    /// A network for trying things out.
    Testnet,
}

/// A value that differs between the two networks of a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ByNetwork<T> {
    /// The value on mainnet.
    pub mainnet: T,
    /// The value on testnet.
    pub testnet: T,
}

/// A child number of a derivation path below the hardened range: 0 to 2³¹−1 (BIP-32).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AddressIndex(u32);

/// The key that signs: a wallet, and for a mnemonic wallet the address index under its account.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct KeyRef {
    /// The wallet that holds the key or derives it.
    pub wallet: SignatureId,
    /// The index of the derived key; `None` for a wallet of one key.
    pub index: Option<AddressIndex>,
}

/// The text is not usable as an id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum IdError {
    #[error("an id cannot be empty")]
    Empty,
    #[error("an id has at most {} bytes", IdError::MAX_BYTES)]
    TooLong,
    #[error("an id cannot contain control characters")]
    ControlCharacter,
    #[error("a transaction id consists of letters, digits, `-` and `_`")]
    NotAToken,
}

/// The number is not an address index.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an index is a whole number from 0 to {}", AddressIndex::MAX.0)]
pub struct IndexError;

impl IdError {
    /// The API's ids have 24 and 36 bytes; this leaves room and keeps a hostile id short.
    pub const MAX_BYTES: usize = 128;
}

impl ChainId {
    /// Takes a code from a chain's row.
    pub const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The code, in capitals.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl TransactionId {
    /// The id becomes a path segment of requests, so it is held to characters that need no
    /// escaping there.
    ///
    /// # Errors
    /// When the text is empty, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length(text)?;
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::NotAToken)
        }
    }

    /// The id as it was read.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SignatureId {
    /// # Errors
    /// When the text is empty, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_length(text)?;
        if text.chars().any(char::is_control) {
            Err(IdError::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The id as it was read.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WithdrawalId {
    /// # Errors
    /// When the text is empty, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        SignatureId::parse(text).map(|id| Self(id.0))
    }

    /// The id as it was read.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_length(text: &str) -> Result<(), IdError> {
    match text.len() {
        0 => Err(IdError::Empty),
        length if length > IdError::MAX_BYTES => Err(IdError::TooLong),
        _ => Ok(()),
    }
}

impl<T> ByNetwork<T> {
    /// The same value on both networks.
    pub const fn same(value: T) -> Self
    where
        T: Copy,
    {
        Self { mainnet: value, testnet: value }
    }

    /// The value on one network.
    pub const fn on(&self, network: Network) -> &T {
        match network {
            Network::Mainnet => &self.mainnet,
            Network::Testnet => &self.testnet,
        }
    }
}

impl Network {
    /// `true` on testnet.
    pub const fn is_testnet(self) -> bool {
        matches!(self, Self::Testnet)
    }

    /// Reads the command line's `--testnet`.
    pub const fn from_testnet_flag(testnet: bool) -> Self {
        if testnet { Self::Testnet } else { Self::Mainnet }
    }
}

impl AddressIndex {
    /// 2147483647: the highest index that is not hardened (BIP-32).
    pub const MAX: Self = Self(0x7fff_ffff);
    /// The first index.
    pub const ZERO: Self = Self(0);
    /// The index whose key a batch of private keys stores.
    pub const ONE: Self = Self(1);

    /// # Errors
    /// When the number is 2³¹ or more: those are hardened children, which have no address under
    /// an extended public key.
    pub fn new(index: u32) -> Result<Self, IndexError> {
        if index <= Self::MAX.0 { Ok(Self(index)) } else { Err(IndexError) }
    }

    /// Reads decimal digits and nothing else.
    ///
    /// # Errors
    /// When the text is not a whole number from 0 to 2³¹−1.
    pub fn parse(text: &str) -> Result<Self, IndexError> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().map_err(|_| IndexError).and_then(Self::new)
        } else {
            Err(IndexError)
        }
    }

    /// The index as a number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SignatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mainnet => "mainnet",
            Self::Testnet => "testnet",
        })
    }
}

impl fmt::Display for AddressIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_decimal_and_below_the_hardened_range() {
        assert_eq!(AddressIndex::parse("2147483647"), Ok(AddressIndex::MAX));
        for bad in
            ["", "-1", "+1", "1.5", "0x10", "1e3", " 1", "2147483648", "99999999999999999999"]
        {
            assert_eq!(AddressIndex::parse(bad), Err(IndexError), "{bad:?}");
        }
    }

    #[test]
    fn a_transaction_id_is_safe_in_a_path() {
        assert!(TransactionId::parse("6161e92aec789f44a7b01d8d").is_ok());
        for bad in ["", "a/b", "..", "a b", "a?b", "ä", &"x".repeat(129)] {
            assert!(TransactionId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
