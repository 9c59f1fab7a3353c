//! The payload: what `JSON.stringify` makes of a transaction of algosdk 1.x.

use kms_core::{ChainOptions, DecodeError};

use super::{
    ALGORAND,
    address::{self, KEY_BYTES},
    msgpack::{Map, Value},
    resources,
};
use crate::codec::{
    json::{self, Json, Object},
    members, quantity,
};

/// Bytes in one member, at most: a program of eight pages and more.
const BYTES_MAX: usize = 16 << 10;
/// Members of a list, at most; the protocol allows 16 arguments and 8 of each reference.
pub(super) const LIST_MAX: usize = 64;

/// The last of the actions that a call of an application can end with.
const ON_COMPLETE_MAX: u64 = 5;

/// The form of a member of the JSON.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Number,
    Flag,
    Bytes,
    /// So many bytes, or none.
    Fixed(usize),
    Text,
    Address,
    Numbers,
    BytesList,
    Addresses,
}

/// A member of the JSON, its name in what is signed, and how it is read.
type Member = (&'static str, &'static str, Form);

/// A type of transaction and the members it has besides those of all.
/// <https://developer.algorand.org/docs/get-details/transactions/transactions/>
const TYPES: &[(&str, &[Member])] = &[
    (
        "pay",
        &[
            ("amount", "amt", Form::Number),
            ("to", "rcv", Form::Address),
            ("closeRemainderTo", "close", Form::Address),
        ],
    ),
    (
        "axfer",
        &[
            ("amount", "aamt", Form::Number),
            ("to", "arcv", Form::Address),
            ("closeRemainderTo", "aclose", Form::Address),
            ("assetRevocationTarget", "asnd", Form::Address),
            ("assetIndex", "xaid", Form::Number),
        ],
    ),
    ("acfg", &[("assetIndex", "caid", Form::Number)]),
    (
        "afrz",
        &[
            ("assetIndex", "faid", Form::Number),
            ("freezeAccount", "fadd", Form::Address),
            ("freezeState", "afrz", Form::Flag),
        ],
    ),
    (
        "appl",
        &[
            ("appIndex", "apid", Form::Number),
            ("appOnComplete", "apan", Form::Number),
            ("appArgs", "apaa", Form::BytesList),
            ("appAccounts", "apat", Form::Addresses),
            ("appForeignApps", "apfa", Form::Numbers),
            ("appForeignAssets", "apas", Form::Numbers),
            ("appApprovalProgram", "apap", Form::Bytes),
            ("appClearProgram", "apsu", Form::Bytes),
            ("extraPages", "apep", Form::Number),
            ("rejectVersion", "aprv", Form::Number),
        ],
    ),
    (
        "keyreg",
        &[
            ("voteKey", "votekey", Form::Fixed(32)),
            ("selectionKey", "selkey", Form::Fixed(32)),
            ("stateProofKey", "sprfkey", Form::Fixed(64)),
            ("voteFirst", "votefst", Form::Number),
            ("voteLast", "votelst", Form::Number),
            ("voteKeyDilution", "votekd", Form::Number),
            ("nonParticipation", "nonpart", Form::Flag),
        ],
    ),
];

/// Of all types.
const SHARED: &[Member] = &[
    ("from", "snd", Form::Address),
    ("fee", "fee", Form::Number),
    ("firstRound", "fv", Form::Number),
    ("lastRound", "lv", Form::Number),
    ("note", "note", Form::Bytes),
    ("genesisID", "gen", Form::Text),
    ("genesisHash", "gh", Form::Fixed(32)),
    ("lease", "lx", Form::Fixed(32)),
    ("reKeyTo", "rekey", Form::Address),
];

