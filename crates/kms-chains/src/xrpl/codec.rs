//! The binary format: fields in the order of their codes, each led by its code.
//! <https://xrpl.org/docs/references/protocol/binary-format>

use std::str::FromStr;

use kms_core::DecodeError;

use super::{
    address, amount,
    definitions::{self, Field},
};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

const OBJECT_END: u8 = 0xe1;
const LIST_END: u8 = 0xf1;
const PATH_END: u8 = 0xff;
const PATHS_END: u8 = 0x00;
/// Numbers of 64 bits that JSON has in decimal; the others are hexadecimal.
const DECIMAL_NUMBERS: [&str; 5] = [
    "MaximumAmount",
    "OutstandingAmount",
    "MPTAmount",
    "LockedAmount",
    "ConfidentialOutstandingAmount",
];

/// The one amount that may be negative.
pub(super) const SIGNED_AMOUNT: &str = "FeeAmountDelta";

/// The purpose of an encoding, which determines the fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    Signing,
    Broadcast,
}

/// Encodes an object. Fields that are not signed are omitted only from the transaction itself,
/// never from the objects in it.
///
/// # Errors
/// When a member is not what its field holds.
pub(super) fn encode(object: &Object, purpose: Purpose) -> Result<Vec<u8>, DecodeError> {
    let mut fields = Vec::new();
    for name in object.names() {
        // Members that the format does not define are not part of the transaction.
        let (Some(field), Some(value)) = (definitions::field(name), object.get(name)) else {
            continue;
        };
        if field.is_serialized && (field.is_signed || purpose == Purpose::Broadcast) {
            fields.push((field, name, value));
        }
    }
    fields.sort_by_key(|(field, ..)| (field.type_code, field.number));
    let mut out = Vec::new();
    for (field, name, value) in fields {
        write_code(field, &mut out);
        let bytes = content(field, name, value)?;
        if field.has_length {
            write_length(name, bytes.len(), &mut out)?;
        }
        out.extend(bytes);
    }
    Ok(out)
}

fn write_code(field: Field, out: &mut Vec<u8>) {
    match (field.type_code, field.number) {
        (kind @ 0..16, number @ 0..16) => out.push((kind << 4) | number),
        (kind @ 0..16, number) => out.extend([kind << 4, number]),
        (kind, number @ 0..16) => out.extend([number, kind]),
        (kind, number) => out.extend([0, kind, number]),
    }
}

fn write_length(name: &str, length: usize, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    const TWO: usize = 193;
    const THREE: usize = 12_481;
    const MOST: usize = 918_744;
    let big_endian = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    match length {
        0..TWO => {
            let [.., low] = big_endian(length);
            out.push(low);
        }
        TWO..THREE => {
            let [_, _, high, low] = big_endian(length.saturating_sub(TWO));
            out.extend([high.saturating_add(193), low]);
        }
        THREE..=MOST => {
            let [_, high, middle, low] = big_endian(length.saturating_sub(THREE));
            out.extend([high.saturating_add(241), middle, low]);
        }
        _ => return Err(DecodeError::field(name.to_owned(), "is too long")),
    }
    Ok(())
}

