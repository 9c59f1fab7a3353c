use crate::{digest::SigningDigest, id::TransactionId};

/// Proof that a proposal passed the gate. Not `Clone`; lives and dies with its proposal.
#[derive(Debug)]
pub struct Permit {
    id: TransactionId,
    /// What an approver was told will be signed.
    digest: Option<SigningDigest>,
    _issued_by_gate: (),
}

impl Permit {
    pub(super) const fn issue(id: TransactionId) -> Self {
        Self { id, digest: None, _issued_by_gate: () }
    }

    /// Lets only these messages be signed with it.
    pub(super) const fn bind(&mut self, digest: SigningDigest) {
        self.digest = Some(digest);
    }

    /// The transaction that may be signed.
    pub const fn id(&self) -> &TransactionId {
        &self.id
    }

    pub(crate) const fn digest(&self) -> Option<&SigningDigest> {
        self.digest.as_ref()
    }
}
