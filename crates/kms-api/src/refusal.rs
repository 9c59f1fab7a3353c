//! The meaning of an answer to a broadcast. It is classified with care: if an accepted transaction
//! were taken for refused, its claims would be freed, and another could be signed in its place.

use crate::error::ApiError;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// The network has the transaction already.
    AlreadyKnown,
    /// The network, or the API on its behalf, will never take these bytes.
    Rejected,
    /// The network refuses the bytes in words that it would also have if they were in the chain
    /// already: their nonce or their inputs are used, or their time has passed.
    MayBeIncluded,
    /// The network does not take these bytes for a reason that passes, or that is not named.
    NotNow,
    /// Neither is certain: send the same bytes again.
    Unknown,
}

/// Phrases by which nodes say that they already have a transaction. `nonce too low` is not among
/// them, because nodes also say it when another transaction has used the nonce.
const ALREADY_KNOWN: &[&str] = &[
    "already known",                     // geth
    "alreadyknown",                      // Nethermind
    "already imported",                  // OpenEthereum
    "known transaction",                 // geth before 1.9, Klaytn
    "known tx",                          // Thor
    "txn-already-in-mempool",            // Bitcoin Core and forks
    "txn-already-known",                 // the same
    "already in mempool",                // the same
    "already in block chain",            // the same, code -27
    "transaction already in blockchain", // the API's phrase
    "already in utxo set",               // Bitcoin Core since 28
    "transaction already exists",        // Thor, Flow
    "tx already exists in cache",        // Tendermint
    "transaction already in ledger",     // algod
    "dup_transaction_error",             // java-tron
    "dup transaction",                   // java-tron
    "already been processed",            // Solana
    "alreadyprocessed",                  // Solana
    "tefalready",                        // rippled
];

/// Phrases by which nodes refuse, among other things, transactions that are already in the chain.
const MAY_BE_INCLUDED: &[&str] = &[
    "nonce",          // the EVM family, MultiversX: too low, already used
    "sequence",       // BNB, Flow: invalid sequence number
    "seqnum",         // Flow's code
    "missing inputs", // Bitcoin Core before 0.19
    "missing-inputs", // the same
    "missingorspent", // Bitcoin Core and forks
    "conflict",       // txn-mempool-conflict
    "replacement",    // the EVM family: the number is in the pool already, perhaps by these bytes
    "already spent",  // explorers' and indexers' words
    "double spend",   // BCHN
    "badinputs",      // Cardano
    "unspent",        // Cardano: all inputs are spent
    "bad_seq",        // Stellar: tx_bad_seq
    "too_late",       // Stellar: tx_too_late
    "past_seq",       // XRP: tefPAST_SEQ
    "max_ledger",     // XRP: tefMAX_LEDGER
    "no_ticket",      // XRP: tefNO_TICKET
    "txn dead",       // Algorand: its rounds have passed
    "expired",        // TRON, VeChain
    "expiration",     // TRON: TRANSACTION_EXPIRATION_ERROR
    "blockhash",      // Solana
    "outside",        // Cardano: OutsideValidityInterval
];

/// Phrases by which nodes refuse transactions that they may accept later: insufficient funds, a fee
/// that is too low at present, a full pool, a node that lags behind.
const NOT_NOW: &[&str] = &[
    "insuff",           // the EVM family, Stellar, Flow, Algorand: funds, balance, fee
    "insuf_fee",        // XRP: telINSUF_FEE_P
    "not enough",       // Klaytn, MultiversX
    "not sufficient",   // TRON: balance is not sufficient
    "underfunded",      // Stellar
    "unfunded",         // XRP: tecUNFUNDED_PAYMENT
    "overspend",        // Algorand
    "underpriced",      // geth: below the node's own least price
    "min fee",          // Bitcoin Core: mempool min fee not met
    "relay fee",        // the same
    "fee not met",      // the same
    "fee too low",      // the EVM family
    "base fee",         // EIP-1559: max fee per gas less than block base fee
    "bandwidth",        // TRON: account resource insufficient
    "pool is full",     // the EVM family
    "mempool full",     // Bitcoin Core
    "header not found", // geth behind a balancer
    "trie node",        // the same
    "can_not_queue",    // XRP: telCAN_NOT_QUEUE
];

/// All that the API says where it names no cause.
const WITHOUT_CAUSE: &[&str] = &["unable to broadcast", "unable to broadcast transaction"];

/// Phrases of errors about the connection to the network, not about the transaction.
const TROUBLE_ON_THE_WAY: &[&str] = &[
    "timeout",
    "timed out",
    "time out",
    "econn",
    "etimedout",
    "socket hang up",
    "connection",
    "unavailable",
    "bad gateway",
    "internal server error",
    "rate limit",
    "too many requests",
    "try again",
];

/// Codes by which the API speaks of the caller's key and plan, not of the transaction.
const CALLER_CODES: &[&str] =
    &["auth", "unauthorized", "forbidden", "subscription", "credit", "plan", "api.key", "rate"];

