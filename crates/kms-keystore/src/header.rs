//! The header of a store: how a password becomes the key that opens the data key.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::HEXLOWER;
use kms_secret::{Password, SealingKey};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::{
    StoreError,
    seal::{fill_random, open, seal},
};

pub(crate) const FORMAT: u64 = 1;
const SALT_BYTES: usize = 16;
const STORE_ID_BYTES: usize = 16;
const HEADER_MAX_BYTES: usize = 4096;

/// The cost of the key derivation (Argon2id), and so of each password guess.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that may be computed side by side.
    pub lanes: u32,
}

impl KdfCost {
    /// 64 MiB, three passes, four lanes (RFC 9106, second recommendation).
    pub const DEFAULT: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 4 };
    /// The cheapest that is opened: OWASP's least for Argon2id.
    pub const FLOOR: Self = Self { memory_kib: 19 << 10, passes: 2, lanes: 1 };
    /// The dearest that is opened: a hostile header must not exhaust the machine.
    pub const CEILING: Self = Self { memory_kib: 1 << 20, passes: 16, lanes: 16 };

    /// Returns true if no part of it is less than the other's.
    #[must_use]
    pub const fn is_at_least(self, other: Self) -> bool {
        self.memory_kib >= other.memory_kib
            && self.passes >= other.passes
            && self.lanes >= other.lanes
    }

    fn check(self) -> Result<Self, StoreError> {
        let (floor, ceiling) = (Self::FLOOR, Self::CEILING);
        if self.memory_kib < floor.memory_kib || self.passes < floor.passes || self.lanes == 0 {
            return Err(StoreError::KdfOutOfRange(
                "the cost is below the accepted minimum, so that passwords could be guessed",
            ));
        }
        if self.memory_kib > ceiling.memory_kib
            || self.passes > ceiling.passes
            || self.lanes > ceiling.lanes
        {
            return Err(StoreError::KdfOutOfRange("the cost is above the accepted maximum"));
        }
        Ok(self)
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    format: u64,
    /// Random, so that records of one store are none of another.
    store: String,
    kdf: Kdf,
    /// The data key, sealed under the password's key.
    wrapped_key: String,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    algorithm: String,
    #[serde(flatten)]
    cost: KdfCost,
    salt: String,
}

impl Header {
    /// A new header and the data key it wraps.
    pub(crate) fn create(
        password: &Password,
        cost: KdfCost,
    ) -> Result<(Self, SealingKey), StoreError> {
        let mut store = [0; STORE_ID_BYTES];
        fill_random(&mut store)?;
        let data_key = SealingKey::try_init_with(|bytes| fill_random(bytes))?;
        let header = Self::wrap(HEXLOWER.encode(&store), &data_key, password, cost)?;
        Ok((header, data_key))
    }

    /// The header under another password, with a salt of its own.
    pub(crate) fn rewrap(
        &self,
        data_key: &SealingKey,
        password: &Password,
        cost: KdfCost,
    ) -> Result<Self, StoreError> {
        Self::wrap(self.store.clone(), data_key, password, cost)
    }

    fn wrap(
        store: String,
        data_key: &SealingKey,
        password: &Password,
        cost: KdfCost,
    ) -> Result<Self, StoreError> {
        if password.expose().is_empty() {
            return Err(StoreError::EmptyPassword);
        }
        let mut salt = [0; SALT_BYTES];
        fill_random(&mut salt)?;
        let mut header = Self {
            format: FORMAT,
            store,
            kdf: Kdf {
                algorithm: String::from("argon2id"),
                cost: cost.check()?,
                salt: HEXLOWER.encode(&salt),
            },
            wrapped_key: String::new(),
        };
        let key = header.password_key(password)?;
        let wrapped = seal(&key, &header.associated_data(), data_key.expose())?;
        header.wrapped_key = HEXLOWER.encode(&wrapped);
        Ok(header)
    }

