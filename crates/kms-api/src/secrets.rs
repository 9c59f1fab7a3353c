//! Private keys that the API itself puts into a payload: for the signer, and for nobody else.

use serde_json::value::RawValue;

use crate::limits::JSON_DEPTH_MAX;

/// The API's names of private keys, in bodies of every chain.
const OF_THE_API: [&str; 3] = ["privateKey", "fromPrivateKey", "mnemonic"];

/// The member that holds the payload: JSON in a text, on the chains that have keys in it.
const PAYLOAD: &str = "serializedTransaction";

/// The names of members that hold private keys: those of the API, and of one chain or of several.
#[derive(Clone, Debug)]
pub(crate) struct SecretMembers(Vec<&'static str>);

impl SecretMembers {
    pub(crate) fn of(chains: impl IntoIterator<Item = &'static [&'static str]>) -> Self {
        let of_chains = chains.into_iter().flatten().copied();
        Self(OF_THE_API.into_iter().chain(of_chains).collect())
    }

    /// The text of a pending transaction without the members that hold private keys, in itself and
    /// in its payload. Without any it stays as it is, character by character.
    pub(crate) fn cut(&self, received: &RawValue) -> String {
        let text = received.get();
        let may_hold_some = self.may_be_in(text);
        let stripped = may_hold_some.then(|| self.strip(received, JSON_DEPTH_MAX)).flatten();
        stripped.unwrap_or_else(|| text.to_owned())
    }

    /// The text of an answer's value without the members that hold private keys.
    pub(crate) fn cut_value(&self, value: &serde_json::Value) -> String {
        let text = value.to_string();
        let raw = serde_json::from_str::<&RawValue>(&text).map(|raw| self.cut(raw));
        raw.unwrap_or(text)
    }

    /// Most texts hold none: no member's name is in them, nor an escape that could spell one.
    fn may_be_in(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let escape = "\\u";
        self.0.iter().any(|name| lower.contains(&name.to_ascii_lowercase()))
            || lower.contains(escape)
    }

    /// The value without secrets, or `None` when it has none.
    fn strip(&self, value: &RawValue, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match value.get().bytes().next()? {
            b'{' => self.strip_object(value.get(), depth),
            b'[' => self.strip_list(value.get(), depth),
            _ => None,
        }
    }

    fn strip_object(&self, text: &str, depth: usize) -> Option<String> {
        let members = kms_json::members(text).ok()?;
        let mut is_changed = false;
        let mut kept = Vec::with_capacity(members.len());
        for (name, value) in members {
            if self.0.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
                is_changed = true;
                continue;
            }
            let stripped = if name == PAYLOAD {
                self.strip_payload(value, depth)
            } else {
                self.strip(value, depth)
            };
            is_changed |= stripped.is_some();
            let value = stripped.unwrap_or_else(|| value.get().to_owned());
            kept.push(format!("{}:{value}", in_quotes(&name)));
        }
        is_changed.then(|| format!("{{{}}}", kept.join(",")))
    }

    fn strip_list(&self, text: &str, depth: usize) -> Option<String> {
        let items = kms_json::items(text).ok()?;
        let stripped: Vec<_> = items.iter().map(|item| self.strip(item, depth)).collect();
        stripped.iter().any(Option::is_some).then(|| {
            let texts = items.iter().zip(stripped);
            let texts = texts.map(|(item, new)| new.unwrap_or_else(|| item.get().to_owned()));
            format!("[{}]", texts.collect::<Vec<_>>().join(","))
        })
    }

    /// A payload that is not JSON has no members, and one that is nested too deeply is signed by no
    /// chain: neither gets as far as an approver with a key in it.
    fn strip_payload(&self, value: &RawValue, depth: usize) -> Option<String> {
        let text: String = serde_json::from_str(value.get()).ok()?;
        let payload: &RawValue = serde_json::from_str(&text).ok()?;
        self.strip(payload, depth).map(|stripped| in_quotes(&stripped))
    }
}

fn in_quotes(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn stripped(text: &str) -> String {
        SecretMembers::of([["mintPK"].as_slice()]).cut(serde_json::from_str(text).unwrap())
    }

    fn of_payload(payload: &str) -> String {
        let received = json!({ "id": "x", "serializedTransaction": payload, "n": 1 });
        let stripped: Value = serde_json::from_str(&stripped(&received.to_string())).unwrap();
        assert_eq!((&stripped["id"], &stripped["n"]), (&json!("x"), &json!(1)));
        stripped["serializedTransaction"].as_str().unwrap().to_owned()
    }

    #[test]
    fn keys_are_taken_out_of_payloads() {
        for (payload, expected) in [
            (r#"{"txData":"01","mintPK":"5ec2e7"}"#, r#"{"txData":"01"}"#),
            (r#"{"mintPK":"5ec2e7","txData":"01"}"#, r#"{"txData":"01"}"#),
            (r#"{"mint\u0050K":"5ec2e7"}"#, "{}"),
            (r#"{ "MINTPK" : [{"a":"5ec2e7"}], "b" : 1.10 }"#, r#"{"b":1.10}"#),
            (r#"{"mintPK":"5ec2e7","mintPK":"5ec2e7","a":1,"a":2}"#, r#"{"a":1,"a":2}"#),
            (
                r#"{"type":4,"body":{"to":"0x1","privateKey":"5ec2e7","index":3}}"#,
                r#"{"type":4,"body":{"to":"0x1","index":3}}"#,
            ),
            (
                r#"{"body":[{"mnemonic":"a b","x":1},{"y":2}],"fromPrivateKey":""}"#,
                r#"{"body":[{"x":1},{"y":2}]}"#,
            ),
        ] {
            assert_eq!(of_payload(payload), expected, "{payload}");
        }
    }

    #[test]
    fn keys_beside_the_payload_are_taken_out_too() {
        let text = r#"{"id":"x","privateKey":"5ec2e7","serializedTransaction":"{}"}"#;
        assert_eq!(stripped(text), r#"{"id":"x","serializedTransaction":"{}"}"#);
    }

    #[test]
    fn what_holds_no_key_stays_character_by_character() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        for payload in
            [r#"{ "to":"mintPK", "v": 1.10 }"#, "0200aa:[1,2]", "{", "mintPK", deep.as_str()]
        {
            let received =
                format!("{{ \"id\":\"x\",  \"serializedTransaction\": {} }}", json!(payload));
            assert_eq!(stripped(&received), received);
        }
    }
}
