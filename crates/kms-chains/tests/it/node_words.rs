//! Sentences that nodes say, from their own sources, and the chains whose words have to find them.

use kms_chains::CHAINS;
use kms_core::NodeWords;

const EVM: &[&str] = &["BSC", "CELO", "ETH", "KCS", "KLAY", "MATIC", "ONE", "XDC"];
const UTXO: &[&str] = &["BCH", "BTC", "DOGE", "LTC"];

/// By which a node says that it has the transaction.
const KNOWN: &[(&[&str], &str)] = &[
    (EVM, "already known"),
    (EVM, "ALREADY_EXISTS: already known"),
    (EVM, "AlreadyKnown"),
    (EVM, "[0x11]: Already imported"),
    (EVM, "Transaction with the same hash was already imported."),
    (EVM, "known transaction: 6e1a2b"),
    (EVM, "INTERNAL_ERROR: existing tx with same hash"),
    (UTXO, "txn-already-in-mempool (code 18)"),
    (UTXO, "txn-already-known"),
    (UTXO, "Transaction already in block chain"),
    (UTXO, "Transaction outputs already in utxo set"),
    (&["BNB"], "RPC error -32603 - Internal error: Tx already exists in cache"),
    (&["VET"], "bad tx: known tx"),
    (&["FLOW", "VET"], "transaction already exists"),
    (&["ALGO"], "TransactionPool.Remember: transaction already in ledger: ABC"),
    (&["TRON"], "DUP_TRANSACTION_ERROR : Dup transaction."),
    (&["SOL"], "This transaction has already been processed"),
    (&["SOL"], "AlreadyProcessed"),
    (&["XRP"], "tefALREADY"),
    (&["XRP"], "The exact transaction was already in this ledger."),
];

/// By which a node refuses what may be in the chain.
const PERHAPS: &[(&[&str], &str)] = &[
    (EVM, "nonce too low: next nonce 5, tx nonce 4"),
    (EVM, "OldNonce"),
    (EVM, "replacement transaction underpriced"),
    (EVM, "could not replace existing tx"),
    (EVM, "[0x11]: insufficient gas price to replace existing transaction."),
    (UTXO, "Missing inputs"),
    (UTXO, "missing-inputs"),
    (UTXO, "bad-txns-inputs-missingorspent"),
    (UTXO, "txn-mempool-conflict"),
    (UTXO, "insufficient fee, rejecting replacement 11"),
    (UTXO, "Tx double spend"),
    (&["EGLD"], "transaction generation failed: lowerNonceInTx: true"),
    (&["BNB"], "Invalid sequence. Got 4, expected 5"),
    (&["FLOW"], "[Error Code: 1007] invalid proposal key: sequence number 3"),
    (&["FLOW"], "transaction is expired: ref_height=1 final_height=900"),
    (&["ADA"], "ConwayUtxowFailure (UtxoFailure (BadInputsUTxO (fromList [])))"),
    (&["ADA"], "All inputs are spent. Transaction has probably already been included"),
    (&["ADA"], "OutsideValidityIntervalUTxO"),
    (&["XLM"], "tx_bad_seq"),
    (&["XLM"], "tx_too_late"),
    (&["XRP"], "tefPAST_SEQ"),
    (&["XRP"], "This sequence number has already passed."),
    (&["XRP"], "tefMAX_LEDGER"),
    (&["XRP"], "tefNO_TICKET"),
    (&["XRP"], "terQUEUED"),
    (&["ALGO"], "txn dead: round 100 outside of 1--50"),
    (&["TRON"], "TRANSACTION_EXPIRATION_ERROR : Transaction expired"),
    (&["TRON"], "TAPOS_ERROR : Tapos check error."),
    (&["VET"], "tx rejected: expired"),
    (&["SOL"], "Transaction simulation failed: Blockhash not found"),
];

/// By which a node refuses what it may take later.
const NOT_NOW: &[(&[&str], &str)] = &[
    (EVM, "transaction underpriced: tip needed 1, tip permitted 0"),
    (EVM, "max fee per gas less than block base fee"),
    (EVM, "FeeTooLow, MaxFeePerGas too low."),
    (EVM, "txpool is full"),
    (EVM, "pending sub-pool is full"),
    (EVM, "header not found"),
    (EVM, "missing trie node 6e1a"),
    (UTXO, "min relay fee not met, 100 < 200"),
    (UTXO, "mempool min fee not met"),
    (UTXO, "mempool full"),
    (UTXO, "too-long-mempool-chain, too many unconfirmed ancestors"),
    (&["XRP"], "telINSUF_FEE_P"),
    (&["XRP"], "telCAN_NOT_QUEUE"),
    (&["XRP"], "tecUNFUNDED_PAYMENT"),
    (&["XLM"], "op_underfunded"),
    (&["ALGO"], "overspend (account X, tried to spend {5})"),
    (&["TRON"], "BANDWITH_ERROR : Account resource insufficient error: bandwidth"),
    (&["VET", "BNB"], "mempool is full"),
    (&["SOL"], "Attempt to debit an account but found no record of a prior credit."),
];

type List = fn(&NodeWords) -> &[&'static str];

fn finds(words: &[&str], sentence: &str) -> bool {
    let sentence = sentence.to_ascii_lowercase();
    words.iter().any(|word| sentence.contains(word))
}

#[test]
fn every_chain_finds_the_sentences_of_its_nodes() {
    let known: List = |words| words.already_known;
    let perhaps: List = |words| words.may_be_included;
    let not_now: List = |words| words.not_now;
    for (sentences, list) in [(KNOWN, known), (PERHAPS, perhaps), (NOT_NOW, not_now)] {
        for (codes, sentence) in sentences {
            for code in *codes {
                let words = &kms_chains::find(code).unwrap().spec().node_words;
                assert!(finds(list(words), sentence), "{code}: {sentence}");
            }
        }
    }
}

/// A payment that no node has would be shown as sent.
#[test]
fn no_chain_takes_the_words_of_another_chains_nodes_for_already_known() {
    for (codes, sentence) in KNOWN {
        let others = CHAINS.iter().map(|chain| chain.spec());
        for other in others.filter(|spec| !codes.contains(&spec.id.as_str())) {
            assert!(!finds(other.node_words.already_known, sentence), "{}: {sentence}", other.id);
        }
    }
}

#[test]
fn words_are_in_lower_case_as_the_answer_is_when_they_are_looked_for() {
    for chain in CHAINS {
        let NodeWords { already_known, may_be_included, not_now } = chain.spec().node_words;
        for word in [already_known, may_be_included, not_now].concat() {
            assert_eq!(word, word.to_ascii_lowercase(), "{}", chain.spec().id);
        }
    }
}

#[test]
fn a_key_in_a_payload_is_a_secret_on_the_chain_that_has_it() {
    let list = r#"[{"id":"9fea6d2f5490ec04abff600c","chain":"SOL","hashes":[],"serializedTransaction":"{\"mintPK\":\"5ec2e7\",\"txData\":\"01\"}"}]"#;
    let sol = kms_chains::find("SOL").unwrap().spec();
    let read = kms_api::read_pending_list(list, sol, kms_core::Network::Testnet).unwrap();
    let pending = read.into_iter().next().unwrap().unwrap();
    assert!(!pending.as_received.contains("5ec2e7"), "{}", pending.as_received);
    assert!(pending.payload.contains("5ec2e7"), "the signer needs it");
}