    pub(crate) const fn cost(&self) -> KdfCost {
        self.kdf.cost
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        if bytes.len() > HEADER_MAX_BYTES {
            return Err(StoreError::Damaged("its header is too long"));
        }
        let unreadable = |_| StoreError::Damaged("its header cannot be read");
        // The number comes first: a later format may have other fields.
        match serde_json::from_slice(bytes).map_err(unreadable)? {
            FormatOnly { format: FORMAT } => serde_json::from_slice(bytes).map_err(unreadable),
            FormatOnly { format } => Err(StoreError::UnsupportedFormat(format)),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The data key.
    pub(crate) fn unlock(&self, password: &Password) -> Result<SealingKey, StoreError> {
        let key = self.password_key(password)?;
        let wrapped = HEXLOWER
            .decode(self.wrapped_key.as_bytes())
            .map_err(|_| StoreError::Damaged("its header cannot be read"))?;
        let opened = open(&key, &self.associated_data(), &wrapped);
        let opened = opened.ok_or(StoreError::WrongPassword)?;
        SealingKey::try_init_with(|bytes| {
            if opened.len() == bytes.len() {
                bytes.copy_from_slice(&opened);
                Ok(())
            } else {
                Err(StoreError::Damaged("its data key has a wrong length"))
            }
        })
    }

    pub(crate) fn store_id(&self) -> &str {
        &self.store
    }

    /// Everything but the wrapped key, so that none of it can be changed unnoticed.
    fn associated_data(&self) -> Vec<u8> {
        let bare = Self { wrapped_key: String::new(), ..self.clone() };
        [b"tatum-kms wallet store ".as_slice(), &bare.to_bytes()].concat()
    }

    /// Passwords that look alike in Unicode are alike (NFKC).
    fn password_key(&self, password: &Password) -> Result<SealingKey, StoreError> {
        if self.kdf.algorithm != "argon2id" {
            return Err(StoreError::KdfOutOfRange("its algorithm is not argon2id"));
        }
        let KdfCost { memory_kib, passes, lanes } = self.kdf.cost.check()?;
        let params = Params::new(memory_kib, passes, lanes, None)
            .map_err(|_| StoreError::KdfOutOfRange("its parameters contradict each other"))?;
        let salt = HEXLOWER.decode(self.kdf.salt.as_bytes());
        let salt = salt.map_err(|_| StoreError::Damaged("its header cannot be read"))?;
        let normal = Zeroizing::new(password.expose().nfkc().collect::<String>());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        SealingKey::try_init_with(|key| {
            argon2
                .hash_password_into(normal.as_bytes(), &salt, key)
                .map_err(|_| StoreError::KdfOutOfRange("its salt is too short"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn only_the_password_opens_and_every_change_of_the_header_is_noticed() {
        let (header, key) = Header::create(&password("pass"), KdfCost::FLOOR).unwrap();
        assert_eq!(header.unlock(&password("pass")).unwrap().expose(), key.expose());
        assert!(matches!(header.unlock(&password("Pass")), Err(StoreError::WrongPassword)));
        let text = String::from_utf8(header.to_bytes()).unwrap();
        let dearer = text.replace("\"passes\":2", "\"passes\":3");
        let dearer = Header::read(dearer.as_bytes()).unwrap();
        assert!(matches!(dearer.unlock(&password("pass")), Err(StoreError::WrongPassword)));
    }

    #[test]
    fn a_later_format_is_named_whatever_its_fields() {
        let later = Header::read(br#"{"format":2,"kdf":"other"}"#);
        assert!(matches!(later, Err(StoreError::UnsupportedFormat(2))));
        assert!(matches!(Header::read(b"{}"), Err(StoreError::Damaged(_))));
        assert!(matches!(Header::read(&[b' '; 5000]), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn passwords_are_normalised() {
        let (header, _) = Header::create(&password("\u{e9}"), KdfCost::FLOOR).unwrap();
        assert!(header.unlock(&password("e\u{301}")).is_ok());
    }

    #[test]
    fn hostile_costs_are_refused_before_they_are_paid() {
        let (header, _) = Header::create(&password("pass"), KdfCost::FLOOR).unwrap();
        let text = String::from_utf8(header.to_bytes()).unwrap();
        for (from, to) in [
            ("\"memory_kib\":19456", "\"memory_kib\":4294967295"),
            ("\"memory_kib\":19456", "\"memory_kib\":8"),
            ("\"passes\":2", "\"passes\":1000000"),
            ("\"lanes\":1", "\"lanes\":0"),
            ("argon2id", "argon2d"),
        ] {
            let hostile = Header::read(text.replace(from, to).as_bytes()).unwrap();
            let outcome = hostile.unlock(&password("pass"));
            assert!(matches!(outcome, Err(StoreError::KdfOutOfRange(_))), "{to}");
        }
        assert!(matches!(
            Header::create(&password(""), KdfCost::FLOOR),
            Err(StoreError::EmptyPassword)
        ));
    }
}
