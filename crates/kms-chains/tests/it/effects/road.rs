//! The way from a pending transaction to signed bytes, keeping what the approver was told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kms_core::{
    Acceptance, Approve, ApproveError, Broadcast, BroadcastError, Chain, ChainId, ChainOptions,
    Effects, FourEyes, Gate, Lookup, LookupError, Network, NodeCall, Ports, Proposal, Recorded,
    Road, SigningDigest, process,
};
use kms_testkit::{
    MemoryJournal, RecordedAnswers, TestKeys,
    vectors::{Exchange, SignCase},
};
use serde_json::{Value, json};

use super::cardano;

/// Signed bytes, and the case that they are of.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) case: &'a SignCase,
    pub(crate) raw: &'a str,
}

/// Approves, and keeps what it approved.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Option<Effects>>>);

#[async_trait]
impl Approve for Told {
    async fn approve(
        &self,
        proposal: &Proposal,
        _: Option<&SigningDigest>,
    ) -> Result<(), ApproveError> {
        *self.0.lock().expect("a lock") = Some(proposal.effects().clone());
        Ok(())
    }
}

#[derive(Default)]
struct Kept(Mutex<Option<String>>);

#[async_trait]
impl Broadcast for Kept {
    async fn broadcast(&self, recorded: &Recorded) -> Result<Acceptance, BroadcastError> {
        *self.0.lock().expect("a lock") = Some(recorded.raw().as_str().to_owned());
        Ok(Acceptance::default())
    }
}

/// Gives the recorded answers whatever is asked, as nodes do that know no better.
struct Answers<'a>(&'a SignCase);

#[async_trait]
impl Lookup for Answers<'_> {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let refused = || LookupError::Refused {
            what: format!("{call:?}"),
            reason: String::from("nothing like it was recorded"),
        };
        if let NodeCall::Rpc { method, .. } = call {
            let is_of = |one: &&Exchange| {
                one.body.as_ref().is_some_and(|body| body["method"] == json!(method))
            };
            let recorded = self.0.rpc.iter().find(is_of).map(|one| one.response["result"].clone());
            let estimate = method.ends_with("estimateGas").then(|| json!("0x37775"));
            return recorded.or(estimate).ok_or_else(refused);
        }
        let (NodeCall::Api { path, body } | NodeCall::Proxy { resource: path, body, .. }) = call
        else {
            let NodeCall::External { path, body, .. } = call else { return Err(refused()) };
            return self.find(path, body.as_ref()).ok_or_else(refused);
        };
        cardano::build(self.0, path, body.as_ref())
            .or_else(|| self.find(path, body.as_ref()))
            .ok_or_else(refused)
    }
}

impl Answers<'_> {
    fn find(&self, path: &str, body: Option<&Value>) -> Option<Value> {
        let exchange = self.0.rpc.iter().find(|one| one.url.ends_with(path))?;
        // A simulation has a result for each clause.
        match (exchange.response.as_array(), body.and_then(|body| body["clauses"].as_array())) {
            (Some(results), Some(clauses)) => {
                let one = results.first()?;
                Some(clauses.iter().map(|_| one.clone()).collect())
            }
            _ => Some(exchange.response.clone()),
        }
    }
}

async fn run(
    chain: &'static dyn Chain,
    case: &SignCase,
    lookup: &dyn Lookup,
    options: &ChainOptions,
) -> Option<(Effects, String)> {
    let list = format!("[{}]", case.pending);
    let network = Network::from_testnet_flag(case.testnet);
    let pending = kms_api::read_pending_list(&list, chain.spec(), network);
    let pending = pending.expect("a list of one").pop().expect("a list of one").ok()?;
    let keys = TestKeys::new(&case.wallets, kms_chains::find_wallet_code);
    let (told, kept, journal) = (Told::default(), Kept::default(), MemoryJournal::default());
    let gate = Gate::new(Vec::new(), FourEyes::Required(Box::new(told.clone())));
    let ports = Ports { lookup, keys: &keys, journal: &journal, broadcaster: &kept };
    let road = Road { chain, options, gate: &gate, ports };
    process(pending, road).await.ok()?;
    let effects = told.0.lock().expect("a lock").take().expect("what was approved");
    Some((effects, kept.0.into_inner().expect("a lock").expect("what was signed")))
}

/// The recorded answers know nothing of the transactions that paid a case's inputs.
pub(crate) fn usual() -> ChainOptions {
    let (trust_input_amounts, allow_flow_nft) = (true, true);
    ChainOptions { trust_input_amounts, allow_flow_nft, ..ChainOptions::default() }
}

/// A recorded case, with the answers it was recorded with; `None` where it is refused.
pub(crate) async fn recorded(
    chain: &'static dyn Chain,
    case: &SignCase,
) -> Option<(Effects, String)> {
    let lookup = RecordedAnswers::new(case.rpc.clone());
    run(chain, case, &lookup, &usual()).await
}

/// A made-up case, with answers to anything; `None` where it is refused.
pub(crate) fn answered(chain: &'static dyn Chain, case: &SignCase) -> Option<(Effects, String)> {
    answered_with(chain, case, &usual())
}

/// Like [`answered`], with what the operator allows.
pub(crate) fn answered_with(
    chain: &'static dyn Chain,
    case: &SignCase,
    options: &ChainOptions,
) -> Option<(Effects, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(chain, case, &Answers(case), options))
}

/// The case with another payload.
pub(crate) fn with_payload(base: &SignCase, payload: &str) -> SignCase {
    let mut pending = base.pending.clone();
    pending["serializedTransaction"] = json!(payload);
    SignCase {
        name: base.name.clone(),
        chain: base.chain.clone(),
        testnet: base.testnet,
        pending,
        wallets: base.wallets.clone(),
        rpc: base.rpc.clone(),
        signed: None,
        result: None,
        deterministic: None,
    }
}
