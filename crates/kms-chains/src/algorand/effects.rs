//! The effects of a transaction: what it moves, and who gains power over accounts and assets.

use kms_core::{Amount, Asset, Effects, Fee, Transfer, Unexplained};
use sha2::{Digest as _, Sha512_256};

use super::{
    ALGORAND,
    address::{self, KEY_BYTES},
    msgpack::{Map, Value},
    transaction::Transaction,
};
use crate::codec::note;

/// The works of an application call beside its own, by their numbers.
/// <https://developer.algorand.org/docs/get-details/dapps/smart-contracts/apps/>
const ON_COMPLETION: [&str; 6] =
    ["", ", opting in", ", opting out", ", clearing its state", ", updating it", ", deleting it"];
/// The roles over an asset: to manage it, to freeze it, and to take it back from its holders.
const ROLES: [(&str, &str); 4] =
    [("m", "manager"), ("r", "reserve"), ("f", "freeze address"), ("c", "clawback address")];

pub(super) fn of(transaction: &Transaction) -> Effects {
    let fields = &transaction.fields;
    let fee = Amount::from_base_units(fields.number("fee"));
    let mut effects = Effects::new(ALGORAND.spec.id, transaction.network, Fee::native(fee));
    effects.add_payer(address::spell(&transaction.sender));
    match transaction.kind {
        "pay" => transfer(&mut effects, transaction, Asset::Native, ["rcv", "amt"]),
        "axfer" => asset_transfer(&mut effects, transaction),
        "appl" => application(&mut effects, transaction),
        "acfg" => configuration(&mut effects, transaction),
        "afrz" => {
            let what = if fields.get("afrz").is_some() { "freezing" } else { "unfreezing" };
            let what = Unexplained::new(what).by_contract(fields.number("faid").to_string());
            effects.add_unexplained(what.for_receiver(account(fields, "fadd")));
        }
        other => effects.add_unexplained(Unexplained::new(other)),
    }
    hand_over(&mut effects, fields);
    effects.tag_transfers(fields.bytes("note").and_then(note::spell).as_deref());
    effects
}

fn hand_over(effects: &mut Effects, fields: &Map) {
    let asset = fields.get("xaid").map(|_| fields.number("xaid").to_string());
    for (name, what, contract) in [
        ("close", "everything that is left goes to", None),
        ("aclose", "everything that is left goes to", asset),
        ("rekey", "the account is handed to", None),
    ] {
        if fields.get(name).is_some() {
            let to = account(fields, name);
            let what = Unexplained::new(format!("{what} {to}")).for_receiver(to);
            effects.add_unexplained(Unexplained { contract, ..what });
        }
    }
}

fn asset_transfer(effects: &mut Effects, transaction: &Transaction) {
    let fields = &transaction.fields;
    let contract = fields.number("xaid").to_string();
    // A clawback moves another account's asset.
    if fields.get("asnd").is_some() {
        let what =
            format!("a clawback of {} from {}", fields.number("aamt"), account(fields, "asnd"));
        let what = Unexplained::new(what).by_contract(contract);
        return effects.add_unexplained(what.for_receiver(account(fields, "arcv")));
    }
    transfer(effects, transaction, Asset::Token { contract }, ["arcv", "aamt"]);
}

/// The accounts that a call names may be paid by the application.
fn application(effects: &mut Effects, transaction: &Transaction) {
    let fields = &transaction.fields;
    let id = fields.number("apid");
    let action = usize::try_from(fields.number("apan")).ok();
    let action = action.and_then(|action| ON_COMPLETION.get(action)).unwrap_or(&"");
    let what = match id {
        0 => Unexplained::new(format!("a new application{action}")),
        _ => {
            let what = Unexplained::new(format!("application {id}{action}"));
            what.by_contract(id.to_string()).for_receiver(application_account(id))
        }
    };
    effects.add_unexplained(what);
    let own = transaction.sender;
    let others = named_accounts(fields).filter(|key| *key != own);
    for key in others {
        let what = Unexplained::new("an account of the call").for_receiver(address::spell(&key));
        let contract = (id != 0).then(|| id.to_string());
        effects.add_unexplained(Unexplained { contract, ..what });
    }
}

fn named_accounts(fields: &Map) -> impl Iterator<Item = [u8; KEY_BYTES]> {
    let items = |name| match fields.get(name) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let accessed = items("al").iter().filter_map(|item| match item {
        Value::Map(map) => map.get("d"),
        _ => None,
    });
    items("apat").iter().chain(accessed).filter_map(|item| match item {
        Value::Bytes(key) => key.as_slice().try_into().ok(),
        _ => None,
    })
}

/// The account that an application pays from.
/// <https://developer.algorand.org/docs/get-details/dapps/smart-contracts/apps/#using-a-smart-contract-as-an-escrow>
fn application_account(id: u64) -> String {
    let hash: [u8; KEY_BYTES] =
        Sha512_256::digest([b"appID".as_slice(), &id.to_be_bytes()].concat()).into();
    address::spell(&hash)
}

fn configuration(effects: &mut Effects, transaction: &Transaction) {
    let fields = &transaction.fields;
    let id = fields.get("caid").map(|_| fields.number("caid").to_string());
    let parameters = match fields.get("apar") {
        Some(Value::Map(parameters)) => Some(parameters),
        _ => None,
    };
    let what = match (&id, parameters) {
        (None, _) => String::from("a new asset"),
        (Some(id), None) => format!("the destruction of asset {id}"),
        (Some(id), Some(_)) => format!("the configuration of asset {id}"),
    };
    effects.add_unexplained(Unexplained { contract: id.clone(), ..Unexplained::new(what) });
    let own = address::spell(&transaction.sender);
    let roles = ROLES.iter().filter_map(|(name, role)| {
        let parameters = parameters.filter(|parameters| parameters.get(name).is_some())?;
        Some((account(parameters, name), role))
    });
    for (key, role) in roles.filter(|(key, _)| *key != own) {
        let what = Unexplained::new(format!("the {role} of the asset")).for_receiver(key);
        effects.add_unexplained(Unexplained { contract: id.clone(), ..what });
    }
}

/// An account that is not there is that of zeros, as the protocol reads it: nobody's.
fn account(fields: &Map, name: &str) -> String {
    let key = fields.bytes(name).and_then(|key| key.try_into().ok());
    address::spell(&key.unwrap_or([0; KEY_BYTES]))
}

fn transfer(
    effects: &mut Effects,
    transaction: &Transaction,
    asset: Asset,
    [to, amount]: [&str; 2],
) {
    let to = account(&transaction.fields, to);
    effects.add_transfer(Transfer {
        asset,
        to_self: to == address::spell(&transaction.sender),
        to,
        amount: Amount::from_base_units(transaction.fields.number(amount)),
        tag: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses that algosdk 3.8.0 computes.
    #[test]
    fn an_application_has_an_account() {
        for (id, expected) in [
            (7, "PQ4NBMDLREVVRUQUFX7CFEUTKEBCEJOQ5YREC6SZA4EYKOFKHO2VLDIMTQ"),
            (u64::MAX, "Y4XJFWY5NN4SWADFF5DPMVKURDRRM62FVVFTKJLGMWYLBKMK533YJNAPIU"),
        ] {
            assert_eq!(application_account(id), expected);
        }
    }
}
