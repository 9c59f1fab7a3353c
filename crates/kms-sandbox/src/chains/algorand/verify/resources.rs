//! Boxes and access lists: places in lists, read back into the ids that were asked for.

use serde_json::Value;

use super::{bytes_of, is_nothing};
use crate::verify::msgpack::Item;

/// The account that stands for the sender.
const NOBODY: [u8; 32] = [0; 32];

/// A resource by its ids; zero and nobody are the called application and the sender.
#[derive(Debug, Default, Eq, PartialEq)]
struct Resource {
    kind: &'static str,
    account: Vec<u8>,
    id: u64,
    name: Vec<u8>,
}

/// Tells whether the list of boxes says what was asked for.
pub(super) fn says_boxes(
    found: Option<&Item<'_>>,
    asked: &Value,
    own: u64,
    foreign: &Value,
) -> bool {
    let Some(found) = list(found) else { return false };
    let boxes = found.iter().map(|item| {
        let id = match number(item, "i")? {
            0 => 0,
            place => foreign.get(index(place)?)?.as_u64()?,
        };
        Some(Resource {
            kind: "box",
            id: of_others(id, own),
            name: bytes(item, "n"),
            ..Resource::default()
        })
    });
    let asked = items(asked).iter().map(|one| asked_box(one, own));
    boxes.collect::<Option<Vec<_>>>() == asked.collect::<Option<Vec<_>>>()
}

/// Tells whether the access list says what was asked for: what combines others in the order asked
/// for, and the others once, asked for by themselves or because of those.
pub(super) fn says_access(found: Option<&Item<'_>>, asked: &Value, own: u64) -> bool {
    let Some(found) = list(found) else { return false };
    let read = || -> Option<bool> {
        let all =
            found.iter().map(|item| resource(item, found, own)).collect::<Option<Vec<_>>>()?;
        let asked =
            items(asked).iter().map(|one| asked_resource(one, own)).collect::<Option<Vec<_>>>()?;
        let is_plain = |one: &&Resource| ["d", "s", "p"].contains(&one.kind);
        let combined = |all: &[Resource]| -> Vec<String> {
            all.iter().filter(|one| !is_plain(one)).map(|one| format!("{one:?}")).collect()
        };
        let plain: Vec<_> = all.iter().filter(is_plain).collect();
        let is_once =
            plain.iter().all(|one| plain.iter().filter(|other| *other == one).count() == 1);
        let is_there = asked.iter().filter(is_plain).all(|one| plain.contains(&one));
        let is_needed =
            |one: &&&Resource| asked.contains(*one) || asked.iter().any(|other| needs(other, one));
        let is_all_needed = plain.iter().filter(is_needed).count() == plain.len();
        Some(combined(&all) == combined(&asked) && is_once && is_there && is_all_needed)
    };
    read().unwrap_or(false)
}

/// Tells whether a combination names a resource.
fn needs(combined: &Resource, plain: &Resource) -> bool {
    match (combined.kind, plain.kind) {
        ("h" | "l", "d") => combined.account == plain.account,
        ("h", "s") | ("l" | "box", "p") => combined.id == plain.id,
        _ => false,
    }
}

