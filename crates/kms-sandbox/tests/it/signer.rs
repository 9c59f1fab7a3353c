//! A wallet of one test key, and ports that lead to the sandbox.

use std::{convert::Infallible, net::SocketAddr};

use async_trait::async_trait;
use kms_core::{
    Acceptance, AddressIndex, Approve, ApproveError, Broadcast, BroadcastError, Chain, ChainId,
    KeyRef, KeySignature, Lookup, LookupError, Network, NodeCall, Proposal, PublicKey, Recorded,
    Sign, SignError, SignatureId, SigningDigest, SigningRequest, WalletFacts,
};
use kms_keys::{SigningKey, generate, generate_key};
use serde_json::{Value, json};

use crate::client::call;

/// One wallet whose only key signs for one chain.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) facts: WalletFacts,
    key: SigningKey,
}

impl Keys {
    /// A wallet of the chain, another one for each number.
    pub(crate) fn new(chain: &dyn Chain, network: Network, is_mnemonic: bool, number: u8) -> Self {
        let spec = &chain.spec().key;
        let single = generate_key(spec, &mut Numbers(number)).unwrap();
        let key = single.unwrap_or_else(|| {
            let phrase = generate(&mut Numbers(number)).unwrap();
            SigningKey::derive(spec, network, &phrase, AddressIndex::ONE).unwrap()
        });
        let facts = WalletFacts {
            chain: chain.spec().id,
            network,
            has_mnemonic: is_mnemonic,
            has_private_key: !is_mnemonic,
            shared_with_mainnet: false,
        };
        Self { facts, key }
    }

    pub(crate) const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }
}

/// Randomness that is the same every time.
struct Numbers(u8);

impl rand_core::TryRng for Numbers {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Numbers {}

impl Sign for Keys {
    fn wallet(&self, _: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        Ok(Some(self.facts))
    }

    fn public_key(&self, _: &KeyRef) -> Result<PublicKey, SignError> {
        Ok(self.public_key().clone())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        self.key.sign(request.scheme(), request.message()).map_err(|_| SignError::Assemble)
    }
}

/// The daemon's ports, as far as they lead to the API.
#[derive(Debug)]
pub(crate) struct Api(pub(crate) SocketAddr);

#[async_trait]
impl Lookup for Api {
    async fn call(&self, _: ChainId, _: Network, ask: &NodeCall) -> Result<Value, LookupError> {
        let reply = match ask {
            NodeCall::Rpc { path, method, params } => {
                let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
                let reply = call(self.0, "POST", &format!("{path}/any-key"), &body).await.json();
                return Ok(reply["result"].clone());
            }
            NodeCall::FullNode { path, method, params } => {
                let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
                return Ok(call(self.0, "POST", path, &body).await.json()["result"].clone());
            }
            NodeCall::Api { path, body: None } => call(self.0, "GET", path, &Value::Null).await,
            NodeCall::Api { path, body: Some(body) } => call(self.0, "POST", path, body).await,
            NodeCall::Proxy { path, resource, body } => {
                let method = if body.is_some() { "POST" } else { "GET" };
                let path = format!("{path}/key{resource}");
                call(self.0, method, &path, body.as_ref().unwrap_or(&Value::Null)).await
            }
            NodeCall::External { path, body: None, .. } => {
                call(self.0, "GET", path, &Value::Null).await
            }
            NodeCall::External { path, body: Some(body), .. } => {
                call(self.0, "POST", path, body).await
            }
        };
        Ok(reply.json())
    }
}

#[async_trait]
impl Broadcast for Api {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let pending = recorded.pending();
        let chain = kms_chains::find(pending.chain.as_str()).unwrap();
        let path = format!("/v3/{}/broadcast", chain.spec().api_path);
        let tx_data = match chain.submission(pending.network, recorded.raw())? {
            None => recorded.raw().as_str().to_owned(),
            Some(mut submission) => {
                while let Some(step) = submission.next_step() {
                    let outcome = self.call(pending.chain, pending.network, &step.call).await;
                    submission.outcome(outcome)?;
                }
                submission.tx_data()
            }
        };
        let body = json!({ "txData": tx_data, "signatureId": pending.id.as_str() });
        let reply = call(self.0, "POST", &path, &body).await;
        match reply.status {
            200 => Ok(Acceptance::default()),
            _ => Err(BroadcastError::Refused { reason: reply.text, is_proved: false }),
        }
    }
}

pub(crate) struct Yes;

#[async_trait]
impl Approve for Yes {
    async fn approve(&self, _: &Proposal, _: Option<&SigningDigest>) -> Result<(), ApproveError> {
        Ok(())
    }
}
