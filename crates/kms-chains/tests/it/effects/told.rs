//! The effects of each kind of transaction of the XRP Ledger and of operation of Stellar, in words:
//! what moves, what others may take later, and what else it does.

use std::collections::BTreeSet;

use kms_core::ChainOptions;
use kms_testkit::vectors::{File, SignCase, load};
use serde_json::{Value, json};

use super::{chain, payload, road};
use crate::vectors::folder;

/// The receiver, the issuer and the account in XRPL's cases.
const TO: &str = "rKkznkpLz382kkhgwqiGWjvAbgGRvknrF6";
const ISSUER: &str = "rEhh6f9rj5UUBhFzGGaxS5zYU2CCqKFXBC";
const OWN: &str = "raJUnpFvX3n6QRMCLBoYoQvvv3rf9CHvtn";

fn case(code: &str, name: &str) -> SignCase {
    let file: File<SignCase> = load(&folder().join(code).join("sdk.json"));
    file.cases.into_iter().find(|case| case.name == name).expect(name)
}

/// The effects in words, without the fee.
fn told(code: &str, case: &SignCase) -> String {
    let options = ChainOptions { allow_account_changes: true, ..road::usual() };
    let (effects, _) = road::answered_with(chain(code), case, &options).expect(&case.name);
    let text = effects.to_string();
    text.rsplit_once("fee at most").expect("a fee").0.trim_end_matches("; ").to_owned()
}

/// A transaction of the type with the members, as the wallet of the SDK's case sends it.
fn told_of(kind: &str, members: &Value) -> String {
    let base = case("XRP", "xrp-sdk-Payment-plain");
    let mut own = payload(&base);
    let object = own.as_object_mut().expect("an object");
    object.retain(|name, _| !["Amount", "Destination"].contains(&name.as_str()));
    object.insert(String::from("TransactionType"), json!(kind));
    object.extend(members.as_object().expect("members").clone());
    told("XRP", &road::with_payload(&base, &own.to_string()))
}

fn usd(value: &str) -> Value {
    json!({ "currency": "USD", "issuer": ISSUER, "value": value })
}

/// Every classic address in a value, but those of payment paths.
fn addresses(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "Paths");
            members.for_each(|(_, inner)| addresses(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::String(text) => {
            let decoded = bs58::decode(text).with_alphabet(bs58::Alphabet::RIPPLE);
            let bytes = decoded.with_check(Some(0)).into_vec().unwrap_or_default();
            if bytes.len() == 21 {
                found.insert(text.clone());
            }
        }
        _ => (),
    }
}

#[test]
fn everybody_whom_a_transaction_names_is_told() {
    let file: File<SignCase> = load(&folder().join("XRP").join("sdk.json"));
    let options = ChainOptions { allow_account_changes: true, ..road::usual() };
    let mut count = 0_usize;
    for case in &file.cases {
        let (effects, _) = road::answered_with(chain("XRP"), case, &options).expect(&case.name);
        let mut named = BTreeSet::new();
        addresses(&payload(case), &mut named);
        let told = effects.to_json().to_string();
        let untold: Vec<_> = named.iter().filter(|one| !told.contains(one.as_str())).collect();
        assert!(untold.is_empty(), "{}: {untold:?} are not in {told}", case.name);
        count += named.len();
    }
    assert!(count > 200, "{count} addresses");
}

#[test]
fn what_others_may_take_later_is_allowed_to_them() {
    let item = "AB".repeat(32);
    let pay = json!({ "Amount": "5", "Destination": TO });
    let mut escrow = pay.clone();
    escrow["FinishAfter"] = json!(1);
    let mut channel = pay.clone();
    channel["SettleDelay"] = json!(1);
    channel["PublicKey"] = json!(format!("ED{}", "66".repeat(32)));
    let check = json!({ "SendMax": usd("1.5"), "Destination": TO, "DestinationTag": 7 });
    let sale = json!({ "NFTokenID": item, "Amount": "0", "Destination": TO, "Flags": 1 });
    let open = json!({ "NFTokenID": item, "Amount": usd("2"), "Flags": 1 });
    let purchase = json!({ "NFTokenID": item, "Amount": "9", "Owner": TO });
    for (kind, members, expected) in [
        ("EscrowCreate", escrow, format!("allows {TO} to spend 5 native")),
        ("PaymentChannelCreate", channel, format!("allows {TO} to spend 5 native")),
        (
            "CheckCreate",
            check,
            format!(
                "allows {TO} to spend 1500000000000000 token USD.{ISSUER}; calls CheckCreate for \
                 {TO} with tag 7"
            ),
        ),
        (
            "NFTokenCreateOffer",
            sale,
            format!(
                "allows {TO} to spend 1 token {item}; calls an offer to {TO} of item {item} for \
                 nothing"
            ),
        ),
        (
            "NFTokenCreateOffer",
            open,
            format!(
                "calls an offer to anybody of item {item} for 2000000000000000 token USD.{ISSUER}"
            ),
        ),
        (
            "NFTokenCreateOffer",
            purchase,
            format!(
                "allows {TO} to spend 9 native; calls an offer of 9 native to whoever owns item \
                 {item} for {TO}"
            ),
        ),
    ] {
        assert_eq!(told_of(kind, &members), expected, "{kind}");
    }
}

