//! One wallet: its fields in the order in which the original writes them.

use std::{borrow::Cow, fmt};

use kms_core::{Network, SignatureId};
use kms_secret::SecretText;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::{Value, value::RawValue};
use zeroize::Zeroizing;

use crate::StoreError;

/// Fields whose text may be shown. Every other text is treated as a secret.
const PUBLIC_TEXTS: &[&str] = &["xpub", "address", "publicKey", "chain", LABEL];

/// A name that people give a wallet.
const LABEL: &str = "label";
/// The time from which a removed wallet may be deleted, in seconds since 1970. Until then it is
/// kept but not used.
const PURGE_AFTER: &str = "purgeAfter";

/// The value of a field.
pub enum Field {
    /// Any JSON value that gives nothing away.
    Public(Value),
    /// A text that is shown only where it is asked for.
    Secret(SecretText),
}

/// A wallet as it is stored. Fields that this version does not know are kept.
pub struct WalletRecord {
    id: SignatureId,
    fields: Vec<(String, Field)>,
}

/// The facts about a wallet that may be shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WalletSummary {
    /// The id of the wallet.
    pub id: SignatureId,
    /// Code of the chain or token, as stored.
    pub chain: String,
    /// True for a wallet of test networks.
    pub testnet: bool,
    /// The origin of its keys.
    pub kind: WalletKind,
    /// The extended public key.
    pub xpub: Option<String>,
    /// The address of a single key.
    pub address: Option<String>,
    /// True when a private key is stored.
    pub has_private_key: bool,
    /// True when a seed in the chain's own spelling is stored.
    pub has_secret: bool,
    /// The name that people gave it.
    pub label: Option<String>,
    /// If it was removed: the time from which it may be deleted, in seconds since 1970.
    pub purge_after: Option<u64>,
}

/// The secret that a wallet's keys come from, by the original's names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WalletKind {
    /// A recovery phrase.
    Mnemonic,
    /// A private key.
    PrivateKey,
    /// A seed in the chain's own spelling.
    Secret,
    /// None of these.
    Other,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(value) => write!(f, "{value}"),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl fmt::Debug for WalletRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

impl WalletRecord {
    /// A wallet of the fields given, followed by chain and network.
    pub fn new(
        id: SignatureId,
        fields: Vec<(&'static str, SecretText)>,
        chain: &str,
        network: Network,
    ) -> Self {
        let own = fields.into_iter().map(|(name, text)| (name.to_owned(), of_text(name, text)));
        let chain = (String::from("chain"), Field::Public(Value::from(chain)));
        let testnet = (String::from("testnet"), Field::Public(Value::from(network.is_testnet())));
        Self { id, fields: own.chain([chain, testnet]).collect() }
    }

    /// Reads an entry of the original's file. `None` when it is not JSON object.
    pub(crate) fn from_json(id: SignatureId, entry: &RawValue) -> Option<Self> {
        let members = kms_json::members(entry.get()).ok()?;
        let read = |(name, raw): (String, &RawValue)| {
            let field = match serde_json::from_str::<String>(raw.get()) {
                Ok(text) => of_text(&name, SecretText::new(text)),
                Err(_) => Field::Public(serde_json::from_str(raw.get()).ok()?),
            };
            Some((name, field))
        };
        let mut fields: Vec<(String, Field)> = Vec::new();
        for (name, field) in members.into_iter().map(read).collect::<Option<Vec<_>>>()? {
            // As JSON.parse does: the last one wins and keeps the first one's place.
            match fields.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = field,
                None => fields.push((name, field)),
            }
        }
        Some(Self { id, fields })
    }

    /// The id of the wallet.
    pub const fn id(&self) -> &SignatureId {
        &self.id
    }

    /// A copy with the same content; each is wiped separately.
    pub(crate) fn copy(&self) -> Self {
        let copy = |(name, field): &(String, Field)| {
            let field = match field {
                Field::Public(value) => Field::Public(value.clone()),
                Field::Secret(secret) => Field::Secret(SecretText::new(secret.expose().to_owned())),
            };
            (name.clone(), field)
        };
        Self { id: self.id.clone(), fields: self.fields.iter().map(copy).collect() }
    }

    /// A field's secret text, unless it is empty.
    pub fn secret(&self, name: &str) -> Option<&SecretText> {
        match self.field(name)? {
            Field::Secret(secret) if !secret.expose().is_empty() => Some(secret),
            _ => None,
        }
    }

    /// A field's public text, unless it is empty.
    pub fn public_text(&self, name: &str) -> Option<&str> {
        match self.field(name)? {
            Field::Public(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, field)| field)
    }

