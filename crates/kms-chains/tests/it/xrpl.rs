//! Refusals of transactions that the XRP Ledger never takes, before anybody is asked, each beside
//! the nearest one that its SDKs sign.

use kms_core::ChainOptions;
use kms_testkit::{
    RecordedAnswers,
    vectors::{File, SignCase, load},
};
use serde_json::{Value, json};

use crate::{
    effects::with_payload,
    vectors::{End, folder, run_with},
};

const TOKEN: &str = "xrp-sdk-Payment-deliver-max-of-token-beside-amount";
const IN_PART: &str = "xrp-sdk-Payment-token-in-part";
const X_ON_TESTNET: &str = "xrp-sdk-Payment-between-x-addresses-testnet";
const X_ON_MAINNET: &str = "xrp-sdk-Payment-between-x-addresses-mainnet";
/// Accounts with the tag 5, for the main network and for test networks.
const X: &str = "XV5kHfQmzDQjbFNv4jX3FX9Y7ig5QhfNvAARrcLULACDrEp";
const X_UNTAGGED: &str = "XV5kHfQmzDQjbFNv4jX3FX9Y7ig5QhpKGEFCq4mdLfhdxMq";
const T_UNTAGGED: &str = "TVeG6DZkiwxmsLrXeYEu5WuSxJDWudgMDR839hr9vgTeK2C";

fn case(name: &str) -> SignCase {
    let file: File<SignCase> = load(&folder().join("XRP").join("sdk.json"));
    file.cases.into_iter().find(|case| case.name == name).expect(name)
}

fn payload(case: &SignCase) -> Value {
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    serde_json::from_str(text).expect("JSON")
}

async fn run_changed(case: &SignCase, change: impl FnOnce(&mut Value)) -> End {
    let mut changed = payload(case);
    change(&mut changed);
    let case = with_payload(case, &changed.to_string());
    let chain = kms_chains::find("XRP").expect("a chain");
    let options = ChainOptions { allow_account_changes: true, ..ChainOptions::default() };
    run_with(chain, &case, RecordedAnswers::new(Vec::new()), &options).await
}

/// The case as it is, to the SDK's bytes.
async fn expect_signed(case: &SignCase) {
    let theirs = &case.signed.as_ref().expect("what the SDK signed").tx_data;
    let end = run_changed(case, |_| ()).await;
    assert_eq!((end.outcome, end.raws), (Ok(()), vec![theirs.clone()]), "{}", case.name);
}

async fn expect_refused(case: &SignCase, pointer: &str, value: Value, said: &str) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let what = format!("{} with {value} at {pointer}", case.name);
    let end = run_changed(case, |payload| {
        payload.pointer_mut(parent).expect("a parent")[name] = value;
    })
    .await;
    let refusal = end.outcome.expect_err(&what);
    assert!(refusal.contains(said), "{what}: {refusal}");
    assert!(end.raws.is_empty(), "{what}");
}

async fn expect_each_refused(of: &str, refused: &[(&str, Value, &str)]) {
    let case = case(of);
    expect_signed(&case).await;
    for (pointer, value, said) in refused {
        expect_refused(&case, pointer, value.clone(), said).await;
    }
}

