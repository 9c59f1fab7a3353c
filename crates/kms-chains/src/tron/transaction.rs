//! The draft, the effects, and the signed JSON.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use kms_core::{
    Amount, Answer, Asset, Claim, DecodeError, DecodeInput, Draft, Effects, Fee, KeyRef,
    KeySignature, Network, Permit, Query, RawTransaction, ResolveError, Scheme, SignError,
    SigningMessage, SigningRequest, Transfer, Unexplained, Unsigned,
};

use super::{
    TRON, address,
    payload::{self, Payload},
    protobuf::{Field, Kind},
};
use crate::{
    codec::{
        hex,
        json::{Json, Object},
        note, quantity,
    },
    evm::{address_of, calls::ContractCall},
};

#[derive(Debug)]
pub(super) struct TronDraft {
    payload: Payload,
    network: Network,
    key: KeyRef,
    is_ours: bool,
}

impl TronDraft {
    pub(super) fn new(input: &DecodeInput<'_>) -> Result<Self, DecodeError> {
        let DecodeInput { pending, signers, options } = *input;
        Ok(Self {
            payload: payload::read(&pending.payload, options)?,
            network: pending.network,
            key: signers.account_key(pending)?,
            is_ours: false,
        })
    }
}

impl Draft for TronDraft {
    fn next_query(&mut self) -> Option<Query> {
        (!self.is_ours).then(|| Query::PublicKey(self.key.clone()))
    }

    fn answer(&mut self, answer: Answer) -> Result<(), ResolveError> {
        let Answer::PublicKey(key) = answer else {
            return Err(ResolveError::Incomplete("public key"));
        };
        let own = address_of(&key).map_err(|_| ResolveError::Incomplete("public key"))?;
        if own != self.payload.owner {
            return Err(ResolveError::NotOurs {
                found: address::spell(self.payload.owner),
                expected: address::spell(own),
            });
        }
        self.is_ours = true;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Unsigned>, ResolveError> {
        if !self.is_ours {
            return Err(ResolveError::Incomplete("public key"));
        }
        Ok(Box::new(Complete {
            effects: effects(&self.payload, self.network)?,
            payload: self.payload,
            key: self.key,
        }))
    }
}

#[derive(Debug)]
struct Complete {
    payload: Payload,
    key: KeyRef,
    effects: Effects,
}

fn effects(payload: &Payload, network: Network) -> Result<Effects, ResolveError> {
    let fee = Fee::native(Amount::from_base_units(payload.fee_limit));
    let mut effects = Effects::new(TRON.spec.id, network, fee);
    effects.add_payer(address::spell(payload.owner));
    match payload.contract.name {
        "TransferContract" => transfer(payload, "amount", "to_address", &mut effects)?,
        "TransferAssetContract" => transfer(payload, "amount", "to_address", &mut effects)?,
        "TriggerSmartContract" => {
            if payload.value.get("call_value").is_some_and(|value| !value.is_falsy()) {
                transfer(payload, "call_value", "contract_address", &mut effects)?;
            }
            if payload.value.get("call_token_value").is_some_and(|value| !value.is_falsy()) {
                let contract = address::spell(member_address(payload, "contract_address")?);
                let what = Unexplained::new("a token that goes along with the call");
                effects.add_unexplained(what.by_contract(contract));
            }
            let data = payload.value.get("data").and_then(Json::as_text).and_then(hex::decode);
            let call = ContractCall {
                contract: member_address(payload, "contract_address")?,
                data: &data.unwrap_or_default(),
                sender: payload.owner,
                spell: address::spell,
            };
            call.add_to(&mut effects);
        }
        other => add_unexplained(payload, other, &mut effects),
    }
    effects.tag_transfers(note::spell(&payload.memo).as_deref());
    Ok(effects)
}

/// A contract that is named only, with every address in it: votes, resources and rights go there.
fn add_unexplained(payload: &Payload, what: &str, effects: &mut Effects) {
    let mut addresses = BTreeSet::new();
    collect_addresses(&payload.value, payload.contract.fields, &mut addresses);
    addresses.remove(&address::spell(payload.owner));
    let mut addresses = addresses.into_iter();
    let receiver = addresses.next();
    effects.add_unexplained(Unexplained { what: what.to_owned(), receiver, contract: None });
    for address in addresses {
        effects.add_unexplained(Unexplained::new(what).for_receiver(address));
    }
}

fn collect_addresses(object: &Object, fields: &[Field], into: &mut BTreeSet<String>) {
    for (name, value) in object.members() {
        let Some(field) = fields.iter().find(|field| field.name == name) else { continue };
        match field.kind {
            Kind::Address => {
                let address = value.as_text().and_then(address::read);
                into.extend(address.map(address::spell));
            }
            Kind::Message(fields) => {
                value.as_object().into_iter().for_each(|one| collect_addresses(one, fields, into));
            }
            Kind::Repeated(fields) => {
                let items = value.as_list().unwrap_or_default().iter();
                let items = items.filter_map(Json::as_object);
                items.for_each(|one| collect_addresses(one, fields, into));
            }
            _ => (),
        }
    }
}

fn transfer(
    payload: &Payload,
    amount: &'static str,
    to: &'static str,
    effects: &mut Effects,
) -> Result<(), ResolveError> {
    let asset = match payload.value.get("asset_name").and_then(Json::as_text) {
        // TRC-10 tokens are named by the text of their number.
        Some(name) => {
            let name = hex::decode(name).unwrap_or_default();
            Asset::Token { contract: String::from_utf8_lossy(&name).into_owned() }
        }
        None => Asset::Native,
    };
    let units = payload.value.get(amount).ok_or(DecodeError::Missing(amount))?;
    let to = member_address(payload, to)?;
    effects.add_transfer(Transfer {
        asset,
        to: address::spell(to),
        amount: Amount::from_u256(quantity::read(amount, units)?),
        to_self: to == payload.owner,
        tag: None,
    });
    Ok(())
}

fn member_address(payload: &Payload, name: &'static str) -> Result<Address, ResolveError> {
    let address = payload.value.get(name).and_then(Json::as_text).and_then(address::read);
    address.ok_or_else(|| DecodeError::Missing(name).into())
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::Once { scope: String::from("tron"), what: hex::encode(&self.payload.txid) }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Prehash(self.payload.txid);
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1, message)]
    }

    /// The payload with `signature` in it: `r || s` in lower case, `27 + recovery id` in upper
    /// case, as the original's library writes them.
    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let signature = match signatures.as_slice() {
            [signature] => signature.bytes.split_last().ok_or(SignError::Assemble)?,
            _ => return Err(SignError::Assemble),
        };
        let (recovery, r_and_s) = signature;
        let v = recovery.checked_add(27).ok_or(SignError::Assemble)?;
        let signature = Json::List(vec![Json::Text(format!("{}{v:02X}", hex::encode(r_and_s)))]);
        let mut object = self.payload.object;
        object.set("signature", signature);
        Ok(RawTransaction::from_text(Json::Object(object).to_compact_text()))
    }
}
