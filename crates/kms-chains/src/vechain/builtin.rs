//! Contracts of the protocol itself: the token for fees, and the one that knows of every account
//! who controls it and who pays for it.
//! <https://github.com/vechain/thor/tree/master/builtin/gen>

use alloy_primitives::{Address, address};
use alloy_sol_types::{SolCall, sol};
use kms_core::{Amount, Asset, Effects, Transfer, Unexplained};

use super::payload::Clause;
use crate::evm::calls;

const ENERGY: Address = address!("0000000000000000000000000000456e65726779");
const PROTOTYPE: Address = address!("000000000000000000000050726f746f74797065");

sol! {
    function move(address from, address to, uint256 amount);

    function setMaster(address account, address newMaster);
    function addUser(address account, address user);
    function sponsor(address account);
    function selectSponsor(address account, address chosen);
}

/// True where another account is to control one: a master moves the account's tokens for fees and
/// decides whose fees it pays.
pub(super) fn changes_master(clause: &Clause) -> bool {
    clause.to == Some(PROTOTYPE) && clause.data.starts_with(&setMasterCall::SELECTOR)
}

/// Adds what the clause does, if it calls one of these contracts for something that only they do.
pub(super) fn add_to(effects: &mut Effects, clause: &Clause, sender: Address) -> Option<()> {
    let selector: [u8; 4] = clause.data.get(..4)?.try_into().ok()?;
    let data = &clause.data;
    let gains = |what: &str, account: Address, receiver: Address| {
        let what = Unexplained::new(format!("{what} {}", calls::text(account)));
        what.for_receiver(calls::text(receiver)).by_contract(calls::text(PROTOTYPE))
    };
    match (clause.to?, selector) {
        (ENERGY, moveCall::SELECTOR) => {
            let call = moveCall::abi_decode_validate(data).ok()?;
            effects.add_transfer(Transfer {
                asset: Asset::Token { contract: calls::text(ENERGY) },
                to: calls::text(call.to),
                amount: Amount::from_u256(call.amount),
                to_self: call.to == sender,
                tag: None,
            });
        }
        (PROTOTYPE, setMasterCall::SELECTOR) => {
            let call = setMasterCall::abi_decode_validate(data).ok()?;
            effects.add_unexplained(gains("a new master of", call.account, call.newMaster));
        }
        (PROTOTYPE, addUserCall::SELECTOR) => {
            let call = addUserCall::abi_decode_validate(data).ok()?;
            effects.add_unexplained(gains("fees paid by", call.account, call.user));
        }
        (PROTOTYPE, sponsorCall::SELECTOR) => {
            let call = sponsorCall::abi_decode_validate(data).ok()?;
            effects.add_unexplained(gains("fees paid for users of", call.account, call.account));
        }
        (PROTOTYPE, selectSponsorCall::SELECTOR) => {
            let call = selectSponsorCall::abi_decode_validate(data).ok()?;
            effects.add_unexplained(gains("another sponsor of", call.account, call.chosen));
        }
        _ => return None,
    }
    Some(())
}