pub(crate) fn meaning(error: &ApiError) -> Meaning {
    let ApiError::Status { status, code, reason, data, .. } = error else {
        return Meaning::Unknown;
    };
    let code = code.as_deref().unwrap_or_default().to_ascii_lowercase();
    let mut reason = reason.to_ascii_lowercase();
    let names_no_cause = WITHOUT_CAUSE.contains(&reason.trim().trim_end_matches('.'));
    // Beside words that say something, `data` may say anything, such as the names of members.
    if let Some(data) = data.as_deref().filter(|_| names_no_cause) {
        reason = data.to_ascii_lowercase();
    }
    let is_refusal = match status {
        400 | 409 | 422 => !code.is_empty(),
        // The API answers 403 both for a key it does not like and for a refused transaction.
        403 => code.contains("broadcast"),
        _ => false,
    };
    if !is_refusal || CALLER_CODES.iter().any(|prefix| code.starts_with(prefix)) {
        return Meaning::Unknown;
    }
    if ALREADY_KNOWN.iter().any(|phrase| says(&reason, phrase)) {
        return Meaning::AlreadyKnown;
    }
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| reason.contains(phrase));
    if has(TROUBLE_ON_THE_WAY) {
        return Meaning::Unknown;
    }
    if has(MAY_BE_INCLUDED) {
        return Meaning::MayBeIncluded;
    }
    if has(NOT_NOW) || names_no_cause { Meaning::NotNow } else { Meaning::Rejected }
}

/// Returns true if an answer is about a transaction and not about the caller: it says so by its
/// code, or without a code in the words of a node.
pub(crate) fn is_of_a_transaction(code: Option<&str>, reason: &str) -> bool {
    let code = code.unwrap_or_default().to_ascii_lowercase();
    if !code.is_empty() {
        let is_of_caller = CALLER_CODES.iter().any(|prefix| code.starts_with(prefix));
        return !is_of_caller && (code.ends_with("failed") || code.contains("broadcast"));
    }
    let reason = reason.to_ascii_lowercase();
    // "Not enough credits" is about the plan.
    if ["credit", "plan", "subscription", "api key"].iter().any(|word| reason.contains(word)) {
        return false;
    }
    ALREADY_KNOWN.iter().any(|phrase| says(&reason, phrase))
        || MAY_BE_INCLUDED.iter().chain(NOT_NOW).any(|phrase| says(&reason, phrase))
}

/// Returns true if the phrase is in the text and begins a word: `unknown transaction` is not a
/// known one.
fn says(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, code: &str, reason: &str) -> Meaning {
        let code = (!code.is_empty()).then(|| code.to_owned());
        meaning(&ApiError::status(status, code, reason.to_owned()))
    }

    #[test]
    fn what_the_network_has_already_is_no_failure() {
        for reason in [
            "Unable to broadcast. already known",
            "known transaction: 1234abcd",
            "txn-already-in-mempool (code 18)",
            "Transaction already in block chain",
            "dup_transaction_error : Dup transaction.",
        ] {
            assert_eq!(
                status(403, "btc.broadcast.failed", reason),
                Meaning::AlreadyKnown,
                "{reason}"
            );
        }
    }

    #[test]
    fn an_unknown_transaction_or_a_used_nonce_is_not_an_already_known_one() {
        for (reason, expected) in [
            ("unknown transaction type", Meaning::Rejected),
            ("nonce too low", Meaning::MayBeIncluded),
            ("bad-txns-inputs-missingorspent", Meaning::MayBeIncluded),
            ("tefPAST_SEQ", Meaning::MayBeIncluded),
            ("insufficient funds for gas * price + value", Meaning::NotNow),
            ("replacement transaction underpriced", Meaning::MayBeIncluded),
        ] {
            assert_eq!(status(400, "tx.broadcast.failed", reason), expected, "{reason}");
        }
    }

    #[test]
    fn trouble_with_key_plan_or_server_is_no_word_of_the_network() {
        for (code_of_status, code, reason) in [
            (401, "auth.failed", "already known"),
            (402, "credits.exhausted", ""),
            (403, "subscription.not.active", "x"),
            (403, "", "Forbidden"),
            (400, "auth.invalid", "bad key"),
            (400, "", "<html>bad request</html>"),
            (404, "not.found", ""),
            (408, "tx.broadcast.failed", ""),
            (429, "tx.broadcast.failed", ""),
            (500, "tx.broadcast.failed", "already known"),
            (302, "", ""),
            (403, "eth.broadcast.failed", "connect ECONNREFUSED 10.0.0.1:8545"),
            (400, "tx.broadcast.failed", "Request timed out"),
        ] {
            let found = status(code_of_status, code, reason);
            assert_eq!(found, Meaning::Unknown, "{code_of_status} {code} {reason}");
        }
    }

    #[test]
    fn a_refusal_of_the_network_is_final() {
        for reason in ["invalid signature", "bad-txns-vin-empty", "temBAD_SIGNATURE", "dust"] {
            assert_eq!(status(400, "tx.broadcast.failed", reason), Meaning::Rejected, "{reason}");
        }
    }

    /// The payment is made as soon as the wallet is funded: who was told that it failed pays twice.
    #[test]
    fn what_passes_is_no_refusal() {
        for reason in [
            "Unable to broadcast.",
            "min relay fee not met",
            "mempool min fee not met, 200 < 1000",
            "insufficient funds for gas * price + value",
            "telINSUF_FEE_P",
            "tecUNFUNDED_PAYMENT",
            "tx_insufficient_fee",
            "Contract validate error : Validate TransferContract error, balance is not sufficient.",
            "overspend (account X, tried to spend 5)",
            "transaction underpriced",
            "max fee per gas less than block base fee",
            "txpool is full",
            "header not found",
        ] {
            assert_eq!(status(403, "tx.broadcast.failed", reason), Meaning::NotNow, "{reason}");
        }
    }
}
