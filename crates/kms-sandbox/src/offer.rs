//! Offers to the daemon, and the expectations on it.

use std::{collections::BTreeMap, fmt};

use kms_core::{Network, PublicKey, SignatureId, TransactionId};
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    chains::{self, Coin, SandboxChain},
    limits::WALLETS_MAX,
};

/// A pending transaction and what its signed form must be.
#[derive(Clone, Debug)]
pub struct Sample {
    pending: Map<String, Value>,
    expected: Expected,
    chain: &'static SandboxChain,
    coin: &'static Coin,
    id: Option<TransactionId>,
    wallets: Vec<SignatureId>,
    payload: String,
    withdrawal: Option<String>,
    /// Transactions whose outputs are spent, in hexadecimal, by id.
    previous: BTreeMap<String, String>,
    size_bytes: usize,
}

/// The expected signers and network.
#[derive(Clone, Debug)]
pub struct Expected {
    pub network: Network,
    /// On an account chain one; on a chain of outputs those whose keys may sign, which for Bitcoin
    /// Cash is one for all inputs or one for each.
    pub signers: Vec<Signer>,
}

/// A key that is expected to sign.
#[derive(Clone, Eq, PartialEq)]
pub enum Signer {
    /// In the chain's own spelling.
    Address(String),
    PublicKey(PublicKey),
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OfferError {
    #[error("the offer is not valid: {0}")]
    Json(serde_json::Error),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{field}` {problem}")]
    Field { field: &'static str, problem: String },
    #[error("`expect.signers` is empty: name the address or public key that signs")]
    NoSigner,
    #[error("transaction {0} was already offered")]
    Duplicate(TransactionId),
    #[error("the sandbox is full: delete its transactions first")]
    Full,
    #[error("the operating system provides no randomness: {0}")]
    Random(getrandom::Error),
}

impl Sample {
    /// Reads a pending transaction as the API sends it; `id` may be missing.
    ///
    /// # Errors
    /// When a member that every chain needs is missing or is not what it should be. The payload
    /// itself is not read: a bad one is for the daemon to find.
    pub fn new(pending: Map<String, Value>, expected: Expected) -> Result<Self, OfferError> {
        let code = text(&pending, "chain")?.ok_or(OfferError::Missing("chain"))?;
        let (chain, coin) = chains::find(code)
            .ok_or_else(|| field("chain", format!("is not one of {}", chains::known_codes())))?;
        let id = text(&pending, "id")?.map(TransactionId::parse).transpose();
        let payload = text(&pending, "serializedTransaction")?
            .ok_or(OfferError::Missing("serializedTransaction"))?;
        let index = pending.get("index").filter(|index| !index.is_null());
        if index.is_some_and(|index| index.as_u64().is_none()) {
            return Err(field("index", "is not a whole number"));
        }
        if expected.signers.is_empty() {
            return Err(OfferError::NoSigner);
        }
        if expected.signers.len() > WALLETS_MAX {
            return Err(field("expect.signers", format!("has more than {WALLETS_MAX} entries")));
        }
        Ok(Self {
            id: id.map_err(|error| field("id", error.to_string()))?,
            wallets: wallets(&pending)?,
            payload: payload.to_owned(),
            withdrawal: text(&pending, "withdrawalId")?.map(str::to_owned),
            previous: BTreeMap::new(),
            size_bytes: serde_json::to_string(&pending).map_err(OfferError::Json)?.len(),
            pending,
            expected,
            chain,
            coin,
        })
    }

    /// Reads the body of `POST /sandbox/transactions`.
    ///
    /// # Errors
    /// As [`Sample::new`], and when the body is no such object.
    pub fn from_json(body: &[u8]) -> Result<Self, OfferError> {
        let wire: WireOffer = serde_json::from_slice(body).map_err(OfferError::Json)?;
        let network = match wire.expect.network {
            None | Some(WireNetwork::Testnet) => Network::Testnet,
            Some(WireNetwork::Mainnet) => Network::Mainnet,
        };
        let signers = wire.expect.signers.into_iter().map(Signer::read);
        let signers = signers.collect::<Result<_, _>>()?;
        let sample = Self::new(wire.pending, Expected { network, signers })?;
        Ok(sample.with_previous(wire.previous))
    }

    /// With the transactions whose outputs it spends, in hexadecimal, by id: the chain's node
    /// gives them to whoever asks.
    #[must_use]
    pub fn with_previous(mut self, previous: BTreeMap<String, String>) -> Self {
        let bytes = previous.iter().map(|(id, raw)| id.len().saturating_add(raw.len()));
        self.size_bytes = bytes.fold(self.size_bytes, usize::saturating_add);
        self.previous = previous;
        self
    }

    /// The object as it is served.
    pub const fn pending(&self) -> &Map<String, Value> {
        &self.pending
    }

    pub const fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) const fn chain(&self) -> &'static SandboxChain {
        self.chain
    }

    pub(crate) const fn coin(&self) -> &'static Coin {
        self.coin
    }

    pub const fn previous(&self) -> &BTreeMap<String, String> {
        &self.previous
    }

    pub(crate) fn payload(&self) -> &str {
        &self.payload
    }

    /// Of the object as it is served, and of what goes with it.
    pub(crate) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    pub(crate) fn wallets(&self) -> &[SignatureId] {
        &self.wallets
    }

    /// The id of the withdrawal, where the chain broadcasts withdrawals by a route of their own.
    pub(crate) fn withdrawal(&self) -> Option<&str> {
        self.withdrawal.as_deref().filter(|_| self.coin.has_withdrawals)
    }

    /// The id, made up now if the transaction came without one.
    pub(crate) fn identify(&mut self) -> Result<TransactionId, OfferError> {
        if let Some(id) = &self.id {
            return Ok(id.clone());
        }
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).map_err(OfferError::Random)?;
        let digits = alloy_primitives::hex::encode(bytes);
        let id = TransactionId::parse(&digits).map_err(|error| field("id", error.to_string()))?;
        self.pending.shift_insert(0, "id".into(), Value::String(digits));
        self.id = Some(id.clone());
        Ok(id)
    }
}

impl Signer {
    fn read(wire: WireSigner) -> Result<Self, OfferError> {
        match wire {
            WireSigner::Address(address) if address.is_empty() => {
                Err(field("expect.signers", "has an empty address"))
            }
            WireSigner::Address(address) => Ok(Self::Address(address)),
            WireSigner::PublicKey(digits) => {
                let bytes = alloy_primitives::hex::decode(&digits).unwrap_or_default();
                match bytes.len() {
                    32 | 33 | 64 | 65 => Ok(Self::PublicKey(PublicKey::from_bytes(bytes))),
                    _ => Err(field(
                        "expect.signers",
                        "has a public key that is not 32, 33, 64 or 65 bytes in hexadecimal",
                    )),
                }
            }
        }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => f.write_str(address),
            Self::PublicKey(key) => {
                f.write_str("public key ")?;
                f.write_str(&alloy_primitives::hex::encode(key.as_bytes()))
            }
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn wallets(pending: &Map<String, Value>) -> Result<Vec<SignatureId>, OfferError> {
    let hashes = pending.get("hashes").ok_or(OfferError::Missing("hashes"))?;
    let hashes = hashes.as_array().ok_or_else(|| field("hashes", "is not a list"))?;
    let signatures = match pending.get("signatures") {
        None | Some(Value::Null) => &[],
        Some(list) => {
            list.as_array().ok_or_else(|| field("signatures", "is not a list"))?.as_slice()
        }
    };
    let ids = hashes.iter().map(|hash| ("hashes", hash.as_str()));
    let indexed =
        signatures.iter().map(|one| ("signatures", one.get("id").and_then(Value::as_str)));
    let read = |(name, id): (&'static str, Option<&str>)| {
        let id = id.ok_or_else(|| field(name, "has an entry without an id"))?;
        SignatureId::parse(id).map_err(|error| field(name, error.to_string()))
    };
    let ids: Vec<_> = ids.chain(indexed).map(read).collect::<Result<_, _>>()?;
    match ids.len() {
        0 => Err(field("hashes", "and `signatures` name no wallet")),
        count if count > WALLETS_MAX => {
            Err(field("hashes", format!("and `signatures` name more than {WALLETS_MAX} wallets")))
        }
        _ => Ok(ids),
    }
}

fn text<'a>(
    pending: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, OfferError> {
    match pending.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(field(name, "is not text")),
    }
}

fn field(field: &'static str, problem: impl Into<String>) -> OfferError {
    OfferError::Field { field, problem: problem.into() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireOffer {
    pending: Map<String, Value>,
    expect: WireExpected,
    #[serde(default)]
    previous: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireExpected {
    network: Option<WireNetwork>,
    signers: Vec<WireSigner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WireNetwork {
    Mainnet,
    Testnet,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum WireSigner {
    Address(String),
    PublicKey(String),
}
