//! The payload: a transaction in the ledger's own JSON.

use kms_core::{ChainOptions, DecodeError, Network};

use super::{
    XRPL,
    address::{self, AccountId},
    amount, definitions, refusals,
};
use crate::codec::{
    json::{self, Json, Object},
    members, quantity,
};

/// In drops: ten XRP, above what any transaction costs outside of a flood.
const FEE_MOST: u64 = 10_000_000;
/// Types that change who controls the account.
const TAKEOVERS: [&str; 4] = ["SetRegularKey", "SignerListSet", "AccountDelete", "DelegateSet"];
/// Types that the ledger makes itself and nobody signs.
const PSEUDO: [&str; 3] = ["EnableAmendment", "SetFee", "UNLModify"];
/// The name that servers and newer libraries give the amount of a payment.
pub(super) const DELIVER_MAX: &str = "DeliverMax";
/// The flag of `AccountSet` that disables the master key.
const DISABLE_MASTER: u64 = 4;

#[derive(Debug)]
pub(super) struct Payload {
    /// Without members that are null, and with addresses in their plain form.
    pub(super) object: Object,
    pub(super) kind: String,
    pub(super) account: AccountId,
    /// The account that signs and pays the fee, if it is another.
    pub(super) delegate: Option<AccountId>,
    /// In drops.
    pub(super) fee: u64,
    /// The sequence number or ticket that the transaction uses.
    pub(super) sequence: Sequence,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sequence {
    Number(u64),
    Ticket(u64),
}

/// # Errors
/// When it is not a transaction that can be signed as it stands.
pub(super) fn read(
    text: &str,
    network: Network,
    options: &ChainOptions,
) -> Result<Payload, DecodeError> {
    let given = json::parse_object(text)?;
    refusals::check_everywhere(&given, network)?;
    let object = normalise(&given)?;
    if ["TxnSignature", "Signers"].iter().any(|name| object.get(name).is_some()) {
        return Err(DecodeError::Unsupported("transactions that are signed already".into()));
    }
    if object.get("NetworkID").is_some() {
        return Err(DecodeError::field("NetworkID", "is that of another network"));
    }
    let kind = object.get("TransactionType").and_then(Json::as_text);
    let kind = kind.ok_or(DecodeError::Missing("TransactionType"))?.to_owned();
    if definitions::transaction_type(&kind).is_none() || PSEUDO.contains(&kind.as_str()) {
        return Err(DecodeError::field("TransactionType", "is none that accounts make"));
    }
    let account = object.get("Account").and_then(Json::as_text);
    let account = address::read(account.ok_or(DecodeError::Missing("Account"))?);
    let account = account.ok_or_else(|| DecodeError::field("Account", "is not an address"))?;
    if let Some(path) = find_unknown(&object, "", options) {
        return Err(members::not_understood(path, &XRPL));
    }
    let fee = object.get("Fee").and_then(Json::as_text).ok_or(DecodeError::Missing("Fee"))?;
    let fee = amount::drops_of(fee).map_err(|problem| DecodeError::field("Fee", problem))?;
    if fee > FEE_MOST && !options.skip_fee_checks {
        let problem = format!("is {fee} drops, above {FEE_MOST}, which is absurd");
        return Err(DecodeError::field("Fee", problem));
    }
    let payload = Payload {
        account,
        delegate: refusals::delegate(&object, &kind, account)?,
        fee,
        sequence: refusals::sequence(&object)?,
        kind,
        object,
    };
    check(&payload, options)?;
    Ok(payload)
}

fn check(payload: &Payload, options: &ChainOptions) -> Result<(), DecodeError> {
    if takes_over(&payload.object) && !options.allow_account_changes {
        return Err(DecodeError::AccountChange("keys, signer lists, delegates and deletion"));
    }
    let needed: &[&'static str] = match payload.kind.as_str() {
        "Payment" => &["Amount", "Destination"],
        "TrustSet" => &["LimitAmount"],
        _ => &[],
    };
    let missing = needed.iter().find(|name| payload.object.get(name).is_none());
    missing.map_or(Ok(()), |name| Err(DecodeError::Missing(name)))
}

/// The path of the first member that the ledger's format does not have, or that it excludes from
/// what is signed. Amounts, issues and paths are not objects of fields; their readers know all
/// their members.
fn find_unknown(object: &Object, path: &str, options: &ChainOptions) -> Option<String> {
    object.members().find_map(|(name, value)| {
        let separator = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{separator}{name}");
        if *value == Json::Null || members::is_harmless(&path, &XRPL, options) {
            return None;
        }
        let Some(field) = definitions::field(name).filter(|field| field.is_serialized) else {
            return Some(path);
        };
        match (field.kind, value) {
            ("STObject", Json::Object(inner)) => find_unknown(inner, &path, options),
            ("STArray", Json::List(items)) => items.iter().enumerate().find_map(|(index, item)| {
                find_unknown(item.as_object()?, &format!("{path}[{index}]"), options)
            }),
            _ => None,
        }
    })
}

/// True if another key, or no key, controls an account afterwards. The transactions in a batch are
/// treated like the batch.
fn takes_over(object: &Object) -> bool {
    let is_takeover = match object.get("TransactionType").and_then(type_code) {
        None => false,
        Some(code) if Some(code) == definitions::transaction_type("AccountSet") => {
            let flag = object.get("SetFlag").map(|flag| quantity::read_u64("SetFlag", flag));
            matches!(flag, Some(Ok(DISABLE_MASTER) | Err(_)))
        }
        Some(code) => {
            TAKEOVERS.iter().any(|kind| definitions::transaction_type(kind) == Some(code))
        }
    };
    is_takeover || object.members().any(|(_, value)| holds_takeover(value))
}

fn holds_takeover(value: &Json) -> bool {
    match value {
        Json::Object(object) => takes_over(object),
        Json::List(list) => list.iter().any(holds_takeover),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::OtherCase => false,
    }
}

/// A type by its name or its number.
pub(super) fn type_code(kind: &Json) -> Option<u16> {
    match kind.as_text() {
        Some(name) => definitions::transaction_type(name),
        None => quantity::read_u64("TransactionType", kind).ok()?.try_into().ok(),
    }
}

/// Leaves out members that are null, takes tags out of addresses that hold one, and gives the
/// amount of a payment its name in the format.
pub(super) fn normalise(given: &Object) -> Result<Object, DecodeError> {
    let mut object = Object::default();
    let is_payment = given.get("TransactionType").and_then(Json::as_text) == Some("Payment");
    for name in given.names() {
        let Some(value) = given.get(name) else { continue };
        if is_payment && name == DELIVER_MAX {
            object.set("Amount", deliver_max(value, given.get("Amount"))?);
            continue;
        }
        let is_account = definitions::field(name).is_some_and(|field| field.kind == "AccountID");
        let tagged = value.as_text().filter(|_| is_account).and_then(address::read_tagged);
        let Some((account, tag)) = tagged else {
            object.set(name, value.clone());
            continue;
        };
        object.set(name, Json::Text(address::spell(&account)));
        let Some(tag) = tag else { continue };
        let tag_name = match name {
            "Destination" => "DestinationTag",
            "Account" => "SourceTag",
            _ => return Err(DecodeError::field(name.to_owned(), "cannot hold a tag")),
        };
        let is_other = |own: &Json| quantity::read_u64(tag_name, own).ok() != Some(tag.into());
        if given.get(tag_name).is_some_and(is_other) {
            return Err(DecodeError::field(tag_name, "is not the tag of the address"));
        }
        object.set(tag_name, Json::Number(tag.to_string()));
    }
    Ok(object)
}

/// The amount under its newer name, which the format does not have: it has to say the same.
fn deliver_max(value: &Json, amount: Option<&Json>) -> Result<Json, DecodeError> {
    let read =
        |name, value| amount::encode(value).map_err(|problem| DecodeError::field(name, problem));
    let bytes = read(DELIVER_MAX, value)?;
    let amount = amount.map(|amount| read("Amount", amount)).transpose()?;
    if amount.is_some_and(|amount| amount != bytes) {
        return Err(DecodeError::field(DELIVER_MAX, "differs from Amount, its other name"));
    }
    Ok(value.clone())
}
