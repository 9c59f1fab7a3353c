//! The keys of an open store, and what they seal and open.

use kms_core::SignatureId;
use kms_secret::SealingKey;
use zeroize::Zeroizing;

use crate::{
    JournalSealer, StoreError, WalletRecord, WalletSummary,
    header::Header,
    seal::{mac, open, pad, seal, subkey, unpad},
    store::SealedRecord,
};

/// One key for each purpose.
pub(crate) struct Keys {
    records: SealingKey,
    index: SealingKey,
    pub(crate) manifest: SealingKey,
    pub(crate) journal: JournalSealer,
    store_id: String,
}

impl Keys {
    pub(crate) fn of(header: &Header, data_key: &SealingKey) -> Self {
        Self {
            records: subkey(data_key, b"records"),
            index: subkey(data_key, b"index"),
            manifest: subkey(data_key, b"manifest"),
            journal: JournalSealer::of_store(header, data_key),
            store_id: header.store_id().to_owned(),
        }
    }

    pub(crate) fn blind_index(&self, id: &SignatureId) -> [u8; 32] {
        mac(&self.index, b"signature id", &[id.as_str().as_bytes()])
    }

    fn associated_data(&self, blind_index: &[u8; 32], part: &str) -> Vec<u8> {
        let head = format!("tatum-kms record 1 {} {part} ", self.store_id);
        [head.as_bytes(), blind_index].concat()
    }

    pub(crate) fn seal(&self, record: &WalletRecord) -> Result<SealedRecord, StoreError> {
        let blind_index = self.blind_index(record.id());
        let (public, secret) = record.split();
        let seal_part = |part, content: &[u8]| {
            seal(&self.records, &self.associated_data(&blind_index, part), &pad(content))
        };
        Ok(SealedRecord {
            public: seal_part("public", &public)?,
            secret: seal_part("secret", &secret)?,
            blind_index,
        })
    }

    pub(crate) fn open(&self, sealed: &SealedRecord) -> Result<WalletRecord, StoreError> {
        let public = self.open_part(sealed, "public", &sealed.public)?;
        let secret = self.open_part(sealed, "secret", &sealed.secret)?;
        let damaged = || StoreError::Damaged("a wallet cannot be read");
        let record = WalletRecord::join(
            unpad(&public).ok_or_else(damaged)?,
            unpad(&secret).ok_or_else(damaged)?,
        )?;
        if self.blind_index(record.id()) == sealed.blind_index {
            Ok(record)
        } else {
            Err(damaged())
        }
    }

    pub(crate) fn summary(&self, sealed: &SealedRecord) -> Result<WalletSummary, StoreError> {
        let public = self.open_part(sealed, "public", &sealed.public)?;
        let damaged = StoreError::Damaged("a wallet cannot be read");
        WalletRecord::summary_of(unpad(&public).ok_or(damaged)?)
    }

    fn open_part(
        &self,
        sealed: &SealedRecord,
        part: &str,
        content: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let data = self.associated_data(&sealed.blind_index, part);
        let opened = open(&self.records, &data, content);
        opened.ok_or(StoreError::Damaged("a wallet was changed or comes from another store"))
    }
}
