//! A chain and four ports that do as they are told, and note the input in which they are used.

use std::sync::Mutex;

use async_trait::async_trait;
use kms_core::{
    Acceptance, AccountId, Address, AddressError, AddressIndex, Amount, Answer, Approve,
    ApproveError, Attempt, Broadcast, BroadcastError, ByNetwork, Bytes, Chain, ChainId, ChainSpec,
    Claim, DecodeError, DecodeInput, Derivation, Draft, Effects, Entry, Fee, Intent, Journal,
    JournalError, KeyRef, KeySignature, KeySpec, LATE_VALUE_BYTES, LateValue, Lookup, LookupError,
    Network, NodeCall, NodeWords, Pending, PendingRequest, Permit, Progress, Proposal, PublicKey,
    Query, RawTransaction, Recalled, Recorded, Reservation, ResolveError, Scheme, SecretEncoding,
    Sign, SignError, SignatureId, SigningDigest, SigningMessage, SigningRequest, TransactionId,
    TxidError, Unsigned, WalletFacts, WalletLayout,
};
use serde_json::{Value, json};

/// The step at which things go wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fails {
    Never,
    Lookup,
    LookupRefused,
    LateLookup,
    Approval,
    Approver,
    Reserve,
    Claim,
    Sign,
    Record,
    Broadcast,
    BroadcastRefused,
    BroadcastDoubtful,
    Close,
    OtherContent,
    SecondAttempt,
    Paused,
    BroadcastNotNow,
    BroadcastProved,
    RefusedButTaken,
}

/// The world outside the road.
pub(crate) struct World {
    pub(crate) fails: Fails,
    pub(crate) steps: Mutex<Vec<&'static str>>,
    pub(crate) entry: Mutex<Option<Entry>>,
    /// The approver is told the digest.
    pub(crate) is_bound: bool,
    /// The late value and the digest that the approver was told.
    pub(crate) told: Mutex<(Option<&'static str>, Option<SigningDigest>)>,
}

impl World {
    pub(crate) fn new(fails: Fails) -> Self {
        let (steps, entry, told) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { fails, steps, entry, is_bound: false, told }
    }

    /// Its approver's answer is bound to the digest.
    pub(crate) fn bound(self) -> Self {
        Self { is_bound: true, ..self }
    }

    pub(crate) fn steps(&self) -> Vec<&'static str> {
        self.steps.lock().expect("steps").clone()
    }

    fn note(&self, step: &'static str) {
        self.steps.lock().expect("steps").push(step);
    }
}

pub(crate) const CHAIN: ChainId = ChainId::new("FAKE");

#[derive(Debug)]
pub(crate) struct FakeChain(ChainSpec);

pub(crate) static FAKE: FakeChain = FakeChain(ChainSpec {
    id: CHAIN,
    name: "Fake",
    other_codes: &[],
    token_codes: &[],
    api_path: "fake",
    withdrawals: false,
    testnet_type_header: false,
    decimals: 0,
    fee_most: Amount::MAX,
    token_fees_most: &[],
    harmless_members: &[],
    node_words: NodeWords::NONE,
    secret_members: &[],
    testnet_query: None,
    key: KeySpec {
        scheme: Scheme::EcdsaSecp256k1,
        derivation: Derivation::Bip44 {
            coin_type: ByNetwork::same(1),
            version: ByNetwork::same([0; 4]),
        },
        encoding: SecretEncoding::PrefixedHex,
        layout: WalletLayout::MnemonicXpub,
    },
});

impl Chain for FakeChain {
    fn account(&self, _: Network, _: &str) -> Option<AccountId> {
        None
    }

    fn is_member_of_format(&self, _: &str) -> bool {
        false
    }

    fn spec(&self) -> &ChainSpec {
        &self.0
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        match input.pending.payload.as_str() {
            "undecodable" => Err(DecodeError::NotAnObject),
            payload => Ok(Box::new(FakeDraft {
                key: input.signers.account_key(input.pending)?,
                asked: false,
                payload: payload.to_owned(),
            })),
        }
    }

    fn address(&self, _: Network, _: &PublicKey) -> Result<Address, AddressError> {
        Err(AddressError)
    }

    fn txid(&self, _: Network, _: &RawTransaction) -> Result<Option<String>, TxidError> {
        Ok(Some(String::from("id on the chain")))
    }
}

#[derive(Debug)]
struct FakeDraft {
    key: KeyRef,
    asked: bool,
    payload: String,
}

impl Draft for FakeDraft {
    fn next_query(&mut self) -> Option<Query> {
        (!self.asked)
            .then(|| Query::Node(NodeCall::Api { path: String::from("/nonce"), body: None }))
    }

    fn answer(&mut self, _: Answer) -> Result<(), ResolveError> {
        self.asked = true;
        match self.payload.as_str() {
            "reserving nonsense" => Err(ResolveError::Incomplete("sense")),
            _ => Ok(()),
        }
    }