const ASSET_PARAMETERS: &[Member] = &[
    ("assetTotal", "t", Form::Number),
    ("assetDecimals", "dc", Form::Number),
    ("assetDefaultFrozen", "df", Form::Flag),
    ("assetUnitName", "un", Form::Text),
    ("assetName", "an", Form::Text),
    ("assetURL", "au", Form::Text),
    ("assetMetadataHash", "am", Form::Fixed(32)),
    ("assetManager", "m", Form::Address),
    ("assetReserve", "r", Form::Address),
    ("assetFreeze", "f", Form::Address),
    ("assetClawback", "c", Form::Address),
];

const LOCAL_STATE: &[Member] =
    &[("appLocalByteSlices", "nbs", Form::Number), ("appLocalInts", "nui", Form::Number)];
const GLOBAL_STATE: &[Member] =
    &[("appGlobalByteSlices", "nbs", Form::Number), ("appGlobalInts", "nui", Form::Number)];

/// Tells whether any type of transaction has this member.
pub(super) fn is_member(name: &str) -> bool {
    let types = TYPES.iter().map(|(_, members)| *members);
    let nested = [ASSET_PARAMETERS, LOCAL_STATE, GLOBAL_STATE];
    let mut all = types.chain(nested).chain([SHARED]).flatten();
    all.any(|(own, ..)| *own == name)
}

/// The transaction to sign, as the payload describes it.
#[derive(Debug)]
pub(super) struct Payload {
    pub(super) kind: &'static str,
    pub(super) fields: Map,
    /// True if the stated fee is the total fee.
    pub(super) is_flat_fee: bool,
}

