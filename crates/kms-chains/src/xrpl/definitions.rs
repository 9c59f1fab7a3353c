//! The table of fields and types, read once.

use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("definitions.txt");

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Field {
    pub(super) kind: &'static str,
    pub(super) type_code: u8,
    pub(super) number: u8,
    pub(super) is_serialized: bool,
    pub(super) is_signed: bool,
    pub(super) has_length: bool,
}

#[derive(Debug, Default)]
struct Definitions {
    fields: HashMap<&'static str, Field>,
    types: HashMap<&'static str, u16>,
    entries: HashMap<&'static str, u16>,
    permissions: HashMap<&'static str, u32>,
}

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(|| {
    let mut all = Definitions::default();
    for line in TABLE.lines() {
        let words: Vec<_> = line.split(' ').collect();
        match words.as_slice() {
            ["field", name, kind, type_code, number, flags] => {
                let field = Field {
                    kind,
                    type_code: type_code.parse().unwrap_or_default(),
                    number: number.parse().unwrap_or_default(),
                    is_serialized: flags.contains('s'),
                    is_signed: flags.contains('g'),
                    has_length: flags.contains('v'),
                };
                all.fields.insert(name, field);
            }
            ["type", name, code] => {
                all.types.insert(name, code.parse().unwrap_or_default());
            }
            ["entry", name, code] => {
                all.entries.insert(name, code.parse().unwrap_or_default());
            }
            ["permission", name, code] => {
                all.permissions.insert(name, code.parse().unwrap_or_default());
            }
            _ => (),
        }
    }
    all
});

pub(super) fn field(name: &str) -> Option<Field> {
    DEFINITIONS.fields.get(name).copied()
}

/// The code of a type of transaction.
pub(super) fn transaction_type(name: &str) -> Option<u16> {
    DEFINITIONS.types.get(name).copied()
}

/// The name of a type of transaction.
pub(super) fn type_name(code: u16) -> Option<&'static str> {
    DEFINITIONS.types.iter().find(|(_, own)| **own == code).map(|(name, _)| *name)
}

/// The code of a type of ledger entry.
pub(super) fn entry_type(name: &str) -> Option<u16> {
    DEFINITIONS.entries.get(name).copied()
}

/// The code of a permission to do a part of what a type of transaction does.
pub(super) fn permission(name: &str) -> Option<u32> {
    DEFINITIONS.permissions.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes from the documentation of the format.
    #[test]
    fn the_table_is_read_whole() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let all = &*DEFINITIONS;
        let codes = all.types.len() + all.entries.len() + all.permissions.len();
        assert_eq!(all.fields.len() + codes, lines);
        let sequence = field("Sequence").unwrap();
        assert_eq!((sequence.kind, sequence.type_code, sequence.number), ("UInt32", 2, 4));
        assert!(field("SigningPubKey").unwrap().has_length);
        assert!(!field("TxnSignature").unwrap().is_signed);
        assert_eq!(transaction_type("Payment"), Some(0));
        assert_eq!(transaction_type("TrustSet"), Some(20));
        let is_whole = |field: &Field| field.type_code != 0 && field.number != 0;
        assert!(all.fields.values().all(is_whole));
    }
}
