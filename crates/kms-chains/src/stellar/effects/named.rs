//! Operations that effects have no word for: they are named, with what they say and everybody they
//! pay, trust or are about.

use std::collections::BTreeSet;

use kms_core::{Effects, Unexplained};
use stellar_xdr::{
    Asset as XdrAsset, ChangeTrustAsset, ChangeTrustOp, ClaimableBalanceId, Claimant, HostFunction,
    InvokeContractArgs, InvokeHostFunctionOp, LiquidityPoolParameters, ManageBuyOfferOp,
    MuxedAccount, OperationBody, Price, SetOptionsOp, SignerKey, SorobanAuthorizedFunction,
};

use super::{asset_of, contract};
use crate::{
    codec::{hex, note},
    stellar::address,
};

/// Adds an operation under the given name.
pub(super) fn add(effects: &mut Effects, body: &OperationBody, name: &str) {
    let what = match summary(body) {
        Some(summary) => format!("{name}: {summary}"),
        None => name.to_owned(),
    };
    let mut contracts = contracts(body).into_iter();
    let mut receivers = receivers(body).into_iter();
    let (receiver, contract) = (receivers.next(), contracts.next());
    effects.add_unexplained(Unexplained { what, receiver, contract });
    for receiver in receivers {
        effects.add_unexplained(Unexplained::new(name).for_receiver(receiver));
    }
    for contract in contracts {
        effects.add_unexplained(Unexplained::new(name).by_contract(contract));
    }
}

/// The content of the operation in a few words. Amounts are those that are asked for, the most of
/// them where there is a range.
fn summary(body: &OperationBody) -> Option<String> {
    let offer = |amount: i64, selling: &XdrAsset, buying: &XdrAsset, price: &Price| {
        let (selling, buying) = (asset_of(selling), asset_of(buying));
        let Price { n, d } = price;
        format!("sells up to {amount} {selling} for {buying}, at {n}/{d} each")
    };
    Some(match body {
        OperationBody::ChangeTrust(own) => trust(own),
        OperationBody::ManageSellOffer(own) if own.amount == 0 => {
            format!("deletes offer {}", own.offer_id)
        }
        OperationBody::ManageSellOffer(own) => {
            offer(own.amount, &own.selling, &own.buying, &own.price)
        }
        OperationBody::CreatePassiveSellOffer(own) => {
            offer(own.amount, &own.selling, &own.buying, &own.price)
        }
        OperationBody::ManageBuyOffer(own) => purchase(own),
        OperationBody::Clawback(own) => {
            let from = address::spell(&address::key_of(&own.from));
            format!("takes {} {} from {from}", own.amount, asset_of(&own.asset))
        }
        OperationBody::ClaimClaimableBalance(own) => balance(&own.balance_id),
        OperationBody::ClawbackClaimableBalance(own) => balance(&own.balance_id),
        OperationBody::LiquidityPoolDeposit(own) => {
            let (a, b) = (own.max_amount_a, own.max_amount_b);
            format!("pays up to {a} and {b} of its assets into pool {}", own.liquidity_pool_id)
        }
        OperationBody::LiquidityPoolWithdraw(own) => {
            format!("gives {} shares of pool {} back", own.amount, own.liquidity_pool_id)
        }
        OperationBody::BumpSequence(own) => format!("to {}", own.bump_to.0),
        OperationBody::ManageData(own) => {
            let name = words(own.data_name.as_slice());
            let does = if own.data_value.is_some() { "writes" } else { "deletes" };
            format!("{does} {name}")
        }
        OperationBody::AllowTrust(own) => {
            format!("sets authorization {} of {}", own.authorize, own.asset)
        }
        OperationBody::SetTrustLineFlags(own) => {
            let (set, clear) = (own.set_flags, own.clear_flags);
            format!("sets flags {set} and clears {clear} of {}", asset_of(&own.asset))
        }
        OperationBody::SetOptions(own) => return options(own),
        OperationBody::InvokeHostFunction(own) => match &own.host_function {
            HostFunction::InvokeContract(call) => {
                format!("calls {}", words(call.function_name.as_slice()))
            }
            HostFunction::CreateContract(_) | HostFunction::CreateContractV2(_) => {
                String::from("creates a contract")
            }
            HostFunction::UploadContractWasm(_) => String::from("uploads a program"),
        },
        _ => return None,
    })
}

fn purchase(own: &ManageBuyOfferOp) -> String {
    if own.buy_amount == 0 {
        return format!("deletes offer {}", own.offer_id);
    }
    let (selling, buying) = (asset_of(&own.selling), asset_of(&own.buying));
    let (amount, Price { n, d }) = (own.buy_amount, &own.price);
    format!("buys up to {amount} {buying} for {selling}, at {n}/{d} each")
}

fn balance(id: &ClaimableBalanceId) -> String {
    let ClaimableBalanceId::ClaimableBalanceIdTypeV0(hash) = id;
    format!("balance {}", hex::encode(&hash.0))
}

fn trust(own: &ChangeTrustOp) -> String {
    let limit = own.limit;
    let owed = |asset: XdrAsset| format!("its issuer may owe up to {limit} {}", asset_of(&asset));
    match &own.line {
        ChangeTrustAsset::Native => owed(XdrAsset::Native),
        ChangeTrustAsset::CreditAlphanum4(own) => owed(XdrAsset::CreditAlphanum4(own.clone())),
        ChangeTrustAsset::CreditAlphanum12(own) => owed(XdrAsset::CreditAlphanum12(own.clone())),
        ChangeTrustAsset::PoolShare(pool) => {
            let LiquidityPoolParameters::LiquidityPoolConstantProduct(own) = pool;
            let (a, b) = (asset_of(&own.asset_a), asset_of(&own.asset_b));
            format!("may hold up to {limit} shares of the pool of {a} and {b}")
        }
    }
}

