/// The words by which a chain's nodes answer a broadcast, in lower case. They are looked for in the
/// answers about that chain only: one chain's "already known" may be another's refusal.
///
/// A chain's lists hold the words of every node software that the remote API may have behind it.
/// An accepted transaction that is taken for a refused one is paid twice, so a word in doubt stands
/// in [`may_be_included`](Self::may_be_included).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NodeWords {
    /// Words at whose place a node says that it has the transaction. They begin a word of the
    /// answer, so that an `unknown transaction` is not a known one.
    pub already_known: &'static [&'static str],
    /// Words by which nodes refuse, among other things, transactions that are in the chain already.
    pub may_be_included: &'static [&'static str],
    /// Words by which nodes refuse transactions that they may accept later: insufficient funds, a
    /// fee that is too low at present, a full pool, a node that lags behind.
    pub not_now: &'static [&'static str],
}

impl NodeWords {
    /// Those of a chain whose nodes' words are not known.
    pub const NONE: Self = Self { already_known: &[], may_be_included: &[], not_now: &[] };
}
