//! Does the blob say what the JSON said?

use alloy_primitives::hex;
use serde_json::{Map, Value as Json};

use super::{
    blob::{Field, Value, code, definition},
    read_address,
};

/// What signing adds.
const ADDED: [&str; 2] = ["SigningPubKey", "TxnSignature"];
/// Numbers of 64 bits that JSON has in decimal; the others are hexadecimal.
const DECIMAL: [&str; 5] = [
    "MaximumAmount",
    "OutstandingAmount",
    "MPTAmount",
    "LockedAmount",
    "ConfidentialOutstandingAmount",
];

/// The first difference: a field's name, and what is found.
pub(super) fn difference(
    found: &[Field<'_>],
    asked: &Map<String, Json>,
) -> Option<(String, String)> {
    for field in found {
        let name = field.definition.name;
        if ADDED.contains(&name) {
            continue;
        }
        let is_said = asked.get(name).is_some_and(|asked| says(field, asked));
        if !is_said {
            return Some((name.to_owned(), super::super::hex(field.encoded)));
        }
    }
    let is_lost = |(name, value): &(&String, &Json)| {
        let known = definition(name).is_some_and(|own| own.is_serialized());
        let is_there = found.iter().any(|field| field.definition.name == **name);
        known && !value.is_null() && !is_there && !ADDED.contains(&name.as_str())
    };
    asked.iter().find(is_lost).map(|(name, _)| (name.clone(), String::from("nothing")))
}

fn says(field: &Field<'_>, asked: &Json) -> bool {
    match &field.value {
        Value::Object(fields) => {
            asked.as_object().is_some_and(|asked| difference(fields, asked).is_none())
        }
        Value::List(items) => asked.as_array().is_some_and(|asked| {
            let item = |(item, asked): (&Field<'_>, &Json)| {
                let members = asked.as_object().filter(|members| members.len() == 1);
                let own = members.and_then(|members| members.get(item.definition.name));
                own.is_some_and(|own| says(item, own))
            };
            items.len() == asked.len() && items.iter().zip(asked).all(item)
        }),
        Value::Bytes(bytes) => says_bytes(field, bytes, asked).unwrap_or(false),
    }
}

fn says_bytes(field: &Field<'_>, bytes: &[u8], asked: &Json) -> Option<bool> {
    let name = field.definition.name;
    let number = || {
        bytes.iter().try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()))
    };
    Some(match field.definition.kind {
        "UInt8" | "UInt16" | "UInt32" => match (name, asked.as_str()) {
            ("TransactionType", Some(text)) => number() == code("type", text),
            ("LedgerEntryType", Some(text)) => number() == code("entry", text),
            ("PermissionValue", Some(text)) => number() == code("type", text)?.checked_add(1),
            _ => asked.is_u64() && asked.as_u64() == number(),
        },
        "Int32" => asked.as_i64() == Some(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        "UInt64" => {
            let radix = if DECIMAL.contains(&name) { 10 } else { 16 };
            u64::from_str_radix(asked.as_str()?, radix).ok() == number()
        }
        "AccountID" => read_address(asked.as_str()?)?.as_slice() == bytes,
        "Amount" => amount(bytes, asked)?,
        "Currency" => currency(asked.as_str()?)?.as_slice() == bytes,
        "Issue" => issue(asked)? == bytes,
        "Number" => {
            let (mantissa, exponent) = bytes.split_first_chunk::<8>()?;
            let mantissa = i64::from_be_bytes(*mantissa);
            let exponent = i32::from_be_bytes(exponent.try_into().ok()?);
            let found = Decimal::new(mantissa < 0, mantissa.unsigned_abs().into(), exponent);
            found == Decimal::read(asked.as_str()?)?
        }
        "Vector256" => {
            let items = asked.as_array()?.iter().map(|item| hex::decode(item.as_str()?).ok());
            items.collect::<Option<Vec<_>>>()?.concat() == bytes
        }
        "PathSet" => paths(asked)? == bytes,
        "XChainBridge" => {
            let door = |door: &str, own: &str| {
                let account = read_address(asked.get(door)?.as_str()?)?;
                let issue = issue(asked.get(own)?)?;
                Some([[20].as_slice(), &account, &issue].concat())
            };
            let locking = door("LockingChainDoor", "LockingChainIssue")?;
            [locking, door("IssuingChainDoor", "IssuingChainIssue")?].concat() == bytes
        }
        _ => match asked.as_str()? {
            "" => bytes.iter().all(|byte| *byte == 0),
            digits => hex::decode(digits).ok()? == bytes,
        },
    })
}

