//! The XRP Ledger: every type that pays, lends, trusts or hands over.

use kms_testkit::vectors::SignCase;
use serde_json::{Value, json};

use super::Hostile;
use crate::effects::{payload, xrpl::spell};

/// A transaction of another type than the base's payment, and the members that it has.
fn of_kind(base: &Value, kind: &str, members: &Value) -> Value {
    let mut own = base.clone();
    let object = own.as_object_mut().expect("an object");
    object.remove("Amount");
    object.remove("Destination");
    object.insert("TransactionType".into(), json!(kind));
    for (name, value) in members.as_object().expect("members") {
        object.insert(name.clone(), value.clone());
    }
    own
}

fn batch(base: &Value, own: &str, inner: &Value) -> Value {
    let mut whole = json!({
        "Account": own, "Fee": "0", "Sequence": 14_048_449, "SigningPubKey": "",
        "Flags": 0x4000_0000,
    });
    for (name, value) in inner.as_object().expect("members") {
        whole[name] = value.clone();
    }
    of_kind(base, "Batch", &json!({ "RawTransactions": [{ "RawTransaction": whole }] }))
}

pub(super) fn make(base: &SignCase, own: &str) -> Vec<Hostile> {
    let base = payload(base);
    let thief = spell(&[0x66; 20]);
    let thief = thief.as_str();
    [payments(&base, own, thief), others(&base, own, thief), takeovers(&base, own, thief)].concat()
}

fn payments(base: &Value, own: &str, thief: &str) -> Vec<Hostile> {
    let usd = |value: &str| json!({ "currency": "USD", "issuer": thief, "value": value });
    let pay = |to: &str, members: Value| {
        let mut all = json!({ "Destination": to, "Amount": "1" });
        for (name, value) in members.as_object().expect("members") {
            all[name] = value.clone();
        }
        of_kind(base, "Payment", &all)
    };
    let partial = 0x0002_0000;
    vec![
        Hostile::told("payment", &pay(thief, json!({})), &[thief]),
        Hostile::told("to a tag", &pay(thief, json!({ "DestinationTag": 7 })), &[thief]),
        Hostile::told("of 1e70", &pay(thief, json!({ "Amount": usd("1e70") })), &[thief]),
        Hostile::told(
            "of 1e70 in part",
            &pay(thief, json!({ "Amount": usd("1e70"), "SendMax": "99", "Flags": partial })),
            &[thief],
        ),
        Hostile::told("to oneself in part", &pay(own, json!({ "Flags": partial })), &[]),
        Hostile::told(
            "to oneself by an exchange",
            &pay(own, json!({ "Amount": usd("1"), "SendMax": "99000000" })),
            &[],
        ),
        Hostile::told(
            "to oneself by paths",
            &pay(own, json!({ "Amount": usd("1"), "Paths": [[{ "account": thief }]] })),
            &[],
        ),
        Hostile::told("to oneself, for a sponsor", &pay(own, json!({ "Sponsor": thief })), &[]),
        Hostile::refused("as whose delegate", &pay(thief, json!({ "Delegate": thief }))),
        Hostile::refused("of less than nothing", &pay(thief, json!({ "Amount": usd("-1") }))),
        Hostile::told("of nothing", &pay(own, json!({ "Amount": "0" })), &[]),
    ]
}