    fn give_back(&self) -> Option<NodeCall> {
        (self.asked && self.payload.starts_with("reserving")).then(release)
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        let is_reserving = self.payload.starts_with("reserving");
        match self.payload.as_str() {
            "incomplete" => Err(ResolveError::Incomplete("nonce")),
            payload => Ok(Box::new(FakeUnsigned {
                key: self.key,
                effects: effects(),
                is_reserving,
                late: Late::of(payload),
                before: vec![9; POSITION],
                moment: [9; LATE_VALUE_BYTES],
                after: vec![9; 28],
            })),
        }
    }
}

const RELEASE: &str = "/release";

fn release() -> NodeCall {
    NodeCall::Api { path: RELEASE.to_owned(), body: None }
}

fn effects() -> Effects {
    Effects::new(CHAIN, Network::Mainnet, Fee::native(Amount::ZERO))
}

/// The change that the answer after the verdict makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Late {
    /// There is none.
    Never,
    TheValueOnly,
    AnotherByte,
    TheLength,
    TheKey,
    TheEffects,
    /// It is still missing.
    Nothing,
    /// The messages are digests, of which the value is no part.
    OfADigest,
}

impl Late {
    fn of(payload: &str) -> Self {
        match payload {
            "late" => Self::TheValueOnly,
            "late and another byte" => Self::AnotherByte,
            "late and the length" => Self::TheLength,
            "late and the key" => Self::TheKey,
            "late and the effects" => Self::TheEffects,
            "never there" => Self::Nothing,
            "late in a digest" => Self::OfADigest,
            _ => Self::Never,
        }
    }
}

/// The position of the late value in a message.
const POSITION: usize = 40;

#[derive(Debug)]
struct FakeUnsigned {
    key: KeyRef,
    effects: Effects,
    is_reserving: bool,
    late: Late,
    /// The three parts of the message.
    before: Vec<u8>,
    moment: [u8; LATE_VALUE_BYTES],
    after: Vec<u8>,
}

impl FakeUnsigned {
    fn is_complete(&self) -> bool {
        self.late == Late::Never || self.moment != [9; LATE_VALUE_BYTES]
    }
}

impl Unsigned for FakeUnsigned {
    fn give_back(&self) -> Option<NodeCall> {
        self.is_reserving.then(release)
    }

    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::Once { scope: String::from("fake"), what: String::from("nonce 7") }]
    }

    fn late_value(&self) -> Option<LateValue> {
        let call = NodeCall::Api { path: String::from("/late"), body: None };
        let late = LateValue { name: "moment", position: POSITION, call };
        (!self.is_complete()).then_some(late)
    }

    fn take_late_value(&mut self, _: &Value) -> Result<(), ResolveError> {
        if self.late != Late::Nothing {
            self.moment = [7; LATE_VALUE_BYTES];
        }
        match self.late {
            Late::AnotherByte => self.before = vec![7; POSITION],
            Late::TheLength => self.after.push(9),
            Late::TheKey => self.key.index = Some(AddressIndex::ONE),
            Late::TheEffects => self.effects.add_payer(String::from("somebody else")),
            _ => (),
        }
        Ok(())
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = match self.late {
            Late::Never => SigningMessage::Prehash([1; 32]),
            Late::OfADigest => SigningMessage::Prehash(self.moment),
            _ => SigningMessage::Whole([&self.before[..], &self.moment, &self.after].concat()),
        };
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1, message)]
    }

    fn assemble(self: Box<Self>, _: Vec<KeySignature>) -> Result<RawTransaction, SignError> {
        Ok(RawTransaction::from_text(String::from("signed")))
    }
}

#[async_trait]
impl Lookup for World {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        self.note(match call {
            call if *call == release() => "release",
            NodeCall::Api { path, .. } if path == "/late" => "look up late",
            _ => "look up",
        });
        let (what, reason) = (String::from("nonce"), String::from("told to"));
        match self.fails {
            Fails::Lookup => Err(LookupError::Unreachable { what, reason }),
            Fails::LateLookup if self.steps().contains(&"look up late") => {
                Err(LookupError::Unreachable { what, reason })
            }
            Fails::LookupRefused => Err(LookupError::Refused { what, reason }),
            _ => Ok(json!(7)),
        }
    }
}

#[async_trait]
impl Approve for &'static World {
    fn wants_digest(&self) -> bool {
        self.is_bound
    }

    async fn approve(
        &self,
        proposal: &Proposal,
        digest: Option<&SigningDigest>,
    ) -> Result<(), ApproveError> {
        self.note("approve");
        *self.told.lock().expect("told") = (proposal.late_value(), digest.copied());
        match self.fails {
            Fails::Approval => Err(ApproveError::Denied(403)),
            Fails::Approver => Err(ApproveError::Unreachable(String::from("told to"))),
            _ => Ok(()),
        }
    }
}

