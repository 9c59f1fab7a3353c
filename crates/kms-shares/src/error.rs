use thiserror::Error;

/// Why a key is not shared, or shares give no key. Repeats no word of a share; places count
/// from 1.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ShareError {
    #[error(
        "a key is shared among 2 to 16 people, of whom 2 or more are needed, or kept by one; \
         {threshold} of {count} is neither"
    )]
    Threshold { threshold: u8, count: u8 },
    #[error("the operating system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    #[error("a share of a 32-byte key has 33 words, of a shorter secret 20 or more; this has {0}")]
    WordCount(usize),
    #[error("word {0} of the share is not in the word list of SLIP-39")]
    UnknownWord(usize),
    #[error("the checksum of the share is wrong; one of its words is not the right one")]
    Checksum,
    #[error("the share has a right checksum, but was made wrongly: its padding is not zero")]
    Padding,
    #[error("the share has a right checksum, but asks for more groups than it says there are")]
    GroupThreshold,
    #[error("no share was given")]
    NoShares,
    #[error("share {0} of those given is of another set than the first")]
    OtherSet(usize),
    #[error("share {0} of those given contradicts an earlier one on how many are needed")]
    OtherThreshold(usize),
    #[error("share {0} of those given has the number of an earlier one; each counts once")]
    Duplicate(usize),
    #[error("{needed} shares are needed, {given} given")]
    TooFew { needed: u8, given: usize },
    #[error("exactly {needed} shares are needed, {given} given; leave some out")]
    TooMany { needed: u8, given: usize },
    #[error("shares of {needed} groups are needed, of {given} given")]
    TooFewGroups { needed: u8, given: usize },
    #[error("shares of exactly {needed} groups are needed, of {given} given; leave some out")]
    TooManyGroups { needed: u8, given: usize },
    #[error("the shares do not belong together: at least one was made up or altered")]
    Digest,
    #[error("the shares give a secret of {0} bytes, a key has 32")]
    SecretLength(usize),
    #[error("the passphrase has characters other than those of printable ASCII")]
    Passphrase,
}
