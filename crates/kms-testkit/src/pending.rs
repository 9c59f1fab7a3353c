use kms_core::{
    Amount, ChainId, Effects, Fee, Network, Pending, PendingRequest, SignatureId, TransactionId,
};

/// A pending transaction of a testnet.
///
/// # Panics
/// When an id is not valid.
#[expect(clippy::expect_used, reason = "a test names ids that are some")]
pub fn pending(chain: ChainId, id: &str, wallets: &[&str], payload: impl Into<String>) -> Pending {
    let wallet = |id: &&str| SignatureId::parse(id).expect("an id");
    Pending::new(PendingRequest {
        id: TransactionId::parse(id).expect("an id"),
        chain,
        network: Network::Testnet,
        hashes: wallets.iter().map(wallet).collect(),
        signatures: Vec::new(),
        index: None,
        withdrawal: None,
        payload: payload.into(),
        as_received: String::new(),
    })
}

/// The effects of a transaction that moves nothing and costs nothing.
pub fn no_effects(pending: &Pending) -> Effects {
    Effects::new(pending.chain, pending.network, Fee::native(Amount::ZERO))
}
