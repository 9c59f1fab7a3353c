//! The complete payload, and what is kept of it with the authorizer's signature.

use kms_core::{
    Amount, Claim, Effects, Fee, KeyRef, KeySignature, Network, NodeCall, Permit, RawTransaction,
    Scheme, SignError, SigningMessage, SigningRequest, Unsigned,
};
use serde::{Deserialize, Serialize};

use super::{
    FLOW, draft,
    payload::Request,
    transaction::{AccountKey, FlowTransaction, OWN_KEY, Signature, Signed, hash},
};
use crate::codec::hex;

#[derive(Debug)]
pub(super) struct Complete {
    payload: FlowTransaction,
    reference_height: u64,
    key: KeyRef,
    network: Network,
    effects: Effects,
}

/// The content of the journal: the payload with the authorizer's signature, in hexadecimal. The
/// signatures of the API's keys are fetched for each sending.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Authorized {
    pub(super) payload: FlowTransaction,
    pub(super) reference_height: u64,
    signature: String,
}

impl Complete {
    pub(super) fn new(
        payload: FlowTransaction,
        reference_height: u64,
        request: &Request,
        key: KeyRef,
        network: Network,
    ) -> Self {
        // Fees are the payer's.
        let mut effects = Effects::new(FLOW.spec.id, network, Fee::native(Amount::ZERO));
        effects.add_payer(request.account.spell());
        request.add_to(&mut effects);
        Self { payload, reference_height, key, network, effects }
    }
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        let FlowTransaction { proposer: AccountKey { account, key }, sequence, .. } = &self.payload;
        let (network, account) = (self.network, account.spell());
        let (scope, account) = (format!("flow:{network}"), format!("{account}:{key}"));
        vec![Claim::Nonce { scope, account, number: *sequence }]
    }

    fn give_back(&self) -> Option<NodeCall> {
        Some(draft::release(self.payload.proposer, ""))
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Prehash(hash(&self.payload.message()));
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1AnyS, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let signature = Signature::try_from(signature.bytes.as_slice());
        let signature = hex::encode(&signature.map_err(|_| SignError::Assemble)?);
        let Self { payload, reference_height, .. } = *self;
        let authorized = Authorized { payload, reference_height, signature };
        let text = serde_json::to_string(&authorized).map_err(|_| SignError::Assemble)?;
        Ok(RawTransaction::from_text(text))
    }
}

impl Authorized {
    pub(super) fn read(raw: &RawTransaction) -> Option<Self> {
        let own: Self = serde_json::from_str(raw.as_str()).ok()?;
        let is_whole = hex::decode_array::<32>(&own.payload.reference_block).is_some();
        own.signature().filter(|_| is_whole)?;
        Some(own)
    }

    fn signature(&self) -> Option<Signature> {
        hex::decode_array(&self.signature)
    }

    /// The signatures over the payload, the proposer's given.
    pub(super) fn signatures(&self, proposer: Signature) -> Option<[Signed; 2]> {
        let own = AccountKey { account: self.payload.authorizer, key: OWN_KEY };
        Some([
            Signed { by: self.payload.proposer, signature: proposer },
            Signed { by: own, signature: self.signature()? },
        ])
    }
}
