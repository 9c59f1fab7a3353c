//! Drafts that only need to check that their sender is our key.

use std::fmt;

use kms_core::{Answer, Draft, KeyRef, PublicKey, Query, ResolveError, Unsigned};

/// A transaction that becomes complete with the key of its sender.
pub(crate) trait SenderTransaction: fmt::Debug + Send {
    /// # Errors
    /// When the key is not the sender's, or the transaction must not be signed.
    fn complete(self, key: KeyRef, own: &PublicKey) -> Result<Box<dyn Unsigned>, ResolveError>;
}

#[derive(Debug)]
pub(crate) struct SenderDraft<T> {
    key: KeyRef,
    own: Option<PublicKey>,
    transaction: T,
}

impl<T> SenderDraft<T> {
    pub(crate) const fn new(key: KeyRef, transaction: T) -> Self {
        Self { key, own: None, transaction }
    }
}

impl<T: SenderTransaction> Draft for SenderDraft<T> {
    fn next_query(&mut self) -> Option<Query> {
        self.own.is_none().then(|| Query::PublicKey(self.key.clone()))
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        match answer {
            Answer::PublicKey(key) => self.own = Some(key),
            Answer::Node(_) => return Err(ResolveError::Incomplete("public key")),
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let own = self.own.ok_or(ResolveError::Incomplete("public key"))?;
        self.transaction.complete(self.key, &own)
    }
}
