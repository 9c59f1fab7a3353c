use std::{fmt, ops::Deref};

use crate::{
    digest::{ContentDigest, FieldHasher},
    id::{AddressIndex, ChainId, Network, SignatureId, TransactionId, WithdrawalId},
};

/// A transaction the remote API wants signed, as it was received: nothing in it is believed yet.
/// It cannot be changed, so that its digest is computed once.
#[derive(Clone, Debug)]
pub struct Pending {
    request: PendingRequest,
    digest: ContentDigest,
}

/// The members of a [`Pending`].
///
/// Its `Debug` shows no content: a payload can hold a private key that the API made.
#[derive(Clone)]
pub struct PendingRequest {
    /// The id that the API gave it.
    pub id: TransactionId,
    /// The chain that was polled.
    pub chain: ChainId,
    /// The network that was polled.
    pub network: Network,
    /// Wallets in signing order.
    pub hashes: Vec<SignatureId>,
    /// Further wallets, each with the index of its key.
    pub signatures: Vec<IndexedWallet>,
    /// Index of the key of a mnemonic wallet named in `hashes`.
    pub index: Option<AddressIndex>,
    /// The off-chain withdrawal that it pays, if it is one.
    pub withdrawal: Option<Withdrawal>,
    /// The chain's own encoding, still unread.
    pub payload: String,
    /// The API's JSON object, character by character, without private keys that it may hold: what
    /// a four-eye approver is sent.
    pub as_received: String,
}

/// A wallet, and for a mnemonic wallet the index of the key that signs.
#[derive(Clone, Debug)]
pub struct IndexedWallet {
    /// The wallet that signs.
    pub wallet: SignatureId,
    /// The index of the derived key; `None` for a wallet of one key.
    pub index: Option<AddressIndex>,
}

/// The off-chain withdrawal that a transaction settles.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The withdrawal's id at the API.
    pub id: WithdrawalId,
    /// The inputs and the change that the API picked. Account chains have none.
    pub entries: Option<Vec<WithdrawalEntry>>,
}

/// An output that an off-chain withdrawal takes from the pool of addresses, or change that it adds.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the documentation of each variant covers its fields")]
pub enum WithdrawalEntry {
    /// An entry of the pool (change), which spends nothing.
    Pool,
    /// An input: the output it spends and the index of its key in the withdrawal's wallet.
    Input { transaction: String, output: Option<u32>, index: AddressIndex },
}

impl Pending {
    /// Takes a request and computes its digest, once.
    pub fn new(request: PendingRequest) -> Self {
        let digest = request.digest();
        Self { request, digest }
    }

    /// The digest of the requested content.
    pub const fn digest(&self) -> ContentDigest {
        self.digest
    }

    /// Every wallet that is named, in order, repeats included.
    pub fn wallets(&self) -> impl Iterator<Item = &SignatureId> {
        self.hashes.iter().chain(self.signatures.iter().map(|one| &one.wallet))
    }
}

impl Deref for Pending {
    type Target = PendingRequest;

    fn deref(&self) -> &PendingRequest {
        &self.request
    }
}

impl PendingRequest {
    /// Fields that change nothing (and those the program does not know) are left out, so that the
    /// API may add one without making a new transaction.
    fn digest(&self) -> ContentDigest {
        let mut hasher = FieldHasher::default();
        hasher.field(self.chain.as_str().as_bytes());
        hasher.field(self.network.to_string().as_bytes());
        hasher.field(&index_bytes(self.index));
        hasher.count(self.hashes.len());
        self.hashes.iter().for_each(|wallet| hasher.field(wallet.as_str().as_bytes()));
        hasher.count(self.signatures.len());
        for signature in &self.signatures {
            hasher.field(signature.wallet.as_str().as_bytes());
            hasher.field(&index_bytes(signature.index));
        }
        hash_withdrawal(&mut hasher, self.withdrawal.as_ref());
        hasher.field(self.payload.as_bytes());
        ContentDigest::from_bytes(hasher.finish())
    }
}

impl fmt::Debug for PendingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingRequest")
            .field("id", &self.id)
            .field("chain", &self.chain)
            .field("network", &self.network)
            .field("hashes", &self.hashes)
            .field("signatures", &self.signatures)
            .field("index", &self.index)
            .field("withdrawal", &self.withdrawal)
            .finish_non_exhaustive()
    }
}

fn hash_withdrawal(hasher: &mut FieldHasher, withdrawal: Option<&Withdrawal>) {
    let Some(withdrawal) = withdrawal else { return hasher.field(b"") };
    hasher.field(withdrawal.id.as_str().as_bytes());
    let entries = withdrawal.entries.as_deref().unwrap_or_default();
    hasher.count(entries.len());
    for entry in entries {
        match entry {
            WithdrawalEntry::Pool => hasher.field(b"pool"),
            WithdrawalEntry::Input { transaction, output, index } => {
                hasher.field(transaction.as_bytes());
                hasher.field(&output.map_or(Vec::new(), |output| output.to_be_bytes().to_vec()));
                hasher.field(&index_bytes(Some(*index)));
            }
        }
    }
}

fn index_bytes(index: Option<AddressIndex>) -> Vec<u8> {
    index.map_or(Vec::new(), |index| index.get().to_be_bytes().to_vec())
}
