//! The effects of a transaction on its account and on others.

use data_encoding::HEXUPPER;
use kms_core::{Amount, Asset, DecodeError, Effects, Fee, Network, Transfer, Unexplained};
use ruint::aliases::U256;

use super::{
    XRPL, address,
    amount::{self, Decimal},
    codec::{self, Purpose},
    definitions,
    payload::Payload,
};
use crate::codec::{
    json::{Json, Object},
    quantity,
};

/// Effects count tokens in units of 10⁻¹⁵.
const TOKEN_DECIMALS: i32 = 15;
/// The flag of a payment that may deliver less than its amount.
const PARTIAL_PAYMENT: u64 = 0x0002_0000;
/// Members of a payment whose effect is described, or that do not affect where money moves.
const OF_PAYMENTS: [&str; 17] = [
    "Account",
    "AccountTxnID",
    "Amount",
    "Destination",
    "DestinationTag",
    "Fee",
    "Flags",
    "InvoiceID",
    "LastLedgerSequence",
    "Memos",
    "Paths",
    "SendMax",
    "Sequence",
    "SigningPubKey",
    "SourceTag",
    "TicketSequence",
    "TransactionType",
];

pub(super) fn of(payload: &Payload, network: Network) -> Result<Effects, DecodeError> {
    let fee = Fee::native(Amount::from_base_units(payload.fee));
    let mut effects = Effects::new(XRPL.spec.id, network, fee);
    effects.add_payer(address::spell(&payload.account));
    if payload.kind == "Payment" {
        payment(payload, &mut effects)?;
    } else {
        other(payload, &mut effects);
    }
    Ok(effects)
}

/// A payment moves `Amount`; where the sender pays in another currency, up to `SendMax`.
fn payment(payload: &Payload, effects: &mut Effects) -> Result<(), DecodeError> {
    let object = &payload.object;
    let to = object.get("Destination").and_then(Json::as_text).and_then(address::read);
    let account = to.ok_or_else(|| DecodeError::field("Destination", "is not an address"))?;
    let to = address::spell(&account);
    match object.get("SendMax").or_else(|| object.get("Amount")).and_then(asset_and_units) {
        Some((asset, amount)) => effects.add_transfer(Transfer {
            asset,
            to_self: account == payload.account,
            to,
            amount,
            tag: tag(object)?,
        }),
        None => {
            let what = format!("an amount to {to}");
            effects.add_unexplained(Unexplained::new(what).for_receiver(to));
        }
    }
    if ["SendMax", "Paths"].iter().any(|name| object.get(name).is_some()) {
        effects.add_unexplained(Unexplained::new("an exchange on the way"));
    }
    let flags = object.get("Flags").map_or(Ok(0), |flags| quantity::read_u64("Flags", flags))?;
    if flags & PARTIAL_PAYMENT != 0 {
        effects.add_unexplained(Unexplained::new("a payment that may deliver less than it says"));
    }
    let others = object.names().filter(|name| !OF_PAYMENTS.contains(name));
    for name in others.filter(|name| definitions::field(name).is_some()) {
        effects.add_unexplained(Unexplained::new(format!("a payment with {name}")));
    }
    Ok(())
}

