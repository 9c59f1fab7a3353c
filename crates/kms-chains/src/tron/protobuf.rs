//! Messages as data: a table of fields says how a JSON object becomes a protobuf message.
//! <https://protobuf.dev/programming-guides/encoding/>

use kms_core::DecodeError;

use super::address;
pub(super) use crate::codec::protobuf::{put_bytes, put_nonempty, put_number};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

/// A field of a message: its name in JSON, its number, what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) number: u64,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Address,
    /// Bytes, written in hexadecimal.
    Bytes,
    /// Text in UTF-8.
    Text,
    /// A number that is not negative.
    Number,
    Bool,
    /// A number, or one of these names, of which the first is zero; case does not matter.
    Enum(&'static [&'static str]),
    Message(&'static [Field]),
    Repeated(&'static [Field]),
    /// A list of `{key, value}` of numbers.
    NumberMap,
}

pub(super) const fn field(name: &'static str, number: u64, kind: Kind) -> Field {
    Field { name, number, kind }
}

/// The number of a field that JSON may have and the message does not keep.
pub(super) const NOT_KEPT: u64 = 0;

/// Encodes an object as a message: the fields by number, those of default value left out.
///
/// # Errors
/// When a field is not what the table says, or is not in it.
pub(super) fn encode(object: &Object, fields: &'static [Field]) -> Result<Vec<u8>, DecodeError> {
    if let Some(unknown) = object.names().find(|name| !fields.iter().any(|own| own.name == *name)) {
        return Err(DecodeError::field(unknown.to_owned(), "is not a field of this contract"));
    }
    let mut out = Vec::new();
    for own in fields {
        let value = object.get(own.name);
        if own.number == NOT_KEPT {
            value.inspect(|value| value.mark_read());
        } else if let Some(value) = value {
            encode_field(own, value, &mut out)?;
        }
    }
    Ok(out)
}

fn encode_field(field: &Field, value: &Json, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field(field.name, problem);
    let text = || value.as_text().ok_or_else(|| wrong("is not text"));
    match field.kind {
        Kind::Address => {
            let address = address::read(text()?).ok_or_else(|| wrong("is not an address"))?;
            put_bytes(field.number, &address::to_bytes(address), out);
        }
        Kind::Bytes => {
            let bytes = hex::decode(text()?).ok_or_else(|| wrong("is not hexadecimal"))?;
            put_nonempty(field.number, &bytes, out);
        }
        Kind::Text => put_nonempty(field.number, text()?.as_bytes(), out),
        Kind::Number => put_number(field.number, number(field.name, value)?, out),
        Kind::Bool => match value {
            Json::Bool(value) => put_number(field.number, u64::from(*value), out),
            _ => return Err(wrong("is neither true nor false")),
        },
        Kind::Enum(names) => {
            let chosen = match value.as_text() {
                Some(text) => names.iter().position(|name| name.eq_ignore_ascii_case(text)),
                None => usize::try_from(number(field.name, value)?).ok(),
            };
            let chosen = chosen.filter(|chosen| *chosen < names.len());
            let chosen = chosen.and_then(|chosen| u64::try_from(chosen).ok());
            put_number(field.number, chosen.ok_or_else(|| wrong("is not a known name"))?, out);
        }
        Kind::Message(fields) => {
            let object = value.as_object().ok_or_else(|| wrong("is not an object"))?;
            put_bytes(field.number, &encode(object, fields)?, out);
        }
        Kind::Repeated(fields) => {
            for item in value.as_list().ok_or_else(|| wrong("is not a list"))? {
                let object = item.as_object().ok_or_else(|| {
                    wrong(
                        "has an element that is not an \
                                                                   object",
                    )
                })?;
                put_bytes(field.number, &encode(object, fields)?, out);
            }
        }
        Kind::NumberMap => {
            for item in value.as_list().ok_or_else(|| wrong("is not a list"))? {
                let entry =
                    item.as_object().and_then(|item| Some((item.get("key")?, item.get("value")?)));
                let (key, value) = entry.ok_or_else(|| {
                    wrong(
                        "has an element that is not a key and \
                                                              value",
                    )
                })?;
                let mut pair = Vec::new();
                put_number(1, number(field.name, key)?, &mut pair);
                put_number(2, number(field.name, value)?, &mut pair);
                put_bytes(field.number, &pair, out);
            }
        }
    }
    Ok(())
}

/// TRON's numbers are signed and never negative where they mean something.
pub(super) fn number(name: &'static str, value: &Json) -> Result<u64, DecodeError> {
    let number = quantity::read_u64(name, value)?;
    match i64::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) => Err(DecodeError::field(name, "is 2^63 or more")),
    }
}
