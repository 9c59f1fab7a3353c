//! Members that came to transactions later: names of users, options, a guardian, a relayer.
//! <https://docs.multiversx.com/developers/signing-transactions/tx-hash-sign/>,
//! <https://docs.multiversx.com/developers/built-in-functions/#setguardian>,
//! <https://docs.multiversx.com/developers/relayed-transactions/>

use data_encoding::BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use kms_core::{DecodeError, ResolveError};

use super::address::{self, KEY_BYTES};
use crate::codec::{
    hex,
    json::{Json, Object},
    quantity,
};

/// Bits of the options: the signatures are over a hash of the transaction; a guardian signs too.
const BY_HASH: u64 = 1;
const GUARDED: u64 = 2;
/// The first version that has options.
const VERSION_OF_OPTIONS: u64 = 2;
/// Bytes in the name of a user, at most.
const NAME_MAX: usize = 32;
const SIGNATURE_BYTES: usize = 64;

#[derive(Clone, Debug, Default)]
pub(super) struct Extension {
    /// In base64, as they are signed.
    pub(super) sender_name: Option<String>,
    pub(super) receiver_name: Option<String>,
    pub(super) options: u64,
    pub(super) guardian: Option<Cosigner>,
    pub(super) relayer: Option<Cosigner>,
    /// The version that the payload asks for.
    version: Option<u64>,
}

/// Another account that signs the transaction.
#[derive(Clone, Debug)]
pub(super) struct Cosigner {
    pub(super) key: [u8; KEY_BYTES],
    pub(super) signature: Option<[u8; SIGNATURE_BYTES]>,
}

impl Extension {
    /// # Errors
    /// When a member is not what it should be, or they do not go together.
    pub(super) fn read(object: &Object) -> Result<Self, DecodeError> {
        let number = |name| given(object, name).map(|value| quantity::read_u64(name, value));
        let extension = Self {
            sender_name: read_name(object, "senderUsername")?,
            receiver_name: read_name(object, "receiverUsername")?,
            options: number("options").transpose()?.unwrap_or(0),
            guardian: read_cosigner(object, "guardian", "guardianSignature")?,
            relayer: read_cosigner(object, "relayer", "relayerSignature")?,
            version: number("version").transpose()?,
        };
        extension.check()?;
        Ok(extension)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let wrong =
            |field: &'static str, problem: &'static str| Err(DecodeError::field(field, problem));
        let key = |one: &Option<Cosigner>| one.as_ref().map(|one| one.key);
        if self.options & !(BY_HASH | GUARDED) != 0 {
            return wrong("options", "has bits other than 1 (by hash) and 2 (guarded)");
        }
        match (self.options & GUARDED != 0, &self.guardian) {
            (true, None) => return Err(DecodeError::Missing("guardian")),
            (false, Some(_)) => {
                return wrong(
                    "options",
                    "does not have the bit 2, without which no guardian signs",
                );
            }
            (true, Some(_)) | (false, None) => (),
        }
        if self.relayer.is_some() && key(&self.relayer) == key(&self.guardian) {
            return wrong("relayer", "is the guardian, which the network refuses");
        }
        match self.version {
            None => Ok(()),
            Some(1) if self.options != 0 => wrong("version", "is 1, which has no options"),
            Some(1 | VERSION_OF_OPTIONS) => Ok(()),
            Some(_) => wrong("version", "is neither 1 nor 2"),
        }
    }

    /// The version of the transaction, where the network takes those from `least` on.
    ///
    /// # Errors
    /// When the payload asks for an older one.
    pub(super) fn version(&self, least: u64) -> Result<u64, DecodeError> {
        match self.version {
            Some(version) if version < least => {
                Err(DecodeError::field("version", format!("is below the network's least, {least}")))
            }
            Some(version) => Ok(version),
            None if self.options == 0 => Ok(least),
            None => Ok(least.max(VERSION_OF_OPTIONS)),
        }
    }

    pub(super) const fn is_signed_by_hash(&self) -> bool {
        self.options & BY_HASH != 0
    }

    /// Refuses a transaction in which the wallet is to sign for another sender's.
    ///
    /// # Errors
    /// When the wallet is the guardian or the relayer.
    pub(super) fn check_sender(&self, own: &[u8; KEY_BYTES]) -> Result<(), DecodeError> {
        let is_own = |one: &Option<Cosigner>| one.as_ref().is_some_and(|one| one.key == *own);
        let role = match (is_own(&self.guardian), is_own(&self.relayer)) {
            (true, _) => "guardian",
            (_, true) => "relayer",
            (false, false) => return Ok(()),
        };
        let what = format!("transactions in which the wallet is the {role}");
        Err(DecodeError::Unsupported(what.into()))
    }

    /// Checks the signatures of others that the payload has.
    ///
    /// # Errors
    /// When one is not of this message.
    pub(super) fn check_signatures(&self, message: &[u8]) -> Result<(), ResolveError> {
        for (name, cosigner) in
            [("guardianSignature", &self.guardian), ("relayerSignature", &self.relayer)]
        {
            let Some(Cosigner { key, signature: Some(signature) }) = cosigner else { continue };
            let signature = Signature::from_bytes(signature);
            let key = VerifyingKey::from_bytes(key);
            if !key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok()) {
                let problem = "is not of this transaction, whose nonce and gas are the node's";
                return Err(DecodeError::field(name, problem).into());
            }
        }
        Ok(())
    }
}

/// Text of nothing counts as missing.
fn given<'a>(object: &'a Object, name: &str) -> Option<&'a Json> {
    object.get(name).filter(|value| value.as_text() != Some(""))
}

