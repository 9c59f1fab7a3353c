//! The password as one member of a secret that is a JSON object.

use kms_secret::Password;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    error::{Provider, UnlockError},
    not_empty,
};

/// The name of the member, and the variable that configures it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) key: &'a str,
    pub(crate) variable: &'static str,
}

impl Member<'_> {
    /// Reads the member. serde's message may repeat a part of the text, and is therefore not passed
    /// on.
    #[cfg(any(feature = "aws", feature = "google"))]
    pub(crate) fn read(self, provider: Provider, text: &str) -> Result<Password, UnlockError> {
        match serde_json::from_str(text) {
            Ok(Value::Object(members)) => self.take(provider, members),
            _ => {
                let variable = self.variable;
                let problem = format!("the secret is not a JSON object; unset {variable}");
                Err(provider.unusable(problem))
            }
        }
    }

    pub(crate) fn take(
        self,
        provider: Provider,
        mut members: Map<String, Value>,
    ) -> Result<Password, UnlockError> {
        let Self { key, variable } = self;
        match members.remove(key) {
            Some(Value::String(value)) => not_empty(value),
            other => {
                drop(other.map(|value| Zeroizing::new(value.to_string())));
                Err(provider
                    .unusable(format!("the secret has no string `{key}`; check {variable}")))
            }
        }
    }
}
