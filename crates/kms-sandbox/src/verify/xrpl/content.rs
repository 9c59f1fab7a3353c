//! Does the blob say what the JSON said?

use alloy_primitives::hex;
use serde_json::{Map, Value as Json};

use super::{
    blob::{Field, Value, code, definition},
    read_address, read_tagged, spell,
};

/// The members that signing adds to a transaction, but not to the objects in it.
const ADDED: [&str; 2] = ["SigningPubKey", "TxnSignature"];
/// Numbers of 64 bits that JSON has in decimal; the others are hexadecimal.
const DECIMAL: [&str; 5] = [
    "MaximumAmount",
    "OutstandingAmount",
    "MPTAmount",
    "LockedAmount",
    "ConfidentialOutstandingAmount",
];
/// The one amount that may be negative.
const SIGNED: &str = "FeeAmountDelta";

/// The first difference: a field's name, and what is found.
pub(super) fn difference(
    found: &[Field<'_>],
    asked: &Map<String, Json>,
) -> Option<(String, String)> {
    let is_own = |name: &str| !ADDED.contains(&name);
    let asked = asked.iter().filter(|(name, value)| is_own(name) && !value.is_null());
    let mut asked: Map<_, _> = asked.map(|(name, value)| (name.clone(), value.clone())).collect();
    // The amount of a payment may be asked for under its newer name.
    if let Some(most) = asked.remove("DeliverMax") {
        if asked.get("Amount").is_some_and(|amount| *amount != most) {
            return Some((String::from("DeliverMax"), String::from("another Amount")));
        }
        asked.insert(String::from("Amount"), most);
    }
    for (account, tag) in [("Account", "SourceTag"), ("Destination", "DestinationTag")] {
        let tagged = asked.get(account).and_then(Json::as_str).and_then(read_tagged);
        if let Some((account_id, Some(number))) = tagged {
            asked.insert(account.to_owned(), spell(&account_id).into());
            asked.insert(tag.to_owned(), number.into());
        }
    }
    compare(found.iter().filter(|field| is_own(field.definition.name)), &asked)
}

fn compare<'a>(
    found: impl Iterator<Item = &'a Field<'a>>,
    asked: &Map<String, Json>,
) -> Option<(String, String)> {
    let mut seen = Vec::new();
    for field in found {
        let name = field.definition.name;
        if !asked.get(name).is_some_and(|asked| says(field, asked)) {
            return Some((name.to_owned(), super::super::hex(field.encoded)));
        }
        seen.push(name);
    }
    let is_lost = |name: &&String| {
        definition(name).is_some_and(|own| own.is_serialized()) && !seen.contains(&name.as_str())
    };
    asked.keys().find(is_lost).map(|name| (name.clone(), String::from("nothing")))
}

fn says(field: &Field<'_>, asked: &Json) -> bool {
    match &field.value {
        Value::Object(fields) => {
            asked.as_object().is_some_and(|asked| compare(fields.iter(), asked).is_none())
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
            ("PermissionValue", Some(text)) => number() == permission(text),
            (_, Some(text)) => bytes.len() == 4 && number() == text.parse().ok(),
            (_, None) => asked.is_u64() && asked.as_u64() == number(),
        },
        "Int32" => {
            let number = i32::from_be_bytes(bytes.try_into().ok()?);
            asked.as_i64() == Some(number.into()) || asked.as_str()?.parse() == Ok(number)
        }
        "UInt64" => match asked.as_str() {
            Some(text) => {
                let radix = if DECIMAL.contains(&name) { 10 } else { 16 };
                u64::from_str_radix(text, radix).ok() == number()
            }
            None => asked.is_u64() && asked.as_u64() == number(),
        },
        "AccountID" => read_address(asked.as_str()?)?.as_slice() == bytes,
        "Amount" => amount(bytes, asked, name == SIGNED)?,
        "Currency" => currency(asked.as_str()?)?.as_slice() == bytes,
        "Issue" => issue(asked)? == bytes,
        "Number" => is_number(bytes, asked.as_str()?)?,
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

fn permission(text: &str) -> Option<u64> {
    match code("type", text) {
        Some(code) => code.checked_add(1),
        None => code("permission", text).or_else(|| text.parse().ok()),
    }
}

/// A mantissa of all the digits there is room for, and an exponent.
fn is_number(bytes: &[u8], asked: &str) -> Option<bool> {
    const LEAST: u64 = 1_000_000_000_000_000_000;
    let (mantissa, exponent) = bytes.split_first_chunk::<8>()?;
    let mantissa = i64::from_be_bytes(*mantissa);
    let exponent = i32::from_be_bytes(exponent.try_into().ok()?);
    let digits = mantissa.unsigned_abs();
    let is_canonical = match digits {
        0 => exponent == i32::MIN,
        digits => digits >= LEAST || digits.checked_mul(10)? > i64::MAX.unsigned_abs(),
    };
    let found = Decimal::new(mantissa < 0, digits.into(), exponent);
    Some(is_canonical && found == Decimal::read(asked)?)
}

/// Drops, a token of an issuer, or one of the new kind.
fn amount(bytes: &[u8], asked: &Json, may_be_negative: bool) -> Option<bool> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let head = u64::from_be_bytes(*head);
    let text = |name: &str| asked.get(name)?.as_str();
    match bytes.len() {
        8 => {
            let is_positive = head >> 62 == 1;
            let drops = i64::try_from(head & !(3 << 62)).ok()?;
            let found = if is_positive { drops } else { drops.checked_neg()? };
            let is_canonical = is_positive || (may_be_negative && drops != 0);
            Some(is_canonical && asked.as_str()?.parse() == Ok(found))
        }
        33 => {
            let (units, id) = bytes.strip_prefix(&[0x60])?.split_first_chunk::<8>()?;
            let is_same = text("value")?.parse::<i64>().ok()? == i64::from_be_bytes(*units);
            Some(is_same && hex::decode(text("mpt_issuance_id")?).ok()? == id)
        }
        _ => {
            let issuer = read_address(text("issuer")?)?;
            let named = [currency(text("currency")?)?.as_slice(), &issuer].concat();
            Some(token_value(head)? == Decimal::read(text("value")?)? && named == rest)
        }
    }
}

/// A sign, an exponent and 16 digits, or the one form of zero.
fn token_value(head: u64) -> Option<Decimal> {
    const ZERO: u64 = 1 << 63;
    let (is_negative, exponent) = (head >> 62 & 1 == 0, (head >> 54) & 0xff);
    let exponent = i32::try_from(exponent).ok()?.checked_sub(97)?;
    match head & ((1 << 54) - 1) {
        _ if head == ZERO => Some(Decimal::new(false, 0, 0)),
        digits @ 1_000_000_000_000_000..=9_999_999_999_999_999
            if (-96..=80).contains(&exponent) =>
        {
            Some(Decimal::new(is_negative, digits.into(), exponent))
        }
        _ => None,
    }
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