fn content(field: Field, name: &str, value: &Json) -> Result<Vec<u8>, DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field(name.to_owned(), problem);
    let text = || value.as_text().ok_or_else(|| wrong("is not text"));
    match field.kind {
        "UInt8" => number(name, value, 1),
        "UInt16" => number_or_name(name, value),
        "UInt32" => number_or_text(name, value),
        "UInt64" => large_number(name, value),
        "Int32" => signed_number(value).map_err(wrong),
        "Hash128" if value.as_text() == Some("") => Ok(vec![0; 16]),
        "Hash128" => hash(name, text()?, 16),
        "Hash160" if value.as_text() == Some("") => Ok(vec![0; 20]),
        "Hash160" => hash(name, text()?, 20),
        "Hash192" => hash(name, text()?, 24),
        "Hash256" => hash(name, text()?, 32),
        "Blob" => hex::decode(text()?).ok_or_else(|| wrong("is not hexadecimal")),
        "AccountID" => address::read(text()?)
            .map(|account| account.to_vec())
            .ok_or_else(|| wrong("is not an address")),
        "Amount" if name == SIGNED_AMOUNT => amount::signed_drops(text()?).map_err(wrong),
        "Amount" => amount::encode(value).map_err(wrong),
        "Currency" => amount::currency(text()?).map(Vec::from).map_err(wrong),
        "Issue" => amount::issue(value).map_err(wrong),
        "Number" => amount::number(text()?).map_err(wrong),
        "Vector256" => {
            let items = value.as_list().ok_or_else(|| wrong("is not a list"))?;
            let item = |item: &Json| hash(name, item.as_text().unwrap_or_default(), 32);
            Ok(items.iter().map(item).collect::<Result<Vec<_>, _>>()?.concat())
        }
        "XChainBridge" => bridge(value).map_err(wrong),
        "PathSet" => paths(value).map_err(wrong),
        "STObject" => {
            let object = value.as_object().ok_or_else(|| wrong("is not an object"))?;
            let mut bytes = encode(object, Purpose::Broadcast)?;
            bytes.push(OBJECT_END);
            Ok(bytes)
        }
        "STArray" => list(name, value),
        _ => Err(wrong("has a type that transactions do not have")),
    }
}

/// A JSON number in so many bytes.
fn number(name: &str, value: &Json, bytes: usize) -> Result<Vec<u8>, DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field(name.to_owned(), problem);
    let Json::Number(_) = value else { return Err(wrong("is not a number")) };
    let number = quantity::read_u64("number", value).map_err(|_| wrong("is not a whole number"))?;
    let all = number.to_be_bytes();
    let (head, tail) = all.split_at(all.len().saturating_sub(bytes));
    if head.iter().all(|byte| *byte == 0) { Ok(tail.to_vec()) } else { Err(wrong("is too large")) }
}

fn number_or_name(name: &str, value: &Json) -> Result<Vec<u8>, DecodeError> {
    let code = match (name, value.as_text()) {
        ("TransactionType", Some(text)) => definitions::transaction_type(text),
        ("LedgerEntryType", Some(text)) => definitions::entry_type(text),
        _ => return number(name, value, 2),
    };
    let code =
        code.ok_or_else(|| DecodeError::field(name.to_owned(), "is not a type of the ledger"))?;
    Ok(code.to_be_bytes().to_vec())
}

/// A permission to make transactions of a type is the type's code and one; others have codes of
/// their own. <https://xrpl.org/docs/references/protocol/data-types/permission-values>
fn number_or_text(name: &str, value: &Json) -> Result<Vec<u8>, DecodeError> {
    let permission = |text: &str| {
        let kind = definitions::transaction_type(text).map(u32::from);
        kind.and_then(|code| code.checked_add(1)).or_else(|| definitions::permission(text))
    };
    let code = match value.as_text() {
        None => return number(name, value, 4),
        Some(text) if name == "PermissionValue" => permission(text).or_else(|| decimal(text)),
        Some(text) => decimal(text),
    };
    let code = code.ok_or_else(|| DecodeError::field(name.to_owned(), "is not a number"))?;
    Ok(code.to_be_bytes().to_vec())
}

/// Digits alone, without a sign.
fn decimal<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit()))
}

fn signed_number(value: &Json) -> Result<Vec<u8>, &'static str> {
    let (Json::Number(digits) | Json::Text(digits)) = value else { return Err("is not a number") };
    let number = digits.parse::<i32>().map_err(|_| "is not a 32-bit whole number")?;
    Ok(number.to_be_bytes().to_vec())
}

fn large_number(name: &str, value: &Json) -> Result<Vec<u8>, DecodeError> {
    let Some(text) = value.as_text() else { return number(name, value, 8) };
    let number = if DECIMAL_NUMBERS.contains(&name) {
        decimal(text)
    } else {
        u64::from_str_radix(text, 16).ok().filter(|_| !text.starts_with('+'))
    };
    number
        .map(|number: u64| number.to_be_bytes().to_vec())
        .ok_or_else(|| DecodeError::field(name.to_owned(), "is not a 64-bit number"))
}

