//! The format of `kms-chains/vectors/<CODE>/*.json`.

use std::path::Path;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A file of cases of one kind.
#[derive(Debug, Deserialize)]
pub struct File<T> {
    /// The origin of the cases.
    pub source: String,
    pub cases: Vec<T>,
}

/// One daemon round of the original over one pending transaction.
#[derive(Debug, Deserialize)]
pub struct SignCase {
    pub name: String,
    pub chain: String,
    /// The daemon's flag.
    pub testnet: bool,
    pub pending: Value,
    /// Records as `wallet.dat` stores them, by signature id.
    pub wallets: Map<String, Value>,
    pub rpc: Vec<Exchange>,
    pub signed: Option<Signed>,
    pub result: Option<Outcome>,
    #[serde(default)]
    pub deterministic: Option<bool>,
}

/// A look-up the original made, and what it was answered.
#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub body: Option<Value>,
    /// Null where the body was none that can be read.
    #[serde(default)]
    pub response: Value,
    pub status: Option<u16>,
}

#[derive(Debug, Deserialize)]
pub struct Signed {
    #[serde(rename = "txData")]
    pub tx_data: String,
    pub broadcast: Value,
}

/// The outcome of a bad case in the original.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    pub outcome: String,
    pub error: Option<String>,
    pub broadcast: Option<Value>,
}

/// # Panics
/// When the file is not there or not of this format: a test cannot go on without it.
#[expect(clippy::panic, reason = "a test cannot go on without its cases")]
pub fn load<T: DeserializeOwned>(path: &Path) -> File<T> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let file: File<T> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is no file of vectors: {error}", path.display()));
    assert!(!file.source.is_empty(), "{} names no source", path.display());
    file
}
