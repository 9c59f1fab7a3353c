//! Algorand: canonical msgpack that says what the JSON of the SDK said.

mod resources;

use alloy_primitives::hex;
use data_encoding::{BASE32_NOPAD, BASE64};
use kms_core::Network;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha512_256};

use crate::verify::{
    Case, Rejection, Valid,
    edwards::{self, Key},
    json,
    msgpack::{Input, Item},
};

/// In millionths of an ALGO.
const FEE_LEAST: u64 = 1_000;

const MALFORMED: Rejection = Rejection::Malformed("it is not canonical msgpack of a transaction");

/// A field, the member of the JSON it comes from, and the types that have it; without a type: all.
/// <https://developer.algorand.org/docs/get-details/transactions/transactions/>
const FIELDS: &[(&str, &str, &str)] = &[
    ("type", "type", ""),
    ("snd", "from", ""),
    ("fee", "fee", ""),
    ("fv", "firstRound", ""),
    ("lv", "lastRound", ""),
    ("note", "note", ""),
    ("gen", "genesisID", ""),
    ("gh", "genesisHash", ""),
    ("lx", "lease", ""),
    ("rekey", "reKeyTo", ""),
    ("amt", "amount", "pay"),
    ("rcv", "to", "pay"),
    ("close", "closeRemainderTo", "pay"),
    ("aamt", "amount", "axfer"),
    ("arcv", "to", "axfer"),
    ("aclose", "closeRemainderTo", "axfer"),
    ("asnd", "assetRevocationTarget", "axfer"),
    ("xaid", "assetIndex", "axfer"),
    ("caid", "assetIndex", "acfg"),
    ("apar.t", "assetTotal", "acfg"),
    ("apar.dc", "assetDecimals", "acfg"),
    ("apar.df", "assetDefaultFrozen", "acfg"),
    ("apar.un", "assetUnitName", "acfg"),
    ("apar.an", "assetName", "acfg"),
    ("apar.au", "assetURL", "acfg"),
    ("apar.am", "assetMetadataHash", "acfg"),
    ("apar.m", "assetManager", "acfg"),
    ("apar.r", "assetReserve", "acfg"),
    ("apar.f", "assetFreeze", "acfg"),
    ("apar.c", "assetClawback", "acfg"),
    ("faid", "assetIndex", "afrz"),
    ("fadd", "freezeAccount", "afrz"),
    ("afrz", "freezeState", "afrz"),
    ("apid", "appIndex", "appl"),
    ("apan", "appOnComplete", "appl"),
    ("apaa", "appArgs", "appl"),
    ("apat", "appAccounts", "appl"),
    ("apfa", "appForeignApps", "appl"),
    ("apas", "appForeignAssets", "appl"),
    ("apap", "appApprovalProgram", "appl"),
    ("apsu", "appClearProgram", "appl"),
    ("apep", "extraPages", "appl"),
    ("aprv", "rejectVersion", "appl"),
    ("apls.nbs", "appLocalByteSlices", "appl"),
    ("apls.nui", "appLocalInts", "appl"),
    ("apgs.nbs", "appGlobalByteSlices", "appl"),
    ("apgs.nui", "appGlobalInts", "appl"),
    ("votekey", "voteKey", "keyreg"),
    ("selkey", "selectionKey", "keyreg"),
    ("sprfkey", "stateProofKey", "keyreg"),
    ("votefst", "voteFirst", "keyreg"),
    ("votelst", "voteLast", "keyreg"),
    ("votekd", "voteKeyDilution", "keyreg"),
    ("nonpart", "nonParticipation", "keyreg"),
];

const FIXED: [&str; 13] = [
    "snd", "lx", "rekey", "rcv", "close", "arcv", "aclose", "asnd", "fadd", "apar.am", "votekey",
    "selkey", "sprfkey",
];

struct Signed<'a> {
    signature: [u8; 64],
    /// The key that signs in the place of the sender's.
    authority: Option<Key>,
    transaction: &'a [u8],
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let bytes = hex::decode(case.raw).ok().filter(|bytes| crate::verify::hex(bytes) == case.raw);
    let bytes = bytes.ok_or(Rejection::Malformed("it is not lower-case hexadecimal"))?;
    let signed = Signed::read(&bytes).ok_or(MALFORMED)?;
    let Some(Item::Map(members)) = Item::read(signed.transaction) else { return Err(MALFORMED) };
    let fields = flatten(members);
    let message = [b"TX", signed.transaction].concat();
    let sender = match fields.iter().find(|(name, _)| name == "snd") {
        Some((_, Item::Bytes(key))) => Key::try_from(*key).map_err(|_| MALFORMED)?,
        _ => return Err(MALFORMED),
    };
    let signer = signed.authority.unwrap_or(sender);
    edwards::check(case, &signer, spell, (&message, &signed.signature))?;
    check_content(&fields, json::read(case.sample.payload())?)?;
    check_network(case.sample.expected().network, &fields)?;
    let txid = BASE32_NOPAD.encode(&Sha512_256::digest(&message));
    Ok(Valid { uses: vec![format!("algo {txid}")], txid, nonce: None })
}

impl<'a> Signed<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let members = input.byte().filter(|mark| matches!(mark, 0x82 | 0x83))?;
        let named = |input: &mut Input<'a>, name: &str| input.text().filter(|own| *own == name);
        // Members are sorted: `sgnr` stands between the two that are always there.
        let authority = |input: &mut Input<'a>| {
            named(input, "sgnr")?;
            input.bytes()?.try_into().ok()
        };
        let in_front = (members == 0x83).then(|| authority(&mut input));
        named(&mut input, "sig")?;
        let signature = input.bytes()?.try_into().ok()?;
        named(&mut input, "txn")?;
        let authority = match in_front {
            None => None,
            Some(key) => Some(key?),
        };
        Some(Self { signature, authority, transaction: input.0 })
    }
}