fn hash(name: &str, text: &str, bytes: usize) -> Result<Vec<u8>, DecodeError> {
    let hash = hex::decode(text).filter(|hash| hash.len() == bytes);
    hash.ok_or_else(|| {
        DecodeError::field(name.to_owned(), format!("is not {bytes} bytes in hexadecimal"))
    })
}

/// Objects of one member each.
fn list(name: &str, value: &Json) -> Result<Vec<u8>, DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field(name.to_owned(), problem);
    let mut bytes = Vec::new();
    for item in value.as_list().ok_or_else(|| wrong("is not a list"))? {
        let item = item.as_object().ok_or_else(|| wrong("has an element that is not an object"))?;
        let mut names = item.names();
        let (Some(own), None) = (names.next(), names.next()) else {
            return Err(wrong("has an object that does not have exactly one member"));
        };
        if definitions::field(own).is_none_or(|field| field.kind != "STObject") {
            return Err(wrong("has an object that the format does not define"));
        }
        bytes.extend(encode(item, Purpose::Broadcast)?);
    }
    bytes.push(LIST_END);
    Ok(bytes)
}

fn bridge(value: &Json) -> Result<Vec<u8>, &'static str> {
    const ACCOUNT_BYTES: u8 = 20;
    const PARTS: [(&str, &str); 2] =
        [("LockingChainDoor", "LockingChainIssue"), ("IssuingChainDoor", "IssuingChainIssue")];
    let object = value.as_object().ok_or("is not an object")?;
    let is_part = |name: &str| PARTS.iter().any(|(door, issue)| [*door, *issue].contains(&name));
    if !object.names().all(is_part) {
        return Err("has a member that bridges do not have");
    }
    let mut bytes = Vec::new();
    for (door, issue) in PARTS {
        let account = object.get(door).and_then(Json::as_text).and_then(address::read);
        bytes.push(ACCOUNT_BYTES);
        bytes.extend(account.ok_or("has a door that is not an address")?);
        bytes.extend(amount::issue(object.get(issue).ok_or("lacks an issue")?)?);
    }
    Ok(bytes)
}

/// Lists of steps, each of an account, a currency or an issuer.
fn paths(value: &Json) -> Result<Vec<u8>, &'static str> {
    let paths =
        value.as_list().filter(|paths| !paths.is_empty()).ok_or("is not a list of paths")?;
    let mut bytes = Vec::new();
    for (place, path) in paths.iter().enumerate() {
        if place != 0 {
            bytes.push(PATH_END);
        }
        let steps = path.as_list().filter(|steps| !steps.is_empty()).ok_or("has an empty path")?;
        for step in steps {
            bytes.extend(path_step(step)?);
        }
    }
    bytes.push(PATHS_END);
    Ok(bytes)
}

/// `type` and `type_hex` repeat in another form what the other members say.
fn path_step(step: &Json) -> Result<Vec<u8>, &'static str> {
    const MEMBERS: [&str; 5] = ["account", "currency", "issuer", "type", "type_hex"];
    let step = step.as_object().ok_or("has a step that is not an object")?;
    if !step.names().all(|name| MEMBERS.contains(&name)) {
        return Err("has a step with a member that steps do not have");
    }
    let text = |name: &str| {
        step.get(name).map(|value| value.as_text().ok_or("has a step with other than text"))
    };
    let account = |text: &str| address::read(text).ok_or("has a step with a wrong address");
    let mut kind = 0_u8;
    let mut bytes = Vec::new();
    if let Some(own) = text("account").transpose()? {
        kind |= 0x01;
        bytes.extend(account(own)?);
    }
    if let Some(code) = text("currency").transpose()? {
        kind |= 0x10;
        bytes.extend(amount::currency(code)?);
    }
    if let Some(issuer) = text("issuer").transpose()? {
        kind |= 0x20;
        bytes.extend(account(issuer)?);
    }
    match kind {
        0 => Err("has an empty step"),
        kind => Ok([&[kind], bytes.as_slice()].concat()),
    }
}