    /// The part that may be shown; no secret is in it.
    pub fn summary(&self) -> WalletSummary {
        let testnet = matches!(self.field("testnet"), Some(Field::Public(Value::Bool(true))));
        let has = |name: &str| self.secret(name).is_some();
        WalletSummary {
            id: self.id.clone(),
            chain: self.public_text("chain").unwrap_or_default().to_owned(),
            testnet,
            kind: WalletKind::of(has),
            xpub: self.public_text("xpub").map(str::to_owned),
            address: self.public_text("address").map(str::to_owned),
            has_private_key: has("privateKey"),
            has_secret: has("secret"),
            label: self.public_text(LABEL).map(str::to_owned),
            purge_after: self.purge_after(),
        }
    }

    pub(crate) fn purge_after(&self) -> Option<u64> {
        match self.field(PURGE_AFTER)? {
            Field::Public(value) => value.as_u64(),
            Field::Secret(_) => None,
        }
    }

    /// The wallet under a name, or without one.
    #[must_use]
    pub fn labelled(self, label: Option<&str>) -> Self {
        self.with(LABEL, label.map(Value::from))
    }

    #[must_use]
    pub(crate) fn purged_after(self, time: Option<u64>) -> Self {
        self.with(PURGE_AFTER, time.map(Value::from))
    }

    fn with(mut self, name: &str, value: Option<Value>) -> Self {
        self.fields.retain(|(own, _)| own != name);
        self.fields.extend(value.map(|value| (name.to_owned(), Field::Public(value))));
        self
    }

    /// The wallet as the original prints it: JSON, indented by two. Secrets included.
    pub fn reveal(&self) -> SecretText {
        let mut text = self.buffer();
        self.write(&mut text, "");
        SecretText::new(std::mem::take(&mut text))
    }

    /// All wallets as the original exports them. Secrets included.
    pub fn reveal_all(records: &[Self]) -> SecretText {
        let room = records.iter().map(|record| record.room().saturating_add(64));
        let room = room.fold(8, usize::saturating_add);
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push('{');
        for (place, record) in records.iter().enumerate() {
            text.push_str(if place == 0 { "\n  " } else { ",\n  " });
            text.push_str(&Value::from(record.id.as_str()).to_string());
            text.push_str(": ");
            record.write(&mut text, "  ");
        }
        text.push_str(if records.is_empty() { "}" } else { "\n}" });
        SecretText::new(std::mem::take(&mut text))
    }

    /// Room enough that the text never grows: growing would leave copies behind.
    fn room(&self) -> usize {
        let field = |(name, field): &(String, Field)| {
            let value = match field {
                Field::Public(value) => value.to_string().len().saturating_mul(2),
                Field::Secret(secret) => secret.expose().len().saturating_mul(6),
            };
            value.saturating_add(name.len().saturating_mul(6)).saturating_add(32)
        };
        self.fields.iter().map(field).fold(16, usize::saturating_add)
    }

    fn buffer(&self) -> Zeroizing<String> {
        Zeroizing::new(String::with_capacity(self.room()))
    }

    fn write(&self, text: &mut String, indent: &str) {
        text.push('{');
        for (place, (name, field)) in self.fields.iter().enumerate() {
            text.push_str(if place == 0 { "\n" } else { ",\n" });
            text.push_str(indent);
            text.push_str("  ");
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push_str(": ");
            match field {
                Field::Secret(secret) => write_quoted(secret.expose(), text),
                Field::Public(value) => {
                    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
                    text.push_str(&pretty.replace('\n', &format!("\n{indent}  ")));
                }
            }
        }
        if !self.fields.is_empty() {
            text.push('\n');
            text.push_str(indent);
        }
        text.push('}');
    }

    /// The public part: the id and the fields, with `null` in the place of secrets, and the
    /// secrets in order.
    pub(crate) fn split(&self) -> (Vec<u8>, Zeroizing<Vec<u8>>) {
        let mut secrets = Zeroizing::new(Vec::with_capacity(self.room()));
        let mut fields = Vec::new();
        for (name, field) in &self.fields {
            let shown = match field {
                Field::Public(value) => serde_json::json!([name, value]),
                Field::Secret(secret) => {
                    let bytes = secret.expose().as_bytes();
                    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                    secrets.extend_from_slice(&length.to_be_bytes());
                    secrets.extend_from_slice(bytes);
                    serde_json::json!([name])
                }
            };
            fields.push(shown);
        }
        let public = serde_json::json!({ "id": self.id.as_str(), "fields": fields });
        (public.to_string().into_bytes(), secrets)
    }