impl Sign for World {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        let facts = WalletFacts {
            chain: CHAIN,
            network: Network::Mainnet,
            has_mnemonic: false,
            has_private_key: true,
            shared_with_mainnet: false,
        };
        Ok(match id.as_str() {
            "ours" => Some(facts),
            "tests" => Some(WalletFacts { network: Network::Testnet, ..facts }),
            "twin" => {
                Some(WalletFacts { network: Network::Testnet, shared_with_mainnet: true, ..facts })
            }
            _ => None,
        })
    }

    fn public_key(&self, _: &KeyRef) -> Result<PublicKey, SignError> {
        Ok(PublicKey::from_bytes(vec![2; 33]))
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        self.note("sign");
        match self.fails {
            Fails::Sign => Err(SignError::Scheme(request.key().wallet.clone())),
            _ => {
                Ok(KeySignature { public_key: self.public_key(request.key())?, bytes: vec![0; 65] })
            }
        }
    }
}

#[async_trait]
impl Journal for World {
    async fn recall(&self, _: &Pending) -> Result<Recalled, JournalError> {
        self.note("recall");
        match (self.fails, self.entry.lock().expect("entry").clone()) {
            (Fails::OtherContent, _) => Err(JournalError::OtherContent),
            (_, Some(entry)) => Ok(Recalled::Known(entry)),
            (Fails::SecondAttempt, None) => Ok(Recalled::New(Attempt {
                number: 2,
                former: vec![String::from("the first")],
                is_by_itself: true,
            })),
            (_, None) => Ok(Recalled::New(Attempt { number: 1, ..Attempt::default() })),
        }
    }

    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError> {
        self.note("note question");
        match self.fails {
            Fails::Paused => Err(JournalError::Paused(intent.pending.chain.to_string())),
            _ => Ok(None),
        }
    }

    async fn reserve(&self, _: Intent<'_>) -> Result<Reservation, JournalError> {
        self.note("reserve");
        match self.fails {
            Fails::Reserve => Err(JournalError::HeldElsewhere),
            Fails::Claim => Err(JournalError::Claimed {
                claim: String::from("nonce 7"),
                holder: String::from("another"),
            }),
            _ => Ok(RESERVATION),
        }
    }

    async fn record(
        &self,
        _: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError> {
        self.note("record");
        assert_eq!(*reservation, RESERVATION);
        match self.fails {
            Fails::Record => Err(JournalError::Storage("disk full".into())),
            _ => {
                *self.entry.lock().expect("entry") = Some(Entry::Signed(bytes.raw.clone()));
                Ok(())
            }
        }
    }

    async fn close(
        &self,
        _: &TransactionId,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), JournalError> {
        self.note("close");
        match self.fails {
            Fails::Close => Err(JournalError::Storage("disk full".into())),
            _ => Ok(()),
        }
    }

    async fn refuse(&self, _: &Pending, reason: &str) -> Result<bool, JournalError> {
        self.note("refuse");
        if self.fails == Fails::RefusedButTaken {
            return Ok(false);
        }
        let (state, reason) = (Progress::Refused, reason.to_owned());
        *self.entry.lock().expect("entry") = Some(Entry::Ended { state, reason });
        Ok(true)
    }
}

const RESERVATION: Reservation = Reservation { token: [7; 16], duplicate_of: None };

#[async_trait]
impl Broadcast for World {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        assert_eq!(recorded.raw().as_str(), "signed");
        assert_eq!(recorded.is_new(), self.steps().contains(&"record"));
        self.note("broadcast");
        let reason = String::from("told to");
        match self.fails {
            Fails::Broadcast => Err(BroadcastError::Unknown { reason }),
            Fails::BroadcastRefused | Fails::RefusedButTaken => {
                Err(BroadcastError::Refused { reason, is_proved: false })
            }
            Fails::BroadcastProved => Err(BroadcastError::Refused { reason, is_proved: true }),
            Fails::BroadcastNotNow => Err(BroadcastError::NotNow { reason }),
            Fails::BroadcastDoubtful => Err(BroadcastError::Doubtful { reason }),
            _ => Ok(Acceptance { txid: Some(String::from("id on the chain")), foreign: None }),
        }
    }
}

pub(crate) fn pending(payload: &str, wallet: &str) -> Pending {
    Pending::new(PendingRequest {
        id: TransactionId::parse("t1").expect("an id"),
        chain: CHAIN,
        network: Network::Mainnet,
        hashes: vec![SignatureId::parse(wallet).expect("an id")],
        signatures: Vec::new(),
        index: None,
        withdrawal: None,
        payload: payload.to_owned(),
        as_received: String::from("{}"),
    })
}
