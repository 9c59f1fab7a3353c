//! The API client under test, and what the pipeline needs to make a proposal or a recorded
//! transaction.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use kms_api::{Api, ApiConfig, HttpOptions, Timeouts};
use kms_core::{
    AccountId, Address, AddressError, AddressIndex, Amount, Answer, Beginning, BroadcastError,
    ByNetwork, Bytes, Chain, ChainId, ChainSpec, Claim, DecodeError, DecodeInput, Derivation,
    Draft, Effects, Entry, Fee, Intent, Journal, JournalError, KeyRef, KeySignature, KeySpec,
    Lookup, LookupError, Network, NodeCall, Pending, PendingRequest, Permit, Proposal, PublicKey,
    Query, RawTransaction, Recalled, Recorded, Reservation, ResolveError, Scheme, SecretEncoding,
    Sign, SignError, SignatureId, SigningMessage, SigningRequest, Step, Submission, TransactionId,
    TxidError, Unsigned, WalletFacts, WalletLayout, Withdrawal, WithdrawalId,
};
use kms_secret::ApiKey;
use serde_json::Value;
use url::Url;

pub(crate) const KEY: &str = "t-64a1b2c3d4e5f60718293a4b-0123456789abcdef01234567";
pub(crate) const ETH: ChainId = ChainId::new("ETH");
pub(crate) const CELO: ChainId = ChainId::new("CELO");
pub(crate) const FLOW: ChainId = ChainId::new("FLOW");

/// A signed transaction, and its id on its chain.
pub(crate) const RAW: &str = "0xf86907";
pub(crate) const ID: &str = "0xabc";
/// One whose id its bytes do not tell.
pub(crate) const PAID_BY_ANOTHER: &str = "0x09c0";

const KEY_SPEC: KeySpec = KeySpec {
    scheme: Scheme::EcdsaSecp256k1,
    derivation: Derivation::Bip44 {
        coin_type: ByNetwork { mainnet: 60, testnet: 1 },
        version: ByNetwork { mainnet: [0; 4], testnet: [0; 4] },
    },
    encoding: SecretEncoding::PrefixedHex,
    layout: WalletLayout::XpubMnemonic,
};

/// A chain of which only the specification is asked for.
#[derive(Debug)]
pub(crate) struct SpecOnly(ChainSpec);

impl Chain for SpecOnly {
    fn account(&self, _: Network, _: &str) -> Option<AccountId> {
        None
    }

    fn is_member_of_format(&self, _: &str) -> bool {
        false
    }

    fn spec(&self) -> &ChainSpec {
        &self.0
    }

    fn decode(&'static self, _: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        Err(DecodeError::Unsupported("all transactions".into()))
    }

    fn address(&self, _: Network, _: &PublicKey) -> Result<Address, AddressError> {
        Err(AddressError)
    }

    /// Bytes that are not a transaction have no id, and a transaction that somebody else pays for
    /// has an unknown one.
    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        match raw.as_str() {
            RAW => Ok(Some(ID.to_owned())),
            PAID_BY_ANOTHER => Ok(None),
            _ => Err(TxidError),
        }
    }
}

/// A chain whose node has every transaction already.
#[derive(Debug)]
struct AtItsNode(SpecOnly);

impl Chain for AtItsNode {
    fn account(&self, _: Network, _: &str) -> Option<AccountId> {
        None
    }

    fn is_member_of_format(&self, _: &str) -> bool {
        false
    }

    fn spec(&self) -> &ChainSpec {
        self.0.spec()
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        self.0.decode(input)
    }

    fn address(&self, network: Network, key: &PublicKey) -> Result<Address, AddressError> {
        self.0.address(network, key)
    }

    fn txid(&self, _: Network, _: &RawTransaction) -> Result<Option<String>, TxidError> {
        Ok(None)
    }

    fn submission(
        &self,
        _: Network,
        raw: &RawTransaction,
    ) -> Result<Option<Box<dyn Submission>>, BroadcastError> {
        Ok(Some(Box::new(Submitted(raw.as_str().replace("0x", "id-of-")))))
    }
}

#[derive(Debug)]
struct Submitted(String);

impl Submission for Submitted {
    fn next_step(&mut self) -> Option<Step> {
        None
    }

    fn outcome(&mut self, _: Result<Value, LookupError>) -> Result<(), BroadcastError> {
        Ok(())
    }

    fn tx_data(&self) -> String {
        self.0.clone()
    }
}

static AT_ITS_NODE: AtItsNode = AtItsNode(SpecOnly(ChainSpec {
    id: FLOW,
    name: "Flow",
    other_codes: &[],
    token_codes: &[],
    api_path: "flow",
    withdrawals: false,
    testnet_type_header: false,
    decimals: 8,
    fee_most: Amount::MAX,
    token_fees_most: &[],
    harmless_members: &[],
    key: KEY_SPEC,
}));

pub(crate) static ETHEREUM: SpecOnly = SpecOnly(ChainSpec {
    id: ETH,
    name: "Ethereum",
    other_codes: &[],
    token_codes: &[],
    api_path: "ethereum",
    withdrawals: true,
    testnet_type_header: true,
    decimals: 18,
    fee_most: Amount::MAX,
    token_fees_most: &[],
    harmless_members: &[],
    key: KEY_SPEC,
});