    pub(crate) fn join(public: &[u8], secrets: &[u8]) -> Result<Self, StoreError> {
        read_parts(public, secrets).ok_or(StoreError::Damaged("a wallet cannot be read"))
    }

    /// Summarises a wallet from its public part alone; a secret counts as present if the public
    /// part has a place for it.
    pub(crate) fn summary_of(public: &[u8]) -> Result<WalletSummary, StoreError> {
        summarise(public).ok_or(StoreError::Damaged("a wallet cannot be read"))
    }
}

/// Reads no more than a summary needs: this is done for every wallet when a store is listed.
fn summarise(public: &[u8]) -> Option<WalletSummary> {
    let PublicPart { id, fields } = serde_json::from_slice(public).ok()?;
    let text = |name: &str| {
        let FieldPart(_, raw) = fields.iter().find(|FieldPart(own, _)| own == name)?;
        let text: String = serde_json::from_str(raw.as_ref()?.get()).ok()?;
        (!text.is_empty()).then_some(text)
    };
    let number = |name: &str| {
        let FieldPart(_, raw) = fields.iter().find(|FieldPart(own, _)| own == name)?;
        serde_json::from_str(raw.as_ref()?.get()).ok()
    };
    let is_secret =
        |name: &str| fields.iter().any(|FieldPart(own, raw)| own == name && raw.is_none());
    let testnet = fields
        .iter()
        .any(|FieldPart(own, raw)| own == "testnet" && raw.is_some_and(|raw| raw.get() == "true"));
    Some(WalletSummary {
        id: SignatureId::parse(&id).ok()?,
        chain: text("chain").unwrap_or_default(),
        testnet,
        kind: WalletKind::of(is_secret),
        xpub: text("xpub"),
        address: text("address"),
        has_private_key: is_secret("privateKey"),
        has_secret: is_secret("secret"),
        label: text(LABEL),
        purge_after: number(PURGE_AFTER),
    })
}

impl WalletKind {
    fn of(has: impl Fn(&str) -> bool) -> Self {
        match (has("mnemonic"), has("privateKey"), has("secret")) {
            (true, _, _) => Self::Mnemonic,
            (_, true, _) => Self::PrivateKey,
            (_, _, true) => Self::Secret,
            _ => Self::Other,
        }
    }
}

fn of_text(name: &str, text: SecretText) -> Field {
    if PUBLIC_TEXTS.contains(&name) || text.expose().is_empty() {
        Field::Public(Value::from(text.expose()))
    } else {
        Field::Secret(text)
    }
}

/// JSON's spelling of a text, written without a copy.
fn write_quoted(secret: &str, text: &mut String) {
    text.push('"');
    for letter in secret.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            control if u32::from(control) < 0x20 => {
                text.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

fn read_parts(public: &[u8], secrets: &[u8]) -> Option<WalletRecord> {
    let mut rest = secrets;
    let record = read_public(public, |_| {
        let (length, behind) = rest.split_at_checked(4)?;
        let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
        let (text, behind) = behind.split_at_checked(length)?;
        rest = behind;
        let text = std::str::from_utf8(text).ok()?.to_owned();
        Some(Field::Secret(SecretText::new(text)))
    })?;
    rest.is_empty().then_some(record)
}

fn read_public(
    public: &[u8],
    mut secret: impl FnMut(&str) -> Option<Field>,
) -> Option<WalletRecord> {
    let PublicPart { id, fields } = serde_json::from_slice(public).ok()?;
    let read = |FieldPart(name, raw): FieldPart<'_>| {
        let field = match raw {
            Some(raw) => Field::Public(serde_json::from_str(raw.get()).ok()?),
            None => secret(&name)?,
        };
        Some((name.into_owned(), field))
    };
    let fields = fields.into_iter().map(read).collect::<Option<_>>()?;
    Some(WalletRecord { id: SignatureId::parse(&id).ok()?, fields })
}

/// The public part as it is stored: `{"id": …, "fields": [["xpub", …], ["mnemonic"], …]}`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicPart<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    fields: Vec<FieldPart<'a>>,
}

/// A name and a value; without a value, the place of a secret.
struct FieldPart<'a>(Cow<'a, str>, Option<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for FieldPart<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;

        impl<'de> Visitor<'de> for Pair {
            type Value = FieldPart<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, and a value unless it is secret")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let name =
                    list.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                Ok(FieldPart(name, list.next_element()?))
            }
        }

        deserializer.deserialize_seq(Pair)
    }
}

#[cfg(test)]
mod tests;
