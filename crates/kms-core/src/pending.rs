use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::id::{AddressIndex, ChainId, Network, SignatureId, TransactionId, WithdrawalId};

/// A transaction the remote API wants signed, as it was received: nothing in it is believed yet.
///
/// Its `Debug` shows no content: a payload can hold a private key that the API made.
#[derive(Clone)]
pub struct Pending {
    pub id: TransactionId,
    pub chain: ChainId,
    pub network: Network,
    /// Wallets in signing order.
    pub hashes: Vec<SignatureId>,
    /// Further wallets, each with the index of its key.
    pub signatures: Vec<IndexedWallet>,
    /// Index of the key of a mnemonic wallet named in `hashes`.
    pub index: Option<AddressIndex>,
    pub withdrawal: Option<Withdrawal>,
    /// The chain's own encoding, still unread.
    pub payload: String,
    /// The API's JSON object, character by character, without private keys that it may hold: what
    /// a four-eye approver is sent.
    pub as_received: String,
}

#[derive(Clone, Debug)]
pub struct IndexedWallet {
    pub wallet: SignatureId,
    pub index: Option<AddressIndex>,
}

/// The off-chain withdrawal that a transaction settles.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    pub id: WithdrawalId,
    /// The inputs and the change that the API picked. Account chains have none.
    pub entries: Option<Vec<WithdrawalEntry>>,
}

#[derive(Clone, Debug)]
pub enum WithdrawalEntry {
    /// An entry of the pool (change), which spends nothing.
    Pool,
    /// An input: the output it spends and the index of its key in the withdrawal's wallet.
    Input { transaction: String, output: Option<u32>, index: AddressIndex },
}

/// A digest of everything that decides what is signed. The same id with another digest is
/// another transaction.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Pending {
    /// The digest of what was asked for. Fields that change nothing (and those the program does
    /// not know) are left out, so that the API may add one without making a new transaction.
    pub fn digest(&self) -> ContentDigest {
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
        hasher.withdrawal(self.withdrawal.as_ref());
        hasher.field(self.payload.as_bytes());
        ContentDigest(hasher.finish())
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
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

/// Hashes fields so that no two lists of fields feed the same bytes: each is led by its length.
#[derive(Default)]
pub(crate) struct FieldHasher(Sha256);

impl FieldHasher {
    pub(crate) fn field(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    fn count(&mut self, count: usize) {
        self.0.update(u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn withdrawal(&mut self, withdrawal: Option<&Withdrawal>) {
        let Some(withdrawal) = withdrawal else { return self.field(b"") };
        self.field(withdrawal.id.as_str().as_bytes());
        let entries = withdrawal.entries.as_deref().unwrap_or_default();
        self.count(entries.len());
        for entry in entries {
            match entry {
                WithdrawalEntry::Pool => self.field(b"pool"),
                WithdrawalEntry::Input { transaction, output, index } => {
                    self.field(transaction.as_bytes());
                    self.field(&output.map_or(Vec::new(), |output| output.to_be_bytes().to_vec()));
                    self.field(&index_bytes(Some(*index)));
                }
            }
        }
    }
}

fn index_bytes(index: Option<AddressIndex>) -> Vec<u8> {
    index.map_or(Vec::new(), |index| index.get().to_be_bytes().to_vec())
}
