//! A wallet of one test key, and ports that lead to the sandbox.

use std::net::SocketAddr;

use async_trait::async_trait;
use k256::{
    FieldBytes, ProjectivePoint, Scalar,
    ecdsa::SigningKey,
    elliptic_curve::{PrimeField as _, ops::Reduce, sec1::ToSec1Point as _},
};
use kms_core::{
    Approve, ApproveError, Broadcast, BroadcastError, ChainId, ContentDigest, Entry, Intent,
    Journal, JournalError, KeyRef, KeySignature, Lookup, LookupError, Network, NodeCall, Proposal,
    PublicKey, RawTransaction, Recorded, Scheme, Sign, SignError, SignatureId, SigningMessage,
    SigningRequest, TransactionId, WalletFacts,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::call;

/// One wallet whose only key signs for one chain.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) facts: WalletFacts,
    pub(crate) scheme: Scheme,
    /// Whether keys are shown in the long form, as account chains want them.
    pub(crate) long: bool,
    pub(crate) secret: [u8; 32],
}

impl Keys {
    pub(crate) fn key(&self) -> PublicKey {
        let key = SigningKey::from_slice(&self.secret).unwrap();
        let point = key.verifying_key().to_sec1_point(!self.long);
        PublicKey::from_bytes(point.as_bytes().to_vec())
    }

    fn sign_prehash(&self, prehash: &[u8; 32]) -> Vec<u8> {
        let key = SigningKey::from_slice(&self.secret).unwrap();
        match self.scheme {
            Scheme::SchnorrBitcoinCash => schnorr(&self.secret, prehash),
            _ => {
                let (signature, recovery) = key.sign_prehash_recoverable(prehash);
                [signature.to_bytes().as_slice(), &[recovery.to_byte()]].concat()
            }
        }
    }
}

/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>,
/// with a nonce that is good enough for a test key.
fn schnorr(secret: &[u8; 32], prehash: &[u8; 32]) -> Vec<u8> {
    let reduce = |bytes: [u8; 32]| <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into());
    let secret = reduce(*secret);
    let encode = |point: ProjectivePoint| point.to_affine().to_sec1_point(true).as_bytes().to_vec();
    let public = encode(ProjectivePoint::GENERATOR * secret);
    // Half of all points have a square as y; the verifier tells which.
    for attempt in 0_u8.. {
        let nonce = Sha256::new().chain_update([attempt]).chain_update(prehash).finalize();
        let nonce = reduce(nonce.into());
        let point = (ProjectivePoint::GENERATOR * nonce).to_affine().to_sec1_point(false);
        let (x, y) = point.as_bytes().split_at(1).1.split_at(32);
        let y = alloy_primitives::U256::from_be_slice(y);
        let field = alloy_primitives::U256::MAX - alloy_primitives::U256::from((1_u64 << 32) + 976);
        if y.pow_mod(field >> 1_usize, field) != alloy_primitives::U256::from(1) {
            continue;
        }
        let e =
            Sha256::new().chain_update(x).chain_update(&public).chain_update(prehash).finalize();
        let s = nonce + reduce(e.into()) * secret;
        return [x, s.to_repr().as_slice()].concat();
    }
    unreachable!("one of two points fits")
}

impl Sign for Keys {
    fn wallet(&self, _: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        Ok(Some(self.facts))
    }

    fn public_key(&self, _: &KeyRef) -> Result<PublicKey, SignError> {
        Ok(self.key())
    }

    fn sign(&self, request: &SigningRequest) -> Result<KeySignature, SignError> {
        let SigningMessage::Prehash(prehash) = request.message() else {
            return Err(SignError::Assemble);
        };
        Ok(KeySignature { public_key: self.key(), bytes: self.sign_prehash(prehash) })
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
    async fn broadcast(&self, recorded: &Recorded) -> Result<(), BroadcastError> {
        let pending = recorded.pending();
        let chain = kms_chains::find(pending.chain.as_str()).unwrap();
        let path = format!("/v3/{}/broadcast", chain.spec().api_path);
        let body = json!({ "txData": recorded.raw().as_str(), "signatureId": pending.id.as_str() });
        let reply = call(self.0, "POST", &path, &body).await;
        match reply.status {
            200 => Ok(()),
            _ => Err(BroadcastError::Rejected { reason: reply.text }),
        }
    }
}

/// Remembers nothing: the journal is not what is tested here.
pub(crate) struct NoJournal;

#[async_trait]
impl Journal for NoJournal {
    async fn recall(
        &self,
        _: &TransactionId,
        _: &ContentDigest,
    ) -> Result<Option<Entry>, JournalError> {
        Ok(None)
    }

    async fn reserve(&self, _: Intent<'_>) -> Result<(), JournalError> {
        Ok(())
    }

    async fn record(&self, _: &TransactionId, _: &RawTransaction) -> Result<(), JournalError> {
        Ok(())
    }

    async fn close(&self, _: &TransactionId) -> Result<(), JournalError> {
        Ok(())
    }

    async fn refuse(&self, _: &TransactionId) -> Result<(), JournalError> {
        Ok(())
    }

    async fn is_reported(
        &self,
        _: &TransactionId,
        _: &ContentDigest,
    ) -> Result<bool, JournalError> {
        Ok(false)
    }

    async fn mark_reported(
        &self,
        _: &TransactionId,
        _: &ContentDigest,
    ) -> Result<(), JournalError> {
        Ok(())
    }
}

pub(crate) struct Yes;

#[async_trait]
impl Approve for Yes {
    async fn approve(&self, _: &Proposal) -> Result<(), ApproveError> {
        Ok(())
    }
}
