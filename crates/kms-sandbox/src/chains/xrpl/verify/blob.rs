//! The ledger's binary format, read strictly: every field once, in order, each in one form.
//! <https://xrpl.org/docs/references/protocol/binary-format>

use std::{collections::HashMap, sync::LazyLock};

/// The ledger's own table; what reads it here is another program than what writes.
const TABLE: &str = include_str!("../../../../../kms-chains/src/xrpl/definitions.txt");

/// Objects in objects.
const DEPTH_MAX: u8 = 8;
const OBJECT_END: u8 = 0xe1;
const LIST_END: u8 = 0xf1;

#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    flags: &'static str,
}

/// A field with the bytes that say it, code and length included.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) definition: Definition,
    pub(super) encoded: &'a [u8],
    pub(super) value: Value<'a>,
}

#[derive(Debug)]
pub(super) enum Value<'a> {
    Bytes(&'a [u8]),
    Object(Vec<Field<'a>>),
    List(Vec<Field<'a>>),
}

static FIELDS: LazyLock<HashMap<(u8, u8), Definition>> = LazyLock::new(|| {
    let field = |line: &'static str| {
        let mut words = line.strip_prefix("field ")?.split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        let code = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some((code, Definition { name, kind, flags: words.next()? }))
    };
    TABLE.lines().filter_map(field).collect()
});

/// Fields of the table by their names.
pub(super) fn definition(name: &str) -> Option<Definition> {
    FIELDS.values().find(|field| field.name == name).copied()
}

/// The code of a type of transactions, of one of ledger entries, or of a permission.
pub(super) fn code(list: &str, name: &str) -> Option<u64> {
    let entry = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [own, word, code] if *own == list && *word == name => code.parse().ok(),
        _ => None,
    };
    TABLE.lines().find_map(entry)
}

impl Definition {
    pub(super) fn is_serialized(&self) -> bool {
        self.flags.contains('s')
    }

    pub(super) fn is_signed(&self) -> bool {
        self.flags.contains('g')
    }
}

/// All fields of a transaction.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut input = Input(bytes);
    let fields = input.fields(None, DEPTH_MAX)?;
    input.0.is_empty().then_some(fields)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// Fields in the order of their codes, up to a mark, or to the end.
    fn fields(&mut self, end: Option<u8>, depth: u8) -> Option<Vec<Field<'a>>> {
        let depth = depth.checked_sub(1)?;
        let (mut fields, mut last) = (Vec::new(), (0, 0));
        while self.0.first().copied() != end {
            let (code, field) = self.field(depth)?;
            if code <= last {
                return None;
            }
            last = code;
            fields.push(field);
        }
        self.take(end.map_or(0, |_| 1))?;
        Some(fields)
    }

    fn field(&mut self, depth: u8) -> Option<((u8, u8), Field<'a>)> {
        let start = self.0;
        let code = self.code()?;
        let definition = *FIELDS.get(&code)?;
        let value = self.value(definition, depth)?;
        let length = start.len().checked_sub(self.0.len())?;
        Some((code, Field { definition, encoded: start.get(..length)?, value }))
    }

    /// Type and number, each in a byte of its own where it does not fit into half of one.
    fn code(&mut self) -> Option<(u8, u8)> {
        let byte = self.byte()?;
        let mut half = |half: u8| match half {
            0 => self.byte().filter(|code| *code >= 16),
            code => Some(code),
        };
        let kind = half(byte >> 4)?;
        Some((kind, half(byte & 0x0f)?))
    }

    fn value(&mut self, definition: Definition, depth: u8) -> Option<Value<'a>> {
        let bytes = match definition.kind {
            "STObject" => return self.fields(Some(OBJECT_END), depth).map(Value::Object),
            "STArray" => return self.list(depth).map(Value::List),
            _ if definition.flags.contains('v') => {
                let length = self.length()?;
                let is_account = definition.kind == "AccountID";
                self.take(length).filter(|bytes| !is_account || bytes.len() == 20)
            }
            "UInt8" => self.take(1),
            "UInt16" => self.take(2),
            "UInt32" | "Int32" => self.take(4),
            "UInt64" => self.take(8),
            "Number" => self.take(12),
            "Hash128" => self.take(16),
            "Hash160" | "Currency" => self.take(20),
            "Hash192" => self.take(24),
            "Hash256" => self.take(32),
            "Amount" => match self.0.first()? >> 5 {
                mark if mark >= 4 => self.take(48),
                1 | 3 => self.take(33),
                _ => self.take(8),
            },
            "Issue" => self.issue(),
            "PathSet" => self.paths(),
            "XChainBridge" => self.bridge(),
            _ => None,
        };
        bytes.map(Value::Bytes)
    }

    /// Objects of one field each.
    fn list(&mut self, depth: u8) -> Option<Vec<Field<'a>>> {
        let depth = depth.checked_sub(1)?;
        let mut items = Vec::new();
        while *self.0.first()? != LIST_END {
            let (_, field) = self.field(depth)?;
            if field.definition.kind != "STObject" {
                return None;
            }
            items.push(field);
        }
        self.byte()?;
        Some(items)
    }

    fn length(&mut self) -> Option<usize> {
        const TWO: usize = 193;
        const THREE: usize = 12_481;
        let first = self.byte()?;
        let mut further = |sum: usize| Some(sum.checked_mul(256)?.checked_add(self.byte()?.into()));
        match first {
            0..=192 => Some(first.into()),
            193..=240 => further(usize::from(first - 193))??.checked_add(TWO),
            241..=254 => {
                let high = further(usize::from(first - 241))??;
                further(high)??.checked_add(THREE)
            }
            255 => None,
        }
    }

    /// A currency, its issuer unless it is XRP, and a number for a token of the new kind.
    fn issue(&mut self) -> Option<&'a [u8]> {
        let nobody = [[0; 19].as_slice(), &[1]].concat();
        let length = match (self.0.get(..20)?, self.0.get(20..40)) {
            (currency, _) if *currency == [0; 20] => 20,
            (_, Some(account)) if account == nobody => 44,
            _ => 40,
        };
        self.take(length)
    }

    fn paths(&mut self) -> Option<&'a [u8]> {
        let start = self.0;
        loop {
            let step = self.byte()?;
            if step == 0 {
                break;
            }
            let parts = if step == 0xff {
                0
            } else {
                [0x01, 0x10, 0x20].iter().filter(|bit| step & **bit != 0).count()
            };
            if step != 0xff && step & !0x31 != 0 {
                return None;
            }
            self.take(parts.checked_mul(20)?)?;
        }
        start.get(..start.len().checked_sub(self.0.len())?)
    }

    fn bridge(&mut self) -> Option<&'a [u8]> {
        let start = self.0;
        for _ in 0..2 {
            self.byte().filter(|length| *length == 20)?;
            self.take(20)?;
            self.issue()?;
        }
        start.get(..start.len().checked_sub(self.0.len())?)
    }
}
