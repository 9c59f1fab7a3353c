//! The quick way through a text in which nothing is wrong.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{Json, Limits, Twins};

/// Reads in one pass a text in which nothing is wrong and every number is a whole one of 64 bits:
/// others keep their literal, or have an error, that only reading piece by piece can tell.
pub(crate) fn read(text: &str, limits: Limits) -> Option<Json> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let json =
        AtOnce { depth: limits.depth, twins: limits.twins }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(json)
}

#[derive(Clone, Copy)]
struct AtOnce {
    depth: usize,
    twins: Twins,
}

impl<'de> DeserializeSeed<'de> for AtOnce {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| D::Error::custom("too deep"))?;
        deserializer.deserialize_any(Self { depth, ..self })
    }
}

impl<'de> Visitor<'de> for AtOnce {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value without fractions")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(self)?));
        }
        match self.twins.find(members.iter().map(|(name, _)| name.as_str())) {
            None => Ok(Json::Object(members.into_iter().collect())),
            Some(_) => Err(A::Error::custom("a member appears twice")),
        }
    }
}
