use thiserror::Error;

/// The reason why a key cannot be shared, or shares yield no key. Repeats no word of a share;
/// positions count from 1.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ShareError {
    #[error(
        "a key can be shared among 2 to 16 people, 2 or more of whom are needed, or kept as 1 of \
         1; {threshold} of {count} is not possible"
    )]
    Threshold { threshold: u8, count: u8 },
    #[error("the operating system provides no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error(
        "a share of a 32-byte key has 33 words, that of a shorter secret 20 or more; this one has \
         {0}"
    )]
    WordCount(usize),
    #[error("word {0} of the share is not in the word list of SLIP-39")]
    UnknownWord(usize),
    #[error("the checksum of the share is wrong; a word was probably mistyped")]
    Checksum,
    #[error("the share has a valid checksum but was created wrongly: its padding is not zero")]
    Padding,
    #[error(
        "the share has a valid checksum but was created wrongly: it requires more groups than \
         exist"
    )]
    GroupThreshold,
    #[error("no share was given")]
    NoShares,
    #[error("share {0} belongs to another set than share 1")]
    OtherSet(usize),
    #[error("share {0} contradicts an earlier share on how many are needed")]
    OtherThreshold(usize),
    #[error("share {0} has the same number as an earlier one; enter each share once")]
    Duplicate(usize),
    #[error("{needed} shares are needed, but {given} were given")]
    TooFew { needed: u8, given: usize },
    #[error("exactly {needed} shares are needed, but {given} were given; omit some")]
    TooMany { needed: u8, given: usize },
    #[error("shares of {needed} groups are needed, but shares of {given} were given")]
    TooFewGroups { needed: u8, given: usize },
    #[error(
        "shares of exactly {needed} groups are needed, but shares of {given} were given; omit some"
    )]
    TooManyGroups { needed: u8, given: usize },
    #[error("the shares do not fit together: at least one is forged or altered")]
    Digest,
    #[error("the shares yield a secret of {0} bytes, but a key has 32")]
    SecretLength(usize),
    #[error("the passphrase has characters that are not printable ASCII")]
    Passphrase,
}