#[test]
fn what_has_no_word_of_its_own_is_said_with_its_values() {
    let id = "00".repeat(24);
    let vault = "CD".repeat(32);
    let held = json!({ "currency": "USD", "issuer": TO, "value": "3" });
    let permission = json!({ "Permission": { "PermissionValue": "Payment" } });
    for (kind, members, expected) in [
        (
            "TrustSet",
            json!({ "LimitAmount": usd("100") }),
            format!(
                "calls TrustSet (an issuer may owe up to a limit): LimitAmount 100000000000000000 \
                 token USD.{ISSUER}"
            ),
        ),
        (
            "OfferCreate",
            json!({ "TakerGets": "1000", "TakerPays": usd("1e70") }),
            format!(
                "calls OfferCreate (an exchange at once or later, with anybody): TakerGets 1000 \
                 native, TakerPays 1e70 whole USD of {ISSUER}"
            ),
        ),
        (
            "AccountDelete",
            json!({ "Destination": TO }),
            format!(
                "calls AccountDelete (everything that is left goes to the destination): \
                 Destination {TO}"
            ),
        ),
        (
            "DelegateSet",
            json!({ "Authorize": TO, "Permissions": [permission] }),
            format!(
                "calls DelegateSet (another account may make transactions): Authorize {TO}, \
                 Permissions Payment"
            ),
        ),
        (
            "Clawback",
            json!({ "Amount": held }),
            format!("calls Clawback (a holder loses): Amount 3000000000000000 token USD.{TO}"),
        ),
        (
            "MPTokenAuthorize",
            json!({ "MPTokenIssuanceID": id, "Holder": TO }),
            format!("calls MPTokenAuthorize: Holder {TO}, MPTokenIssuanceID {id}"),
        ),
        (
            "VaultDeposit",
            json!({ "VaultID": vault, "Amount": { "mpt_issuance_id": id, "value": "7" } }),
            format!("calls VaultDeposit: Amount 7 token {id}, VaultID {vault}"),
        ),
        ("AccountSet", json!({ "SetFlag": 8 }), String::from("calls AccountSet: SetFlag 8")),
    ] {
        let told = told_of(kind, &members);
        let sorted = |text: &str| {
            let mut words: Vec<_> = text.split([' ', ',']).map(str::to_owned).collect();
            words.sort();
            words
        };
        // The order of the values is that of the payload.
        assert_eq!(sorted(&told), sorted(&expected), "{told}");
    }
}

fn batch(flags: u32, inner: &[Value]) -> String {
    let inner = inner.iter().map(|own| {
        let mut whole =
            json!({ "Fee": "0", "SigningPubKey": "", "Flags": 0x4000_0000, "Sequence": 10 });
        whole.as_object_mut().expect("an object").extend(own.as_object().expect("members").clone());
        json!({ "RawTransaction": whole })
    });
    let inner: Vec<_> = inner.collect();
    told_of("Batch", &json!({ "Flags": flags, "RawTransactions": inner }))
}

#[test]
fn a_batch_does_what_its_transactions_do() {
    let own =
        json!({ "TransactionType": "Payment", "Account": OWN, "Destination": TO, "Amount": "5" });
    let mut by_number = own.clone();
    by_number["TransactionType"] = json!(0);
    let mut of_others = own.clone();
    of_others["Account"] = json!(ISSUER);
    assert_eq!(batch(0x1_0000, std::slice::from_ref(&own)), format!("5 native to {TO}"));
    assert_eq!(batch(0x1_0000, &[by_number]), format!("5 native to {TO}"));
    let in_part = format!("5 native to {TO}; calls a batch of which a part may happen");
    assert_eq!(batch(0x8_0000, std::slice::from_ref(&own)), in_part);
    let told = batch(0x1_0000, &[own, of_others]);
    let start = format!("5 native to {TO}; calls Payment of {ISSUER}: ");
    assert!(told.starts_with(&start) && told.contains("Amount 5 native"), "{told}");
}

#[test]
fn what_a_delegate_does_is_done_to_the_other_account() {
    let case = case("XRP", "xrp-sdk-Payment-as-delegate");
    let as_delegate = format!("calls made as the delegate of {ISSUER}, whose assets move");
    assert_eq!(told("XRP", &case), format!("12500000 native to {TO} (tag \"7\"); {as_delegate}"));
    let (effects, _) = road::answered(chain("XRP"), &case).expect("signed");
    let from: Vec<_> = effects.from().iter().map(String::as_str).collect();
    assert_eq!(from, [ISSUER, OWN]);
}