/// Drops, a token of an issuer, or one of the new kind.
fn amount(bytes: &[u8], asked: &Json) -> Option<bool> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let head = u64::from_be_bytes(*head);
    if bytes.len() == 8 {
        let is_positive = head >> 62 == 1;
        let drops: u64 = asked.as_str()?.parse().ok()?;
        return Some(is_positive && head & !(1 << 62) == drops);
    }
    let text = |name: &str| asked.get(name)?.as_str();
    if bytes.len() == 33 {
        let (units, id) = bytes.get(1..)?.split_first_chunk::<8>()?;
        let units = u64::from_be_bytes(*units);
        let is_same = text("value")?.parse::<u64>().ok()? == units;
        return Some(is_same && hex::decode(text("mpt_issuance_id")?).ok()? == id);
    }
    let (is_negative, exponent) = (head >> 62 & 1 == 0, (head >> 54) & 0xff);
    let exponent = i32::try_from(exponent).ok()?.checked_sub(97)?;
    let mantissa = u128::from(head & ((1 << 54) - 1));
    let found = match mantissa {
        0 => Decimal::new(false, 0, 0),
        mantissa => Decimal::new(is_negative, mantissa, exponent),
    };
    let issuer = read_address(text("issuer")?)?;
    let named = [currency(text("currency")?)?.as_slice(), &issuer].concat();
    Some(found == Decimal::read(text("value")?)? && named == rest)
}

fn currency(text: &str) -> Option<[u8; 20]> {
    match text.as_bytes() {
        b"XRP" => Some([0; 20]),
        [_, _, _] => {
            let code = [[0; 12].as_slice(), text.as_bytes(), &[0; 5]].concat();
            code.try_into().ok()
        }
        _ => hex::decode(text).ok()?.try_into().ok(),
    }
}

fn issue(asked: &Json) -> Option<Vec<u8>> {
    if let Some(id) = asked.get("mpt_issuance_id") {
        let id = hex::decode(id.as_str()?).ok()?;
        let (sequence, account) = id.split_first_chunk::<4>()?;
        let sequence = u32::from_be_bytes(*sequence).to_le_bytes();
        return Some([account, &[0; 19], &[1], &sequence].concat());
    }
    let issuer = match asked.get("issuer") {
        Some(issuer) => read_address(issuer.as_str()?)?.to_vec(),
        None => Vec::new(),
    };
    Some([currency(asked.get("currency")?.as_str()?)?.as_slice(), &issuer].concat())
}

fn paths(asked: &Json) -> Option<Vec<u8>> {
    let mut paths = Vec::new();
    for path in asked.as_array()? {
        let steps = path.as_array()?.iter().map(step).collect::<Option<Vec<_>>>()?;
        paths.push(steps.concat());
    }
    let mut bytes = paths.join(&0xff);
    bytes.push(0);
    Some(bytes)
}

fn step(asked: &Json) -> Option<Vec<u8>> {
    let mut bytes = vec![0];
    let mut kind = 0;
    for (name, bit) in [("account", 0x01), ("currency", 0x10), ("issuer", 0x20)] {
        let Some(text) = asked.get(name) else { continue };
        kind |= bit;
        match name {
            "currency" => bytes.extend(currency(text.as_str()?)?),
            _ => bytes.extend(read_address(text.as_str()?)?),
        }
    }
    *bytes.first_mut()? = kind;
    Some(bytes)
}

/// Digits without zeros at their end, and a power of ten.
#[derive(Debug, Eq, PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: u128,
    exponent: i32,
}

impl Decimal {
    fn new(is_negative: bool, mut digits: u128, mut exponent: i32) -> Self {
        while digits != 0 && digits.is_multiple_of(10) {
            digits = digits.div_euclid(10);
            exponent = exponent.saturating_add(1);
        }
        match digits {
            0 => Self { is_negative: false, digits, exponent: 0 },
            digits => Self { is_negative, digits, exponent },
        }
    }

    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let digits = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent = exponent.parse::<i32>().ok()?;
        let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self::new(mantissa.starts_with('-'), digits, exponent))
    }
}
