//! Resources that a call of an application names: boxes, and access lists, which name everything
//! in one list. Both are signed with places in a list instead of ids.
//! <https://github.com/algorandfoundation/specs>

use kms_core::DecodeError;

use super::{
    address::KEY_BYTES,
    msgpack::{Map, Value},
    payload::{Form, LIST_MAX},
};
use crate::codec::json::{Json, Object};

const BOXES: &str = "boxes";
const ACCESS: &str = "access";
pub(super) const MEMBERS: [&str; 2] = [BOXES, ACCESS];
/// Members that an access list takes the place of.
const FOREIGN: [&str; 4] = ["appAccounts", "appForeignApps", "appForeignAssets", BOXES];
/// An item of an access list names one of them, or nothing.
const RESOURCES: [&str; 6] = ["address", "assetIndex", "appIndex", "holding", "locals", "box"];
const NOBODY: [u8; KEY_BYTES] = [0; KEY_BYTES];

/// Puts the boxes, or the access list, into the fields of a call of an application, which has its
/// other fields already.
///
/// # Errors
/// When they are not what they should be, or name what the call does not.
pub(super) fn set(object: &Object, fields: &mut Map) -> Result<(), DecodeError> {
    let own = fields.number("apid");
    let mut boxes = Vec::new();
    for item in items(object, BOXES)? {
        let (application, name) = read_box(BOXES, item)?;
        let place = place_of_application(application, own, fields)?;
        boxes.push(Value::Map(reference([("i", Value::Number(place)), ("n", name)])));
    }
    fields.set("apbx", Value::List(boxes));
    let mut access = Access { own, list: Vec::new() };
    for item in items(object, ACCESS)? {
        access.add(item)?;
    }
    if !access.list.is_empty() {
        let listed = |name: &&str| object.get(name).and_then(Json::as_list);
        let is_used = |name: &&str| listed(name).is_some_and(|items| !items.is_empty());
        if let Some(name) = FOREIGN.iter().find(|name| is_used(name)) {
            return Err(DecodeError::field(*name, "cannot be used together with `access`"));
        }
    }
    fields.set("al", Value::List(access.list));
    Ok(())
}

fn items<'a>(object: &'a Object, name: &'static str) -> Result<&'a [Json], DecodeError> {
    let Some(value) = object.get(name) else { return Ok(&[]) };
    let items = value.as_list().filter(|items| items.len() <= LIST_MAX);
    items.ok_or_else(|| DecodeError::field(name, "is not a list"))
}

/// The application's place among the foreign ones, from one on; zero is the called one.
fn place_of_application(application: u64, own: u64, fields: &Map) -> Result<u64, DecodeError> {
    let foreign = match fields.get("apfa") {
        Some(Value::List(foreign)) => foreign.as_slice(),
        _ => &[],
    };
    let place = foreign.iter().position(|one| *one == Value::Number(application));
    match place.and_then(|place| u64::try_from(place).ok()?.checked_add(1)) {
        Some(place) => Ok(place),
        None if application == 0 || application == own => Ok(0),
        None => Err(DecodeError::field(
            BOXES,
            format!("names application {application}, which is not one of `appForeignApps`"),
        )),
    }
}

fn read_box(list: &'static str, value: &Json) -> Result<(u64, Value), DecodeError> {
    let object = object_of(list, value)?;
    let name = match object.get("name") {
        None => Value::Bytes(Vec::new()),
        Some(name) => Form::Bytes.read("name", name)?,
    };
    Ok((number(object, "appIndex")?, name))
}

fn object_of<'a>(list: &'static str, value: &'a Json) -> Result<&'a Object, DecodeError> {
    value.as_object().ok_or_else(|| DecodeError::field(list, "has an item that is not an object"))
}

fn number(object: &Object, name: &'static str) -> Result<u64, DecodeError> {
    match object.get(name).map(|value| Form::Number.read(name, value)).transpose()? {
        Some(Value::Number(number)) => Ok(number),
        _ => Ok(0),
    }
}

