//! The ports of a shadow: they read, and can neither sign nor send.

use async_trait::async_trait;
use kms_core::{
    Acceptance, Broadcast, BroadcastError, ChainId, KeyRef, KeySignature, Lookup, LookupError,
    Network, NodeCall, PublicKey, Recorded, Sign, SignError, SignatureId, SigningRequest,
    WalletFacts,
};
use serde_json::Value;

use super::super::{store::SharedStore, throttle::Throttled};

/// Resources of the API that set something aside for whoever asks: a proposer's key of Flow is one
/// that the daemon beside would wait for.
const TAKING: &[&str] = &["/v3/flow/"];

pub(super) struct Onlooker<'a> {
    pub(super) way: &'a Throttled<'a>,
    pub(super) keys: &'a SharedStore,
}

#[async_trait]
impl Lookup for Onlooker<'_> {
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError> {
        match call {
            NodeCall::Api { path, .. } if TAKING.iter().any(|taking| path.starts_with(taking)) => {
                Err(LookupError::NotAsked {
                    what: path.clone(),
                    reason: String::from("it would take something from the other daemon"),
                })
            }
            _ => self.way.call(chain, network, call).await,
        }
    }
}

impl Sign for Onlooker<'_> {
    fn wallet(&self, id: &SignatureId) -> Result<Option<WalletFacts>, SignError> {
        self.keys.wallet(id)
    }

    fn public_key(&self, key: &KeyRef) -> Result<PublicKey, SignError> {
        self.keys.public_key(key)
    }

    fn sign(&self, _: &SigningRequest) -> Result<KeySignature, SignError> {
        Err(SignError::NotApproved)
    }
}

#[async_trait]
impl Broadcast for Onlooker<'_> {
    async fn broadcast(&self, _: &Recorded) -> Result<Acceptance, BroadcastError> {
        Err(BroadcastError::NotSent { reason: String::from("this daemon is a shadow") })
    }
}