fn others(base: &Value, own: &str, thief: &str) -> Vec<Hostile> {
    let key = format!("ED{}", "66".repeat(32));
    let hash = "AB".repeat(32);
    let usd = json!({ "currency": "USD", "issuer": thief, "value": "1000000000000" });
    let named = [
        ("EscrowCreate", json!({ "Amount": "9", "Destination": thief, "FinishAfter": 1 })),
        ("EscrowFinish", json!({ "Owner": thief, "OfferSequence": 1 })),
        ("CheckCreate", json!({ "SendMax": "9", "Destination": thief })),
        (
            "PaymentChannelCreate",
            json!({ "Amount": "9", "Destination": thief, "SettleDelay": 1, "PublicKey": key }),
        ),
        ("NFTokenCreateOffer", json!({ "NFTokenID": hash, "Amount": "0", "Destination": thief })),
        (
            "NFTokenCreateOffer",
            json!({ "NFTokenID": hash, "Amount": "0", "Destination": thief, "Flags": 1 }),
        ),
        ("NFTokenCreateOffer", json!({ "NFTokenID": hash, "Amount": "9", "Owner": thief })),
        ("OfferCreate", json!({ "TakerGets": "1000000000", "TakerPays": usd })),
        ("TrustSet", json!({ "LimitAmount": usd })),
        ("DepositPreauth", json!({ "Authorize": thief })),
        ("AccountSet", json!({ "SetFlag": 10, "NFTokenMinter": thief })),
        ("MPTokenAuthorize", json!({ "MPTokenIssuanceID": "00".repeat(24), "Holder": thief })),
        ("CredentialAccept", json!({ "Issuer": thief, "CredentialType": "AB" })),
        ("Clawback", json!({ "Amount": usd })),
    ];
    let unnamed = [
        ("AccountSet", json!({ "SetFlag": 6 })),
        ("PaymentChannelClaim", json!({ "Channel": hash, "Balance": "9" })),
        ("PaymentChannelFund", json!({ "Channel": hash, "Amount": "9" })),
        ("CheckCash", json!({ "CheckID": hash, "Amount": "9" })),
        ("NFTokenAcceptOffer", json!({ "NFTokenSellOffer": hash })),
        ("NFTokenBurn", json!({ "NFTokenID": hash })),
        ("TicketCreate", json!({ "TicketCount": 250 })),
        ("OfferCancel", json!({ "OfferSequence": 1 })),
    ];
    let named = named.iter().map(|(kind, members)| (kind, members, vec![thief]));
    let unnamed = unnamed.iter().map(|(kind, members)| (kind, members, Vec::new()));
    let mut all: Vec<_> = named
        .chain(unnamed)
        .map(|(kind, members, told)| Hostile::told(kind, &of_kind(base, kind, members), &told))
        .collect();
    let inner = json!({ "TransactionType": "Payment", "Amount": "9", "Destination": thief });
    all.push(Hostile::told("a payment in a batch", &batch(base, own, &inner), &[thief]));
    let inner = json!({ "TransactionType": "CheckCreate", "SendMax": "9", "Destination": thief });
    all.push(Hostile::told("a check in a batch", &batch(base, own, &inner), &[thief]));
    let inner = json!({
        "TransactionType": "Payment", "Amount": "9", "Destination": own, "Account": thief,
    });
    all.push(Hostile::told("another's payment in a batch", &batch(base, own, &inner), &[]));
    all
}

/// Keys, signers, delegates, deletion; alone and in a batch, by name and by number.
fn takeovers(base: &Value, own: &str, thief: &str) -> Vec<Hostile> {
    let entry = json!({ "SignerEntry": { "Account": thief, "SignerWeight": 1 } });
    let permission = json!({ "Permission": { "PermissionValue": "Payment" } });
    let kinds = [
        ("SetRegularKey", 5, json!({ "RegularKey": thief })),
        ("SignerListSet", 12, json!({ "SignerQuorum": 1, "SignerEntries": [entry] })),
        ("AccountDelete", 21, json!({ "Destination": thief })),
        ("DelegateSet", 64, json!({ "Authorize": thief, "Permissions": [permission] })),
        ("AccountSet", 3, json!({ "SetFlag": 4 })),
    ];
    let mut all = Vec::new();
    for (kind, number, members) in kinds {
        let told: &[&str] = if kind == "AccountSet" { &[] } else { &[thief] };
        all.push(Hostile::takes_over(kind, &of_kind(base, kind, &members), told));
        for spelling in [json!(kind), json!(number)] {
            let mut inner = members.clone();
            inner["TransactionType"] = spelling;
            let whole = batch(base, own, &inner);
            all.push(Hostile::takes_over(&format!("{kind} in a batch"), &whole, told));
        }
    }
    all
}