/// Members of members by both names, with a point between them.
fn flatten<'a>(members: Vec<(&str, Item<'a>)>) -> Vec<(String, Item<'a>)> {
    let inner = |(name, item): (&str, Item<'a>)| match item {
        Item::Map(members) => flatten(members)
            .into_iter()
            .map(|(inner, item)| (format!("{name}.{inner}"), item))
            .collect(),
        item => vec![(name.to_owned(), item)],
    };
    members.into_iter().flat_map(inner).collect()
}

fn check_content(
    fields: &[(String, Item<'_>)],
    mut asked: Map<String, Value>,
) -> Result<(), Rejection> {
    let fee = asked.get("fee").and_then(Value::as_u64).unwrap_or(0);
    if asked.get("flatFee") != Some(&Value::Bool(true)) {
        asked.insert(String::from("fee"), fee.max(FEE_LEAST).into());
    }
    let kind = asked.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let own: Vec<_> = FIELDS.iter().filter(|(_, _, of)| of.is_empty() || *of == kind).collect();
    check_resources(fields, &asked)?;
    let unasked = |(name, _): &&(String, Item<'_>)| {
        !own.iter().any(|(field, _, _)| field == name) && !RESOURCES.contains(&name.as_str())
    };
    if let Some((name, item)) = fields.iter().find(unasked) {
        return Err(differs(name, format!("{item:?}"), "nothing"));
    }
    for (field, member, _) in own {
        let found = fields.iter().find(|(name, _)| name == field).map(|(_, item)| item);
        let asked = asked.get(*member).filter(|value| !is_nothing(value));
        match (found, asked) {
            (None, None) => (),
            (None, Some(asked)) if FIXED.contains(field) && is_zeros(asked) => (),
            (Some(found), Some(asked)) if says(found, asked) => (),
            (found, asked) => {
                let found =
                    found.map_or_else(|| String::from("nothing"), |item| format!("{item:?}"));
                return Err(differs(
                    field,
                    found,
                    &asked.map_or_else(|| String::from("nothing"), Value::to_string),
                ));
            }
        }
    }
    Ok(())
}

/// Fields of calls of applications that say places instead of ids.
const RESOURCES: [&str; 2] = ["apbx", "al"];

fn check_resources(
    fields: &[(String, Item<'_>)],
    asked: &Map<String, Value>,
) -> Result<(), Rejection> {
    let found = |name: &str| fields.iter().find(|(own, _)| own == name).map(|(_, item)| item);
    let member = |name: &str| asked.get(name).unwrap_or(&Value::Null);
    let own = member("appIndex").as_u64().unwrap_or(0);
    let (boxes, access) = (found("apbx"), found("al"));
    let foreign = member("appForeignApps");
    if !resources::says_boxes(boxes, member("boxes"), own, foreign) {
        return Err(differs("apbx", format!("{boxes:?}"), &member("boxes").to_string()));
    }
    if !resources::says_access(access, member("access"), own) {
        return Err(differs("al", format!("{access:?}"), &member("access").to_string()));
    }
    Ok(())
}

fn differs(field: &str, found: String, expected: &str) -> Rejection {
    Rejection::Differs { field: field.to_owned(), found, expected: expected.to_owned() }
}

/// Returns true for values that msgpack omits.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// True of bytes that are all zero, which fields of a fixed length omit.
fn is_zeros(value: &Value) -> bool {
    let bytes = if value.is_object() { bytes_of(value) } else { None };
    bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

fn says(found: &Item<'_>, asked: &Value) -> bool {
    match found {
        Item::Number(number) => asked.as_u64() == Some(*number),
        Item::Flag(flag) => asked.as_bool() == Some(*flag),
        Item::Text(text) => asked.as_str() == Some(text),
        Item::Bytes(bytes) => bytes_of(asked).as_deref() == Some(*bytes),
        Item::List(items) => asked.as_array().is_some_and(|asked| {
            asked.len() == items.len()
                && items.iter().zip(asked).all(|(one, asked)| says(one, asked))
        }),
        Item::Map(_) => false,
    }
}

/// A typed array, a buffer of Node's, an address as an object or as text.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    let byte = |value: &Value| u8::try_from(value.as_u64()?).ok();
    if let Some(address) = value.as_str() {
        let bytes = BASE32_NOPAD.decode(address.as_bytes()).ok()?;
        return bytes.get(..32).map(<[u8]>::to_vec);
    }
    let object = value.as_object()?;
    match (object.get("publicKey"), object.get("data").and_then(Value::as_array)) {
        (Some(key), _) => bytes_of(key),
        (None, Some(data)) => data.iter().map(byte).collect(),
        (None, None) => {
            (0..object.len()).map(|place| byte(object.get(&place.to_string())?)).collect()
        }
    }
}

fn check_network(network: Network, fields: &[(String, Item<'_>)]) -> Result<(), Rejection> {
    let own = match network {
        Network::Mainnet => "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8=",
        Network::Testnet => "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=",
    };
    let found = fields.iter().find_map(|(name, item)| match item {
        Item::Bytes(bytes) if name == "gh" => Some(BASE64.encode(bytes)),
        _ => None,
    });
    crate::verify::require_equal("gh", found.as_deref(), Some(own), |hash| {
        hash.unwrap_or("nothing").into()
    })
}

fn spell(key: &Key) -> String {
    let hash = Sha512_256::digest(key);
    let checksum = hash.last_chunk::<4>().copied().unwrap_or_default();
    BASE32_NOPAD.encode(&[key.as_slice(), &checksum].concat())
}
