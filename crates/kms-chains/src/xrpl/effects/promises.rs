//! Promises of what others may take later: escrows, checks, payment channels, offers of items.

use kms_core::{Allowance, Amount, Asset, DecodeError, Effects, Unexplained};

use super::{Act, asset_and_units, spell_amount};
use crate::xrpl::address;

/// The flag of an offer that sells the item; without it, the offer buys.
const SELLS: u64 = 1;
/// Members that say until when, or on what condition, and not how much or to whom.
const CONDITIONS: [&str; 8] = [
    "CancelAfter",
    "Condition",
    "Destination",
    "DestinationTag",
    "Expiration",
    "FinishAfter",
    "PublicKey",
    "SettleDelay",
];

impl Act<'_> {
    /// The destination may take the amount later.
    pub(super) fn promise(
        self,
        amount_name: &'static str,
        effects: &mut Effects,
    ) -> Result<(), DecodeError> {
        let kind = self.kind;
        let amount = self.object.get(amount_name).and_then(asset_and_units);
        let (Some(to), Some((asset, amount))) = (self.account("Destination"), amount) else {
            self.describe(effects);
            return Ok(());
        };
        let spender = address::spell(&to);
        if let Some(tag) = self.tag()? {
            let what = format!("{kind} for {spender} with tag {tag}");
            effects.add_unexplained(Unexplained::new(what).for_receiver(spender.clone()));
        }
        effects.add_allowance(Allowance { asset, spender, amount: Some(amount) });
        let described = [CONDITIONS.as_slice(), &[amount_name, "InvoiceID"]].concat();
        self.note_others(kind, &described, effects);
        Ok(())
    }

    /// An offer to sell hands the item to the destination, or to anybody; one to buy pays whoever
    /// owns the item then.
    pub(super) fn offer_of_item(self, effects: &mut Effects) -> Result<(), DecodeError> {
        let (Some(item), Some(price)) = (self.text("NFTokenID"), self.object.get("Amount")) else {
            self.describe(effects);
            return Ok(());
        };
        let contract = item.to_ascii_uppercase();
        let is_sale = self.flags()? & SELLS != 0;
        let price_text = match asset_and_units(price) {
            Some((_, Amount::ZERO)) => String::from("nothing"),
            _ => spell_amount(price),
        };
        let taker = self.account(if is_sale { "Destination" } else { "Owner" });
        let taker = taker.map(|taker| address::spell(&taker));
        let what = if is_sale {
            let to = taker.as_deref().unwrap_or("anybody");
            format!("an offer to {to} of item {contract} for {price_text}")
        } else {
            format!("an offer of {price_text} to whoever owns item {contract}")
        };
        let broker = self.account("Destination").map(|broker| address::spell(&broker));
        effects.add_unexplained(Unexplained {
            what,
            receiver: broker.or_else(|| taker.clone()),
            contract: Some(contract.clone()),
        });
        let given = if is_sale {
            Some((Asset::Token { contract }, Amount::from_base_units(1_u64)))
        } else {
            asset_and_units(price)
        };
        if let (Some(spender), Some((asset, amount))) = (taker, given) {
            effects.add_allowance(Allowance { asset, spender, amount: Some(amount) });
        }
        let described = ["Amount", "Destination", "Expiration", "NFTokenID", "Owner"];
        self.note_others(self.kind, &described, effects);
        Ok(())
    }
}