#[test]
fn an_address_with_a_tag_is_told_as_account_and_tag() {
    for network in ["testnet", "mainnet"] {
        let case = case("XRP", &format!("xrp-sdk-Payment-between-x-addresses-{network}"));
        let expected = format!("1000000000000000 token USD.{TO} to {ISSUER} (tag \"5\")");
        assert_eq!(told("XRP", &case), expected);
    }
    let muxed = told("XLM", &case("XLM", "xlm-sdk-paymentToMuxed"));
    let account = "GAMITVYNSE2YW4GO4BANG5EAOVQ36OLHGOE6FCDVYQ5CWO3MPIQ4W5PT";
    assert_eq!(muxed, format!("1 native to {account} (tag \"muxed:18446744073709551615\")"));
}

#[test]
fn operations_of_stellar_are_told() {
    let usd = "USD:GAMITVYNSE2YW4GO4BANG5EAOVQ36OLHGOE6FCDVYQ5CWO3MPIQ4W5PT";
    let long = "LONGASSET12:GBVUKUQNQOBIX3XGILX7T6DTJSYZHRDYPIYWYJD2S3PZ52DTGXSYO5EH";
    let first = "GAMITVYNSE2YW4GO4BANG5EAOVQ36OLHGOE6FCDVYQ5CWO3MPIQ4W5PT";
    let second = "GBVUKUQNQOBIX3XGILX7T6DTJSYZHRDYPIYWYJD2S3PZ52DTGXSYO5EH";
    let pool = "LCLKCAWSZVYKYC4NUBDEBXU2NUEP3V26IDF6KERMFULQILUK55UCSZXJ";
    for (name, expected) in [
        (
            "manageSellOffer",
            format!(
                "calls ManageSellOffer: sells up to 30000000 token {usd} for native, at 7/3 each"
            ),
        ),
        (
            "manageBuyOffer",
            format!(
                "calls ManageBuyOffer: buys up to 30000000 token {long} for native, at 5/4 each"
            ),
        ),
        ("changeTrust", format!("calls ChangeTrust: its issuer may owe up to 0 token {long}")),
        (
            "changeTrustPool",
            format!(
                "calls ChangeTrust: may hold up to 1000000000 shares of the pool of token {usd} \
                 and token {long}; calls ChangeTrust"
            ),
        ),
        (
            "pathPaymentStrictReceive",
            format!("100000000 token {usd} to {first}; calls an exchange on the way"),
        ),
        (
            "createClaimableBalance",
            format!(
                "allows {first} to spend 80000000 token {usd}; allows {second} to spend 80000000 \
                 token {usd}"
            ),
        ),
        (
            "liquidityPoolDeposit",
            format!(
                "calls LiquidityPoolDeposit: pays up to 100000000 and 200000000 of its assets into \
                 pool {pool}"
            ),
        ),
        ("beginSponsoring", format!("calls BeginSponsoringFutureReserves for {first}")),
        ("accountMerge", format!("calls everything that is left goes to {first}")),
        (
            "setOptionsPayloadSigner",
            format!(
                "calls SetOptions: signer \
                 PBVUKUQNQOBIX3XGILX7T6DTJSYZHRDYPIYWYJD2S3PZ52DTGXSYOAAAAACQCAQDAQCQAAAARBGA of \
                 weight 1 for {second}"
            ),
        ),
        ("invokeContractDeep", String::from("calls InvokeHostFunction: calls deep")),
    ] {
        assert_eq!(told("XLM", &case("XLM", &format!("xlm-sdk-{name}"))), expected, "{name}");
    }
}

/// The contract of the coin is the coin.
#[test]
fn calls_of_tokens_are_told() {
    let token = "CDZEK4HMETGKIUOSIDTKWLJKARVFTOPST3A37AW6UKADKCLWMI2ASNFZ";
    let to = "GBDR2JCGSEUBRN4TPXRERJYILQEOGNP2GP4ADIVMNZJDAAOIZG62OCBX";
    for (name, expected) in [
        ("tokenTransfer", format!("12345678901234567890 token {token} to {to}")),
        ("tokenTransferToMuxed", format!("15 token {token} to {to} (tag \"muxed:77\")")),
        ("nativeTransferByContract-testnet", format!("15 native to {token}")),
        ("nativeTransferByContract-mainnet", format!("15 native to {token}")),
        ("tokenApprove", format!("allows {to} to spend 15 token {token}")),
        ("tokenTransferFrom", format!("15 token {token} to {to}")),
        ("tokenTransferFromOthers", format!("calls out of what {to} allows")),
        ("tokenBurn", format!("calls burns 15 token {token}")),
    ] {
        assert_eq!(told("XLM", &case("XLM", &format!("xlm-sdk-{name}"))), expected, "{name}");
    }
}