#[tokio::test]
async fn a_ticket_stands_beside_the_sequence_zero_and_no_other() {
    let hash = "AB".repeat(32);
    expect_each_refused(
        "xrp-sdk-Payment-with-ticket",
        &[
            ("/Sequence", json!(9), "`Sequence`: is not 0, as it must be beside a TicketSequence"),
            ("/Sequence", json!(null), "`Sequence` is missing"),
            ("/TicketSequence", json!(0), "`TicketSequence`: is 0, which no ticket has"),
            ("/TicketSequence", json!(null), "`Sequence`: is 0, which needs a TicketSequence"),
            ("/AccountTxnID", json!(hash), "`AccountTxnID`: does not go with a ticket"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_sequence_is_not_zero() {
    let zero = ("/Sequence", json!(0), "`Sequence`: is 0, which needs a TicketSequence");
    expect_each_refused("xrp-sdk-Payment-plain", &[zero]).await;
}

#[tokio::test]
async fn no_amount_is_negative_wherever_it_stands() {
    expect_each_refused(
        IN_PART,
        &[
            ("/Amount/value", json!("-1"), "`Amount.value`: is negative"),
            ("/SendMax/value", json!("-0.1"), "`SendMax.value`: is negative"),
            ("/DeliverMin/value", json!("-1e3"), "`DeliverMin.value`: is negative"),
            ("/Amount", json!("-1"), "`Amount`: is not a whole number of drops"),
            ("/Fee", json!("-1"), "`Fee`: is not a whole number of drops"),
        ],
    )
    .await;
    for (of, pointer) in [
        ("xrp-sdk-TrustSet-as-delegate", "/LimitAmount/value"),
        ("xrp-sdk-OfferCreate", "/TakerPays/value"),
        ("xrp-sdk-AMMWithdraw", "/EPrice/value"),
        ("xrp-sdk-LoanBrokerCoverDeposit", "/Amount/value"),
        ("xrp-sdk-Batch-of-payments", "/RawTransactions/1/RawTransaction/Amount/value"),
    ] {
        expect_each_refused(of, &[(pointer, json!("-1"), "value`: is negative")]).await;
    }
    // Zero has no sign.
    let end = run_changed(&case(TOKEN), |payload| {
        payload["Amount"]["value"] = json!("-0");
        payload["DeliverMax"]["value"] = json!("0");
    })
    .await;
    assert_eq!(end.outcome, Ok(()));
}

#[tokio::test]
async fn an_address_of_the_other_network_is_refused_wherever_it_stands() {
    let of_main = "is an address of the main network (X…)";
    expect_each_refused(
        X_ON_TESTNET,
        &[
            ("/Destination", json!(X), of_main),
            ("/Destination", json!(X_UNTAGGED), of_main),
            ("/Account", json!(X_UNTAGGED), of_main),
            ("/Delegate", json!(X_UNTAGGED), of_main),
            ("/Amount/issuer", json!(X_UNTAGGED), "`Amount.issuer`: is an address of the main"),
            ("/Paths", json!([[{ "account": X_UNTAGGED }]]), "`Paths[0][0].account`: is an add"),
        ],
    )
    .await;
    let of_tests = "is an address of the test networks (T…)";
    expect_each_refused(
        X_ON_MAINNET,
        &[
            ("/Destination", json!(T_UNTAGGED), of_tests),
            ("/Account", json!(T_UNTAGGED), of_tests),
            ("/Amount/issuer", json!(T_UNTAGGED), of_tests),
        ],
    )
    .await;
    let inner = "/RawTransactions/0/RawTransaction/Destination";
    expect_each_refused("xrp-sdk-Batch-of-payments", &[(inner, json!(X_UNTAGGED), of_main)]).await;
}

#[tokio::test]
async fn the_tag_of_an_address_is_the_only_one() {
    expect_each_refused(
        "xrp-sdk-Payment-tag-twice",
        &[
            ("/DestinationTag", json!(6), "`DestinationTag`: is not the tag of the address"),
            ("/DestinationTag", json!(0), "`DestinationTag`: is not the tag of the address"),
            ("/DestinationTag", json!("six"), "`DestinationTag`: is not the tag of the address"),
        ],
    )
    .await;
    let source = ("/SourceTag", json!(6), "`SourceTag`: is not the tag of the address");
    let mut of = case("xrp-sdk-Payment-between-x-addresses-mainnet");
    let mut tagged = payload(&of);
    let account = "X7koFw3i8zirApm7NVELp91fsG6ZrkKBw7etmbGcaFqgRgE";
    tagged["Account"] = json!(account);
    of.pending["serializedTransaction"] = json!(tagged.to_string());
    expect_refused(&of, source.0, source.1, source.2).await;
    let end = run_changed(&case("xrp-sdk-Payment-tag-twice"), |payload| {
        payload["DestinationTag"] = json!("5");
    })
    .await;
    assert_eq!(end.outcome, Ok(()));
}

#[tokio::test]
async fn the_amount_under_its_newer_name_is_the_same() {
    let beside = "xrp-sdk-Payment-deliver-max-beside-amount";
    let differs = "`DeliverMax`: differs from Amount, its other name";
    expect_each_refused(
        beside,
        &[
            ("/DeliverMax", json!("5"), differs),
            ("/Amount", json!("5"), differs),
            ("/DeliverMax", json!(5), "`DeliverMax`: is neither text nor an object"),
            ("/delivermax", json!("12500000"), "differ only in case"),
        ],
    )
    .await;
    expect_each_refused(TOKEN, &[("/DeliverMax/value", json!("1.51"), differs)]).await;
    for alone in ["xrp-sdk-Payment-deliver-max", "xrp-sdk-Payment-deliver-max-of-token"] {
        expect_signed(&case(alone)).await;
    }
    let unknown = "field `DeliverMax` has a meaning on XRP that this program does not sign";
    let elsewhere = ("/DeliverMax", json!("5"), unknown);
    expect_each_refused("xrp-sdk-OfferCreate", &[elsewhere]).await;
    let inner = "/RawTransactions/0/RawTransaction/DeliverMax";
    let unknown = "field `RawTransactions[0].RawTransaction.DeliverMax` has a meaning on XRP";
    expect_each_refused("xrp-sdk-Batch-of-payments", &[(inner, json!("5"), unknown)]).await;
}

#[tokio::test]
async fn the_signature_is_the_delegates() {
    let of = "xrp-sdk-Payment-as-delegate";
    let own = case(of).wallets.values().next().expect("a wallet")["address"].clone();
    let other = payload(&case(of))["Account"].clone();
    expect_each_refused(
        of,
        &[
            ("/Delegate", other.clone(), "`Delegate`: is the account itself"),
            ("/Delegate", json!(null), "the transaction's sender is"),
            ("/Delegate", json!("nobody"), "`Delegate`: is not an address"),
            ("/Account", own, "`Delegate`: is the account itself"),
        ],
    )
    .await;
    for kind in ["AccountDelete", "Batch", "DelegateSet", "SetRegularKey", "SignerListSet"] {
        let problem = format!("`Delegate`: cannot make a {kind}");
        expect_refused(&case(of), "/TransactionType", json!(kind), &problem).await;
    }
    let problem = "without whose signature the ledger refuses it";
    expect_each_refused("xrp-sdk-Payment-plain", &[("/Delegate", other, problem)]).await;
}

#[tokio::test]
async fn a_misspelt_member_is_refused_by_name() {
    for (of, pointer, said) in [
        ("xrp-sdk-Payment-plain", "/DestinatonTag", "field `DestinatonTag` is unknown"),
        ("xrp-sdk-Payment-plain", "/destinationTag", "field `destinationTag` is unknown"),
        ("xrp-sdk-Payment-plain", "/DestinationTags", "field `DestinationTags` is unknown"),
        (
            "xrp-sdk-Batch-of-payments",
            "/RawTransactions/0/RawTransaction/destination_tag",
            "field `RawTransactions[0].RawTransaction.destination_tag` is unknown",
        ),
        (TOKEN, "/Amount/tag", "`Amount`: has a member that does not belong there"),
    ] {
        expect_each_refused(of, &[(pointer, json!(5), said)]).await;
    }
}
