//! The effects of a transaction on its account and on others.

mod named;
mod promises;

use data_encoding::HEXUPPER;
use kms_core::{Amount, Asset, DecodeError, Effects, Fee, Network, Transfer, Unexplained};
use ruint::aliases::U256;

use super::{
    XRPL,
    address::{self, AccountId},
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
/// The flag of a batch that happens as a whole or not at all.
const ALL_OR_NOTHING: u64 = 0x0001_0000;
/// Members that all types have and that do not affect where money moves.
const COMMON: [&str; 12] = [
    "Account",
    "AccountTxnID",
    "Delegate",
    "Fee",
    "Flags",
    "LastLedgerSequence",
    "Memos",
    "Sequence",
    "SigningPubKey",
    "SourceTag",
    "TicketSequence",
    "TransactionType",
];
/// Members of a payment whose effect is described.
const OF_PAYMENTS: [&str; 6] =
    ["Amount", "Destination", "DestinationTag", "InvoiceID", "Paths", "SendMax"];

/// A transaction by itself or in a batch.
#[derive(Clone, Copy)]
struct Act<'a> {
    kind: &'a str,
    object: &'a Object,
    /// The account whose key signs.
    signer: AccountId,
}

/// The signer pays the fee, also where it acts for another account, whose assets move.
pub(super) fn of(
    payload: &Payload,
    signer: AccountId,
    network: Network,
) -> Result<Effects, DecodeError> {
    let fee = Fee::native(Amount::from_base_units(payload.fee));
    let mut effects = Effects::new(XRPL.spec.id, network, fee);
    effects.add_payer(address::spell(&signer));
    effects.add_payer(address::spell(&payload.account));
    if payload.delegate.is_some() {
        let account = address::spell(&payload.account);
        let what = format!("made as the delegate of {account}, whose assets move");
        effects.add_unexplained(Unexplained::new(what));
    }
    Act { kind: &payload.kind, object: &payload.object, signer }.add_to(&mut effects)?;
    Ok(effects)
}

impl<'a> Act<'a> {
    fn add_to(self, effects: &mut Effects) -> Result<(), DecodeError> {
        match self.kind {
            "Payment" => self.payment(effects)?,
            "Batch" => self.batch(effects)?,
            "EscrowCreate" | "PaymentChannelCreate" => self.promise("Amount", effects)?,
            "CheckCreate" => self.promise("SendMax", effects)?,
            "NFTokenCreateOffer" => self.offer_of_item(effects)?,
            _ => self.describe(effects),
        }
        Ok(())
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.object.get(name).and_then(Json::as_text)
    }

    fn account(self, name: &str) -> Option<AccountId> {
        self.text(name).and_then(address::read)
    }

    fn flags(self) -> Result<u64, DecodeError> {
        self.object.get("Flags").map_or(Ok(0), |flags| quantity::read_u64("Flags", flags))
    }

    /// A payment moves `Amount`; where the sender pays in another currency, up to `SendMax`.
    fn payment(self, effects: &mut Effects) -> Result<(), DecodeError> {
        let object = self.object;
        let account = self.account("Destination");
        let account =
            account.ok_or_else(|| DecodeError::field("Destination", "is not an address"))?;
        let to = address::spell(&account);
        match object.get("SendMax").or_else(|| object.get("Amount")).and_then(asset_and_units) {
            Some((asset, amount)) => effects.add_transfer(Transfer {
                asset,
                to_self: account == self.signer,
                to,
                amount,
                tag: self.tag()?,
            }),
            None => {
                let what = format!("an amount to {to}");
                effects.add_unexplained(Unexplained::new(what).for_receiver(to));
            }
        }
        if ["SendMax", "Paths"].iter().any(|name| object.get(name).is_some()) {
            effects.add_unexplained(Unexplained::new("an exchange on the way"));
        }
        if self.flags()? & PARTIAL_PAYMENT != 0 {
            let what = "a payment that may deliver less than it says";
            effects.add_unexplained(Unexplained::new(what));
        }
        self.note_others("a payment", &OF_PAYMENTS, effects);
        Ok(())
    }

    /// Notes the members whose effect is not described.
    fn note_others(self, subject: &str, described: &[&str], effects: &mut Effects) {
        let is_other = |name: &&str| !COMMON.contains(name) && !described.contains(name);
        let others = self.object.names().filter(is_other);
        for name in others.filter(|name| definitions::field(name).is_some()) {
            effects.add_unexplained(Unexplained::new(format!("{subject} with {name}")));
        }
    }

    /// The tag that tells a receiver with many customers whose payment it is, or a field that it
    /// may take for one.
    fn tag(self) -> Result<Option<String>, DecodeError> {
        let mut parts = Vec::new();
        if let Some(tag) = self.object.get("DestinationTag") {
            parts.push(quantity::read_u64("DestinationTag", tag)?.to_string());
        }
        if let Some(invoice) = self.text("InvoiceID") {
            parts.push(format!("invoice:{}", invoice.to_ascii_uppercase()));
        }
        if let Some(memos) = self.object.get("Memos") {
            let mut only = Object::default();
            only.set("Memos", memos.clone());
            let bytes = codec::encode(&only, Purpose::Signing)?;
            parts.push(format!("memos:{}", HEXUPPER.encode(&bytes)));
        }
        Ok((!parts.is_empty()).then(|| parts.join(" ")))
    }

    /// The transactions in a batch have the effects that they have alone; those of other accounts
    /// are named.
    fn batch(self, effects: &mut Effects) -> Result<(), DecodeError> {
        let whole = self.object.get("RawTransactions").and_then(Json::as_list).unwrap_or_default();
        let inner = whole.iter().filter_map(Json::as_object).flat_map(Object::members);
        for (_, value) in inner {
            let Some(object) = value.as_object() else { continue };
            let kind = object.get("TransactionType").and_then(super::payload::type_code);
            let kind = kind.and_then(definitions::type_name);
            let act = Act { kind: kind.unwrap_or("a transaction"), object, signer: self.signer };
            let actor = act.account("Delegate").or_else(|| act.account("Account"));
            if actor == Some(self.signer) && act.account("Account") == actor {
                act.add_to(effects)?;
            } else {
                act.describe(effects);
            }
        }
        if self.flags()? & ALL_OR_NOTHING == 0 {
            effects.add_unexplained(Unexplained::new("a batch of which a part may happen"));
        }
        self.note_others("a batch", &["RawTransactions"], effects);
        Ok(())
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

/// An amount and its asset, as effects count it, or in whole tokens where it has no such units.
fn spell_amount(amount: &Json) -> String {
    if let Some((asset, units)) = asset_and_units(amount) {
        return format!("{units} {asset}");
    }
    let text = |name| amount.as_object().and_then(|own| own.get(name)).and_then(Json::as_text);
    let text = |name| text(name).unwrap_or_default();
    format!("{} whole {} of {}", text("value"), text("currency"), text("issuer"))
}
