use super::*;

/// Of Ethereum's nodes, some.
const ETH: NodeWords = NodeWords {
    already_known: &["already known", "known transaction"],
    may_be_included: &["nonce", "replace"],
    not_now: &["underpriced", "base fee", "pool is full", "header not found"],
};

/// Of Bitcoin's nodes, some.
const BTC: NodeWords = NodeWords {
    already_known: &["txn-already-in-mempool", "already in block chain"],
    may_be_included: &["spent"],
    not_now: &["min fee", "relay fee"],
};

fn said(words: &NodeWords, status: u16, code: &str, reason: &str) -> Meaning {
    let code = (!code.is_empty()).then(|| code.to_owned());
    meaning(&ApiError::status(status, code, reason.to_owned()), words)
}

#[test]
fn what_the_network_has_already_is_no_failure() {
    for (words, reason) in [
        (&ETH, "Unable to broadcast. already known"),
        (&ETH, "known transaction: 1234abcd"),
        (&BTC, "txn-already-in-mempool (code 18)"),
        (&BTC, "Transaction already in block chain"),
        (&NodeWords::NONE, "Transaction already in blockchain."),
    ] {
        let found = said(words, 403, "btc.broadcast.failed", reason);
        assert_eq!(found, Meaning::AlreadyKnown, "{reason}");
    }
}

/// A payment would be shown as sent that no node has, or freed although a node has it.
#[test]
fn the_words_of_another_chains_nodes_are_neither_a_success_nor_a_refusal() {
    for (words, reason) in [
        (&BTC, "already known"),
        (&BTC, "known transaction: 1234abcd"),
        (&ETH, "txn-already-in-mempool"),
        (&ETH, "Transaction already in block chain"),
        (&ETH, "DUP_TRANSACTION_ERROR : Dup transaction."),
        (&ETH, "tx already exists in cache"),
        (&NodeWords::NONE, "AlreadyKnown"),
        (&NodeWords::NONE, "tefALREADY"),
        (&NodeWords::NONE, "known tx"),
    ] {
        let found = said(words, 403, "tx.broadcast.failed", reason);
        assert_eq!(found, Meaning::MayBeIncluded, "{reason}");
    }
    assert_eq!(said(&BTC, 403, "tx.broadcast.failed", "bad nonce"), Meaning::Rejected);
}

#[test]
fn an_unknown_transaction_or_a_used_nonce_is_not_an_already_known_one() {
    for (words, reason, expected) in [
        (&ETH, "unknown transaction type", Meaning::Rejected),
        (&ETH, "nonce too low", Meaning::MayBeIncluded),
        (&BTC, "bad-txns-inputs-missingorspent", Meaning::MayBeIncluded),
        (&ETH, "insufficient funds for gas * price + value", Meaning::NotNow),
        (&ETH, "replacement transaction underpriced", Meaning::MayBeIncluded),
    ] {
        assert_eq!(said(words, 400, "tx.broadcast.failed", reason), expected, "{reason}");
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
        let found = said(&ETH, code_of_status, code, reason);
        assert_eq!(found, Meaning::Unknown, "{code_of_status} {code} {reason}");
    }
}

#[test]
fn a_refusal_of_the_network_is_final() {
    for reason in ["invalid signature", "bad-txns-vin-empty", "temBAD_SIGNATURE", "dust"] {
        let found = said(&BTC, 400, "tx.broadcast.failed", reason);
        assert_eq!(found, Meaning::Rejected, "{reason}");
    }
}

/// The payment is made as soon as the wallet is funded: who was told that it failed pays twice.
#[test]
fn what_passes_is_no_refusal() {
    for (words, reason) in [
        (&NodeWords::NONE, "Unable to broadcast."),
        (&BTC, "min relay fee not met"),
        (&BTC, "mempool min fee not met, 200 < 1000"),
        (&NodeWords::NONE, "insufficient funds for gas * price + value"),
        (&NodeWords::NONE, "tx_insufficient_fee"),
        (
            &NodeWords::NONE,
            "Contract validate error : Validate TransferContract error, balance is not sufficient.",
        ),
        (&ETH, "transaction underpriced"),
        (&ETH, "max fee per gas less than block base fee"),
        (&ETH, "txpool is full"),
        (&ETH, "header not found"),
    ] {
        let found = said(words, 403, "tx.broadcast.failed", reason);
        assert_eq!(found, Meaning::NotNow, "{reason}");
    }
}