fn read_name(object: &Object, name: &'static str) -> Result<Option<String>, DecodeError> {
    let Some(value) = given(object, name) else { return Ok(None) };
    let text = value.as_text().ok_or_else(|| DecodeError::field(name, "is not text"))?;
    match BASE64.decode(text.as_bytes()) {
        Err(_) => Err(DecodeError::field(name, "is not base64")),
        Ok(bytes) if bytes.len() > NAME_MAX => {
            Err(DecodeError::field(name, format!("is longer than {NAME_MAX} bytes")))
        }
        Ok(_) => Ok(Some(text.to_owned())),
    }
}

fn read_cosigner(
    object: &Object,
    who: &'static str,
    with: &'static str,
) -> Result<Option<Cosigner>, DecodeError> {
    let signature = given(object, with).map(|value| {
        let bytes = value.as_text().and_then(hex::decode_array);
        bytes.ok_or_else(|| DecodeError::field(with, "is not 64 bytes in hexadecimal"))
    });
    let signature = signature.transpose()?;
    match given(object, who) {
        None if signature.is_some() => Err(DecodeError::Missing(who)),
        None => Ok(None),
        Some(value) => {
            let key = value.as_text().and_then(address::read);
            let key = key.ok_or_else(|| DecodeError::field(who, "is not an address"))?;
            Ok(Some(Cosigner { key, signature }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::json;

    fn ask(members: &str) -> Result<Extension, String> {
        let spelled = |text: &str| {
            let keys = [("OWN", 1), ("OTHER", 2), ("THIRD", 3)];
            keys.into_iter().fold(text.to_owned(), |text, (name, byte)| {
                text.replace(name, &address::spell(&[byte; KEY_BYTES]))
            })
        };
        let object = json::parse_object(&spelled(members)).unwrap();
        Extension::read(&object).map_err(|error| error.to_string())
    }

    #[test]
    fn what_no_network_takes_is_refused() {
        for (members, problem) in [
            (r#"{"options":4}"#, "`options`: has bits other than"),
            (r#"{"options":"-1"}"#, "`options`: is negative"),
            (r#"{"options":2}"#, "`guardian` is missing"),
            (r#"{"guardian":"OTHER"}"#, "`options`: does not have the bit 2"),
            (r#"{"guardian":"OTHER","options":1}"#, "`options`: does not have the bit 2"),
            (r#"{"guardian":"erd1","options":2}"#, "`guardian`: is not an address"),
            (r#"{"relayer":7}"#, "`relayer`: is not an address"),
            (r#"{"guardian":"OTHER","relayer":"OTHER","options":2}"#, "`relayer`: is the guardian"),
            (r#"{"options":1,"version":1}"#, "`version`: is 1"),
            (r#"{"version":3}"#, "`version`: is neither 1 nor 2"),
            (r#"{"senderUsername":"bob.elrond"}"#, "`senderUsername`: is not base64"),
            (r#"{"receiverUsername":1}"#, "`receiverUsername`: is not text"),
            (r#"{"relayerSignature":"00"}"#, "`relayerSignature`: is not 64 bytes"),
        ] {
            let error = ask(members).unwrap_err();
            assert!(error.contains(problem), "{members}: {error}");
        }
        let long = BASE64.encode(&[b'a'; NAME_MAX + 1]);
        let long = ask(&format!(r#"{{"senderUsername":"{long}"}}"#)).unwrap_err();
        assert!(long.contains("is longer than 32 bytes"), "{long}");
        let lone = format!(r#"{{"guardianSignature":"{}"}}"#, "ab".repeat(SIGNATURE_BYTES));
        assert!(ask(&lone).unwrap_err().contains("`guardian` is missing"));
    }

    #[test]
    fn text_of_nothing_counts_as_missing() {
        let nothing = r#"{"relayer":"","guardian":null,"senderUsername":"","options":0}"#;
        let extension = ask(nothing).unwrap();
        assert!(extension.relayer.is_none() && extension.guardian.is_none());
        assert!(extension.sender_name.is_none());
    }

    #[test]
    fn the_version_is_one_that_the_network_and_the_options_allow() {
        assert_eq!(ask("{}").unwrap().version(1).unwrap(), 1);
        assert_eq!(ask(r#"{"options":1}"#).unwrap().version(1).unwrap(), 2);
        assert_eq!(ask(r#"{"version":2}"#).unwrap().version(1).unwrap(), 2);
        let old = ask(r#"{"version":1}"#).unwrap().version(2).unwrap_err().to_string();
        assert!(old.contains("is below the network's least, 2"), "{old}");
    }

    #[test]
    fn a_wallet_signs_as_the_sender_only() {
        for (members, role) in [
            (r#"{"relayer":"OWN"}"#, "relayer"),
            (r#"{"guardian":"OWN","options":2,"relayer":"OTHER"}"#, "guardian"),
        ] {
            let extension = ask(members).unwrap();
            let error = extension.check_sender(&[1; KEY_BYTES]).unwrap_err().to_string();
            assert!(error.contains(&format!("the wallet is the {role}")), "{error}");
            assert!(extension.check_sender(&[3; KEY_BYTES]).is_ok());
        }
    }

    #[test]
    fn a_signature_of_other_content_is_refused() {
        let signature = "ab".repeat(SIGNATURE_BYTES);
        let members = format!(r#"{{"relayer":"OTHER","relayerSignature":"{signature}"}}"#);
        let error = ask(&members).unwrap().check_signatures(b"message").unwrap_err().to_string();
        assert!(error.contains("`relayerSignature`: is not of this transaction"), "{error}");
    }
}
