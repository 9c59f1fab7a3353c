/// Something on a chain that can be used once. Two transactions that use up the same cannot both be
/// confirmed.
///
/// `scope` says which chain and network it is on, unless the rest of its spelling does: one journal
/// serves all of them.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Claim {
    /// A number of an account whose transactions are confirmed in the order of their numbers.
    Nonce {
        /// The chain and network, e.g. `evm:1`.
        scope: String,
        /// The account, as the chain spells it.
        account: String,
        /// The number.
        number: u64,
    },
    /// An output of an earlier transaction.
    Output {
        /// The chain and network, e.g. `utxo:BTC:mainnet`.
        scope: String,
        /// The id of the transaction that made it, and its place there.
        outpoint: String,
    },
    /// Anything else that works once: a ticket, a nonce that is a random value, or on chains that
    /// know a transaction again, its hash.
    Once {
        /// The chain, and the network where the rest does not say it.
        scope: String,
        /// Its name there.
        what: String,
    },
}

impl Claim {
    /// The spelling under which the journal keeps it: a stored format.
    pub fn key(&self) -> String {
        match self {
            Self::Nonce { scope, account, number } => format!("{scope}:{account}:{number}"),
            Self::Output { scope, outpoint: rest } | Self::Once { scope, what: rest } => {
                format!("{scope}:{rest}")
            }
        }
    }

    /// The account of a number, with its scope, and the number: what the journal looks for gaps by.
    pub fn numbered(&self) -> Option<(String, u64)> {
        match self {
            Self::Nonce { scope, account, number } => Some((format!("{scope}:{account}"), *number)),
            Self::Output { .. } | Self::Once { .. } => None,
        }
    }

    /// Reads the spelling of an account's number. An account that is spelled with a colon is read
    /// as a part of the scope up to its last one.
    pub fn parse_nonce(key: &str) -> Option<Self> {
        let (rest, number) = key.rsplit_once(':')?;
        let (scope, account) = rest.rsplit_once(':')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| number.parse().ok()).flatten()?;
        Some(Self::Nonce { scope: scope.to_owned(), account: account.to_owned(), number })
    }
}
