//! The store's sealed record of its journal: in the store itself, or in a file beside a store that
//! is never written (the original's, or one on a read-only mount).

use data_encoding::HEXLOWER;
use kms_core::{JournalId, JournalSeal, Opening};
use kms_secret::{Password, SealingKey};
use serde::{Deserialize, Serialize};

use crate::{
    KdfCost, StoreError,
    header::Header,
    seal::{open, seal, subkey},
};

const PURPOSE: &[u8] = b"journal";
const SIDE_FORMAT: u64 = 1;
const DAMAGED: StoreError = StoreError::Damaged("its record of its journal was changed");

/// Seals what a store knows of its journal. Wiped when it goes.
pub struct JournalSealer {
    key: SealingKey,
    store_id: String,
    /// The key derivation from the password, for a store that has no key.
    header: Option<Box<Header>>,
}

impl std::fmt::Debug for JournalSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JournalSealer")
    }
}

/// The file beside the store.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Side {
    format: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<Header>,
    sealed: String,
}

impl Side {
    fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let side: Self = serde_json::from_slice(bytes).map_err(|_| DAMAGED)?;
        if side.format == SIDE_FORMAT { Ok(side) } else { Err(DAMAGED) }
    }
}

impl JournalSealer {
    pub(crate) fn of_store(header: &Header, data_key: &SealingKey) -> Self {
        let store_id = header.store_id().to_owned();
        Self { key: subkey(data_key, PURPOSE), store_id, header: None }
    }

    /// A sealer for the original's file, with a key from its password: the one of the file beside
    /// it, or a new one with this cost (Argon2id).
    ///
    /// # Errors
    /// When the file beside it is damaged or of another password, or the password is empty.
    pub fn of_password(
        password: &Password,
        cost: KdfCost,
        side: Option<&[u8]>,
    ) -> Result<Self, StoreError> {
        let (header, data_key) = match side.map(Side::read).transpose()? {
            None => Header::create(password, cost)?,
            Some(Side { header: None, .. }) => return Err(DAMAGED),
            Some(Side { header: Some(header), .. }) => {
                let key = header.unlock(password)?;
                (header, key)
            }
        };
        let sealer = Self::of_store(&header, &data_key);
        Ok(Self { header: Some(Box::new(header)), ..sealer })
    }

    /// Returns true if a file beside a store is one that the password opens, not the store's own
    /// key.
    pub fn is_of_password(side: &[u8]) -> bool {
        Side::read(side).is_ok_and(|side| side.header.is_some())
    }

    /// Reads the record in the file beside the store.
    ///
    /// # Errors
    /// When it is damaged or another store's.
    pub fn read_side(&self, bytes: &[u8]) -> Result<JournalSeal, StoreError> {
        let sealed = HEXLOWER.decode(Side::read(bytes)?.sealed.as_bytes()).map_err(|_| DAMAGED)?;
        self.open(&sealed)
    }

    /// The content of the file beside the store.
    ///
    /// # Errors
    /// When the operating system provides no randomness.
    pub fn to_side(&self, known: &JournalSeal) -> Result<Vec<u8>, StoreError> {
        let sealed = HEXLOWER.encode(&self.seal(known)?);
        let side = Side { format: SIDE_FORMAT, header: self.header.as_deref().cloned(), sealed };
        Ok(serde_json::to_vec(&side).unwrap_or_default())
    }

    pub(crate) fn seal(&self, known: &JournalSeal) -> Result<Vec<u8>, StoreError> {
        let JournalSeal { journal, opening, sequence } = known;
        let content = [journal.0.as_slice(), &opening.0, &sequence.to_be_bytes()].concat();
        seal(&self.key, &self.associated_data(), &content)
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> Result<JournalSeal, StoreError> {
        let opened = open(&self.key, &self.associated_data(), sealed).ok_or(DAMAGED)?;
        let parts = opened.split_at_checked(16).and_then(|(journal, rest)| {
            let (opening, sequence) = rest.split_at_checked(16)?;
            Some(JournalSeal {
                journal: JournalId(journal.try_into().ok()?),
                opening: Opening(opening.try_into().ok()?),
                sequence: u64::from_be_bytes(sequence.try_into().ok()?),
            })
        });
        parts.ok_or(DAMAGED)
    }

    fn associated_data(&self) -> Vec<u8> {
        format!("tatum-kms journal seal 1 {}", self.store_id).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: JournalSeal =
        JournalSeal { journal: JournalId([1; 16]), opening: Opening([2; 16]), sequence: 3 };

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn the_file_beside_the_originals_opens_with_the_password_alone() {
        let made = JournalSealer::of_password(&password("p"), KdfCost::FLOOR, None).unwrap();
        let side = made.to_side(&KNOWN).unwrap();
        let again = JournalSealer::of_password(&password("p"), KdfCost::FLOOR, Some(&side));
        assert_eq!(again.unwrap().read_side(&side).unwrap(), KNOWN);
        let other = JournalSealer::of_password(&password("q"), KdfCost::FLOOR, Some(&side));
        assert!(matches!(other, Err(StoreError::WrongPassword)), "{other:?}");
    }

    #[test]
    fn a_byte_that_was_changed_is_noticed() {
        let made = JournalSealer::of_password(&password("p"), KdfCost::FLOOR, None).unwrap();
        let sealed = made.seal(&KNOWN).unwrap();
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert!(matches!(made.open(&flipped), Err(StoreError::Damaged(_))), "byte {place}");
        }
        for text in ["", "{}", r#"{"format":2,"sealed":""}"#, r#"{"format":1,"sealed":"zz"}"#] {
            let read = made.read_side(text.as_bytes());
            assert!(matches!(read, Err(StoreError::Damaged(_))), "{text}");
        }
    }

    #[test]
    fn another_stores_is_not_taken() {
        let [one, other] = [1, 2].map(|_| {
            let (header, key) = Header::create(&password("p"), KdfCost::FLOOR).unwrap();
            JournalSealer::of_store(&header, &key)
        });
        let side = one.to_side(&KNOWN).unwrap();
        assert_eq!(one.read_side(&side).unwrap(), KNOWN);
        assert!(other.read_side(&side).is_err());
        let as_originals = JournalSealer::of_password(&password("p"), KdfCost::FLOOR, Some(&side));
        assert!(matches!(as_originals, Err(StoreError::Damaged(_))));
    }
}