/// # Errors
/// When a member is missing or is not what it should be, or the type is not known.
pub(super) fn read(text: &str, options: &ChainOptions) -> Result<Payload, DecodeError> {
    let object = json::parse_object(text)?;
    let kind = object.get("type").and_then(Json::as_text).ok_or(DecodeError::Missing("type"))?;
    let (kind, members) = TYPES.iter().find(|(own, _)| *own == kind).ok_or_else(|| {
        DecodeError::field("type", "is not one of pay, axfer, acfg, afrz, appl, keyreg")
    })?;
    if object.get("group").is_some_and(|group| !is_nothing(group)) {
        return Err(DecodeError::Unsupported("transactions of a group".into()));
    }
    let mut fields = Map::default();
    fields.set("type", Value::Text((*kind).to_owned()));
    set_members(&object, SHARED, &mut fields)?;
    set_members(&object, members, &mut fields)?;
    let nested: &[(&str, &'static str, &[Member])] = match *kind {
        "acfg" => &[("acfg", "apar", ASSET_PARAMETERS)],
        "appl" => &[("appl", "apls", LOCAL_STATE), ("appl", "apgs", GLOBAL_STATE)],
        _ => &[],
    };
    for (_, name, members) in nested {
        let mut inner = Map::default();
        set_members(&object, members, &mut inner)?;
        fields.set(name, Value::Map(inner));
    }
    if *kind == "appl" {
        if fields.number("apan") > ON_COMPLETE_MAX {
            return Err(DecodeError::field("appOnComplete", "is not one of 0 to 5"));
        }
        resources::set(&object, &mut fields)?;
    }
    require(kind, &object)?;
    let is_flat_fee = object.get("flatFee") == Some(&Json::Bool(true));
    members::check_all_read(&object, &ALGORAND, options)?;
    Ok(Payload { kind, fields, is_flat_fee })
}

/// Members without which a transaction would not be the one that was meant.
fn require(kind: &str, object: &Object) -> Result<(), DecodeError> {
    let own: &[&'static str] = match kind {
        "pay" => &["to"],
        "axfer" => &["to", "assetIndex"],
        "afrz" => &["freezeAccount", "assetIndex"],
        _ => &[],
    };
    let all = ["from", "fee", "firstRound", "lastRound", "genesisHash"];
    let missing = all.iter().chain(own).find(|name| object.get(name).is_none());
    missing.map_or(Ok(()), |name| Err(DecodeError::Missing(name)))
}

fn set_members(object: &Object, members: &[Member], fields: &mut Map) -> Result<(), DecodeError> {
    for (name, own, form) in members {
        if let Some(value) = object.get(name).filter(|value| !is_nothing(value)) {
            let value = form.read(name, value)?;
            // Zeros of a fixed number of bytes are none, as for the network.
            let is_fixed = matches!(form, Form::Address | Form::Fixed(_));
            if !(is_fixed && value.is_zeros()) {
                fields.set(own, value);
            }
        }
    }
    Ok(())
}

/// An empty object is what `JSON.stringify` makes of empty bytes.
fn is_nothing(value: &Json) -> bool {
    value.as_object().is_some_and(|object| object.names().next().is_none())
}

impl Form {
    pub(super) fn read(self, name: &'static str, value: &Json) -> Result<Value, DecodeError> {
        let wrong = |problem: &'static str| DecodeError::field(name, problem);
        match self {
            Self::Number => match value {
                Json::Number(_) => quantity::read_u64(name, value).map(Value::Number),
                _ => Err(wrong("is not a number")),
            },
            Self::Flag => match value {
                Json::Bool(flag) => Ok(Value::Flag(*flag)),
                _ => Err(wrong("is neither true nor false")),
            },
            Self::Bytes => bytes(value).map(Value::Bytes).ok_or_else(|| wrong("is not bytes")),
            Self::Fixed(length) => match bytes(value).filter(|bytes| bytes.len() == length) {
                Some(bytes) => Ok(Value::Bytes(bytes)),
                None => Err(DecodeError::field(name, format!("is not {length} bytes"))),
            },
            Self::Text => match value.as_text() {
                Some(text) if text.len() <= BYTES_MAX => Ok(Value::Text(text.to_owned())),
                _ => Err(wrong("is not text")),
            },
            Self::Address => {
                let key = read_address(name, value).ok_or_else(|| wrong("is not an address"))?;
                Ok(Value::Bytes(key.to_vec()))
            }
            Self::Numbers => Self::Number.read_list(name, value),
            Self::BytesList => Self::Bytes.read_list(name, value),
            Self::Addresses => Self::Address.read_list(name, value),
        }
    }

    fn read_list(self, name: &'static str, value: &Json) -> Result<Value, DecodeError> {
        let items = value.as_list().filter(|items| items.len() <= LIST_MAX);
        let items = items.ok_or_else(|| DecodeError::field(name, "is not a list"))?;
        items.iter().map(|item| self.read(name, item)).collect::<Result<_, _>>().map(Value::List)
    }
}

/// An address object of the SDK; of other members than sender and receiver also its text.
fn read_address(name: &str, value: &Json) -> Option<[u8; KEY_BYTES]> {
    if let Some(text) = value.as_text() {
        return address::read(text).filter(|_| !matches!(name, "from" | "to"));
    }
    let object = value.as_object()?;
    let key: [u8; KEY_BYTES] = bytes(object.get("publicKey")?)?.try_into().ok()?;
    let fits = |given: &Json| bytes(given).is_some_and(|own| own == address::checksum(&key));
    object.get("checksum").is_none_or(fits).then_some(key)
}

/// Bytes as `JSON.stringify` writes typed arrays, `{"0": 72, "1": 101}`, and Node's buffers,
/// `{"type": "Buffer", "data": [72, 101]}`.
fn bytes(value: &Json) -> Option<Vec<u8>> {
    let object = value.as_object()?;
    let byte = |value: &Json| match value {
        Json::Number(literal) => literal.parse().ok(),
        _ => None,
    };
    if object.get("type").and_then(Json::as_text) == Some("Buffer") {
        let data = object.get("data")?.as_list()?;
        return data.iter().take(BYTES_MAX).map(byte).collect();
    }
    value.mark_read();
    let members = object.members().enumerate().take(BYTES_MAX);
    members
        .map(|(place, (name, value))| byte(Some(value).filter(|_| name == place.to_string())?))
        .collect()
}