static CELO_SPEC: SpecOnly = SpecOnly(ChainSpec {
    id: CELO,
    name: "Celo",
    other_codes: &[],
    token_codes: &[],
    api_path: "celo",
    withdrawals: false,
    testnet_type_header: false,
    decimals: 18,
    fee_most: Amount::MAX,
    token_fees_most: &[],
    harmless_members: &[],
    key: KEY_SPEC,
});

pub(crate) fn config(base_url: &Url) -> ApiConfig {
    ApiConfig {
        base_url: base_url.clone(),
        api_key: ApiKey::new(KEY.to_owned()),
        testnet_type: None,
        version: "1.2.3",
        chains: vec![&ETHEREUM, &CELO_SPEC, &AT_ITS_NODE],
        direct_urls: HashMap::new(),
        timeouts: Timeouts::default(),
        http: HttpOptions::default(),
    }
}

pub(crate) fn api(base_url: &Url) -> Api {
    Api::new(config(base_url)).unwrap()
}

/// One that gives up after 200 ms.
pub(crate) fn impatient_api(base_url: &Url) -> Api {
    let total = Duration::from_millis(200);
    let timeouts = Timeouts { connect: total, total, idle: total };
    Api::new(ApiConfig { timeouts, ..config(base_url) }).unwrap()
}

pub(crate) fn pending(chain: ChainId, withdrawal: Option<&str>) -> Pending {
    Pending::new(PendingRequest {
        id: TransactionId::parse("9fea6d2f5490ec04abff600c").unwrap(),
        chain,
        network: Network::Testnet,
        hashes: vec![SignatureId::parse("a6bf3c0f-f9ab-4bde-bad6-ebf39c1fd5e9").unwrap()],
        signatures: Vec::new(),
        index: None,
        withdrawal: withdrawal
            .map(|id| Withdrawal { id: WithdrawalId::parse(id).unwrap(), entries: None }),
        payload: String::from("{}"),
        as_received: String::from(r#"{"id": "9fea6d2f5490ec04abff600c",  "amount":1.10}"#),
    })
}

pub(crate) async fn recorded(chain: ChainId, withdrawal: Option<&str>, raw: &str) -> Recorded {
    let journal = OneEntry(RawTransaction::from_text(raw.to_owned()));
    match Recorded::recall(&pending(chain, withdrawal), &journal).await.unwrap() {
        Beginning::Signed(recorded) => *recorded,
        Beginning::New(_) => panic!("it is signed"),
    }
}

pub(crate) async fn proposal() -> Proposal {
    let draft = Box::new(NothingToAsk);
    Proposal::complete(&ETHEREUM, pending(ETH, None), draft, &Nobody, &Nobody).await.unwrap()
}

/// A journal that holds one signed transaction, whatever is asked for.
struct OneEntry(RawTransaction);

#[async_trait]
impl Journal for OneEntry {
    async fn recall(&self, _: &Pending) -> Result<Recalled, JournalError> {
        Ok(Recalled::Known(Entry::Signed(self.0.clone())))
    }

    async fn note_question(&self, _: Intent<'_>) -> Result<Option<String>, JournalError> {
        panic!("nobody is asked here")
    }

    async fn reserve(&self, _: Intent<'_>) -> Result<Reservation, JournalError> {
        panic!("nothing is reserved here")
    }

    async fn record(
        &self,
        _: &TransactionId,
        _: &Reservation,
        _: Bytes<'_>,
    ) -> Result<(), JournalError> {
        panic!("nothing is recorded here")
    }

    async fn close(
        &self,
        _: &TransactionId,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), JournalError> {
        panic!("nothing is closed here")
    }

    async fn refuse(&self, _: &Pending, _: &str) -> Result<bool, JournalError> {
        panic!("nothing is refused here")
    }
}

#[derive(Debug)]
struct NothingToAsk;

impl Draft for NothingToAsk {
    fn next_query(&mut self) -> Option<Query> {
        None
    }

    fn answer(&mut self, _: Answer) -> Result<(), ResolveError> {
        panic!("nothing was asked")
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let fee = Fee::native(Amount::from_base_units(21_000));
        Ok(Box::new(NothingMoved(Effects::new(ETH, Network::Testnet, fee))))
    }
}

#[derive(Debug)]
struct NothingMoved(Effects);

impl Unsigned for NothingMoved {
    fn effects(&self) -> &Effects {
        &self.0
    }

    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let wallet = SignatureId::parse("a6bf3c0f-f9ab-4bde-bad6-ebf39c1fd5e9").unwrap();
        let key = KeyRef { wallet, index: AddressIndex::parse("3").ok() };
        let message = SigningMessage::Prehash([7; 32]);
        vec![SigningRequest::new(permit, key, Scheme::EcdsaSecp256k1, message)]
    }

    fn assemble(self: Box<Self>, _: Vec<KeySignature>) -> Result<RawTransaction, SignError> {
        Err(SignError::Assemble)
    }
}

struct Nobody;

#[async_trait]
impl Lookup for Nobody {
    async fn call(&self, _: ChainId, _: Network, _: &NodeCall) -> Result<Value, LookupError> {
        panic!("nothing is looked up here")
    }
}

impl Sign for Nobody {
    fn wallet(&self, _: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        Ok(None)
    }

    fn public_key(&self, _: &KeyRef) -> Result<PublicKey, SignError> {
        panic!("no key is asked for here")
    }

    fn sign(&self, _: &SigningRequest) -> Result<KeySignature, SignError> {
        panic!("nothing is signed here")
    }
}