fn resource(item: &Item<'_>, list: &[Item<'_>], own: u64) -> Option<Resource> {
    let Item::Map(members) = item else { return None };
    let Some((kind, value)) = members.first() else { return Some(Resource::default()) };
    let (1, kind) =
        (members.len(), ["d", "s", "p", "h", "l", "b"].into_iter().find(|one| one == kind)?)
    else {
        return None;
    };
    let at = |name: &str| {
        number(value, name).and_then(|place| match place {
            0 => Some(None),
            place => Some(Some(list.get(index(place)?)?)),
        })
    };
    let account = |found: Option<&Item<'_>>| found.map_or(NOBODY.to_vec(), |item| bytes(item, "d"));
    let id = |found: Option<&Item<'_>>, name| found.map_or(Some(0), |item| number(item, name));
    Some(match (kind, value) {
        ("d", Item::Bytes(key)) => Resource { kind, account: key.to_vec(), ..Resource::default() },
        ("s" | "p", Item::Number(id)) => Resource { kind, id: *id, ..Resource::default() },
        ("h", _) => Resource {
            kind,
            account: account(at("d")?),
            id: id(at("s")?, "s")?,
            ..Resource::default()
        },
        ("l", _) => {
            let id = of_others(id(at("p")?, "p")?, own);
            Resource { kind, account: account(at("d")?), id, ..Resource::default() }
        }
        ("b", _) => {
            let id = of_others(id(at("i")?, "p")?, own);
            Resource { kind: "box", id, name: bytes(value, "n"), ..Resource::default() }
        }
        _ => return None,
    })
}

fn asked_resource(asked: &Value, own: u64) -> Option<Resource> {
    let id = |value: &Value, name: &str| value.get(name).map_or(Some(0), Value::as_u64);
    let account = |value: &Value| bytes_of(value.get("address")?);
    let plain = |kind| Resource { kind, ..Resource::default() };
    if let Some(holding) = asked.get("holding") {
        let (account, id) = (account(holding)?, id(holding, "assetIndex")?);
        return Some(Resource { account, id, ..plain("h") });
    }
    if let Some(locals) = asked.get("locals") {
        let (account, id) = (account(locals)?, of_others(id(locals, "appIndex")?, own));
        // The sender's own state is named by nothing at all.
        let is_nothing = account == NOBODY && id == 0;
        return Some(if is_nothing {
            Resource::default()
        } else {
            Resource { account, id, ..plain("l") }
        });
    }
    if let Some(one) = asked.get("box") {
        let one = asked_box(one, own)?;
        return Some(if one.id == 0 && one.name.is_empty() { Resource::default() } else { one });
    }
    Some(match (asked.get("address"), asked.get("assetIndex"), asked.get("appIndex")) {
        (Some(address), ..) => Resource { account: bytes_of(address)?, ..plain("d") },
        (_, Some(asset), _) => Resource { id: asset.as_u64()?, ..plain("s") },
        (.., Some(application)) => Resource { id: application.as_u64()?, ..plain("p") },
        (None, None, None) => Resource::default(),
    })
}

fn asked_box(asked: &Value, own: u64) -> Option<Resource> {
    let id = asked.get("appIndex").map_or(Some(0), Value::as_u64)?;
    let name = match asked.get("name").filter(|name| !is_nothing(name)) {
        None => Vec::new(),
        Some(name) => bytes_of(name)?,
    };
    Some(Resource { kind: "box", id: of_others(id, own), name, ..Resource::default() })
}

const fn of_others(id: u64, own: u64) -> u64 {
    if id == own { 0 } else { id }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn list<'a>(found: Option<&'a Item<'_>>) -> Option<&'a [Item<'a>]> {
    match found {
        None => Some(&[]),
        Some(Item::List(items)) => Some(items),
        Some(_) => None,
    }
}

fn index(place: u64) -> Option<usize> {
    usize::try_from(place).ok()?.checked_sub(1)
}

fn member<'a>(item: &'a Item<'_>, name: &str) -> Option<&'a Item<'a>> {
    match item {
        Item::Map(members) => members.iter().find(|(own, _)| *own == name).map(|(_, item)| item),
        _ => None,
    }
}

fn number(item: &Item<'_>, name: &str) -> Option<u64> {
    match member(item, name) {
        None => Some(0),
        Some(Item::Number(number)) => Some(*number),
        Some(_) => None,
    }
}

fn bytes(item: &Item<'_>, name: &str) -> Vec<u8> {
    match member(item, name) {
        Some(Item::Bytes(bytes)) => bytes.to_vec(),
        _ => Vec::new(),
    }
}