/// The tag that tells a receiver with many customers whose payment it is, or a field that it may
/// take for one.
fn tag(object: &Object) -> Result<Option<String>, DecodeError> {
    let mut parts = Vec::new();
    if let Some(tag) = object.get("DestinationTag") {
        parts.push(quantity::read_u64("DestinationTag", tag)?.to_string());
    }
    if let Some(invoice) = object.get("InvoiceID").and_then(Json::as_text) {
        parts.push(format!("invoice:{}", invoice.to_ascii_uppercase()));
    }
    if let Some(memos) = object.get("Memos") {
        let mut only = Object::default();
        only.set("Memos", memos.clone());
        parts.push(format!("memos:{}", HEXUPPER.encode(&codec::encode(&only, Purpose::Signing)?)));
    }
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// A transaction of another type is named, with everybody it names: an escrow, a check, a channel,
/// a trust line, an offer of an item pay or trust them now or later.
fn other(payload: &Payload, effects: &mut Effects) {
    let kind = &payload.kind;
    let mut named = Named { own: payload.account, receivers: Vec::new(), issuers: Vec::new() };
    named.find(&payload.object);
    let Named { receivers, mut issuers, .. } = named;
    let issuer = if issuers.is_empty() { None } else { Some(issuers.remove(0)) };
    let first = receivers.iter().position(|(name, _)| *name == "Destination").unwrap_or(0);
    let receiver = receivers.get(first).map(|(_, address)| address.clone());
    effects.add_unexplained(Unexplained { what: kind.clone(), receiver, contract: issuer });
    for (place, (name, address)) in receivers.into_iter().enumerate() {
        if place != first {
            let what = format!("{name} of {kind}");
            effects.add_unexplained(Unexplained::new(what).for_receiver(address));
        }
    }
    for issuer in issuers {
        let what = format!("an issuer in {kind}");
        effects.add_unexplained(Unexplained::new(what).by_contract(issuer));
    }
}

/// Accounts other than the sender's that a transaction names, at any depth.
struct Named<'a> {
    own: address::AccountId,
    receivers: Vec<(&'a str, String)>,
    issuers: Vec<String>,
}

impl<'a> Named<'a> {
    fn find(&mut self, object: &'a Object) {
        for (name, value) in object.members() {
            match value {
                Json::Object(inner) => self.find(inner),
                Json::List(list) => list.iter().for_each(|item| self.find_in(item)),
                Json::Text(text) => self.add(name, text),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::OtherCase => (),
            }
        }
    }

    fn find_in(&mut self, item: &'a Json) {
        match item {
            Json::Object(inner) => self.find(inner),
            Json::List(list) => list.iter().for_each(|item| self.find_in(item)),
            _ => (),
        }
    }

    fn add(&mut self, name: &'a str, text: &str) {
        let is_account = definitions::field(name).is_some_and(|field| field.kind == "AccountID");
        let is_issuer = name == "issuer" || name == "Issuer";
        let tagged = || address::read_tagged(text).map(|(account, _)| account);
        let account = address::read(text).or_else(tagged).filter(|account| *account != self.own);
        let Some(account) = account.filter(|_| is_account || is_issuer) else { return };
        let address = address::spell(&account);
        if is_issuer {
            if !self.issuers.contains(&address) {
                self.issuers.push(address);
            }
        } else if !self.receivers.iter().any(|(_, known)| *known == address) {
            self.receivers.push((name, address));
        }
    }
}

fn asset_and_units(amount: &Json) -> Option<(Asset, Amount)> {
    match amount {
        Json::Text(drops) => {
            Some((Asset::Native, Amount::from_base_units(amount::drops_of(drops).ok()?)))
        }
        Json::Object(object) => token(object),
        _ => None,
    }
}

fn token(object: &Object) -> Option<(Asset, Amount)> {
    let text = |name: &str| object.get(name).and_then(Json::as_text);
    if let Some(id) = text("mpt_issuance_id") {
        let units = text("value")?.parse().ok()?;
        let contract = id.to_ascii_uppercase();
        return Some((Asset::Token { contract }, Amount::from_base_units(units)));
    }
    let Decimal { is_negative: false, digits, exponent } = Decimal::read(text("value")?).ok()?
    else {
        return None;
    };
    let power = u32::try_from(exponent.checked_add(TOKEN_DECIMALS)?).ok()?;
    let units = U256::from(10).checked_pow(U256::from(power))?.checked_mul(U256::from(digits))?;
    let currency = amount::spell_currency(&amount::currency(text("currency")?).ok()?);
    let issuer = address::spell(&address::read(text("issuer")?)?);
    Some((Asset::Token { contract: format!("{currency}.{issuer}") }, Amount::from_u256(units)))
}
