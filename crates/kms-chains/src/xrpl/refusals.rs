//! Refusals of transactions that no server of the ledger takes, however well they are signed.
//! <https://xrpl.org/docs/references/protocol/transactions/transaction-results/tem-codes>

use kms_core::{DecodeError, Network};

use super::{
    address::{self, AccountId},
    amount::Decimal,
    codec::SIGNED_AMOUNT,
    definitions,
    payload::Sequence,
};
use crate::codec::{
    json::{Json, Object},
    quantity,
};

/// Types that no account can let another make for it.
/// <https://github.com/XRPLF/XRPL-Standards/tree/master/XLS-0075-permission-delegation>
const NEVER_DELEGATED: [&str; 5] =
    ["AccountDelete", "Batch", "DelegateSet", "SetRegularKey", "SignerListSet"];

/// The number or ticket that a transaction uses: beside a ticket, the number is zero.
///
/// # Errors
/// When there is neither, or both.
pub(super) fn sequence(object: &Object) -> Result<Sequence, DecodeError> {
    let number = |name: &'static str| {
        object.get(name).map(|value| match value {
            Json::Number(_) => quantity::read_u64(name, value),
            _ => Err(DecodeError::field(name, "is not a number")),
        })
    };
    let sequence = number("Sequence").ok_or(DecodeError::Missing("Sequence"))??;
    let wrong = |name: &'static str, problem: &'static str| Err(DecodeError::field(name, problem));
    match (sequence, number("TicketSequence").transpose()?) {
        (0, None) => wrong("Sequence", "is 0, which needs a TicketSequence beside it"),
        (0, Some(0)) => wrong("TicketSequence", "is 0, which no ticket has"),
        (0, Some(_)) if object.get("AccountTxnID").is_some() => {
            wrong("AccountTxnID", "does not go with a ticket, which has no transaction before it")
        }
        (0, Some(ticket)) => Ok(Sequence::Ticket(ticket)),
        (number, None) => Ok(Sequence::Number(number)),
        (_, Some(_)) => wrong("Sequence", "is not 0, as it must be beside a TicketSequence"),
    }
}

/// The account that acts in the place of the transaction's, whose signature counts.
///
/// # Errors
/// When it is no address, the account itself, or makes what accounts make themselves.
pub(super) fn delegate(
    object: &Object,
    kind: &str,
    account: AccountId,
) -> Result<Option<AccountId>, DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field("Delegate", problem);
    let Some(delegate) = object.get("Delegate") else { return Ok(None) };
    if NEVER_DELEGATED.contains(&kind) {
        let problem = format!("cannot make a {kind}, which accounts only make themselves");
        return Err(DecodeError::field("Delegate", problem));
    }
    let delegate = delegate.as_text().and_then(address::read);
    match delegate.ok_or_else(|| wrong("is not an address"))? {
        delegate if delegate == account => Err(wrong("is the account itself")),
        delegate => Ok(Some(delegate)),
    }
}

/// Refuses what cannot be valid wherever it stands, also in the transactions of a batch.
///
/// # Errors
/// When an amount is negative, or an address is marked as one of the other network.
pub(super) fn check_everywhere(object: &Object, network: Network) -> Result<(), DecodeError> {
    if let Some(path) = find_negative(object, "") {
        return Err(DecodeError::field(path, "is negative"));
    }
    let foreign = find(object, "", &|text| address::is_of_other_network(text, network));
    foreign.map_or(Ok(()), |path| {
        let problem = match network {
            Network::Mainnet => "is an address of the test networks (T…)",
            Network::Testnet => "is an address of the main network (X…)",
        };
        Err(DecodeError::field(path, problem))
    })
}

fn find_negative(object: &Object, path: &str) -> Option<String> {
    object.members().find_map(|(name, value)| {
        let path = join(path, name);
        let kind = definitions::field(name).map_or("", |field| field.kind);
        match (kind, value) {
            ("Amount", Json::Object(amount)) if name != SIGNED_AMOUNT => {
                let value = amount.get("value")?.as_text()?;
                let is_below = Decimal::read(value).is_ok_and(|own| own.is_below_zero());
                is_below.then(|| join(&path, "value"))
            }
            ("STObject", Json::Object(inner)) => find_negative(inner, &path),
            ("STArray", Json::List(items)) => items.iter().enumerate().find_map(|(place, item)| {
                find_negative(item.as_object()?, &format!("{path}[{place}]"))
            }),
            _ => None,
        }
    })
}

/// The path of the first text that is sought, at any depth.
fn find(object: &Object, path: &str, is_sought: &dyn Fn(&str) -> bool) -> Option<String> {
    object.members().find_map(|(name, value)| find_in(value, join(path, name), is_sought))
}

fn find_in(value: &Json, path: String, is_sought: &dyn Fn(&str) -> bool) -> Option<String> {
    match value {
        Json::Text(text) => is_sought(text).then_some(path),
        Json::Object(inner) => find(inner, &path, is_sought),
        Json::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(place, item)| find_in(item, format!("{path}[{place}]"), is_sought)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::OtherCase => None,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
