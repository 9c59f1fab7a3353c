//! The keys that requests and answers are signed with.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kms_secret::SecretText;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// The shortest key of HMAC that is taken, in bytes.
const HMAC_LEAST: usize = 32;
/// Characters of a key's id, at most.
const ID_MAX: usize = 64;

/// A key's text is not a key. The text itself is not repeated.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "a four-eye key is one line `hmac-sha256:<id>:<base64 of at least 32 bytes>`, \
     `ed25519:<id>:<base64 of the 32 secret bytes>` or, for the approver's, \
     `ed25519-public:<id>:<base64 of the 32 public bytes>`"
)]
pub struct FourEyesKeyError;

/// The key that signs requests.
pub struct FourEyesKey {
    id: String,
    secret: Secret,
}

enum Secret {
    Hmac(Zeroizing<Vec<u8>>),
    Ed25519(Box<SigningKey>),
}

/// A key that answers may be signed with.
pub struct ApproverKey {
    id: String,
    check: Check,
}

enum Check {
    Hmac(Zeroizing<Vec<u8>>),
    Ed25519(VerifyingKey),
}

/// The three parts of a key's line.
fn split(text: &SecretText) -> Option<(&str, &str, Zeroizing<Vec<u8>>)> {
    let mut parts = text.expose().trim().splitn(3, ':');
    let (kind, id, bytes) = (parts.next()?, parts.next()?, parts.next()?);
    let is_id = (1..=ID_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    let bytes = Zeroizing::new(BASE64.decode(bytes.as_bytes()).ok()?);
    is_id.then_some((kind, id, bytes))
}

fn array(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    Some(Zeroizing::new(bytes.try_into().ok()?))
}

fn authenticate(key: &[u8], message: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    message.iter().for_each(|part| mac.update(part));
    Some(mac)
}

impl FourEyesKey {
    /// # Errors
    /// When the text is not a secret key.
    pub fn parse(text: &SecretText) -> Result<Self, FourEyesKeyError> {
        let (kind, id, bytes) = split(text).ok_or(FourEyesKeyError)?;
        let secret = match kind {
            "hmac-sha256" if bytes.len() >= HMAC_LEAST => Secret::Hmac(bytes),
            "ed25519" => {
                let seed = array(&bytes).ok_or(FourEyesKeyError)?;
                Secret::Ed25519(Box::new(SigningKey::from_bytes(&seed)))
            }
            _ => return Err(FourEyesKeyError),
        };
        Ok(Self { id: id.to_owned(), secret })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The signature over the parts one after the other, in base64.
    pub(super) fn sign(&self, message: &[&[u8]]) -> String {
        match &self.secret {
            // HMAC takes keys of any length.
            Secret::Hmac(key) => match authenticate(key, message) {
                Some(mac) => BASE64.encode(&mac.finalize().into_bytes()),
                None => String::new(),
            },
            Secret::Ed25519(key) => BASE64.encode(&key.sign(&message.concat()).to_bytes()),
        }
    }
}

impl ApproverKey {
    /// # Errors
    /// When the text is not a key that answers can be checked with.
    pub fn parse(text: &SecretText) -> Result<Self, FourEyesKeyError> {
        let (kind, id, bytes) = split(text).ok_or(FourEyesKeyError)?;
        let check = match kind {
            "hmac-sha256" if bytes.len() >= HMAC_LEAST => Check::Hmac(bytes),
            "ed25519-public" => {
                let point = array(&bytes).ok_or(FourEyesKeyError)?;
                let key = VerifyingKey::from_bytes(&point).map_err(|_| FourEyesKeyError)?;
                if key.is_weak() {
                    return Err(FourEyesKeyError);
                }
                Check::Ed25519(key)
            }
            _ => return Err(FourEyesKeyError),
        };
        Ok(Self { id: id.to_owned(), check })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns true if the signature is this key's over the parts one after the other. HMACs are
    /// compared in constant time.
    pub(super) fn verifies(&self, message: &[&[u8]], signature: &str) -> bool {
        let Ok(signature) = BASE64.decode(signature.as_bytes()) else { return false };
        match &self.check {
            Check::Hmac(key) => {
                authenticate(key, message).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
            }
            Check::Ed25519(key) => Signature::from_slice(&signature)
                .is_ok_and(|signature| key.verify_strict(&message.concat(), &signature).is_ok()),
        }
    }
}

impl fmt::Debug for FourEyesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FourEyesKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for ApproverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApproverKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    /// RFC 4231, test case 1 has a key of 20 bytes, which is too short here; case 6 has 131.
    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let key = format!("hmac-sha256:k1:{}", BASE64.encode(&[0xaa; 131]));
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First".as_slice();
        let (head, tail) = message.split_at(10);
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let expected = data_encoding::HEXLOWER.decode(expected.as_bytes()).unwrap();
        let signature = FourEyesKey::parse(&text(&key)).unwrap().sign(&[head, tail]);
        assert_eq!(signature, BASE64.encode(&expected));
        let approver = ApproverKey::parse(&text(&key)).unwrap();
        assert!(approver.verifies(&[message], &signature));
        assert!(!approver.verifies(&[head], &signature));
        assert!(!approver.verifies(&[message], &signature[1..]));
    }

    /// The page's example was made with Python's hmac module.
    #[test]
    fn the_documentations_example_is_right() {
        let page = include_str!("../../../../docs/four-eye.md");
        let block = |after: &str| {
            let (_, rest) = page.split_once(after).unwrap();
            rest.lines().find_map(|line| line.strip_prefix("    ")).unwrap()
        };
        let (_, key) = page.split_once("With the key `").unwrap();
        let (key, _) = key.split_once('`').unwrap();
        let (body, signature) = (block("the body\n"), block("has the signature\n"));
        let approver = ApproverKey::parse(&text(key)).unwrap();
        let prefix = b"tatum-kms four-eye answer 1\n".as_slice();
        assert!(approver.verifies(&[prefix, body.as_bytes()], signature), "{body} {signature}");
    }

    /// RFC 8032, 7.1, test 2.
    #[test]
    fn ed25519_is_that_of_rfc_8032() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let expected = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        let own = FourEyesKey::parse(&text(&format!("ed25519:a:{}", BASE64.encode(&seed))));
        let signature = own.unwrap().sign(&[&[0x72]]);
        assert_eq!(signature, BASE64.encode(&expected));
        let line = format!("ed25519-public:a:{}", BASE64.encode(&public));
        let approver = ApproverKey::parse(&text(&line)).unwrap();
        assert!(approver.verifies(&[&[0x72]], &signature));
        assert!(!approver.verifies(&[&[0x73]], &signature));
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        let weak = BASE64.encode(&[0; 32]);
        let short = BASE64.encode(&[7; 31]);
        for bad in [
            String::new(),
            String::from("hmac-sha256:k1"),
            format!("hmac-sha256:k1:{short}"),
            format!("hmac-sha256::{}", BASE64.encode(&[7; 32])),
            format!("hmac-sha256:a b:{}", BASE64.encode(&[7; 32])),
            format!("hmac-md5:k1:{}", BASE64.encode(&[7; 32])),
            format!("ed25519:k1:{short}"),
            format!("ed25519-public:k1:{weak}"),
            String::from("hmac-sha256:k1:not base64!"),
        ] {
            let refused = ApproverKey::parse(&text(&bad)).unwrap_err();
            assert!(bad.is_empty() || !refused.to_string().contains(&bad));
            assert!(FourEyesKey::parse(&text(&bad)).is_err(), "{bad}");
        }
        let public = format!("ed25519-public:k1:{}", BASE64.encode(&[9; 32]));
        assert!(FourEyesKey::parse(&text(&public)).is_err(), "it cannot sign");
    }
}
