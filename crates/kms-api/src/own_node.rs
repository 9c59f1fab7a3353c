//! A second witness: the node that the operator names, beside the one behind the API.

use async_trait::async_trait;
use kms_core::{ChainId, Lookup, LookupError, Network, NodeCall};
use url::Url;

use crate::{client::Api, lookup::no_answer};

/// The operator's own node of a chain whose JSON-RPC otherwise goes through the API's node proxy.
/// It is asked besides the API where one source's word is not enough.
#[derive(Debug)]
pub struct OwnNode<'a> {
    api: &'a Api,
    url: &'a Url,
}

impl Api {
    /// The node that the operator names for a chain, if one is named.
    pub fn own_node(&self, chain: ChainId) -> Option<OwnNode<'_>> {
        let url = self.direct_urls.get(chain.as_str())?;
        Some(OwnNode { api: self, url })
    }
}

#[async_trait]
impl Lookup for OwnNode<'_> {
    /// Calls other than JSON-RPC are not redirected: they go to the operator's service already, or
    /// to the API, which cannot be replaced.
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<serde_json::Value, LookupError> {
        let NodeCall::Rpc { method, params, .. } = call else {
            return self.api.call(chain, network, call).await;
        };
        let outcome = self.api.rpc_at(self.url.clone(), method, params).await;
        outcome.map_err(|problem| no_answer(problem, (*method).to_owned()))
    }
}
