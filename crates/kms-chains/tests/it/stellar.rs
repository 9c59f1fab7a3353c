//! Refusals of transactions that no ledger of Stellar takes, before anybody is asked, each beside
//! the nearest one that the SDK signs.

use data_encoding::BASE64;
use kms_core::ChainOptions;
use kms_testkit::{
    RecordedAnswers,
    vectors::{File, SignCase, load},
};
use stellar_xdr::{
    FeeBumpTransactionInnerTx, Limits, MuxedAccount, ReadXdr as _, SequenceNumber,
    TransactionEnvelope, Uint256, WriteXdr as _,
};

use crate::{
    effects::with_payload,
    vectors::{End, folder, run_with},
};

/// A challenge for the account of `xlm-sdk-dataOfLogin`, made with `WebAuth.buildChallengeTx` of
/// @stellar/stellar-sdk 17.2.0.
const CHALLENGE: &str = "AAAAAgAAAACkTSPw7BPGva/pYwD6YusEJ9SKcXGY9qpXZEj0hplTTAAAAMgAAAAAAAAAAAAAAAEAAAAAaw7zNgAAAAB3NZQAAAAAAAAAAAIAAAABAAAAAEdVyl2yqHR9ORdzx1chx0WbdFx/iedH4VyfzKEaqf3/AAAACgAAABBleGFtcGxlLmNvbSBhdXRoAAAAAQAAAEB5VEhaS1l4V2xvYUszWmVRaTFJS1RqR3pkTm9KSHVoOFAxU2dIbmZQNk8zZ0JaMkJXNnNIZVQzcXBjTWRUQ2hJAAAAAQAAAACkTSPw7BPGva/pYwD6YusEJ9SKcXGY9qpXZEj0hplTTAAAAAoAAAAPd2ViX2F1dGhfZG9tYWluAAAAAAEAAAAQYXV0aC5leGFtcGxlLmNvbQAAAAAAAAABhplTTAAAAECBaX70SDRh1mllOJ60QYu0WZtk8hOQcNpb05dtjLtYYTNTKdunIZQyULA4i8uS21K69SdTiG184L7pEkLeVDgH";
const NOT_ABOVE_ZERO: &str = "`sequence`: is not above 0, so that no ledger can take";

fn case(name: &str) -> SignCase {
    let file: File<SignCase> = load(&folder().join("XLM").join("sdk.json"));
    file.cases.into_iter().find(|case| case.name == name).expect(name)
}

fn payload(case: &SignCase) -> Vec<u8> {
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    BASE64.decode(text.as_bytes()).expect("base64")
}

fn envelope(case: &SignCase) -> TransactionEnvelope {
    TransactionEnvelope::from_xdr(payload(case), Limits::none()).expect("an envelope")
}

async fn run_text(case: &SignCase, payload: &str) -> End {
    let chain = kms_chains::find("XLM").expect("a chain");
    let options = ChainOptions { allow_account_changes: true, ..ChainOptions::default() };
    let case = with_payload(case, payload);
    run_with(chain, &case, RecordedAnswers::new(Vec::new()), &options).await
}

/// The case as it is, to the SDK's bytes.
async fn signed(name: &str) -> SignCase {
    let case = case(name);
    let theirs = &case.signed.as_ref().expect("what the SDK signed").tx_data;
    let end = run_text(&case, &BASE64.encode(&payload(&case))).await;
    assert_eq!((end.outcome, end.raws), (Ok(()), vec![theirs.clone()]), "{name}");
    case
}

async fn expect_refused(case: &SignCase, payload: &[u8], said: &str) {
    let end = run_text(case, &BASE64.encode(payload)).await;
    let refusal = end.outcome.expect_err(&case.name);
    assert!(refusal.contains(said), "{}: {refusal}", case.name);
    assert!(end.raws.is_empty(), "{}", case.name);
}

async fn expect_envelope_refused(case: &SignCase, envelope: &TransactionEnvelope, said: &str) {
    let bytes = envelope.to_xdr(Limits::none()).expect("an envelope");
    expect_refused(case, &bytes, said).await;
}

const fn set_sequence(envelope: &mut TransactionEnvelope, number: i64) {
    let own = match envelope {
        TransactionEnvelope::TxV0(whole) => &mut whole.tx.seq_num,
        TransactionEnvelope::Tx(whole) => &mut whole.tx.seq_num,
        TransactionEnvelope::TxFeeBump(whole) => {
            let FeeBumpTransactionInnerTx::Tx(inner) = &mut whole.tx.inner_tx;
            &mut inner.tx.seq_num
        }
    };
    *own = SequenceNumber(number);
}

#[tokio::test]
async fn a_login_is_not_signed() {
    let case = signed("xlm-sdk-dataOfLogin").await;
    let challenge = BASE64.decode(CHALLENGE.as_bytes()).expect("base64");
    expect_refused(&case, &challenge, "only prove who signed, as for a login (SEP-10)").await;
}

#[tokio::test]
async fn a_sequence_is_above_zero_in_every_kind_of_envelope() {
    for name in ["xlm-sdk-payment", "xlm-sdk-old", "xlm-sdk-muxedSource", "xlm-sdk-feeBump"] {
        let case = signed(name).await;
        let mut envelope = envelope(&case);
        for number in [0, -1, i64::MIN] {
            set_sequence(&mut envelope, number);
            expect_envelope_refused(&case, &envelope, NOT_ABOVE_ZERO).await;
        }
    }
}

#[tokio::test]
async fn nothing_stands_behind_the_envelope() {
    for name in ["xlm-sdk-payment", "xlm-sdk-feeBump", "xlm-sdk-old", "xlm-sdk-twice"] {
        let case = signed(name).await;
        let whole = payload(&case);
        for behind in [&[0][..], &[0; 4], &whole] {
            let bytes = [&whole, behind].concat();
            expect_refused(&case, &bytes, "has bytes behind the envelope").await;
        }
    }
}

/// Of a fee bump, the payer is the sender; the sender of the transaction in it is anybody.
#[tokio::test]
async fn the_sender_is_ours() {
    let stranger = || MuxedAccount::Ed25519(Uint256([0x66; 32]));
    let not_ours = "the transaction's sender is GBTGMZTG";
    for name in ["xlm-sdk-payment", "xlm-sdk-feeBump", "xlm-sdk-feeBumpOfOwn"] {
        let case = signed(name).await;
        let mut envelope = envelope(&case);
        match &mut envelope {
            TransactionEnvelope::TxV0(_) => unreachable!("a new envelope"),
            TransactionEnvelope::Tx(whole) => whole.tx.source_account = stranger(),
            TransactionEnvelope::TxFeeBump(whole) => whole.tx.fee_source = stranger(),
        }
        expect_envelope_refused(&case, &envelope, not_ours).await;
    }
}