fn reference<const MEMBERS: usize>(members: [(&'static str, Value); MEMBERS]) -> Map {
    let mut map = Map::default();
    members.into_iter().for_each(|(name, value)| map.set(name, value));
    map
}

/// An access list under construction: accounts, assets and applications stand in it once, what
/// combines them says their places.
struct Access {
    /// The called application, which has no place.
    own: u64,
    list: Vec<Value>,
}

impl Access {
    fn add(&mut self, item: &Json) -> Result<(), DecodeError> {
        let object = object_of(ACCESS, item)?;
        let mut named = RESOURCES.iter().filter_map(|kind| Some((*kind, object.get(kind)?)));
        let (resource, another) = (named.next(), named.next());
        if another.is_some() {
            return Err(DecodeError::field(ACCESS, "has an item that names two resources"));
        }
        match resource {
            // It makes room for larger boxes.
            None => self.list.push(Value::Map(Map::default())),
            Some(("address", _)) => drop(self.account(object)?),
            Some(("assetIndex", _)) => drop(self.place("s", number(object, "assetIndex")?)?),
            Some(("appIndex", _)) => drop(self.place("p", number(object, "appIndex")?)?),
            Some((kind, value)) => self.add_pair(kind, value)?,
        }
        Ok(())
    }

    fn add_pair(&mut self, kind: &str, value: &Json) -> Result<(), DecodeError> {
        if kind == "box" {
            let (application, name) = read_box(ACCESS, value)?;
            let application = self.application(application)?;
            self.push("b", reference([("i", application), ("n", name)]));
            return Ok(());
        }
        let object = object_of(ACCESS, value)?;
        let account = self.account(object)?;
        if kind == "holding" {
            let asset = self.place("s", number(object, "assetIndex")?)?;
            self.push("h", reference([("d", account), ("s", asset)]));
        } else {
            let application = self.application(number(object, "appIndex")?)?;
            self.push("l", reference([("d", account), ("p", application)]));
        }
        Ok(())
    }

    fn push(&mut self, kind: &'static str, map: Map) {
        self.list.push(Value::Map(reference([(kind, Value::Map(map))])));
    }

    /// The place of an account; zero is the sender's, which is spelled as nobody's.
    fn account(&mut self, object: &Object) -> Result<Value, DecodeError> {
        let address = object.get("address").ok_or(DecodeError::Missing("address"))?;
        match Form::Address.read("address", address)? {
            Value::Bytes(key) if key == NOBODY => Ok(Value::Number(0)),
            key => self.ensure("d", key),
        }
    }

    fn application(&mut self, id: u64) -> Result<Value, DecodeError> {
        if id == 0 || id == self.own { Ok(Value::Number(0)) } else { self.place("p", id) }
    }

    fn place(&mut self, kind: &'static str, id: u64) -> Result<Value, DecodeError> {
        if id == 0 {
            return Err(DecodeError::field(ACCESS, "names an asset or an application of number 0"));
        }
        self.ensure(kind, Value::Number(id))
    }

    /// The place of a resource, from one on; it is put into the list unless it is there.
    fn ensure(&mut self, kind: &'static str, resource: Value) -> Result<Value, DecodeError> {
        let item = Value::Map(reference([(kind, resource)]));
        let place = match self.list.iter().position(|one| *one == item) {
            Some(place) => place,
            None => {
                self.list.push(item);
                self.list.len().saturating_sub(1)
            }
        };
        let place = u64::try_from(place).ok().and_then(|place| place.checked_add(1));
        place.map(Value::Number).ok_or_else(|| DecodeError::field(ACCESS, "is too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::json;

    fn ask(members: &str) -> Result<(), String> {
        let object = json::parse_object(members).unwrap();
        let mut fields =
            reference([("apid", Value::Number(7)), ("apfa", Value::List(vec![Value::Number(9)]))]);
        set(&object, &mut fields).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_call_does_not_name_is_refused() {
        let account = "AEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIBAEA5RCDXMI";
        for (members, problem) in [
            (r#"{"boxes":[{"appIndex":8,"name":{}}]}"#, "application 8, which is not one of"),
            (r#"{"boxes":{}}"#, "`boxes`: is not a list"),
            (r#"{"boxes":[1]}"#, "`boxes`: has an item that is not an object"),
            (r#"{"boxes":[{"appIndex":"7","name":{}}]}"#, "`appIndex`: is not a number"),
            (r#"{"boxes":[{"appIndex":7,"name":"x"}]}"#, "`name`: is not bytes"),
            (r#"{"access":[{"assetIndex":1,"appIndex":2}]}"#, "names two resources"),
            (r#"{"access":[{"assetIndex":0}]}"#, "of number 0"),
            (r#"{"access":[{"address":"X"}]}"#, "`address`: is not an address"),
            (r#"{"access":[{"holding":{"assetIndex":1}}]}"#, "`address` is missing"),
            (r#"{"access":[{}],"appAccounts":["x"]}"#, "`appAccounts`: cannot be used together"),
            (
                r#"{"access":[{}],"boxes":[{"appIndex":9,"name":{}}]}"#,
                "`boxes`: cannot be used together",
            ),
        ] {
            let error = ask(members).unwrap_err();
            assert!(error.contains(problem), "{members}: {error}");
        }
        let holding = format!(r#"{{"access":[{{"holding":{{"address":"{account}"}}}}]}}"#);
        assert!(ask(&holding).unwrap_err().contains("of number 0"));
        let many = format!(r#"{{"access":[{}]}}"#, vec!["{}"; LIST_MAX + 1].join(","));
        assert!(ask(&many).unwrap_err().contains("`access`: is not a list"));
    }
}
