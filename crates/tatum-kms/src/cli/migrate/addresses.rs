//! The first address of a wallet by the original's rule and by the right one.

use kms_core::{AddressIndex, ByNetwork, Chain, ChainId, Network, SignatureId};
use kms_keys::{Account, public_key_at, standard_form};
use kms_keystore::{WalletKind, WalletRecord, WalletSummary};
use kms_secret::Mnemonic;

use crate::{
    config::find_wallet_chain,
    new_wallet::address_of,
    wallet_check::{Derived, Mismatch, derive},
};

const EGLD: &str = "EGLD";

/// The facts about a wallet, none of them secret.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) id: SignatureId,
    /// The chain's code, as stored.
    pub(super) code: String,
    pub(super) chain: Option<ChainId>,
    pub(super) network: Network,
    pub(super) kind: WalletKind,
    /// For a testnet wallet: true if a mainnet wallet holds the same secret, according to the
    /// store.
    pub(super) is_twin: bool,
    /// The reason why it cannot be used.
    pub(super) problem: Option<String>,
    pub(super) both: Option<Both>,
}

/// Two first addresses.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Both {
    pub(super) why: Why,
    /// The address that the original's `getaddress` prints at index 0.
    pub(super) original: String,
    /// By the rule that should hold.
    pub(super) right: String,
}

/// The reason why there are two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Why {
    /// The original shows EGLD addresses of the empty phrase.
    ForeignEgld,
    /// The address that is stored is not the key's.
    StoredAddress,
    /// The extended public key that is stored is not the phrase's.
    StoredXpub,
    /// Other tools read the phrase's white space or capitals otherwise.
    Spelling,
    /// The phrase is empty, so that everybody has its keys.
    EmptyPhrase,
}

impl Why {
    pub(super) const ALL: [Self; 5] = [
        Self::ForeignEgld,
        Self::StoredAddress,
        Self::StoredXpub,
        Self::EmptyPhrase,
        Self::Spelling,
    ];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::ForeignEgld => "foreign-egld-address",
            Self::StoredAddress => "stored-address",
            Self::StoredXpub => "stored-xpub",
            Self::Spelling => "phrase-spelling",
            Self::EmptyPhrase => "empty-phrase",
        }
    }

    /// Returns true if the wallet needs a decision before it is converted. A phrase in another
    /// spelling leads to the same keys as in the original.
    pub(super) const fn needs_decision(self) -> bool {
        !matches!(self, Self::Spelling)
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::ForeignEgld => {
                "the original's `getaddress` printed the address of the empty phrase, the same for \
                 every wallet, from which anybody can spend. Check whether it was ever given to a \
                 payer. The daemon signs for the right address, as the original's does"
            }
            Self::StoredAddress => {
                "the stored address does not belong to the stored key: payments to it cannot be \
                 spent with this key. Find out which of the two is right before you use the wallet"
            }
            Self::StoredXpub => {
                "the stored extended public key does not belong to the stored phrase: payments to \
                 its addresses cannot be spent with this phrase. Find out which of the two is \
                 right"
            }
            Self::Spelling => {
                "the phrase is not in lower case with single spaces: other tools derive another \
                 wallet from it; this program derives the same wallet as the original"
            }
            Self::EmptyPhrase => {
                "the phrase is empty, so that anybody can spend from the wallet; this program does \
                 not sign with it. Move its funds with the original, then remove the wallet"
            }
        }
    }
}

/// Addresses that are the same for every wallet.
pub(super) struct Known {
    egld: ByNetwork<Option<String>>,
}

impl Known {
    pub(super) fn new() -> Self {
        let of = |network| {
            let chain = kms_chains::find(EGLD)?;
            first_of(chain, network, &Mnemonic::new(String::new()))
        };
        Self { egld: ByNetwork { mainnet: of(Network::Mainnet), testnet: of(Network::Testnet) } }
    }

    pub(super) fn look(&self, record: &WalletRecord) -> Look {
        let summary = record.summary();
        let network = Network::from_testnet_flag(summary.testnet);
        let chain = find_wallet_chain(&summary.chain).ok().map(|(_, chain)| chain);
        let derived = derive(record);
        let both = match (chain, &derived) {
            (Some(chain), Ok(derived)) => self.compare(chain, network, record, &summary, derived),
            _ => None,
        };
        let problem = match derived {
            // Two addresses say more.
            Ok(Derived { problem: Some(problem), .. }) if both.is_none() => {
                Some(problem.text().to_owned())
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        let id = summary.id.clone();
        let (code, kind) = (summary.chain, summary.kind);
        let chain = chain.map(|chain| chain.spec().id);
        Look { id, code, chain, network, kind, is_twin: false, problem, both }
    }

    fn compare(
        &self,
        chain: &'static dyn Chain,
        network: Network,
        record: &WalletRecord,
        summary: &WalletSummary,
        derived: &Derived,
    ) -> Option<Both> {
        let both = |why, original: Option<String>, right: Option<String>| {
            Some(Both { why, original: original?, right: right? })
        };
        let shown = || of_xpub(chain, network, summary.xpub.as_deref()?);
        match derived.problem {
            Some(Mismatch::Address) => {
                both(Why::StoredAddress, summary.address.clone(), derived.of_key.clone())
            }
            Some(Mismatch::ExtendedKey) => {
                both(Why::StoredXpub, shown(), derived.of_phrase.clone())
            }
            Some(Mismatch::NoSecret) => {
                let own = first_of(chain, network, &Mnemonic::new(String::new()));
                let is_its = own.is_some() && own == shown();
                if is_its { both(Why::EmptyPhrase, own.clone(), own) } else { None }
            }
            None if chain.spec().id.as_str() == EGLD && derived.of_phrase.is_some() => {
                both(Why::ForeignEgld, self.egld.on(network).clone(), derived.of_phrase.clone())
            }
            None => {
                let form = standard_form(&record.secret("mnemonic")?.to_mnemonic())?;
                let right = first_of(chain, network, &form);
                let is_other = right != derived.of_phrase;
                if is_other { both(Why::Spelling, derived.of_phrase.clone(), right) } else { None }
            }
        }
    }
}

fn first_of(chain: &dyn Chain, network: Network, phrase: &Mnemonic) -> Option<String> {
    let account = Account::derive(&chain.spec().key, network, phrase).ok()?;
    address_of(chain, network, &account.at(AddressIndex::ZERO).ok()?).ok()
}

fn of_xpub(chain: &dyn Chain, network: Network, xpub: &str) -> Option<String> {
    let key = public_key_at(&chain.spec().key, network, xpub, AddressIndex::ZERO).ok()?;
    Some(chain.address(network, &key).ok()?.as_str().to_owned())
}
