use thiserror::Error;

use crate::{
    id::{AddressIndex, ChainId, KeyRef, Network, SignatureId},
    pending::{Pending, WithdrawalEntry},
    ports::sign::{Sign, SignError, WalletFacts},
};

/// The wallets a pending transaction names that are ours, in naming order, every one checked to
/// be of the transaction's chain and network.
#[derive(Clone, Debug)]
pub struct Signers {
    wallets: Vec<Signer>,
}

#[derive(Clone, Debug)]
struct Signer {
    wallet: SignatureId,
    facts: WalletFacts,
    named: Named,
}

/// The transaction's way of naming a wallet.
#[derive(Clone, Copy, Debug)]
enum Named {
    InHashes,
    InSignatures(Option<AddressIndex>),
}

/// The reason why the wallets that a transaction names cannot sign it.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum SignerError {
    #[error("the transaction names no wallet")]
    NoneNamed,
    #[error("none of the wallets the transaction names is in the store: {}", join(.0))]
    NoneKnown(Vec<SignatureId>),
    #[error("wallet {wallet} is for {found}, but the transaction is for {expected}")]
    WrongChain { wallet: SignatureId, found: ChainId, expected: ChainId },
    #[error("wallet {wallet} is for {found}, but the transaction is for {expected}")]
    WrongNetwork { wallet: SignatureId, found: Network, expected: Network },
    #[error(
        "wallet {0} has a recovery phrase, but the transaction gives no index; send the index, or \
         name a wallet with a private key"
    )]
    MissingIndex(SignatureId),
    #[error("wallet {0} has no key that can sign this transaction")]
    NoKey(SignatureId),
    #[error("wallet {0} has no recovery phrase, from which a withdrawal's keys are derived")]
    WithdrawalNeedsMnemonic(SignatureId),
    #[error("the withdrawal lists no inputs")]
    WithdrawalWithoutInputs,
    #[error("could not look up a wallet")]
    Lookup(#[from] SignError),
}

/// The key of one withdrawal entry and the output that the entry spends.
#[derive(Clone, Debug)]
pub struct WithdrawalKey {
    /// The key that unlocks the output.
    pub key: KeyRef,
    /// The id of the transaction that made the output.
    pub transaction: String,
    /// The output's number in that transaction; `None` where the API names none.
    pub output: Option<u32>,
}

impl Signers {
    /// Ids that are not in the store are left out, as the original does, as long as one is: the
    /// API may name wallets of other daemons.
    ///
    /// # Errors
    /// When no named wallet is ours, or one is of another chain or network.
    pub fn find(pending: &Pending, keys: &dyn Sign) -> Result<Self, SignerError> {
        let named = pending.hashes.iter().map(|wallet| (wallet, Named::InHashes)).chain(
            pending.signatures.iter().map(|one| (&one.wallet, Named::InSignatures(one.index))),
        );
        let mut wallets = Vec::new();
        let mut unknown = Vec::new();
        for (wallet, named) in named {
            match keys.wallet(wallet)? {
                Some(facts) => {
                    check_belongs(pending, wallet, facts)?;
                    wallets.push(Signer { wallet: wallet.clone(), facts, named });
                }
                None => unknown.push(wallet.clone()),
            }
        }
        match (wallets.is_empty(), unknown.is_empty()) {
            (false, _) => Ok(Self { wallets }),
            (true, true) => Err(SignerError::NoneNamed),
            (true, false) => Err(SignerError::NoneKnown(unknown)),
        }
    }

    /// The one key of an account chain: that of the first wallet, derived at the transaction's
    /// index when the wallet has a mnemonic.
    ///
    /// # Errors
    /// When the wallet is a mnemonic without an index or holds no key.
    pub fn account_key(&self, pending: &Pending) -> Result<KeyRef, SignerError> {
        let signer = self.wallets.first().ok_or(SignerError::NoneNamed)?;
        let own_index = match signer.named {
            Named::InHashes => None,
            Named::InSignatures(index) => index,
        };
        let wallet = signer.wallet.clone();
        match (signer.facts.has_mnemonic, pending.index.or(own_index)) {
            (true, Some(index)) => Ok(KeyRef { wallet, index: Some(index) }),
            _ if signer.facts.has_private_key => Ok(KeyRef { wallet, index: None }),
            (true, None) => Err(SignerError::MissingIndex(wallet)),
            (false, _) => Err(SignerError::NoKey(wallet)),
        }
    }

    /// Every key the transaction names, in order, repeats included: those of private-key wallets
    /// and, for `signatures`, those derived at the index given.
    pub fn keys(&self) -> Vec<KeyRef> {
        let key = |signer: &Signer| {
            let wallet = signer.wallet.clone();
            match signer.named {
                Named::InSignatures(Some(index)) if signer.facts.has_mnemonic => {
                    Some(KeyRef { wallet, index: Some(index) })
                }
                Named::InSignatures(None) if signer.facts.has_mnemonic => None,
                _ => signer.facts.has_private_key.then_some(KeyRef { wallet, index: None }),
            }
        };
        self.wallets.iter().filter_map(key).collect()
    }

    /// Mnemonic wallets that contribute no key because the transaction names no index of them.
    pub fn without_index(&self) -> Vec<SignatureId> {
        let lacks_index = |signer: &&Signer| {
            signer.facts.has_mnemonic
                && !signer.facts.has_private_key
                && !matches!(signer.named, Named::InSignatures(Some(_)))
        };
        self.wallets.iter().filter(lacks_index).map(|signer| signer.wallet.clone()).collect()
    }

    /// The keys of an off-chain withdrawal: the first wallet's, one an input.
    ///
    /// # Errors
    /// When the wallet has no mnemonic, or the withdrawal lists no inputs.
    pub fn withdrawal_keys(
        &self,
        entries: Option<&[WithdrawalEntry]>,
    ) -> Result<Vec<WithdrawalKey>, SignerError> {
        let signer = self.wallets.first().ok_or(SignerError::NoneNamed)?;
        if !signer.facts.has_mnemonic {
            return Err(SignerError::WithdrawalNeedsMnemonic(signer.wallet.clone()));
        }
        let key = |entry: &WithdrawalEntry| match entry {
            WithdrawalEntry::Pool => None,
            WithdrawalEntry::Input { transaction, output, index } => Some(WithdrawalKey {
                key: KeyRef { wallet: signer.wallet.clone(), index: Some(*index) },
                transaction: transaction.clone(),
                output: *output,
            }),
        };
        let keys: Vec<_> = entries.unwrap_or_default().iter().filter_map(key).collect();
        if keys.is_empty() { Err(SignerError::WithdrawalWithoutInputs) } else { Ok(keys) }
    }
}

fn check_belongs(
    pending: &Pending,
    wallet: &SignatureId,
    facts: WalletFacts,
) -> Result<(), SignerError> {
    let wallet = || wallet.clone();
    if facts.chain != pending.chain {
        let (found, expected) = (facts.chain, pending.chain);
        return Err(SignerError::WrongChain { wallet: wallet(), found, expected });
    }
    if facts.network != pending.network {
        let (found, expected) = (facts.network, pending.network);
        return Err(SignerError::WrongNetwork { wallet: wallet(), found, expected });
    }
    Ok(())
}

fn join(ids: &[SignatureId]) -> String {
    ids.iter().map(SignatureId::as_str).collect::<Vec<_>>().join(", ")
}