/// The signers and how much they count, and the other options.
fn options(own: &SetOptionsOp) -> Option<String> {
    let number = |name: &str, value: Option<u32>| value.map(|value| format!("{name} {value}"));
    let signer = own.signer.as_ref();
    let signer = signer.map(|signer| format!("signer {} of weight {}", signer.key, signer.weight));
    let domain = own.home_domain.as_ref();
    let domain = domain.map(|domain| format!("home domain {}", words(domain.as_slice())));
    let parts = [
        signer,
        number("master key of weight", own.master_weight),
        number("low threshold", own.low_threshold),
        number("medium threshold", own.med_threshold),
        number("high threshold", own.high_threshold),
        number("sets flags", own.set_flags),
        number("clears flags", own.clear_flags),
        domain,
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A name that is text, else its bytes.
fn words(bytes: &[u8]) -> String {
    let spelled = note::spell(bytes).unwrap_or_default();
    spelled.strip_prefix("text:").map_or_else(|| spelled.clone(), str::to_owned)
}

/// Issuers, contracts and pools that decide what comes of it.
fn contracts(body: &OperationBody) -> Vec<String> {
    match body {
        OperationBody::ChangeTrust(own) => match &own.line {
            ChangeTrustAsset::Native => Vec::new(),
            ChangeTrustAsset::CreditAlphanum4(asset) => vec![asset.issuer.to_string()],
            ChangeTrustAsset::CreditAlphanum12(asset) => vec![asset.issuer.to_string()],
            ChangeTrustAsset::PoolShare(pool) => {
                let LiquidityPoolParameters::LiquidityPoolConstantProduct(own) = pool;
                issuers([&own.asset_a, &own.asset_b])
            }
        },
        OperationBody::ManageSellOffer(own) => issuers([&own.selling, &own.buying]),
        OperationBody::ManageBuyOffer(own) => issuers([&own.selling, &own.buying]),
        OperationBody::CreatePassiveSellOffer(own) => issuers([&own.selling, &own.buying]),
        OperationBody::LiquidityPoolDeposit(own) => vec![own.liquidity_pool_id.to_string()],
        OperationBody::LiquidityPoolWithdraw(own) => vec![own.liquidity_pool_id.to_string()],
        OperationBody::InvokeHostFunction(own) => {
            distinct(calls(own).into_iter().map(|call| call.contract_address.to_string()))
        }
        _ => Vec::new(),
    }
}

fn issuers(assets: [&XdrAsset; 2]) -> Vec<String> {
    let issuer = |asset: &XdrAsset| match asset {
        XdrAsset::Native => None,
        XdrAsset::CreditAlphanum4(own) => Some(own.issuer.to_string()),
        XdrAsset::CreditAlphanum12(own) => Some(own.issuer.to_string()),
    };
    distinct(assets.into_iter().filter_map(issuer))
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The call itself, and all that it may make in the account's name.
fn calls(own: &InvokeHostFunctionOp) -> Vec<&InvokeContractArgs> {
    let mut all = Vec::new();
    if let HostFunction::InvokeContract(call) = &own.host_function {
        all.push(call);
    }
    let mut waiting: Vec<_> = own.auth.iter().map(|entry| &entry.root_invocation).collect();
    while let Some(invocation) = waiting.pop() {
        if let SorobanAuthorizedFunction::ContractFn(call) = &invocation.function {
            all.push(call);
        }
        waiting.extend(invocation.sub_invocations.iter());
    }
    all
}

/// Accounts that are paid by it, gain a right, or lose something.
fn receivers(body: &OperationBody) -> Vec<String> {
    let account = |to: &MuxedAccount| vec![address::spell(&address::key_of(to))];
    match body {
        OperationBody::CreateAccount(own) => vec![own.destination.to_string()],
        OperationBody::Payment(own) => account(&own.destination),
        OperationBody::PathPaymentStrictSend(own) => account(&own.destination),
        OperationBody::PathPaymentStrictReceive(own) => account(&own.destination),
        OperationBody::AccountMerge(to) => account(to),
        OperationBody::Clawback(own) => account(&own.from),
        OperationBody::AllowTrust(own) => vec![own.trustor.to_string()],
        OperationBody::SetTrustLineFlags(own) => vec![own.trustor.to_string()],
        OperationBody::BeginSponsoringFutureReserves(own) => vec![own.sponsored_id.to_string()],
        OperationBody::CreateClaimableBalance(own) => {
            let claimant = |one: &Claimant| {
                let Claimant::ClaimantTypeV0(claimant) = one;
                claimant.destination.to_string()
            };
            own.claimants.iter().map(claimant).collect()
        }
        OperationBody::SetOptions(own) => {
            let signer = own.signer.as_ref().and_then(|signer| match &signer.key {
                SignerKey::Ed25519(key) => Some(address::spell(&key.0)),
                SignerKey::Ed25519SignedPayload(payload) => {
                    Some(address::spell(&payload.ed25519.0))
                }
                SignerKey::PreAuthTx(_) | SignerKey::HashX(_) => None,
            });
            signer.into_iter().chain(own.inflation_dest.as_ref().map(ToString::to_string)).collect()
        }
        OperationBody::InvokeHostFunction(own) => {
            let arguments = calls(own).into_iter().flat_map(|call| call.args.iter());
            distinct(arguments.filter_map(|own| contract::spell(own).map(|(to, _)| to)))
        }
        _ => Vec::new(),
    }
}
