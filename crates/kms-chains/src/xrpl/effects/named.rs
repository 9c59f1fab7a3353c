//! Transactions that effects have no word for: they are named, with what they say and everybody
//! they name.

use kms_core::{Effects, Unexplained};

use super::{Act, COMMON, spell_amount};
use crate::{
    codec::json::{Json, Object},
    xrpl::{
        address::{self, AccountId},
        definitions,
    },
};

/// The longest value that is shown, in letters: hashes, addresses and numbers, but no documents.
const VALUE_MAX: usize = 80;

impl<'a> Act<'a> {
    /// Names the transaction, with everybody it names: whoever is paid or trusted by it, now or
    /// later.
    pub(super) fn describe(self, effects: &mut Effects) {
        let kind = self.kind;
        let Named { receivers, contracts, .. } = self.named();
        let mut contracts = contracts.into_iter();
        let first = receivers.iter().position(|(name, _)| *name == "Destination").unwrap_or(0);
        effects.add_unexplained(Unexplained {
            what: self.summary(),
            receiver: receivers.get(first).map(|(_, address)| address.clone()),
            contract: contracts.next(),
        });
        for (place, (name, address)) in receivers.into_iter().enumerate() {
            if place != first {
                let what = format!("{name} of {kind}");
                effects.add_unexplained(Unexplained::new(what).for_receiver(address));
            }
        }
        for contract in contracts {
            let what = format!("an issuer in {kind}");
            effects.add_unexplained(Unexplained::new(what).by_contract(contract));
        }
    }

    fn named(self) -> Named<'a> {
        let mut named = Named { own: self.signer, receivers: Vec::new(), contracts: Vec::new() };
        for (name, value) in self.object.members().filter(|(name, _)| !COMMON.contains(name)) {
            named.find_in(name, value);
        }
        if self.kind == "Clawback" {
            named.take_holder(self.object);
        }
        named
    }

    /// The type, what it does in words, and the values that it has beside those of all types.
    fn summary(self) -> String {
        let kind = self.kind;
        let meaning = match kind {
            "TrustSet" => Some("an issuer may owe up to a limit"),
            "OfferCreate" => Some("an exchange at once or later, with anybody"),
            "AccountDelete" => Some("everything that is left goes to the destination"),
            "DelegateSet" => Some("another account may make transactions"),
            "Clawback" => Some("a holder loses"),
            "DepositPreauth" => Some("others may pay in"),
            _ => None,
        };
        let values = self.object.members().filter(|(name, _)| !COMMON.contains(name));
        let values: Vec<_> = values.filter_map(|(name, value)| spell(name, value)).collect();
        let meaning = meaning.map_or_else(String::new, |meaning| format!(" ({meaning})"));
        let account = self.account("Account").filter(|account| *account != self.signer);
        let of = account.map_or_else(String::new, |own| format!(" of {}", address::spell(&own)));
        match values.as_slice() {
            [] => format!("{kind}{of}{meaning}"),
            values => format!("{kind}{of}{meaning}: {}", values.join(", ")),
        }
    }
}

/// A member and its value, if it is short.
fn spell(name: &str, value: &Json) -> Option<String> {
    let field = definitions::field(name)?;
    let value = match value {
        _ if field.kind == "Amount" => spell_amount(value),
        Json::Number(value) | Json::Text(value) => value.clone(),
        Json::List(items) if name == "Permissions" => {
            items.iter().filter_map(permission).collect::<Vec<_>>().join(" ")
        }
        _ => return None,
    };
    let is_shown = field.kind == "Amount" || (1..=VALUE_MAX).contains(&value.len());
    is_shown.then(|| format!("{name} {value}"))
}

fn permission(item: &Json) -> Option<&str> {
    let permission = item.as_object()?.get("Permission")?.as_object()?;
    match permission.get("PermissionValue")? {
        Json::Text(value) | Json::Number(value) => Some(value),
        _ => None,
    }
}

/// Accounts other than the signer's that a transaction names, at any depth, and the issuers of
/// tokens or ids of multi-purpose tokens.
struct Named<'a> {
    own: AccountId,
    receivers: Vec<(&'a str, String)>,
    contracts: Vec<String>,
}

impl<'a> Named<'a> {
    fn find_in(&mut self, name: &'a str, value: &'a Json) {
        match value {
            Json::Object(inner) => {
                inner.members().for_each(|(name, value)| self.find_in(name, value));
            }
            Json::List(list) => list.iter().for_each(|item| self.find_in(name, item)),
            Json::Text(text) => self.add(name, text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::OtherCase => (),
        }
    }

    fn add(&mut self, name: &'a str, text: &str) {
        if ["mpt_issuance_id", "MPTokenIssuanceID"].contains(&name) {
            self.add_contract(text.to_ascii_uppercase());
            return;
        }
        let is_account = definitions::field(name).is_some_and(|field| field.kind == "AccountID");
        let is_issuer = name == "issuer" || name == "Issuer";
        let tagged = || address::read_tagged(text).map(|(account, _)| account);
        let account = address::read(text).or_else(tagged).filter(|account| *account != self.own);
        let Some(account) = account.filter(|_| is_account || is_issuer) else { return };
        let address = address::spell(&account);
        if is_issuer {
            self.add_contract(address);
        } else if !self.receivers.iter().any(|(_, known)| *known == address) {
            self.receivers.push((name, address));
        }
    }

    fn add_contract(&mut self, contract: String) {
        if !self.contracts.contains(&contract) {
            self.contracts.push(contract);
        }
    }

    /// The amount of a clawback names the holder where others name the issuer, which is the sender.
    fn take_holder(&mut self, object: &Object) {
        let amount = object.get("Amount").and_then(Json::as_object);
        if amount.is_some_and(|amount| amount.get("issuer").is_some()) {
            let holders = self.contracts.drain(..).map(|holder| ("Holder", holder));
            self.receivers.extend(holders);
        }
    }
}
