//! The limit on concurrent calls of one chain: more connections would only wait for each other, and
//! a chain that floods must not take them from the others.

use async_trait::async_trait;
use kms_api::Api;
use kms_core::{
    Acceptance, Broadcast, BroadcastError, ChainId, Lookup, LookupError, Network, NodeCall,
    Recorded,
};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

const CALLS_MAX: usize = 64;

/// One chain's share of the way to the API.
#[derive(Debug)]
pub(super) struct Throttle(Semaphore);

impl Default for Throttle {
    fn default() -> Self {
        Self(Semaphore::new(CALLS_MAX))
    }
}

/// The API, by way of a chain's throttle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Throttled<'a> {
    pub(super) api: &'a Api,
    pub(super) throttle: &'a Throttle,
}

impl Throttled<'_> {
    /// A semaphore that nobody closes always has a permit in the end.
    async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.throttle.0.acquire().await.ok()
    }
}

#[async_trait]
impl Lookup for Throttled<'_> {
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError> {
        let _permit = self.permit().await;
        self.api.call(chain, network, call).await
    }
}

#[async_trait]
impl Broadcast for Throttled<'_> {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        let _permit = self.permit().await;
        self.api.broadcast(recorded).await
    }
}
