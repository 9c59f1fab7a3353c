//! Calls of token contracts, whose functions all have the same names and arguments.
//! <https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0041.md>

use kms_core::{Allowance, Amount, Asset, ByNetwork, Effects, Transfer, Unexplained};
use ruint::aliases::U256;
use stellar_xdr::{
    InvokeContractArgs, ScAddress, ScVal, SorobanAuthorizationEntry, SorobanAuthorizedFunction,
    SorobanCredentials,
};

use crate::stellar::address::{self, KEY_BYTES};

/// The contract of the coin itself, which moves what accounts hold.
/// <https://developers.stellar.org/docs/tokens/stellar-asset-contract>
const OF_COIN: ByNetwork<&str> = ByNetwork {
    mainnet: "CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA",
    testnet: "CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC",
};

/// Adds the call of a token's function; `None` for any other call.
pub(super) fn add(
    effects: &mut Effects,
    call: &InvokeContractArgs,
    authorized: &[SorobanAuthorizationEntry],
    own: [u8; KEY_BYTES],
) -> Option<()> {
    if !authorizes_only(call, authorized) {
        return None;
    }
    let contract = call.contract_address.to_string();
    let asset = if contract == *OF_COIN.on(effects.network()) {
        Asset::Native
    } else {
        Asset::Token { contract: contract.clone() }
    };
    let is_own = |value: &ScVal| spell(value) == Some((address::spell(&own), None));
    let transfer = |to: &ScVal, units: &ScVal| {
        let (to, tag) = spell(to)?;
        let to_self = to == address::spell(&own);
        Some(Transfer { asset: asset.clone(), to, amount: amount(units)?, to_self, tag })
    };
    match (call.function_name.to_utf8_string_lossy().as_str(), call.args.as_slice()) {
        ("transfer", [from, to, units]) if is_own(from) => {
            effects.add_transfer(transfer(to, units)?);
        }
        ("transfer_from", [spender, from, to, units]) if is_own(spender) => {
            effects.add_transfer(transfer(to, units)?);
            if !is_own(from) {
                let what = format!("out of what {} allows", spell(from)?.0);
                effects.add_unexplained(Unexplained::new(what).by_contract(contract));
            }
        }
        ("approve", [from, spender, units, ScVal::U32(_)]) if is_own(from) => {
            let (spender, _) = spell(spender)?;
            let amount = Some(amount(units)?);
            effects.add_allowance(Allowance { asset, spender, amount });
        }
        ("burn", [from, units]) if is_own(from) => {
            let what = format!("burns {} {asset}", amount(units)?);
            effects.add_unexplained(Unexplained::new(what).by_contract(contract));
        }
        _ => return None,
    }
    Some(())
}

/// Returns true if the account lets the contract do what it is called for, and no other contract
/// do anything.
fn authorizes_only(call: &InvokeContractArgs, authorized: &[SorobanAuthorizationEntry]) -> bool {
    authorized.iter().all(|entry| {
        let own = &entry.root_invocation;
        entry.credentials == SorobanCredentials::SourceAccount
            && own.sub_invocations.is_empty()
            && own.function == SorobanAuthorizedFunction::ContractFn(call.clone())
    })
}

/// An address, and the number that stands beside it.
pub(super) fn spell(value: &ScVal) -> Option<(String, Option<String>)> {
    match value {
        ScVal::Address(ScAddress::MuxedAccount(muxed)) => {
            Some((address::spell(&muxed.ed25519.0), Some(format!("muxed:{}", muxed.id))))
        }
        ScVal::Address(address) => Some((address.to_string(), None)),
        _ => None,
    }
}

/// A token moves nothing backwards.
fn amount(value: &ScVal) -> Option<Amount> {
    let ScVal::I128(parts) = value else { return None };
    let high = u64::try_from(parts.hi).ok()?;
    Some(Amount::from_u256(U256::from_limbs([parts.lo, high, 0, 0])))
}
